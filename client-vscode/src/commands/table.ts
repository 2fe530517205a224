/** The commands of the extension, by their names in `package.json`. */

import { homedir } from "node:os";
import * as vscode from "vscode";
import { OWN } from "../config";
import type { Section } from "../dashboard/messages";
import type { Dashboard } from "../dashboard/panel";
import { t } from "../l10n";
import { counted } from "../labels";
import type { LogBuffer } from "../log";
import { shown } from "../server/health";
import { report } from "../server/report";
import type { Session } from "../session";
import type { Tree } from "../views/tree";
import { ALL, type Filter } from "../views/treeItems";
import { fillTemplate, newPlan, openExample, setUpWorkspace } from "./begin";
import { adopt, approve, createExecution, createSubplan, requestFix, resolveFix } from "./create";
import { copyPath, copyRelativePath, open, openBeside, revealInExplorer } from "./documents";
import { find } from "./find";
import { goToAchievement, goToProblem } from "./goTo";
import { learn } from "./learn";
import { act, drop } from "./lifecycle";
import { research, review } from "./parts";
import { atCursor, pick } from "./pick";
import { copyPrompt, nextPrompt } from "./prompt";
import type { PromptView } from "./promptView";
import { planChoices } from "./quickPicks";
import { runPlan, runUntil, stopRun } from "./run";
import type { RunTerminals } from "./runTerminals";
import { selectInterpreter } from "./selectInterpreter";
import { showRuns } from "./showRuns";
import { targetOf } from "./target";
import { tick } from "./tick";

export interface Parts {
  readonly session: Session;
  readonly context: vscode.ExtensionContext;
  readonly tree: Tree;
  readonly dashboard: Dashboard;
  readonly tail: LogBuffer;
  readonly view: PromptView;
  readonly runs: RunTerminals;
}

type Run = (parts: Parts, argument: unknown) => unknown;

/** Command → its function. */
export const COMMANDS: Readonly<Record<string, Run>> = {
  "planmark.nextPrompt": (parts, argument) => nextPrompt(parts, argument),
  "planmark.copyPrompt": (parts, argument) => copyPrompt(parts, argument),
  "planmark.review": (parts, argument) => review(parts, argument),
  "planmark.research": (parts, argument) => research(parts, argument),
  "planmark.run": (parts, argument) => runPlan(parts, argument),
  "planmark.runUntil": (parts, argument) => runUntil(parts, argument),
  "planmark.stopRun": (parts, argument) => stopRun(parts, argument),
  "planmark.showRuns": (parts) => showRuns(parts),
  "planmark.newPlan": ({ session }) => newPlan(session),
  "planmark.setUpWorkspace": ({ session }) => setUpWorkspace(session),
  "planmark.openExample": ({ session, context }) => openExample(session, context),
  "planmark.fillTemplate": ({ session }, argument) => fillTemplate(session, argument),
  "planmark.createSubplan": ({ session }, argument) => createSubplan(session, argument),
  "planmark.createExecution": ({ session }, argument) => createExecution(session, argument),
  "planmark.approve": ({ session, context }, argument) => approve(session, context, argument),
  "planmark.requestFix": ({ session, context }, argument) => requestFix(session, context, argument),
  "planmark.resolveFix": ({ session }, argument) => resolveFix(session, argument),
  "planmark.adopt": ({ session, context }, argument) => adopt(session, context, argument),
  "planmark.closePlan": ({ session }, argument) => act(session, "close", argument),
  "planmark.archivePlan": ({ session }, argument) => act(session, "archive", argument),
  "planmark.pausePlan": ({ session }, argument) => act(session, "pause", argument),
  "planmark.resumePlan": ({ session }, argument) => act(session, "resume", argument),
  "planmark.dropAchievement": ({ session }, argument) => drop(session, argument),
  "planmark.tick": ({ session }, argument) => tick(session, argument),
  "planmark.showDashboard": (parts) => showDashboard(parts, undefined),
  "planmark.showGraph": showGraph,
  "planmark.showMetrics": (parts) => showDashboard(parts, "figures"),
  "planmark.nextAchievement": ({ session }) => goToAchievement(session, 1),
  "planmark.previousAchievement": ({ session }) => goToAchievement(session, -1),
  "planmark.nextProblem": goToProblem,
  "planmark.checkWorkspace": checkWorkspace,
  "planmark.reindex": async ({ session }) => {
    const connection = await session.ensureStarted();
    await connection.execute("planmark.reindex", {});
    await session.refreshNow();
  },
  "planmark.restartServer": ({ session }) => session.restart().catch(() => undefined),
  "planmark.showLog": ({ session }) => session.log.show(),
  "planmark.copyReport": copyReport,
  "planmark.find": ({ session }) => find(session),
  "planmark.learn": ({ session }) => learn(session),
  "planmark.filterPlans": filterPlans,
  "planmark.clearFilter": ({ tree }) => tree.setFilter(ALL),
  "planmark.open": (_, argument) => open(argument),
  "planmark.openBeside": (_, argument) => openBeside(argument),
  "planmark.revealInExplorer": (_, argument) => revealInExplorer(argument),
  "planmark.copyPath": (_, argument) => copyPath(argument),
  "planmark.copyRelativePath": (_, argument) => copyRelativePath(argument),
  "planmark.selectInterpreter": ({ session, context }) => selectInterpreter(session, context),
};

