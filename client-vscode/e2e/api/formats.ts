/** The extension on plans of six formats, all in one folder. */
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
  {
    feature: "2026-03-09-alerts",
    path: "superpowers/docs/superpowers/plans/2026-03-09-alerts.md",
    task: "2/1",
    line: 38,
    quotes: /Goal:/,
    mark: "[x] **Step 1: Write the failing test**",
  },
  {
    feature: "calendar",
    path: "featureplanner/docs/plans/PLAN_calendar.md",
    task: "Test 2.1",
    line: 50,
    quotes: /Page: 0\/3, gate 0\/2/,
    mark: "[x] **Test 2.1**",
  },
] as const;
const GSD = { feature: "v1.1", roadmap: "gsd/.planning/ROADMAP.md", phase: "gsd/.planning/phases/04-paying" } as const;

/** The plan at a path: plans of two formats may have one name. */
async function plan(path: string) {
  const { session } = await api();
  const found = session.status()?.workspaces[0]?.plans.find((known) => known.path === path);
  assert.ok(found, `no plan ${path}`);
  return found;
}

/** The text of the hovers at a line (from 0) of a document. */
async function hover(path: string, line: number): Promise<string> {
  const hovers = await until(`a hover of ${path}`, async () => {
    const found = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      file(path),
      new vscode.Position(line, 10),
    );
    return found.length > 0 && found;
  });
  return hovers.flatMap((one) => one.contents.map((part) => (part as vscode.MarkdownString).value)).join("\n");
}

export const run = (): Promise<void> =>
  runAll({
    "every plan of every format is in the tree": async () => {
      const { session } = await ready();
      const plans = session.status()?.workspaces[0]?.plans ?? [];
      assert.deepEqual(
        new Set(plans.map((known) => known.format)),
        new Set(["openspec", "kiro", "speckit", "superpowers", "featureplanner", "gsd"]),
      );
      for (const { feature, path } of PLANS) assert.equal((await plan(path)).feature, feature);
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
        assert.match(await hover(path, line - 1), quotes);
      }
      const lying = file("kiro/.kiro/specs/export-csv/tasks.md");
      await vscode.window.showTextDocument(lying);
      await until("the problem of a missing file", () =>
        vscode.languages.getDiagnostics(lying).some((one) => JSON.stringify(one.code).includes("deliverable-missing")),
      );
    },
    "a task is ticked from the editor, and nothing else changes": async () => {
      for (const { path, task, mark } of PLANS) {
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
            (await plan(path)).achievements.find((known) => known.ref === task)?.state ?? "",
          ),
        );
      }
    },
    "what the work of a plan has left is said, and decides nothing": async () => {
      const path = "superpowers/docs/superpowers/plans/2026-03-23-export.md";
      const known = await plan(path);
      assert.deepEqual(known.evidence, { creates: 3, exist: 3 });
      assert.equal(known.next.step, "reconcile");
      assert.ok(known.achievements.every((one) => one.state === "open"));
      await vscode.window.showTextDocument(file(path));
      const said = await hover(path, 0);
      assert.match(said, /3 of 3 files exist/);
    },
    "a plan of GSD is ticked in ROADMAP once it has its SUMMARY": async () => {
      const known = await plan(GSD.roadmap);
      assert.equal(known.feature, GSD.feature);
      assert.equal(known.next.achievement, "04-02");
      const before = readFileSync(file(GSD.roadmap).fsPath, "utf8");
      await vscode.window.showTextDocument(file(`${GSD.phase}/04-02-PLAN.md`));
      assert.match(await hover(`${GSD.phase}/04-02-PLAN.md`, 0), /has no SUMMARY/);
      await vscode.commands.executeCommand("planmark.tick", { plan: GSD.roadmap, achievement: "04-01" });
      const after = await until("04-01 is ticked", () => {
        const text = readFileSync(file(GSD.roadmap).fsPath, "utf8");
        return text.includes("[x] 04-01") && text;
      });
      assert.equal(after, before.replace("[ ] 04-01", "[x] 04-01"));
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
