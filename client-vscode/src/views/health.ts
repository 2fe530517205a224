/** The language status item with the health of the server. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { type Health, shown } from "../server/health";
import type { Session } from "../session";

const SEVERITIES = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

/** Shows the item for Markdown documents, and shows a failure once, with what the user can do. */
export function createHealthItem(session: Session): vscode.Disposable {
  const item = vscode.languages.createLanguageStatusItem("planmark.health", { language: "markdown" });
  item.name = "Planmark";
  const update = (health: Health): void => {
    const now = shown(health);
    item.text = now.text;
    item.detail = now.detail;
    item.severity = SEVERITIES[now.severity];
    item.busy = now.busy;
    item.command = now.action;
    void vscode.commands.executeCommand("setContext", "planmark.active", health.is === "running");
    void vscode.commands.executeCommand("setContext", "planmark.failed", health.is === "failed");
    if (health.is === "failed") void tell(health.problem);
  };
  update(session.health());
  const told = (): void => {
    const workspaces = session.health().is === "running" ? (session.status()?.workspaces ?? []) : [];
    // Until everything is read, the server does not know whether there is a plan.
    const read = workspaces.length > 0 && workspaces.every((workspace) => workspace.complete);
    tellRead(read);
  };
  return vscode.Disposable.from(item, session.onHealth(update), session.onHealth(told), session.onStatus(told));
}

/** Tells the menus and the welcome view whether the plans are read. */
export function tellRead(read: boolean): void {
  void vscode.commands.executeCommand("setContext", "planmark.read", read);
}

/** Titles of buttons for a user without a server → their commands. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  [t("Select Interpreter")]: "planmark.selectInterpreter",
  [t("Restart Server")]: "planmark.restartServer",
  [t("Show Log")]: "planmark.showLog",
};

const DETAILS = t("Show Details");

async function tell(problem: string): Promise<void> {
  const [first = "", ...more] = problem.split("\n");
  const titles = Object.keys(WAYS_OUT);
  const details = more.length ? [DETAILS] : [];
  let chosen: string | undefined = await vscode.window.showErrorMessage(`Planmark: ${first}`, ...details, ...titles);
  // A notification shows no line breaks.
  if (chosen === DETAILS) {
    chosen = await vscode.window.showErrorMessage(first, { modal: true, detail: more.join("\n") }, ...titles);
  }
  const way = chosen && WAYS_OUT[chosen];
  if (way) await vscode.commands.executeCommand(way);
}
