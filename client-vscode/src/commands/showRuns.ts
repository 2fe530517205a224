/** Show Runs: the runs of the open folders with their steps, and what a person can do with each. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { t } from "../l10n";
import type { RunResult, RunsResult } from "../protocol";
import { rootsWithPlans } from "../server/agentTools";
import type { Launch } from "../server/resolveServer";
import type { RunParts } from "./run";
import { type RunAction, type RunLine, runActions, runLines } from "./runLines";
import { isSame, type RunPlan } from "./runTerminals";

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Asks for a run or a step, and for what to do with it. */
export async function showRuns(parts: RunParts & { readonly context: vscode.ExtensionContext }): Promise<void> {
  const { session, runs, context } = parts;
  const status = session.status() ?? (await session.refreshNow());
  const { program } = session.launch();
  if (!program) throw new Error(t("the server is not running"));
  const progress = { location: vscode.ProgressLocation.Window, title: `Planmark: ${t("reading the runs")}` };
  const folders = await vscode.window.withProgress(progress, () =>
    Promise.all(rootsWithPlans(status).map((root) => runsOf(program, root, context.extensionPath))),
  );
  for (const says of folders.flatMap((folder) => folder.unreadable ?? [])) {
    void vscode.window.showWarningMessage(`Planmark: ${says}`);
  }
  const lines = runLines(folders, status);
  if (lines.length === 0) {
    void vscode.window.showInformationMessage(`Planmark: ${t("nothing was run in this workspace yet")}`);
    return;
  }
  const options = { title: t("Runs"), placeHolder: t("Select a run or a step"), matchOnDescription: true };
  const line = await vscode.window.showQuickPick(lines.map(withKind), options);
  if (!line?.run) return;
  const plan = planOf(line.run);
  const hasTerminal = runs.plans().some((run) => isSame(run, plan));
  const actions = runActions(line, hasTerminal, existsSync);
  if (actions.length === 0) {
    void vscode.window.showInformationMessage(`Planmark: ${t("its log and its worktree are not there any more")}`);
    return;
  }
  const choices = actions.map((action) => ({ label: LABELS[action], action }));
  const chosen = await vscode.window.showQuickPick(choices, { title: line.label.replace(/^\$\([\w-]+\) /, "") });
  if (chosen) await DO[chosen.action](line, plan, parts);
}

const LABELS: Readonly<Record<RunAction, string>> = {
  log: `$(output) ${t("Open the log of the last attempt")}`,
  worktree: `$(folder-opened) ${t("Open the worktree in a new window")}`,
  terminal: `$(terminal) ${t("Show the terminal")}`,
  stop: `$(debug-stop) ${t("Stop the run")}`,
  resume: `$(debug-continue) ${t("Go on with the run in a terminal")}`,
};

type Do = (line: RunLine, plan: RunPlan, parts: RunParts) => unknown;

const DO: Readonly<Record<RunAction, Do>> = {
  log: async ({ step }) => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(step?.log ?? ""));
    await vscode.window.showTextDocument(document, { preview: false });
  },
  worktree: ({ step }) =>
    vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(step?.worktree ?? ""), {
      forceNewWindow: true,
    }),
  terminal: (_, plan, { runs }) => runs.show(plan),
  stop: (_, plan, { runs }) => runs.stop(plan),
  resume: ({ run }, plan, { runs }) => runs.start({ ...plan, ...(run ? { resume: run.run } : {}) }),
};

function planOf({ workspace, plan, feature }: RunResult): RunPlan {
  return { root: workspace, plan, title: feature };
}

function withKind(line: RunLine): RunLine & vscode.QuickPickItem {
  const { Default, Separator } = vscode.QuickPickItemKind;
  return { ...line, kind: line.run ? Default : Separator };
}

/** Asks the command line for the runs of a workspace. It works outside of the workspace, as the server does. */
function runsOf(program: Launch, root: string, folder: string): Promise<RunsResult> {
  const args = [...program.args, "metrics", "--runs", "--json", "--workspace", root];
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(program.command, args, options, (error, stdout, stderr) => {
      const says = /^planmark: (.*)/m.exec(stderr)?.[1];
      if (error) reject(new Error(says ?? error.message));
      else resolve(JSON.parse(stdout) as RunsResult);
    });
  });
}
