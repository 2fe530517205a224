/** Open, Open to the Side, Reveal in Explorer View, Copy Path, Copy Relative Path: commands about one document. */

import { join } from "node:path";
import * as vscode from "vscode";
import { t } from "../l10n";

/** A document of a workspace, and the 1-based line to show; 0 for its beginning. */
interface Place {
  readonly uri: vscode.Uri;
  readonly line: number;
}

/** Opens a document in the active group of editors. */
export const open = (argument: unknown): Promise<void> => show(argument, vscode.ViewColumn.Active);

/** Opens a document in the group beside the active one. */
export const openBeside = (argument: unknown): Promise<void> => show(argument, vscode.ViewColumn.Beside);

export async function revealInExplorer(argument: unknown): Promise<void> {
  await vscode.commands.executeCommand("revealInExplorer", placeOf(argument).uri);
}

export async function copyPath(argument: unknown): Promise<void> {
  await vscode.commands.executeCommand("copyFilePath", placeOf(argument).uri);
}

/** Copies the path relative to the folder of the editor, with the separator that the editor's settings choose. */
export async function copyRelativePath(argument: unknown): Promise<void> {
  await vscode.commands.executeCommand("copyRelativeFilePath", placeOf(argument).uri);
}

/** Returns the document of `{workspace, path, line}`, as lenses have it, or of an item of the tree. */
function placeOf(argument: unknown): Place {
  const given = (typeof argument === "object" && argument !== null ? argument : {}) as Record<string, unknown>;
  const { workspace, root, path, line } = given;
  const folder = typeof workspace === "string" ? workspace : root;
  if (typeof folder !== "string" || typeof path !== "string") {
    throw new Error(t("the command needs the workspace and the path of a document"));
  }
  return { uri: vscode.Uri.file(join(folder, path)), line: typeof line === "number" && line > 0 ? line : 0 };
}

async function show(argument: unknown, viewColumn: vscode.ViewColumn): Promise<void> {
  const { uri, line } = placeOf(argument);
  const stat = await vscode.workspace.fs.stat(uri);
  if (stat.type & vscode.FileType.Directory) {
    // A plan without a document that lists its items is shown by its folder.
    await vscode.commands.executeCommand("revealInExplorer", uri);
    return;
  }
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { viewColumn, selection: new vscode.Range(at, at) });
}
