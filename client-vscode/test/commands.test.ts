import assert from "node:assert/strict";
import { test } from "node:test";
import {
  achievementChoices,
  claudeUri,
  MAX_URI,
  planChoices,
  promptChoices,
  wayKey,
  wayLine,
  wayOfSetting,
  waysAfter,
} from "../src/commands/quickPicks";
import { placeOfTarget, targetOf } from "../src/commands/target";
import { rows } from "../src/dashboard/rows";
import { placeOf } from "../src/plans";
import { line } from "../src/views/statusText";
import { achievement, atResult, plan, SHOP, status, statusOf, workspace } from "./fixture";

const ALL = status(SHOP, plan("URGENT", [achievement("1.1", "needs_fix")], { state: "needs_attention" }));
const HERE = placeOf(ALL, atResult(SHOP, "1.2"));

test("the prompt at the cursor comes first, then the next of each plan, then all that is left", () => {
  const labels = promptChoices(ALL, HERE).map((choice) => (choice.target ? choice.label : `-- ${choice.label}`));
  assert.deepEqual(labels, [
    "-- At the cursor",
    "✗ 1.2 Title of 1.2",
    "SHOP",
    "-- Next of each plan",
    "URGENT",
    "-- URGENT",
    "✗ 1.1 Title of 1.1",
    "-- SHOP",
    "✗ 1.2 Title of 1.2",
    "○ 2.1 Title of 2.1",
  ]);
});

test("what is approved already is not offered at the cursor", () => {
  const here = placeOf(ALL, atResult(SHOP, "1.1"));
  assert.equal(here?.achievement?.id, "1.1");
  assert.equal(promptChoices(ALL, here)[1]?.label, "SHOP");
});

test("achievements are offered only where they suit, that at the cursor once", () => {
  const choices = achievementChoices(ALL, HERE, (known) => known.state === "needs_fix");
  assert.deepEqual(
    choices.filter((choice) => choice.target).map((choice) => choice.target?.achievement),
    ["1.2", "1.1"],
  );
});

test("the plan at the cursor comes first", () => {
  assert.deepEqual(
    planChoices(ALL, HERE).map((choice) => choice.label),
    ["SHOP", "URGENT"],
  );
  assert.deepEqual(
    planChoices(ALL, HERE, ({ plan }) => plan.feature === "URGENT").map((choice) => choice.label),
    ["URGENT"],
  );
});

test("every list names the folder of equal plans in several folders, in the order of the folders", () => {
  const equal = statusOf(workspace("/w/second", [SHOP]), workspace("/w/first", [SHOP]), workspace("/w/empty", []));
  const names = ["SHOP (second)", "SHOP (first)"];
  assert.deepEqual(
    planChoices(equal, undefined).map(({ label }) => label),
    names,
  );
  const headings = (choices: readonly { readonly label: string; readonly target: unknown }[]) =>
    choices.filter(({ target, label }) => !target && label.startsWith("SHOP")).map(({ label }) => label);
  assert.deepEqual(headings(achievementChoices(equal, undefined, () => true)), names);
  assert.deepEqual(headings(promptChoices(equal, undefined)), names);
  const of = promptChoices(equal, undefined).filter(({ target }) => target);
  assert.deepEqual([...new Set(of.map(({ target }) => target?.workspace))], ["/w/second", "/w/first"]);
  assert.deepEqual(
    rows(equal).map(({ feature }) => feature),
    names,
  );
  assert.match(line(equal, undefined)?.text ?? "", /SHOP \(second\) 1\/3/);
});

test("commands take an item of the tree, a lens's argument or a URI", () => {
  const target = { workspace: "/w", plan: "p", achievement: "1.2" };
  assert.deepEqual(targetOf({ target, label: "x" }), target);
  assert.deepEqual(targetOf({ ...target, other: 1 }), target);
  assert.deepEqual(targetOf({ ...target, step: "finish_execution" }), { ...target, step: "finish_execution" });
  assert.deepEqual(targetOf({ fsPath: "/w/a", scheme: "file", toString: () => "file:///w/a" }), { uri: "file:///w/a" });
  for (const odd of [undefined, null, 3, "text", {}, [], { plan: 7 }]) assert.equal(targetOf(odd), undefined);
});

test("a target is found by its plan", () => {
  const byPlan = placeOfTarget(ALL, { plan: SHOP.path, achievement: "1.2" });
  assert.equal(byPlan?.achievement?.id, "1.2");
  assert.equal(placeOfTarget(ALL, { workspace: "/other", plan: SHOP.path }), undefined);
});

test("the way that worked last is offered first, and only ways that are there", () => {
  const ways = [{ delivery: "copy" }, { delivery: "beside" }, { delivery: "terminal", agent: "claude" }] as const;
  assert.deepEqual(waysAfter(ways, "terminal:claude").map(wayKey), ["terminal:claude", "copy", "beside"]);
  assert.deepEqual(waysAfter(ways, "chat").map(wayKey), ["copy", "beside", "terminal:claude"]);
  assert.deepEqual(waysAfter(ways, undefined), [...ways]);
  assert.equal(wayOfSetting(ways, "terminal"), ways[2]);
  assert.equal(wayOfSetting(ways, "chat"), undefined);
  assert.equal(wayLine({ delivery: "terminal", agent: "$(x)" }).label, "$(terminal) Start \\$(x)");
});

test("a prompt that fits goes by URI whole, one of 100 kB does not", () => {
  assert.equal(claudeUri("vscode", "a b&c"), "vscode://anthropic.claude-code/open?prompt=a%20b%26c");
  assert.equal(claudeUri("vscode", "x".repeat(100_000)), undefined);
  assert.ok((claudeUri("vscode", "é".repeat(900)) ?? "").length <= MAX_URI);
});
