import assert from "node:assert/strict";
import { test } from "node:test";
import { promptChoices } from "../src/commands/quickPicks";
import { allVisible, escaped, visible, withoutIcons } from "../src/text";
import { achievement, plan, status } from "./fixture";

test("every control of a terminal or of a direction is shown as its escape, and all else stays", () => {
  assert.equal(visible("a\u001b[2J\u009b\u202e\u200f\u2028\ud800b"), "a\\u001b[2J\\u009b\\u202e\\u200f\\u2028\\ud800b");
  assert.equal(visible("✅ שלום 🏴 a\tb\nc é"), "✅ שלום 🏴 a\tb\nc é");
});

test("every text of an answer is made visible, wherever it stands", () => {
  const answer = { title: "\u0007", list: [{ says: "\u202e" }, 1, null, true], none: undefined };
  assert.deepEqual(allVisible(answer), {
    title: "\\u0007",
    list: [{ says: "\\u202e" }, 1, null, true],
    none: undefined,
  });
});

test("texts of documents are no markup in a tooltip", () => {
  assert.equal(escaped("[x](command:y) `a` **b** $(z)"), "\\[x\\]\\(command\\:y\\) \\`a\\` \\*\\*b\\*\\* \\$\\(z\\)");
  assert.equal(escaped("https://x.y a@b"), "https\\://x\\.y a\\@b");
});

test("a title puts no icon into a list", () => {
  const known = { ...achievement("1.1", "no_subplan"), title: "$(error) x" };
  const labels = promptChoices(status(plan("ICON", [known])), undefined).map((choice) => choice.label);
  assert.deepEqual(
    labels.filter((label) => label.includes("$(")),
    ["○ 1.1 \\$(error) x"],
  );
  assert.equal(withoutIcons("a $(b) (c)"), "a \\$(b) (c)");
});
