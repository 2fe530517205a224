/** Runs in a terminal: the program is `planmark` itself, with nothing of the workspace in it. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { RunsResult } from "../../src/protocol";
import { api, file, ready, runAll, until } from "./harness";

const PLAN = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const TARGET = { plan: PLAN, achievement: "1.2" };
const TITLE = "Run of CHECKOUT";

const root = (): string => file("").fsPath.replace(/\/$/, "");
const beside = (name: string): string => join(root(), "..", name);

/** Sets the program of the server for the user, and waits until it runs. */
async function serverIs(path: string | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration("planmark");
  await settings.update("server.path", path, vscode.ConfigurationTarget.Global);
  const { session } = await api();
  await until("the program of the server has changed", () => {
    const command = session.launch().program?.command;
    return command !== undefined && (command === path || (path === undefined && !command.endsWith("/planmark")));
  });
  await ready();
}

/** A `planmark` that serves as the real one, but keeps how it was asked to run, and gives the runs of a file. */
async function recorder(): Promise<{ readonly program: string; readonly received: () => string }> {
  const { session } = await ready();
  const { program } = session.launch();
  assert.ok(program);
  const real = [program.command, ...program.args].map((word) => `'${word}'`).join(" ");
  const path = beside("planmark");
  const received = beside("received.txt");
  const script = [
    "#!/bin/sh",
    'case "$1" in',
    "run)",
    `  trap 'echo interrupted >> ${received}; exit 130' INT`,
    `  { printf '%s\\n' "$@"; echo "cwd $PWD"; echo "config $XDG_CONFIG_HOME"; echo "added $ADDED"; echo "$PLANMARK_KEEP_OPEN"`,
    `    [ -t 0 ] && [ -t 2 ] && echo terminal; } > ${received}.part`,
    `  mv ${received}.part ${received}`,
    "  while :; do sleep 0.1; done ;;",
    `metrics) echo "$PWD" "$@" > ${received}; cat ${beside("runs.json")} ;;`,
    `*) exec ${real} "$@" ;;`,
    "esac",
    "",
  ].join("\n");
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return { program: path, received: () => (existsSync(received) ? readFileSync(received, "utf8") : "") };
}

/** Answers each question of a command with its first line, until there is something. */
async function answering<T>(what: string, look: () => T | undefined | false): Promise<T> {
  return until(what, async () => {
    await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
    return look();
  });
}

const terminals = (): readonly vscode.Terminal[] => vscode.window.terminals.filter(({ name }) => name === TITLE);

/** One open run without a terminal, and one ended run of a step with a log. */
function writeRuns(exit: number | null): string {
  const folder = beside("runs");
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "agent.log");
  writeFileSync(log, "the agent says\n");
  const tokens = { input: null, cached: null, output: null, reasoning: null };
  const figures = { attempts: 1, tokens, cost_usd: null, seconds: 1, is_partial: true };
  const total = { role: "executor", tier: 2, steps: 1, done: 1, ...figures };
  const step = { achievement: "1.2", step: "address_fix", agent: "claude-1", class: "ok" };
  const states = { before: "needs_fix", after: "fix_resolved", by: "", commit: "", worktree: "" };
  const { steps: _, done: __, ...about } = total;
  const result: RunsResult = {
    workspace: root(),
    runs: [
      {
        workspace: root(),
        run: "run-1",
        plan: PLAN,
        feature: "CHECKOUT",
        branch: "planmark/CHECKOUT/main",
        exit,
        why: "",
        steps: [{ ...about, ...step, ...states, log }],
        totals: [total],
      },
    ],
  };
  writeFileSync(beside("runs.json"), JSON.stringify(result));
  return log;
}

export const run = (): Promise<void> => {
  let received = (): string => "";
  return runAll({
    "a run is planmark in a terminal, in a folder and with variables that no workspace chooses": async () => {
      const made = await recorder();
      received = made.received;
      const terminal = vscode.workspace.getConfiguration("terminal.integrated");
      const planted = { XDG_CONFIG_HOME: "/planted", ADDED: "planted" };
      await terminal.update("env.linux", planted, vscode.ConfigurationTarget.Workspace);
      await serverIs(made.program);
      const done = vscode.commands.executeCommand("planmark.runUntil", TARGET);
      const text = await answering("planmark runs", () => received());
      await done;
      const extension = vscode.extensions.getExtension("planmark.planmark")?.extensionPath;
      assert.deepEqual(text.trimEnd().split("\n"), [
        "run",
        "--workspace",
        root(),
        `@${PLAN}`,
        "--until=1.2",
        "--agents=1",
        `cwd ${extension}`,
        `config ${process.env["XDG_CONFIG_HOME"]}`,
        "added ",
        "1",
        "terminal",
      ]);
      assert.equal(terminals().length, 1);
      assert.equal(vscode.window.activeTerminal?.name, TITLE);
      await terminal.update("env.linux", undefined, vscode.ConfigurationTarget.Workspace);
    },
    "Stop Run presses Ctrl-C in it": async () => {
      await vscode.commands.executeCommand("planmark.stopRun", { plan: PLAN });
      await until("it was interrupted", () => received().endsWith("interrupted\n"));
      await until("its terminal has closed", () => terminals().length === 0);
    },
    "a log of the list of runs opens": async () => {
      const log = writeRuns(0);
      const done = vscode.commands.executeCommand("planmark.showRuns");
      const text = await answering("the log is shown", () => {
        const document = vscode.window.activeTextEditor?.document;
        return document?.uri.fsPath === log && document.getText();
      });
      await done;
      assert.equal(text, "the agent says\n");
      const extension = vscode.extensions.getExtension("planmark.planmark")?.extensionPath;
      assert.equal(received(), `${extension} metrics --runs --json --workspace ${root()}\n`);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    },
    "an open run goes on in a terminal": async () => {
      writeRuns(null);
      const done = vscode.commands.executeCommand("planmark.showRuns");
      const text = await answering("planmark runs", () => received().startsWith("run\n") && received());
      await done;
      assert.match(text, new RegExp(`^run\\n--workspace\\n${root()}\\n@${PLAN}\\n--resume=run-1\\ncwd `));
      for (const terminal of terminals()) terminal.dispose();
      await until("its terminal has closed", () => terminals().length === 0);
      await serverIs(undefined);
    },
    "above an achievement, the lens of its next prompt has one beside it that runs up to it": async () => {
      await ready();
      await vscode.window.showTextDocument(file(PLAN));
      const lenses = await until("the lenses are there", async () => {
        const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          file(PLAN),
          100,
        );
        return found.some(({ command }) => command?.title === "Run") && found;
      });
      for (const [index, lens] of lenses.entries()) {
        if (lens.command?.title !== "Run") continue;
        assert.match(lens.command.command, /^planmark\.lens\/planmark\.runUntil\//);
        assert.match(lenses[index - 1]?.command?.command ?? "", /planmark\.nextPrompt/);
      }
    },
  });
};
