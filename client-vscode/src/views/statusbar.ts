/** The one item in the status bar: the plan of the editor, its progress and its next step. */

import * as vscode from "vscode";
import { t } from "../l10n";
import type { Place } from "../plans";
import type { Session } from "../session";
import { setting } from "../settings";
import { line, readingText } from "./statusText";

const READING = { tooltip: t("The server is reading the plans"), target: {} };

export interface StatusBar extends vscode.Disposable {
  /** The text of the item; "" if it is hidden. */
  readonly text: () => string;
}

/** Shows the item while there is a plan. */
export function createStatusBar(session: Session): StatusBar {
  const item = vscode.window.createStatusBarItem("planmark.plan", vscode.StatusBarAlignment.Left, 10);
  item.name = "Planmark";
  let text = "";

  /** The plan of the active editor. */
  let place: Place | undefined;

  const follow = async (): Promise<void> => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const read = session.status()?.workspaces.every((workspace) => workspace.complete) ?? false;
    // While plans are read, the last known place stays.
    const found = uri?.scheme === "file" && read && session.connection() ? await session.at(uri) : undefined;
    if (uri?.toString() !== vscode.window.activeTextEditor?.document.uri.toString()) return;
    if (read || !uri) place = found;
    update();
  };
  const followed = (): void => {
    follow().catch((error: unknown) => session.log.debug(`the plan of the editor is not known: ${error}`));
  };

  const update = (): void => {
    const status = session.status();
    void vscode.commands.executeCommand("setContext", "planmark.inPlan", place !== undefined);
    const reading = status ? readingText(status) : "";
    const shown = reading ? { ...READING, text: `$(sync~spin) ${reading}` } : status && line(status, place);
    if (!shown || session.health().is === "failed" || !setting("statusBar.enable", session.log)) {
      text = "";
      item.hide();
      return;
    }
    text = shown.text;
    item.text = text;
    item.tooltip = shown.tooltip;
    item.accessibilityInformation = { label: `Planmark: ${shown.tooltip}` };
    // The text is dimmed, because it may be out of date.
    item.color = reading ? new vscode.ThemeColor("disabledForeground") : undefined;
    item.command = { title: t("Next Prompt"), command: "planmark.nextPrompt", arguments: [shown.target] };
    item.show();
  };

  const listeners = [
    item,
    session.onStatus(update),
    session.onStatus(followed),
    session.onHealth(update),
    vscode.window.onDidChangeActiveTextEditor(followed),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("planmark.statusBar") && update()),
  ];
  return { text: () => text, dispose: () => vscode.Disposable.from(...listeners).dispose() };
}
