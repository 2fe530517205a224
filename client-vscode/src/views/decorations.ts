/** The marks of documents in the explorer and on tabs. */
import * as vscode from "vscode";
import type { Session } from "../session";
import { setting } from "../settings";
import { type Badge, badges } from "./badges";

/** The marks that are shown now. */
export interface Decorations extends vscode.Disposable {
  readonly of: (uri: vscode.Uri) => Badge | undefined;
}

/** Decorates the documents of plans while the server runs. */
export function createDecorations(session: Session): Decorations {
  const changed = new vscode.EventEmitter<vscode.Uri[] | undefined>();
  let known: ReadonlyMap<string, Badge> = new Map();
  const isRunning = (): boolean => session.health().is === "running";
  /** Whether the server ran when the marks were made. */
  let ran = false;
  const update = (): void => {
    ran = isRunning();
    const status = ran ? session.status() : undefined;
    known = status && setting("decorations.enable", session.log) ? badges(status) : new Map();
    changed.fire(undefined);
  };
  const of = (uri: vscode.Uri): Badge | undefined =>
    uri.scheme === "file" ? known.get(uri.fsPath.replaceAll("\\", "/")) : undefined;
  const provider = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => {
      const badge = of(uri);
      if (!badge) return undefined;
      return new vscode.FileDecoration(
        badge.mark,
        badge.says,
        badge.color ? new vscode.ThemeColor(badge.color) : undefined,
      );
    },
  });
  const listeners = [
    session.onStatus(update),
    session.onHealth(() => {
      if (isRunning() !== ran) update();
    }),
    vscode.workspace.onDidChangeConfiguration(
      (event) => event.affectsConfiguration("planmark.decorations") && update(),
    ),
  ];
  return { of, dispose: () => vscode.Disposable.from(changed, provider, ...listeners).dispose() };
}
