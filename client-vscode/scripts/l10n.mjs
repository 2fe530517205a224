// Writes l10n/bundle.l10n.json, the English texts of the extension, from the calls of `t` in src/.
// With --check it writes nothing, and fails if the file is out of date. Run it in the folder of the extension.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BUNDLE = join("l10n", "bundle.l10n.json");
const CALL = /(?<![\w.$])t\(\s*(?:("(?:[^"\\\n]|\\.)*")|(?!\)))/g;

/** Returns the texts that a source passes to `t`. Throws if one is not a literal in double quotes. */
export function textsOf(source, name = "") {
  return [...source.matchAll(CALL)].map(({ 1: literal, index }) => {
    if (literal) return JSON.parse(literal);
    const line = source.slice(0, index).split("\n").length;
    throw new Error(`${name}:${line}: t needs a text in double quotes`);
  });
}

/** Returns the bundle as it should be. */
export function bundle() {
  const names = readdirSync("src", { recursive: true }).filter((name) => name.endsWith(".ts"));
  const texts = names.flatMap((name) => textsOf(readFileSync(join("src", name), "utf8"), name));
  const sorted = [...new Set(texts)].sort();
  return `${JSON.stringify(Object.fromEntries(sorted.map((text) => [text, text])), null, 2)}\n`;
}

if (process.argv[1]?.endsWith("l10n.mjs")) {
  if (!process.argv.includes("--check")) {
    mkdirSync("l10n", { recursive: true });
    writeFileSync(BUNDLE, bundle());
  } else if (readFileSync(BUNDLE, "utf8") !== bundle()) {
    console.error("l10n/bundle.l10n.json is out of date: run `npm run l10n`");
    process.exit(1);
  }
}
