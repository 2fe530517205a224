/** Planmark: Find Similar Work, for the selected text, or for the achievement at the cursor. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { refOf } from "../labels";
import type { LearnResult } from "../protocol";
import type { Session } from "../session";
import { open } from "./documents";
import { learnLines, learnTitle } from "./learnLines";
import { atCursor } from "./pick";

/** Shows similar earlier work and known failures, and opens the document of the line that the user accepts. */
export async function learn(session: Session): Promise<void> {
  const subject = await subjectOf(session);
  if (!subject) {
    const message = t("select the text of an error, or put the cursor on an achievement");
    void vscode.window.showInformationMessage(`Planmark: ${message}`);
    return;
  }
  const connection = await session.ensureStarted();
  const result = await connection.execute<LearnResult>("planmark.learn", subject);
  const lines = learnLines(result);
  if (lines.length === 0) {
    void vscode.window.showInformationMessage(`Planmark: ${t("no similar work and no known failure was found")}`);
    return;
  }
  const options = { title: learnTitle(result), placeHolder: t("Type to search"), matchOnDetail: true };
  const place = (await vscode.window.showQuickPick(lines, options))?.place;
  if (place) await open(place);
}

/** Returns the subject of the question: the selected text, else the achievement at the cursor. */
async function subjectOf(session: Session): Promise<object | undefined> {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection).trim();
  if (text) return { text };
  const here = await atCursor(session);
  if (!here?.achievement) return undefined;
  return { workspace: here.workspace.root, plan: here.plan.path, achievement: refOf(here.achievement) };
}
