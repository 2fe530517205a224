/** Go to Next Achievement, Go to Previous Achievement, Go to Next Problem. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { allPlans, relativeTo } from "../plans";
import type { StatusResult } from "../protocol";
import type { Session } from "../session";

/** A line of a document, 0-based. */
interface Line {
  readonly uri: vscode.Uri;
  readonly line: number;
}

/** Moves the cursor to the next (1) or previous (-1) definition of an achievement; after the last comes the first. */
export async function goToAchievement(session: Session, direction: 1 | -1): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const status = session.status() ?? (await session.refreshNow());
  const lines = editor ? definitions(status, editor.document.uri.fsPath) : [];
  const at = editor?.selection.active.line ?? 0;
  const ordered = direction === 1 ? lines : [...lines].reverse();
  const line = ordered.find((known) => (known - at) * direction > 0) ?? ordered[0];
  if (!editor || line === undefined) {
    void vscode.window.showInformationMessage(`Planmark: ${t("this document defines no achievement")}`);
    return;
  }
  reveal(editor, new vscode.Position(line, 0));
}

/** Moves the cursor to the next problem that Planmark reports, in this document or the next one, and shows it. */
export async function goToProblem(): Promise<void> {
  const problems = vscode.languages
    .getDiagnostics()
    .flatMap(([uri, diagnostics]) =>
      diagnostics
        .filter(({ source, severity }) => source === "planmark" && severity !== vscode.DiagnosticSeverity.Hint)
        .map(({ range }) => ({ uri, line: range.start.line, at: range.start })),
    )
    .sort(inOrder);
  const editor = vscode.window.activeTextEditor;
  const here = editor && { uri: editor.document.uri, line: editor.selection.active.line };
  const next = (here && problems.find((problem) => inOrder(here, problem) < 0)) ?? problems[0];
  if (!next) {
    void vscode.window.showInformationMessage(`Planmark: ${t("this workspace has no problem")}`);
    return;
  }
  reveal(await vscode.window.showTextDocument(next.uri), next.at);
  await vscode.commands.executeCommand("editor.action.showHover");
}

/** Returns the 0-based lines of a document on which achievements are defined, in order. */
function definitions(status: StatusResult, path: string): readonly number[] {
  return allPlans(status)
    .flatMap(({ workspace, plan }) =>
      plan.achievements.filter((achievement) => relativeTo(workspace.root, path) === achievement.path),
    )
    .map((achievement) => achievement.line - 1)
    .sort((one, other) => one - other);
}

function inOrder(one: Line, other: Line): number {
  return one.uri.path.localeCompare(other.uri.path) || one.line - other.line;
}

function reveal(editor: vscode.TextEditor, at: vscode.Position): void {
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
