/** The states in the Markdown preview, as the server has told them. */
import * as vscode from "vscode";
import type { Session } from "../session";
import { achievementOf, addStates, type MarkdownIt } from "./previewStates";

export interface Preview extends vscode.Disposable {
  /** The function that the editor's Markdown extension calls with its parser. */
  readonly extendMarkdownIt: (markdown: MarkdownIt) => MarkdownIt;
}

/** Shows states in previews while the server runs. */
export function createPreview(session: Session): Preview {
  const current = () => (session.health().is === "running" ? session.status() : undefined);
  /** The data of the last drawing of open previews. */
  let drawn = "";
  const update = (): void => {
    if (!isShown()) return;
    const source = JSON.stringify(current()?.workspaces ?? []);
    if (source === drawn) return;
    drawn = source;
    void vscode.commands.executeCommand("markdown.preview.refresh");
  };
  const listeners = [session.onStatus(update), session.onHealth(update)];
  return {
    extendMarkdownIt: (markdown) => {
      addStates(markdown, ({ currentDocument }, line) => {
        const status = current();
        const isFile = currentDocument?.scheme === "file";
        return status && isFile ? achievementOf(status, currentDocument.fsPath, line) : undefined;
      });
      return markdown;
    },
    dispose: () => vscode.Disposable.from(...listeners).dispose(),
  };
}

/** Tells whether a tab shows a Markdown preview. */
function isShown(): boolean {
  return vscode.window.tabGroups.all.some((group) =>
    group.tabs.some(
      ({ input }) =>
        (input instanceof vscode.TabInputWebview || input instanceof vscode.TabInputCustom) &&
        input.viewType.includes("markdown.preview"),
    ),
  );
}
