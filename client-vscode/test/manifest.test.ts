import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import manifest from "../package.json";
import texts from "../package.nls.json";
import { ALL, roots } from "../src/views/treeItems";
import { achievement, plan, SHOP, statusOf, workspace } from "./fixture";

const WALKTHROUGH = manifest.contributes.walkthroughs[0];
const COMMANDS = manifest.contributes.commands.map((known) => known.command);
const VIEWS = Object.values(manifest.contributes.views).flatMap((views) => views.map((view) => view.id));
/** Commands of the editor that texts lead to. */
const EDITORS = ["vscode.openFolder", "workbench.action.openWalkthrough"];

/** Plans that offer together whatever the tree offers, besides those of `fixture.ts`. */
const DONE = plan(
  "DONE",
  [achievement("1.1", "approved"), achievement("1.2", "fix_resolved", { subplan: "plans/DONE/s.md" })],
  {
    claims: [{ achievement: "1.1", path: "plans/DONE/PLAN_DONE.md", line: 1, text: "done" }],
    adoptable: 1,
  },
);
const FINISHED = plan("FINISHED", [achievement("1.1", "approved")]);
const PLANS = [
  SHOP,
  DONE,
  FINISHED,
  { ...FINISHED, path: "closed.md", closed: true },
  { ...SHOP, path: "paused.md", lifecycle: "paused" as const },
];
const CHANGE = plan("add", [achievement("1.1", "open", { marker: " " })], { format: "openspec" });
const MISNAMED = {
  path: "plans/SHOP/subplan 2.1.md",
  plan: SHOP.path,
  achievements: ["2.1"],
  wanted: null,
  says: "it is not read",
};

/** The text that a `%key%` of the manifest stands for. */
function text(key: string): string {
  return (texts as Record<string, string>)[key.replaceAll("%", "")] ?? "";
}

test("each step of the walkthrough has its picture for every kind of theme or its page, its text, and a button for a command that exists", () => {
  assert.ok(WALKTHROUGH);
  assert.equal(WALKTHROUGH.steps.length, 6);
  for (const step of WALKTHROUGH.steps) {
    const { image, altText, markdown } = step.media;
    if (markdown) {
      assert.match(readFileSync(markdown, "utf8"), /^# /, step.id);
    } else {
      assert.deepEqual(Object.keys(image ?? {}), ["dark", "light", "hc", "hcLight"]);
      for (const picture of Object.values(image ?? {})) assert.ok(existsSync(picture), picture);
      assert.ok(text(altText ?? ""), step.id);
    }
    assert.ok(text(step.title), step.id);
    assert.match(text(step.description), /\]\(command:/, step.id);
  }
});

test("each step is done by what its button does", () => {
  for (const step of WALKTHROUGH?.steps ?? []) {
    const button = /\]\(command:([\w.]+)/.exec(text(step.description))?.[1] ?? "";
    const done = button.endsWith(".focus") ? `onView:${button.replace(/\.focus$/, "")}` : `onCommand:${button}`;
    assert.ok(step.completionEvents.includes(done), `${step.id}: ${done}`);
  }
});

test("the walkthrough ends with a prompt in the clipboard, and then with agents that get it", () => {
  const ends = WALKTHROUGH?.steps.slice(-2).map((step) => step.completionEvents[0]);
  assert.deepEqual(ends, ["onCommand:planmark.copyPrompt", "onCommand:planmark.run"]);
});

test("the page about runs names the presets and the file as the command line does", () => {
  const page = readFileSync("media/walkthrough/run.md", "utf8");
  const docs = readFileSync("../docs/run.md", "utf8");
  const command = /^planmark run --preset .*$/m.exec(page)?.[0] ?? "";
  assert.ok(command && docs.includes(`$ ${command}`), command);
});

test("a newcomer finds the first plan wherever there is none: the palette, the empty tree, File > New File", () => {
  const palette = manifest.contributes.menus.commandPalette;
  for (const command of ["planmark.newPlan", "planmark.setUpWorkspace", "planmark.openExample"]) {
    assert.ok(COMMANDS.includes(command));
    assert.ok(!palette.some((known) => known.command === command), `${command} is not always in the palette`);
    assert.ok(texts["welcome.noPlans"].includes(`(command:${command})`), command);
  }
  assert.ok(texts["welcome.noFolder"].includes("(command:planmark.openExample)"));
  assert.deepEqual(manifest.contributes.menus["file/newFile"], [{ command: "planmark.newPlan", group: "file@9" }]);
});

test("every command that a text leads to exists", () => {
  const known = [...COMMANDS, ...EDITORS, ...VIEWS.map((view) => `${view}.focus`)];
  const led = [...JSON.stringify(texts).matchAll(/\(command:([\w.]+)/g)].map(([, command]) => command ?? "");
  assert.ok(led.length > 10);
  assert.deepEqual(
    led.filter((command) => !known.includes(command)),
    [],
  );
});

test("the empty tree leads to the walkthrough by its name", () => {
  const argument = /openWalkthrough\?([^)]+)\)/.exec(texts["welcome.noPlans"])?.[1] ?? "";
  const own = `${manifest.publisher}.${manifest.name}#${WALKTHROUGH?.id}`;
  assert.deepEqual(JSON.parse(decodeURIComponent(argument)), [own]);
});

