import assert from "node:assert/strict";
import { test } from "node:test";
import { learnLines, learnTitle } from "../src/commands/learnLines";
import type { LearnResult } from "../src/protocol";

const NONE = { offered: 0, used: 0, advanced: 0 };
const RESULT: LearnResult = {
  workspace: "/shop",
  feature: "CHECKOUT",
  achievement: "1.2",
  state: "needs_fix",
  failures: [
    {
      id: "pytest-missing-fixture",
      where: "pytest",
      path: "",
      line: 3,
      lines: 1,
      text: "fixture 'x' not found",
      says: "a fixture is missing $(zap)",
      fix: "Define it.",
      setting: "",
      source: "",
      experience: NONE,
    },
  ],
  similar: [
    {
      path: "plans/SEARCH/FIX_11.md",
      feature: "SEARCH",
      from: 9,
      to: 12,
      kind: "cause",
      title: "The key is lost",
      excerpt: "A time-out loses the key.",
      score: 4.2,
      experience: NONE,
    },
  ],
};

test("known failures come first, with their fix, and only a document has a place", () => {
  assert.deepEqual(learnLines(RESULT), [
    {
      label: "a fixture is missing \\$(zap)",
      description: "pytest",
      detail: "Define it.",
      place: undefined,
    },
    {
      label: "cause: The key is lost",
      description: "plans/SEARCH/FIX_11.md:9",
      detail: "A time-out loses the key.",
      place: { workspace: "/shop", path: "plans/SEARCH/FIX_11.md", line: 9 },
    },
  ]);
});

test("nothing known is no line", () => {
  assert.deepEqual(learnLines({ ...RESULT, failures: [], similar: [] }), []);
});

test("the title names the achievement, or says that a text was selected", () => {
  assert.match(learnTitle(RESULT), /CHECKOUT 1\.2/);
  assert.match(learnTitle({ ...RESULT, feature: null, achievement: null }), /selected text/);
});
