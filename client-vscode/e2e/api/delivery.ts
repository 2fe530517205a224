/** The delivery of prompts: only by ways that exist, and to an agent by a file. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { SCHEME } from "../../src/commands/promptView";
import type { AdoptResult, PromptResult } from "../../src/protocol";
import { file, ready, runAll, set, until } from "./harness";

const CHECKOUT = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const SEARCH = "work-space/plans/SEARCH/PLAN_SEARCH.md";
const TARGET = { plan: CHECKOUT, achievement: "1.2" };
const FILE = ".planmark/prompts/prompt_CHECKOUT_1.2_address_fix.md";

/** Agents are a setting of the user's. */
async function agents(value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration("planmark");
  await settings.update("delivery.agents", value, vscode.ConfigurationTarget.Global);
}

/** An agent that keeps its arguments and its standard input; the path of what it keeps. */
function agent(name: string): { readonly program: string; readonly received: string } {
  const program = join(file("").fsPath, name);
  const received = join(file("").fsPath, "received.txt");
  writeFileSync(
    program,
    `#!/bin/sh\n{ printf '%s\\n' "$@"; [ -t 0 ] || cat; } > '${received}.part'\nmv '${received}.part' '${received}'\n`,
  );
  chmodSync(program, 0o755);
  return { program, received };
}

async function delivered(to: string): Promise<void> {
  await set("delivery.default", to);
  await vscode.commands.executeCommand("planmark.nextPrompt", TARGET);
}

async function forgotten(): Promise<void> {
  for (const terminal of vscode.window.terminals) terminal.dispose();
  await agents(undefined);
  await set("delivery.default", undefined);
}

export const run = (): Promise<void> =>
  runAll({
    "a prompt opens beside as a document that only shows": async () => {
      await ready();
      await vscode.window.showTextDocument(file(CHECKOUT), { viewColumn: 1 });
      await delivered("beside");
      const editor = await until("the prompt is shown", () => {
        const shown = vscode.window.activeTextEditor;
        return shown?.document.uri.scheme === SCHEME && shown;
      });
      assert.match(editor.document.getText(), /^# CHECKOUT 1\.2: /);
      assert.equal(editor.document.languageId, "markdown");
      assert.equal(editor.viewColumn, vscode.ViewColumn.Two);
      assert.equal(editor.document.isUntitled, false);
      await vscode.commands.executeCommand("type", { text: "x" });
      assert.match(editor.document.getText(), /^# CHECKOUT 1\.2: /);
      assert.equal(editor.document.isDirty, false);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await set("delivery.default", undefined);
    },
    "a prompt that is shown is made again for a window that was reloaded": async () => {
      const query = JSON.stringify({ workspace: file("").fsPath.replace(/\/$/, ""), ...TARGET, step: "address_fix" });
      const uri = vscode.Uri.from({ scheme: SCHEME, path: "/prompt.md", query });
      const document = await vscode.workspace.openTextDocument(uri);
      assert.match(document.getText(), /^# CHECKOUT 1\.2: /);
    },
    "an agent is started with the prompt on its standard input": async () => {
      const { program, received } = agent("my agent's");
      await agents({ mine: [program, "--print"] });
      await delivered("terminal");
      const text = await until("the agent has read it", () => existsSync(received) && readFileSync(received, "utf8"));
      assert.match(text, /^--print\n# CHECKOUT 1\.2: /);
      assert.equal(text, `--print\n${readFileSync(join(file("").fsPath, FILE), "utf8")}`);
      assert.equal(vscode.window.activeTerminal?.name, "mine: CHECKOUT 1.2");
      assert.match(readFileSync(join(file("").fsPath, ".planmark/prompts/.gitignore"), "utf8"), /^\*$/m);
      await forgotten();
    },
    "or with a sentence that names the file": async () => {
      const { program, received } = agent("other");
      writeFileSync(received, "");
      await agents({ mine: [program, "{request}"] });
      await delivered("terminal");
      await until("the agent has it", () => readFileSync(received, "utf8").startsWith("Read "));
      assert.equal(readFileSync(received, "utf8"), `Read ${FILE} and do what it says.\n`);
      await forgotten();
    },
    "the prompt of a reviewer is delivered like any other": async () => {
      await ready();
      await set("delivery.default", "beside");
      const done = vscode.commands.executeCommand("planmark.review", { plan: SEARCH, achievement: "1.2" });
      const text = await until("the prompt of the first reviewer is shown", async () => {
        await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
        const shown = vscode.window.activeTextEditor?.document;
        return shown?.uri.scheme === SCHEME && shown.getText();
      });
      await done;
      assert.match(text, /^# SEARCH 1\.2: /);
      assert.match(text, /^## Your part: security$/m);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await set("delivery.default", undefined);
    },
    "and is made again for a window that was reloaded": async () => {
      const about = { workspace: file("").fsPath.replace(/\/$/, ""), plan: SEARCH };
      for (const [more, says] of [
        [{ achievement: "1.2", step: "review", part: "docs" }, /^## Your part: docs$/m],
        [{ achievement: "3.1", step: "research", part: "web" }, /^## Your part: web$/m],
      ] as const) {
        const uri = vscode.Uri.from({
          scheme: SCHEME,
          path: "/prompt.md",
          query: JSON.stringify({ ...about, ...more }),
        });
        assert.match((await vscode.workspace.openTextDocument(uri)).getText(), says);
      }
    },
    "the question has the size, and the steps that a person may ask for": async () => {
      const { session } = await ready();
      const connection = await session.ensureStarted();
      const prompt = await connection.request<PromptResult>("planmark/nextPrompt", TARGET);
      assert.equal(prompt.asks, "address the fix");
      assert.ok(prompt.tokens.prompt > 100);
      const steps = prompt.on_demand ?? [];
      assert.ok(steps.length >= 3);
      for (const { step, asks, achievement } of steps) {
        assert.ok(asks);
        const about = { plan: CHECKOUT, step, ...(achievement ? { achievement } : {}) };
        const other = await connection.request<PromptResult>("planmark/nextPrompt", about);
        assert.equal(other.step, step);
      }
    },
    "only plans that have something to adopt are offered": async () => {
      const { session } = await ready();
      const connection = await session.ensureStarted();
      const plans = (await session.refreshNow()).workspaces.flatMap((workspace) => workspace.plans);
      const adoptable = plans.filter((plan) => plan.adoptable);
      assert.deepEqual(
        adoptable.map(({ feature }) => feature),
        ["ACCOUNTS"],
      );
      for (const plan of plans.filter((known) => (known.format ?? "planmark") === "planmark")) {
        const found = await connection.request<AdoptResult>("planmark/adopt", { plan: plan.path });
        assert.equal(found.proposals.length, plan.adoptable, plan.feature);
      }
    },
    "a way that is not installed is said, starts nothing, and is not remembered": async () => {
      const before = vscode.window.terminals.length;
      await agents({ mine: ["/no/such/agent"] });
      for (const way of ["terminal", "claudeCode"]) await delivered(way);
      assert.equal(vscode.window.terminals.length, before);
      await forgotten();
    },
  });
