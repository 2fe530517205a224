/** Run the Next Steps, Run up to an Achievement, Stop Run: the user's own agents do the steps, in a terminal. */

import * as vscode from "vscode";
import { t } from "../l10n";
import { hasPrompt, isWanted, refOf } from "../labels";
import type { Place } from "../plans";
import type { StatusResult, Target } from "../protocol";
import type { Session } from "../session";
import { atCursor, pick } from "./pick";
import { openChoices, planChoices } from "./quickPicks";
import { AGENTS_AT_ONCE } from "./runLines";
import { isSame, isTrusted, type RunPlan, type RunTerminals } from "./runTerminals";
import { placeOfTarget, targetOf } from "./target";

/** The parts of the extension that the commands about runs use. */
export interface RunParts {
  readonly session: Session;
  readonly runs: RunTerminals;
}

/** Starts a run of the next steps of a plan. */
export async function runPlan({ session, runs }: RunParts, argument: unknown): Promise<void> {
  if (!isTrusted()) return;
  const status = session.status() ?? (await session.refreshNow());
  const choices = planChoices(status, await atCursor(session), ({ plan }) => hasPrompt(plan));
  const target =
    targetOf(argument) ?? (await pick(choices, t("Run the Next Steps: of which plan?"), t("no plan has a next step")));
  const place = target && (await placeIn(session, status, target));
  const agents = place && (await askAgents(place.title));
  if (agents) await runs.start({ ...planOf(place), agents });
}

/** Starts a run that ends when an achievement is done. */
export async function runUntil({ session, runs }: RunParts, argument: unknown): Promise<void> {
  if (!isTrusted()) return;
  const status = session.status() ?? (await session.refreshNow());
  const target = await achievementOf(session, status, argument);
  const place = target && (await placeIn(session, status, target));
  if (!place?.achievement) return;
  const agents = await askAgents(`${place.title} ${place.achievement.id}`);
  if (agents) await runs.start({ ...planOf(place), until: refOf(place.achievement), agents });
}

/** Ends the attempts of a run of this window; its worktrees are kept. */
export async function stopRun({ session, runs }: RunParts, argument: unknown): Promise<void> {
  const status = session.status() ?? (await session.refreshNow());
  const target = targetOf(argument);
  const place = target && (await placeIn(session, status, target));
  const lines = runs
    .plans()
    .filter((run) => !place || isSame(run, planOf(place)))
    .map((run) => ({ label: run.title, run }));
  const [first, ...others] = lines;
  if (!first) {
    void vscode.window.showInformationMessage(`Planmark: ${t("no run of this window is open")}`);
    return;
  }
  const chosen = others.length
    ? await vscode.window.showQuickPick(lines, { title: t("Stop Run: select a run") })
    : first;
  if (chosen) runs.stop(chosen.run);
}

/** Returns the achievement of the argument, the open one at the cursor, or the one that the user picks. */
async function achievementOf(session: Session, status: StatusResult, argument: unknown): Promise<Target | undefined> {
  const given = targetOf(argument);
  if (given?.achievement) return given;
  const here = await atCursor(session);
  if (!given && here?.achievement && isWanted(here.achievement)) {
    return { workspace: here.workspace.root, plan: here.plan.path, achievement: refOf(here.achievement) };
  }
  const none = t("every achievement is approved or dropped");
  return pick(openChoices(status, here), t("Run: up to which achievement?"), none);
}

/** Returns the plan of a target, and its achievement if the target names one. Throws if the plan has gone. */
async function placeIn(session: Session, status: StatusResult, target: Target): Promise<Place> {
  const place = target.uri ? await session.at(vscode.Uri.parse(target.uri, true)) : placeOfTarget(status, target);
  if (!place) throw new Error(t("the plan {0} is not there any more", target.plan ?? target.uri ?? ""));
  return place;
}

function planOf({ workspace, plan, title }: Place): RunPlan {
  return { root: workspace.root, plan: plan.path, title };
}

/** Asks how many agents may work at once; undefined if the user gives no answer. */
async function askAgents(about: string): Promise<number | undefined> {
  const lines = AGENTS_AT_ONCE.map((agents) => ({
    label: agents === 1 ? t("One agent") : t("{0} agents at once", agents),
    agents,
  }));
  const options = {
    title: t("Run {0}", about),
    placeHolder: t("The terminal shows what would start, and asks once more"),
  };
  return (await vscode.window.showQuickPick(lines, options))?.agents;
}
