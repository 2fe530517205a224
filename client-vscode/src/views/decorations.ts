/** The marks of documents in the explorer and on tabs. */
import * as vscode from "vscode";
import type { Session } from "../session";
import { setting } from "../settings";
import { type Badge, badges } from "./badges";

/** Decorates the documents of plans. */
export function createDecorations(session: Session): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri[] | undefined>();
  let known: ReadonlyMap<string, Badge> = new Map();
  const update = (): void => {
    const status = session.status();
    known = status && setting("decorations.enable", session.log) ? badges(status) : new Map();
    changed.fire(undefined);
  };
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => {
      const badge = uri.scheme === "file" ? known.get(uri.fsPath.replaceAll("\\", "/")) : undefined;
      if (!badge) return undefined;
      return new vscode.FileDecoration(
        badge.mark,
        badge.says,
        badge.color ? new vscode.ThemeColor(badge.color) : undefined,
      );
    },
  });
  const listener = vscode.workspace.onDidChangeConfiguration(
    (event) => event.affectsConfiguration("planmark.decorations") && update(),
  );
  return vscode.Disposable.from(changed, provider, listener, session.onStatus(update));
}