test("the icons that the manifest names are there", () => {
  const icons = [...JSON.stringify(manifest).matchAll(/"(media\/[^"]+)"/g)].map(([, path]) => path ?? "");
  assert.ok(icons.length > 5);
  assert.deepEqual(
    icons.filter((path) => !existsSync(path)),
    [],
  );
});

test("folders of every format wake the extension", () => {
  for (const pattern of ["**/PLAN_*.md", "openspec/**", ".kiro/specs/**", ".specify/**", "specs/*/tasks.md"]) {
    assert.ok(manifest.activationEvents.includes(`workspaceContains:${pattern}`), pattern);
  }
});

test("every menu of the tree is offered for some line of it", () => {
  const items = roots(statusOf(workspace("/w", PLANS, { misnamed: [MISNAMED] }), workspace("/v", [CHANGE])), ALL);
  const lines = items.flatMap(function below(item): string[] {
    return [item.kinds.join(" ").replaceAll("_", "-"), ...item.children().flatMap(below)];
  });
  const menus = manifest.contributes.menus["view/item/context"];
  const unused = menus.filter(({ when }) => {
    const pattern = /viewItem =~ \/(.*)\/$/.exec(when)?.[1];
    assert.ok(pattern, when);
    return !lines.some((line) => new RegExp(pattern).test(line));
  });
  assert.deepEqual(unused, []);
});

test("no key is bound twice, on no system; in the tree it does the same to what is selected", () => {
  const { keybindings } = manifest.contributes;
  const inTree = keybindings.filter((binding) => binding.args === "selected");
  const others = keybindings.filter((binding) => !inTree.includes(binding));
  for (const system of ["key", "mac"] as const) {
    const keys = others.map((binding) => binding[system]);
    assert.deepEqual(keys, [...new Set(keys)]);
    for (const binding of inTree) {
      assert.match(binding.when, /focusedView == planmark\.plans$/);
      assert.equal(others.find((other) => other[system] === binding[system])?.command, binding.command);
    }
  }
});

test("the pictures of the README are files, and everything that a marketplace shows is there", () => {
  const pictures = [...readFileSync("README.md", "utf8").matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(
    ([, path]) => path ?? "",
  );
  assert.ok(pictures.length >= 3);
  for (const picture of pictures) assert.ok(existsSync(picture), picture);
  assert.match(manifest.homepage, /^https:/);
  assert.match(manifest.bugs.url, /^https:.*\/issues$/);
  assert.equal(manifest.preview, true);
  for (const category of ["AI", "Linters", "Visualization"]) assert.ok(manifest.categories.includes(category));
  assert.ok(manifest.keywords.length > 10 && manifest.keywords.length <= 30);
});
