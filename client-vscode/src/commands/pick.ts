/** Asks the user for one of several choices. The choice at the cursor comes first. */

import * as vscode from "vscode";
import { t } from "../l10n";
import type { Place } from "../plans";
import type { Target } from "../protocol";
import type { Session } from "../session";
import type { Choice } from "./quickPicks";

interface Line extends vscode.QuickPickItem {
  readonly target: Target | undefined;
}

/** Returns the target that the user picks; undefined without a choice. A single choice is taken without a question. */
export async function pick(choices: readonly Choice[], title: string, none: string): Promise<Target | undefined> {
  const real = choices.filter((choice) => choice.target);
  if (real.length === 0) {
    void vscode.window.showInformationMessage(`Planmark: ${none}`);
    return undefined;
  }
  const lines = choices.map((choice): Line => {
    const kind = choice.target ? vscode.QuickPickItemKind.Default : vscode.QuickPickItemKind.Separator;
    return { ...choice, kind };
  });
  const options = { title, placeHolder: t("Type to search"), matchOnDescription: true };
  return (await vscode.window.showQuickPick(lines, options))?.target;
}

/** Returns the plan and the achievement at the cursor of the active editor. */
export async function atCursor(session: Session): Promise<Place | undefined> {
  const editor = vscode.window.activeTextEditor;
  return editor && session.at(editor.document.uri, editor.selection.active);
}
