/**
 * Close Plan, Archive Plan, Pause Plan, Resume Plan, Drop Achievement: the server changes files by an edit, which the editor
 * can undo.
 */

import * as vscode from "vscode";
import { t } from "../l10n";
import { acts, isWanted, type PlanAction } from "../labels";
import type { ActResult } from "../protocol";
import type { Session } from "../session";
import { askForText } from "./ask";
import { atCursor, pick } from "./pick";
import { achievementChoices, planChoices } from "./quickPicks";
import { targetOf } from "./target";

const TITLES: Readonly<Record<PlanAction, { readonly title: string; readonly none: string }>> = {
  close: { title: t("Close Plan: select a plan"), none: t("no plan is complete and still open") },
  archive: { title: t("Archive Plan: select a plan"), none: t("no plan is closed or stopped: close one first") },
  pause: { title: t("Pause Plan: select a plan"), none: t("no plan is active") },
  resume: { title: t("Resume Plan: select a plan"), none: t("no plan is paused") },
};

/** Lets the server change the lifecycle of a plan, and saves the changed documents. */
export async function act(session: Session, what: PlanAction, argument: unknown): Promise<void> {
  const status = session.status() ?? (await session.refreshNow());
  const { title, none } = TITLES[what];
  const choices = planChoices(status, await atCursor(session), ({ plan }) => acts(plan).includes(`${what}able`));
  const target = targetOf(argument) ?? (await pick(choices, title, none));
  if (!target) return;
  await carriedOut(session, `planmark.${what}Plan`, target);
}

/** Marks an achievement as no longer wanted, with a reason. */
export async function drop(session: Session, argument: unknown): Promise<void> {
  const status = session.status() ?? (await session.refreshNow());
  const given = targetOf(argument);
  const choices = achievementChoices(status, await atCursor(session), isWanted);
  const target = given?.achievement
    ? given
    : await pick(choices, t("Drop Achievement: select an achievement"), t("every achievement is approved or dropped"));
  if (!target) return;
  const options = {
    title: t("Drop {0}: why?", target.achievement ?? ""),
    prompt: t("The reason becomes part of the title in the PLAN"),
    validateInput: (text: string) =>
      text.trim() ? undefined : t("Enter a reason, so that the achievement is not started again"),
  };
  const about = JSON.stringify(["drop", target.workspace, target.plan, target.achievement]);
  await askForText(about, options, async (note) => {
    await carriedOut(session, "planmark.dropAchievement", { ...target, note });
    return true;
  });
}

async function carriedOut(session: Session, command: string, argument: object): Promise<void> {
  const connection = await session.ensureStarted();
  const result = await connection.execute<ActResult>(command, argument);
  if (!result.applied)
    throw new Error(
      t("{0} was not changed: {1}", result.path, result.failureReason ?? t("the editor refused the change")),
    );
  const changed = new Set(result.changed.map((uri) => vscode.Uri.parse(uri, true).toString()));
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty && changed.has(document.uri.toString())) await document.save();
  }
  for (const note of result.notes) void vscode.window.showWarningMessage(`Planmark: ${note}`);
  session.refresh();
}
