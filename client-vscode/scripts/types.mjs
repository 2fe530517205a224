// Writes src/results.ts, the types of the server's results, from the JSON Schemas of the server.
// With --check it writes nothing, and fails if the file is out of date.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const SCHEMAS = new URL("../../server/planmark/schemas/", import.meta.url);
const TARGET = new URL("../src/results.ts", import.meta.url);
const RESULTS = [
  "adopt",
  "find",
  "graph",
  "history",
  "learn",
  "metrics",
  "prompt",
  "research",
  "review",
  "runs",
  "status",
];

/** Names of the sets of words that several properties use, and a property of each. */
const WORDS = {
  State: "AchievementResult.state",
  Step: "NextStep.step",
  Role: "NextStep.role",
  Lifecycle: "PlanResult.lifecycle",
  PlanCondition: "PlanResult.state",
};

// One schema with every result as a property: a type that several results use is written once.
const properties = {};
const $defs = {};
for (const name of RESULTS) {
  const schema = JSON.parse(await readFile(new URL(`${name}.schema.json`, SCHEMAS), "utf-8"));
  properties[name] = schema.anyOf[0];
  for (const [type, definition] of Object.entries(schema.$defs)) {
    if (type in $defs && JSON.stringify($defs[type]) !== JSON.stringify(definition)) {
      throw new Error(`the schemas have two meanings of ${type}`);
    }
    $defs[type] = definition;
  }
}
const named = Object.entries(WORDS).map(([name, property]) => {
  const [type, key] = property.split(".");
  return [name, $defs[type].properties[key]];
});
const names = new Map(named.map(([name, words]) => [JSON.stringify(words), name]));
const shared = JSON.parse(JSON.stringify({ properties, $defs }), (_key, value) => {
  const name = value?.enum && names.get(JSON.stringify(value));
  return name ? { $ref: `#/$defs/${name}` } : value;
});
Object.assign(shared.$defs, Object.fromEntries(named));
const schema = { type: "object", required: RESULTS, ...shared };
const types = await compile(schema, "Results", {
  additionalProperties: false,
  bannerComment: "/** The server's results, as its JSON Schemas have them. Written by scripts/types.mjs. */",
  style: { printWidth: 120 },
});
if (!process.argv.includes("--check")) {
  await writeFile(TARGET, types);
} else if ((await readFile(TARGET, "utf-8")) !== types) {
  console.error("src/results.ts is out of date: run `npm run types`");
  process.exit(1);
}
