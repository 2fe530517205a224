import assert from "node:assert/strict";
import { test } from "node:test";
import { errorLines, findLines } from "../src/commands/findLines";
import type { FindMatch, FindResult } from "../src/protocol";

const MATCH: FindMatch = {
  path: "plans/SHOP/subplans/SUBPLAN_SHOP_11.md",
  line: 7,
  type: "subplan",
  types: ["subplan"],
  title: "SUBPLAN: $(zap) Window",
  feature: "SHOP",
  plan: "plans/SHOP/PLAN_SHOP.md",
  id: "1.1",
  states: ["awaiting_review"],
  priority: "high",
  role: "reviewer",
  created: "",
  categories: [],
  text: "The window opens.",
};

function result(matches: readonly FindMatch[], terms: FindResult["workspaces"][number]["terms"] = []): FindResult {
  const workspace = { workspace: "/shop", total: matches.length, matches: [...matches], terms, problem: "" };
  return { schema: "planmark.find/1", planmark: "0.1.0", query: "window", workspaces: [workspace] };
}

test("a match has its kind, its plan, its state and its place, and no icon of the editor", () => {
  assert.deepEqual(findLines(result([MATCH])), [
    {
      label: "subplan: SUBPLAN: \\$(zap) Window",
      description: "@SHOP 1.1 · awaiting review · plans/SHOP/subplans/SUBPLAN_SHOP_11.md:7",
      detail: "The window opens.",
      place: { workspace: "/shop", path: MATCH.path, line: 7 },
    },
  ]);
});

test("the lifecycle of an active plan is not shown beside its state", () => {
  const plan = { ...MATCH, type: "plan", id: "", states: ["in_progress", "active"] };
  assert.match(findLines(result([plan]))[0]?.description ?? "", /^@SHOP · in progress · plans/);
});

test("without a match the picker names the terms that match nothing", () => {
  const lines = findLines(result([], [{ term: "zebra", alone: 0, without: 3 }]));
  assert.deepEqual(lines, [
    { label: "Nothing matches", description: "No match alone: zebra", detail: "", place: undefined },
  ]);
});

test("an error of the server is shown line by line, and opens nothing", () => {
  const lines = errorLines("no key `tpye:`; did you mean `type:`?\n\n  planmark find x");
  assert.deepEqual(
    lines.map(({ label, place }) => [label, place]),
    [
      ["no key `tpye:`; did you mean `type:`?", undefined],
      ["planmark find x", undefined],
    ],
  );
});