async function showDashboard({ session, dashboard }: Parts, section: Section | undefined): Promise<void> {
  await session.ensureStarted();
  await dashboard.show(section);
}

async function showGraph({ session, dashboard }: Parts, argument: unknown): Promise<void> {
  const status = session.status() ?? (await session.refreshNow());
  const here = await atCursor(session);
  const there = here && { workspace: here.workspace.root, plan: here.plan.path };
  const none = t("no plan is in this workspace");
  const target =
    targetOf(argument) ??
    there ??
    (await pick(planChoices(status, undefined), t("Show Plan Graph: select a plan"), none));
  if (target) await dashboard.show("graph", target);
}

/** Reads the changed files, shows the Problems panel, and tells how many problems there are. */
async function checkWorkspace({ session }: Parts): Promise<void> {
  const connection = await session.ensureStarted();
  await connection.execute("planmark.reindex", {});
  await session.refreshNow();
  await vscode.commands.executeCommand("workbench.panel.markers.view.focus");
  const severities = vscode.languages
    .getDiagnostics()
    .flatMap(([, found]) => found)
    .filter((diagnostic) => diagnostic.source === "planmark")
    .map((diagnostic) => diagnostic.severity);
  const of = (severity: vscode.DiagnosticSeverity): number => severities.filter((known) => known === severity).length;
  const errors = counted(of(vscode.DiagnosticSeverity.Error), "error");
  const warnings = counted(of(vscode.DiagnosticSeverity.Warning), "warning");
  vscode.window.setStatusBarMessage(`$(checklist) Planmark: ${errors}, ${warnings}`, 8000);
}

async function copyReport({ session, context, tail }: Parts): Promise<void> {
  const connection = session.connection();
  const status = session.status();
  const settings = vscode.workspace.getConfiguration("planmark");
  const sections: readonly { readonly properties: object }[] = context.extension.packageJSON.contributes.configuration;
  const declared = sections.flatMap(({ properties }) => Object.keys(properties));
  const isSet = (key: string): boolean => {
    const known = settings.inspect(key);
    return [known?.globalValue, known?.workspaceValue, known?.workspaceFolderValue].some(
      (value) => value !== undefined,
    );
  };
  const keys = [...declared.map((key) => key.replace("planmark.", "")), ...Object.keys(OWN)];
  const plans = status?.workspaces.reduce((sum, workspace) => sum + workspace.plans.length, 0) ?? 0;
  const health = session.health();
  const text = report({
    extension: context.extension.packageJSON.version,
    server: connection ? `${connection.version ?? "no version"}, process ${connection.pid}` : "not running",
    editor: `${vscode.env.appName} ${vscode.version}`,
    system: `${process.platform} ${process.arch}`,
    remote: vscode.env.remoteName ?? "",
    trusted: vscode.workspace.isTrusted,
    launch: session.launch().says,
    tried: session.launch().tried,
    health: `${health.is}: ${health.is === "failed" ? health.problem : shown(health).detail}`,
    figures: `${counted(status?.workspaces.length ?? 0, "workspace")}, ${counted(plans, "plan")}`,
    settings: [...new Set(keys)].filter(isSet).sort(),
    log: tail.lines(),
    home: homedir(),
  });
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage(
    `Planmark: ${t("The report is in the clipboard. It contains no text of your documents.")}`,
  );
}

const FILTERS: readonly { readonly label: string; readonly only: Filter["only"] }[] = [
  { label: t("Needs attention"), only: "attention" },
  { label: t("Active"), only: "active" },
  { label: t("Not complete"), only: "open" },
];

function filterPlans({ tree }: Parts): void {
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { only: Filter["only"] }>();
  input.title = t("Filter Plans");
  input.placeholder = t("Type a part of a name, an achievement or a state, or select a filter");
  input.value = tree.filter().text;
  // The input of the user filters the tree, not these lines.
  input.items = FILTERS.map((known) => ({ ...known, alwaysShow: true }));
  input.activeItems = [];
  let { only } = tree.filter();
  const apply = (): void => tree.setFilter(input.value.trim() || only ? { text: input.value, only } : ALL);
  input.onDidChangeValue(() => {
    input.activeItems = [];
    apply();
  });
  input.onDidAccept(() => {
    only = input.activeItems[0]?.only ?? only;
    apply();
    input.hide();
  });
  input.onDidHide(() => input.dispose());
  input.show();
}

async function tell(session: Session, text: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(`Planmark: ${text}`, t("Show Log"));
  if (chosen) session.log.show();
}

/** The argument of a key binding in the tree: a key cannot name the selected item. */
const SELECTED = "selected";

/** Registers every command. An error becomes a message. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const registered = Object.entries(COMMANDS).map(([name, run]) =>
    vscode.commands.registerCommand(name, async (argument: unknown) => {
      try {
        return await run(parts, argument === SELECTED ? parts.tree.selected() : argument);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        parts.session.log.error(`${name}: ${text}`);
        // If the server is not there, its own message says so.
        if (parts.session.health().is === "failed") return undefined;
        // The command does not wait until the user closes the message.
        void tell(parts.session, text);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
