/** The check for plans in a window: the server starts only if there are some. */
import * as vscode from "vscode";
import { isOurs } from "./plans";

const NAMES = ["PLAN_*.md", "plan_*.md", "SUBPLAN*.md", "subplan*.md", "planmark.toml"];
const OTHER_FORMATS = [
  "openspec/changes/*/*.md",
  ".kiro/specs/*/*.md",
  "specs/*/tasks.md",
  "specs/*/spec.md",
  "docs/superpowers/plans/*.md",
];
const PATTERN = `{${[...NAMES, ...OTHER_FORMATS].map((known) => `**/${known}`).join(",")}}`;

/**
 * Calls `begin` once: now, if a plan or its configuration is in the workspace or open, or as soon as one appears. Calls `none`
 * after a search without a result.
 */
export function whenPlansAreThere(
  begin: () => void,
  none: () => void,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(PATTERN, false, true, true);
  const found = (): void => {
    waiting.dispose();
    begin();
  };
  const look = (document: vscode.TextDocument): void => {
    if (document.uri.scheme === "file" && isOurs(document.uri.path)) found();
  };
  const searching = new vscode.CancellationTokenSource();
  const waiting = vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(found),
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidChangeWorkspaceFolders(() => search()),
    { dispose: () => searching.cancel() },
  );
  const search = (): void => {
    vscode.workspace.findFiles(PATTERN, null, 1, searching.token).then(
      (files) => {
        if (searching.token.isCancellationRequested) return;
        if (files.length) found();
        else none();
      },
      (error: unknown) => {
        if (searching.token.isCancellationRequested) return;
        log.warn(`whether there are plans cannot be searched for, so the server looks: ${error}`);
        found();
      },
    );
  };
  search();
  for (const document of vscode.workspace.textDocuments) look(document);
  return waiting;
}
