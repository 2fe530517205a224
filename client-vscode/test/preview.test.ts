import assert from "node:assert/strict";
import { test } from "node:test";
import {
  achievementOf,
  addStates,
  type Environment,
  type MarkdownIt,
  type SourceLine,
  type Token,
} from "../src/views/previewStates";
import { achievement, SHOP, status, statusOf, workspace } from "./fixture";

/** Returns where the preview asks for states in one paragraph with these parts, and what it shows. */
function drawn(content: string, types: readonly string[], says: string): { lines: SourceLine[]; html: string[] } {
  class Part implements Token {
    map: readonly [number, number] | null = null;
    content = "";
    children: Token[] | null = null;
    meta: unknown;
    constructor(
      readonly type: string,
      readonly tag: string,
    ) {}
  }
  const inline = Object.assign(new Part("inline", ""), { content, map: [7, 9] as const });
  inline.children = types.map((type) => new Part(type, ""));
  const tokens = [new Part("heading_open", "h1"), inline, new Part("heading_close", "h1")];
  const lines: SourceLine[] = [];
  const rules: MarkdownIt["renderer"]["rules"] = {};
  const markdown: MarkdownIt = {
    core: { ruler: { push: (_name, rule) => rule({ tokens, Token: Part }) } },
    renderer: { rules },
  };
  addStates(markdown, (_env: Environment, line) => {
    lines.push(line);
    return line.text === "b" ? achievement("1.1", "approved", { evidence: [{ path: "a", line: 1, says }] }) : undefined;
  });
  const children = inline.children ?? [];
  const html = children.flatMap((part, index) =>
    part.type === "planmark_state" ? [rules["planmark_state"]?.(children, index, {}, {}) ?? ""] : [],
  );
  return { lines, html };
}

test("each line of a paragraph may have a state", () => {
  const { lines, html } = drawn("a\nb", ["text", "softbreak", "text"], '<"&>');
  assert.deepEqual(lines, [
    { line: 7, text: "a", isTitle: true },
    { line: 8, text: "b", isTitle: true },
  ]);
  assert.equal(html[0], "");
  assert.equal(
    html[1],
    ' <span class="planmark-state planmark-approved" title="a:1 &lt;&quot;&amp;&gt;">✓ approved</span>',
  );
});

test("a line has the state of the achievement that it defines, as long as it names it", () => {
  const all = status(SHOP);
  const at = (line: number, text: string, path = SHOP.path, isTitle = false): string | undefined =>
    achievementOf(all, `/w/${path}`, { line, text, isTitle })?.id;
  assert.equal(at(11, "**Achievement 1.2**: x"), "1.2");
  assert.equal(at(11, "something else since then"), undefined);
  assert.equal(at(12, "**Achievement 1.2**: x"), undefined);
  assert.equal(at(0, "# FIX", "plans/SHOP/FIX_12.md", true), "1.2");
  assert.equal(at(0, "FIX", "plans/SHOP/FIX_12.md"), undefined);
  assert.equal(at(0, "# Readme", "README.md", true), undefined);
});

test("while a workspace is read, no line has a state", () => {
  const reading = statusOf(workspace("/w", [SHOP], { complete: false }));
  const line = { line: 11, text: "**Achievement 1.2**", isTitle: false };
  assert.equal(achievementOf(reading, `/w/${SHOP.path}`, line), undefined);
});
