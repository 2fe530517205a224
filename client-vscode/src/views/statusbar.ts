/** The one item in the status bar: the plan of the editor, its progress and its next step. */
import * as vscode from "vscode";
import { placeOf } from "../plans";
import type { Session } from "../session";
import { setting } from "../settings";
import { line } from "./statusText";

export interface StatusBar extends vscode.Disposable {
  /** What is shown; "" while nothing is. */
  readonly text: () => string;
}

/** Shows the item while there is a plan to speak of. */
export function createStatusBar(session: Session): StatusBar {
  const item = vscode.window.createStatusBarItem("planmark.plan", vscode.StatusBarAlignment.Left, 10);
  item.name = "Planmark";
  let text = "";

  const update = (): void => {
    const status = session.status();
    const editor = vscode.window.activeTextEditor;
    const place = status && editor ? placeOf(status, editor.document.uri.fsPath, 1) : undefined;
    void vscode.commands.executeCommand("setContext", "planmark.inPlan", place !== undefined);
    const shown = status && line(status, place);
    if (!shown || session.health().is === "failed" || !setting("statusBar.enable", session.log)) {
      text = "";
      item.hide();
      return;
    }
    text = shown.text;
    item.text = text;
    item.tooltip = shown.tooltip;
    item.accessibilityInformation = { label: `Planmark: ${shown.tooltip}` };
    item.command = { title: "Next Prompt", command: "planmark.nextPrompt", arguments: [shown.target] };
    item.show();
  };

  const listeners = [
    item,
    session.onStatus(update),
    session.onHealth(update),
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("planmark.statusBar") && update()),
  ];
  return { text: () => text, dispose: () => vscode.Disposable.from(...listeners).dispose() };
}
