import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import bundle from "../l10n/bundle.l10n.json";
import manifest from "../package.json";
import { inEnglish, t, translateWith } from "../src/l10n";

const SOURCES = readdirSync("src", { recursive: true, encoding: "utf8" })
  // A report for a bug is read by the developers.
  .filter((name) => name.endsWith(".ts") && !name.endsWith("report.ts"))
  .map((name) => ({ name, text: readFileSync(`src/${name}`, "utf8") }));

test("the bundle has every text of the extension, in English", async () => {
  const { bundle: generated } = await import("../scripts/l10n.mjs");
  assert.equal(readFileSync("l10n/bundle.l10n.json", "utf8"), generated(), "run `npm run l10n`");
  assert.equal(manifest.l10n, "./l10n");
  assert.ok(Object.keys(bundle).length > 50);
  for (const [text, english] of Object.entries(bundle)) assert.equal(text, english);
});

test("only literals are texts", async () => {
  const { textsOf } = await import("../scripts/l10n.mjs");
  const template = "t(`a $" + "{b}`)";
  assert.deepEqual(textsOf('t("a"); x = t(\n  "b {0}",\n  y,\n); other.t(z); start(w)'), ["a", "b {0}"]);
  assert.throws(() => textsOf(template, "a.ts"), /a\.ts:1: t needs a text/);
  assert.throws(() => textsOf("\nt(name)", "a.ts"), /a\.ts:2/);
});

test("texts get their values, in any language", () => {
  assert.equal(t("Reading {0} of {1}…", 1, 2), "Reading 1 of 2…");
  translateWith((english, ...values) => inEnglish(`<${english}>`, ...values));
  assert.equal(t("Reading {0} of {1}…", 1, 2), "<Reading 1 of 2…>");
  translateWith(inEnglish);
});

/** Calls that show a text to the user, with a text that is not translated. */
const SHOWN = [
  /(show(Information|Warning|Error)Message|setStatusBarMessage)\(\s*["`](?!Planmark: \$\{|\$\(\w+\) (Planmark: )?\$\{)/,
  /new Error\(\s*["`][a-z$]/,
  /\b(title|prompt|detail|placeHolder|placeholder|none)\b(:| =) ["`](?!Planmark: \$\{)[A-Za-z]/,
  /(?<!\bt\()"[A-Z][a-z]+ [a-z]+/,
];
/** Errors that no user sees: they are for developers. */
const INTERNAL = /the page has no element|`Enter` is no/;

test("a user sees no text that cannot be translated", () => {
  const found = SOURCES.flatMap(({ name, text }) =>
    text
      .replaceAll(/\bt\(\s+/g, "t(")
      .split("\n")
      .map((line, index) => ({ line, at: `${name}:${index + 1}` }))
      .filter(({ line }) => SHOWN.some((pattern) => pattern.test(line)) && !INTERNAL.test(line))
      .map(({ line, at }) => `${at} ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});
