/** The extension on plans of OpenSpec, Kiro and spec-kit, all in one folder. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { api, file, ready, runAll, until } from "./harness";

/** A plan of each format: the document with its tasks, a task of it, and what a hover of the task quotes. */
const PLANS = [
  {
    feature: "add-link-cache",
    path: "openspec/openspec/changes/add-link-cache/tasks.md",
    task: "2.2",
    line: 9,
    quotes: /A server that was down/,
    mark: "[x] 2.2",
  },
  {
    feature: "reminders",
    path: "kiro/.kiro/specs/reminders/tasks.md",
    task: "2.1",
    line: 11,
    quotes: /WHEN the time has come/,
    mark: "[x] 2.1",
  },
  {
    feature: "002-shopping-list",
    path: "speckit/specs/002-shopping-list/tasks.md",
    task: "T005",
    line: 21,
    quotes: /User Story 1/,
    mark: "[X] T005",
  },
] as const;

async function plan(feature: string) {
  const { session } = await api();
  const found = session.status()?.workspaces[0]?.plans.find((known) => known.feature === feature);
  assert.ok(found, `no plan ${feature}`);
  return found;
}

export const run = (): Promise<void> =>
  runAll({
    "every plan of every format is in the tree": async () => {
      const { session } = await ready();
      const plans = session.status()?.workspaces[0]?.plans ?? [];
      assert.deepEqual(new Set(plans.map((known) => known.format)), new Set(["openspec", "kiro", "speckit"]));
      for (const { feature } of PLANS) assert.ok(plans.some((known) => known.feature === feature));
    },
    "lenses, hovers and problems are in the document": async () => {
      for (const { path, task, line, quotes } of PLANS) {
        await vscode.window.showTextDocument(file(path));
        const titles = await until(`lenses of ${path}`, async () => {
          const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
            "vscode.executeCodeLensProvider",
            file(path),
            50,
          );
          return found.some((lens) => /Start task|Continue task/.test(lens.command?.title ?? "")) && found;
        });
        assert.ok(
          titles.some((lens) => lens.range.start.line === line - 1),
          `no lens at ${task}`,
        );
        const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
          "vscode.executeHoverProvider",
          file(path),
          new vscode.Position(line - 1, 10),
        );
        const text = hovers
          .flatMap((one) => one.contents.map((part) => (part as vscode.MarkdownString).value))
          .join("\n");
        assert.match(text, quotes);
      }
      const lying = file("kiro/.kiro/specs/export-csv/tasks.md");
      await vscode.window.showTextDocument(lying);
      await until("the problem of a missing file", () =>
        vscode.languages.getDiagnostics(lying).some((one) => JSON.stringify(one.code).includes("deliverable-missing")),
      );
    },
    "a task is ticked from the editor, and nothing else changes": async () => {
      for (const { feature, path, task, mark } of PLANS) {
        const before = readFileSync(file(path).fsPath, "utf8");
        await vscode.commands.executeCommand("planmark.tick", { plan: path, achievement: task });
        const after = await until(`${task} is ticked`, () => {
          const text = readFileSync(file(path).fsPath, "utf8");
          return text.includes(mark) && text;
        });
        const changed = after.split("\n").filter((text, at) => text !== before.split("\n")[at]);
        assert.equal(changed.length, 1, changed.join("\n"));
        await until(`${task} is shown as ticked`, async () =>
          ["done", "unsupported"].includes(
            (await plan(feature)).achievements.find((known) => known.ref === task)?.state ?? "",
          ),
        );
      }
    },
    "the prompt of a task is copied": async () => {
      const { path } = PLANS[1];
      await vscode.commands.executeCommand("planmark.copyPrompt", { plan: path });
      const prompt = await until("the prompt", async () => {
        const text = await vscode.env.clipboard.readText();
        return text.includes("reminders") && text;
      });
      assert.match(prompt, /Executor/);
    },
  });
