/** The terminals in which runs were started, in this window. */
import * as vscode from "vscode";
import { t } from "../l10n";
import type { Session } from "../session";
import { type RunRequest, runTerminal } from "./runLines";

/** The key of conditions in the manifest. */
const RUNNING = "planmark.running";
const CONTROL_C = "\u0003";

/** A plan with a run. */
export type RunPlan = Pick<RunRequest, "root" | "plan" | "title">;

export interface RunTerminals extends vscode.Disposable {
  /** Starts a run in a new terminal, which asks before it starts agents. In an untrusted workspace nothing starts. */
  readonly start: (asked: RunRequest) => Promise<void>;
  /** The plans whose runs have a terminal, each once. */
  readonly plans: () => readonly RunPlan[];
  /** Shows the terminal of the last run of a plan. */
  readonly show: (plan: RunPlan) => void;
  /** Presses Ctrl-C in the terminals of a plan: the run ends its attempts, and keeps the worktrees. */
  readonly stop: (plan: RunPlan) => void;
}

/** Creates the collection of terminals, without a terminal. */
export function createRunTerminals(session: Session, context: vscode.ExtensionContext): RunTerminals {
  const terminals = new Map<vscode.Terminal, RunPlan>();
  const tell = (): void => void vscode.commands.executeCommand("setContext", RUNNING, terminals.size > 0);
  const of = (plan: RunPlan): vscode.Terminal[] =>
    [...terminals].filter(([, run]) => isSame(run, plan)).map(([terminal]) => terminal);
  const closing = vscode.window.onDidCloseTerminal((terminal) => {
    if (terminals.delete(terminal)) tell();
  });
  return {
    start: async (asked) => {
      if (!isTrusted()) return;
      await session.ensureStarted();
      const { program } = session.launch();
      if (!program) throw new Error(t("the server is not running"));
      const options = runTerminal(asked, program, context.extensionPath, process.env, addedVariables());
      const terminal = vscode.window.createTerminal({ ...options, iconPath: new vscode.ThemeIcon("run-all") });
      terminals.set(terminal, asked);
      tell();
      terminal.show();
    },
    plans: () => {
      const runs = [...terminals.values()];
      return runs.filter((run, index) => runs.findIndex((other) => isSame(run, other)) === index);
    },
    show: (plan) => of(plan).at(-1)?.show(),
    stop: (plan) => {
      for (const terminal of of(plan)) {
        terminal.show();
        terminal.sendText(CONTROL_C, false);
      }
    },
    dispose: () => closing.dispose(),
  };
}

/** Returns the names of the variables that the settings, also those of the workspace, add to terminals. */
function addedVariables(): string[] {
  const system = process.platform === "win32" ? "windows" : process.platform === "darwin" ? "osx" : "linux";
  const added = vscode.workspace.getConfiguration("terminal.integrated").get<object | null>(`env.${system}`);
  return Object.keys(added ?? {});
}

/** Tells whether two runs are of the same plan. */
export function isSame(one: Pick<RunPlan, "root" | "plan">, other: Pick<RunPlan, "root" | "plan">): boolean {
  return one.root === other.root && one.plan === other.plan;
}

/** Tells whether the workspace is trusted. If it is not, a message says why nothing starts. */
export function isTrusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = t("Manage Workspace Trust");
  const says = t("A run starts programs. Trust the workspace before you start one.");
  void vscode.window.showWarningMessage(`Planmark: ${says}`, manage).then((chosen) => {
    if (chosen) void vscode.commands.executeCommand("workbench.trust.manage");
  });
  return false;
}
