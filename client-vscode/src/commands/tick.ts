/** Tick Task: the server ticks the box of a task by an edit, which the editor can undo. */

import * as vscode from "vscode";
import { t } from "../l10n";
import type { TickResult } from "../protocol";
import type { Session } from "../session";
import { atCursor, pick } from "./pick";
import { taskChoices } from "./quickPicks";
import { targetOf } from "./target";

/**
 * Ticks a task and saves its document: the task of a lens, a code action or an item of the tree, else one that the user picks.
 */
export async function tick(session: Session, argument: unknown): Promise<void> {
  const target = given(argument) ?? (await ask(session));
  if (!target) return;
  const connection = await session.ensureStarted();
  const result = await connection.execute<TickResult>("planmark.tick", target);
  if (!result.applied) {
    throw new Error(
      t("{0} was not changed: {1}", result.path, result.failureReason ?? t("the editor refused the change")),
    );
  }
  // The box may be in a different document than the task: in GSD, the box of a plan is in ROADMAP.
  for (const uri of result.changed) await (await vscode.workspace.openTextDocument(vscode.Uri.parse(uri))).save();
  for (const note of result.notes) void vscode.window.showWarningMessage(`Planmark: ${note}`);
  session.refresh();
}

/** Returns the request of an item of the tree; or of a lens or a code action, with its line and whether to open the box. */
function given(argument: unknown): object | undefined {
  const target = targetOf(argument);
  if (!target || typeof argument !== "object" || argument === null) return undefined;
  if (target.achievement === undefined && !("line" in argument)) return undefined;
  const more = argument as Record<string, unknown>;
  const line = typeof more["line"] === "number" && target.achievement === undefined ? { line: more["line"] } : {};
  return { ...target, ...line, ...(more["undo"] === true ? { undo: true } : {}) };
}

async function ask(session: Session): Promise<object | undefined> {
  const status = session.status() ?? (await session.refreshNow());
  return pick(taskChoices(status, await atCursor(session)), t("Tick Task: select a task"), t("no open task has a box"));
}
