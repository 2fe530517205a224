/** The choices of pickers: achievements, and ways to deliver a prompt. */

import { t } from "../l10n";
import { isNext, isPlan, isTickable, isWanted, nextText, refOf, STATES, stateText } from "../labels";
import { allPlans, byUrgency, isSamePlan, type Place, type PlanInWorkspace } from "../plans";
import type { AchievementResult, StatusResult, Target } from "../protocol";
import { withoutIcons } from "../text";

/** A line of a picker; a line without a target is a heading. */
export interface Choice {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly target: Target | undefined;
}

/**
 * Returns the prompts to choose from: the one at the cursor first, then the next of each plan, then those of all open
 * achievements.
 */
export function promptChoices(status: StatusResult, here: Place | undefined): Choice[] {
  const plans = allPlans(status).sort(byUrgency);
  const choices: Choice[] = [];
  if (here) {
    choices.push(heading(t("At the cursor")));
    if (here.achievement && isWanted(here.achievement)) choices.push(ofAchievement(here, here.achievement));
    choices.push(ofPlan(here));
  }
  choices.push(heading(t("Next of each plan")));
  choices.push(...plans.filter((placed) => !isSamePlan(placed, here)).map(ofPlan));
  choices.push(...openOf(plans, isWanted));
  return choices;
}

/** Returns the open achievements of every format: the one at the cursor first. */
export function openChoices(status: StatusResult, here: Place | undefined): Choice[] {
  const choices: Choice[] = [];
  if (here?.achievement && isWanted(here.achievement)) {
    choices.push(heading(t("At the cursor")), ofAchievement(here, here.achievement));
  }
  const plans = allPlans(status).sort(byUrgency);
  choices.push(...openOf(plans, (known) => isWanted(known) && known !== here?.achievement));
  return choices;
}

function openOf(plans: readonly PlanInWorkspace[], suits: (achievement: AchievementResult) => boolean): Choice[] {
  return plans.flatMap((placed) => {
    const left = placed.plan.achievements.filter(suits);
    return left.length ? [heading(placed.title), ...left.map((known) => ofAchievement(placed, known))] : [];
  });
}

/** Returns the achievements of PLANs that can get a file or a verdict: the one at the cursor first. */
export function achievementChoices(
  status: StatusResult,
  here: Place | undefined,
  suits: (achievement: AchievementResult) => boolean,
): Choice[] {
  const choices: Choice[] = [];
  if (here?.achievement && isPlan(here.plan) && suits(here.achievement)) {
    choices.push(heading(t("At the cursor")), ofAchievement(here, here.achievement));
  }
  for (const placed of allPlans(status)
    .filter(({ plan }) => isPlan(plan))
    .sort(byUrgency)) {
    const suiting = placed.plan.achievements.filter((known) => suits(known) && known !== here?.achievement);
    if (suiting.length) choices.push(heading(placed.title), ...suiting.map((a) => ofAchievement(placed, a)));
  }
  return choices;
}

/** Returns the open tasks with a box, in formats that have boxes: the one at the cursor first, then the next of each plan. */
export function taskChoices(status: StatusResult, here: Place | undefined): Choice[] {
  const choices: Choice[] = [];
  if (here?.achievement && isTickable(here.achievement)) {
    choices.push(heading(t("At the cursor")), ofAchievement(here, here.achievement));
  }
  for (const placed of allPlans(status).sort(byUrgency)) {
    const open = placed.plan.achievements.filter((known) => isTickable(known) && known !== here?.achievement);
    const nextFirst = [...open].sort((one, other) => +isNext(placed.plan, other) - +isNext(placed.plan, one));
    if (open.length) choices.push(heading(placed.title), ...nextFirst.map((a) => ofAchievement(placed, a)));
  }
  return choices;
}

/** Returns the plans: the one at the cursor first. */
export function planChoices(
  status: StatusResult,
  here: Place | undefined,
  suits: (placed: PlanInWorkspace) => boolean = () => true,
): Choice[] {
  const plans = allPlans(status).filter(suits).sort(byUrgency);
  const first = plans.filter((placed) => isSamePlan(placed, here));
  return [...first, ...plans.filter((placed) => !isSamePlan(placed, here))].map(ofPlan);
}

function heading(label: string): Choice {
  return { label, description: "", detail: "", target: undefined };
}

function ofPlan(placed: PlanInWorkspace): Choice {
  const { plan, workspace } = placed;
  return {
    label: placed.title,
    description: nextText(plan.next),
    detail: withoutIcons(plan.next.reason),
    target: { workspace: workspace.root, plan: plan.path },
  };
}

function ofAchievement(placed: PlanInWorkspace, achievement: AchievementResult): Choice {
  const { plan, workspace } = placed;
  return {
    label: withoutIcons([STATES[achievement.state].mark, achievement.id, achievement.title].filter(Boolean).join(" ")),
    description: `${placed.title} · ${stateText(achievement)}`,
    detail: withoutIcons(achievement.evidence[0]?.says ?? ""),
    target: { workspace: workspace.root, plan: plan.path, achievement: refOf(achievement) },
  };
}

export type Delivery = "copy" | "beside" | "chat" | "claudeCode" | "terminal";

/** A way to deliver a prompt; in a terminal, by an agent. */
export type Way =
  | { readonly delivery: Exclude<Delivery, "terminal"> }
  | { readonly delivery: "terminal"; readonly agent: string };

/** Returns the line of a way in a picker. */
export function wayLine(way: Way): { readonly label: string; readonly detail: string } {
  if (way.delivery !== "terminal") return DELIVERIES[way.delivery];
  return {
    label: `$(terminal) ${t("Start {0}", withoutIcons(way.agent))}`,
    detail: t("in a new terminal, with the prompt in a file"),
  };
}

const DELIVERIES: Readonly<Record<Exclude<Delivery, "terminal">, { readonly label: string; readonly detail: string }>> =
  {
    copy: { label: `$(copy) ${t("Copy")}`, detail: t("to the clipboard") },
    beside: { label: `$(split-horizontal) ${t("Open beside")}`, detail: t("as a document to read") },
    chat: {
      label: `$(comment-discussion) ${t("Insert into the chat")}`,
      detail: t("of the editor, without sending it"),
    },
    claudeCode: {
      label: `$(sparkle) ${t("Open in Claude Code")}`,
      detail: t("in a new conversation, without sending it"),
    },
  };

/** Returns the key that identifies a way between sessions. */
export function wayKey(way: Way): string {
  return way.delivery === "terminal" ? `terminal:${way.agent}` : way.delivery;
}

/** Returns the ways in order, the way with the key `last` first: it succeeded the last time. */
export function waysAfter(ways: readonly Way[], last: string | undefined): Way[] {
  const first = ways.filter((way) => wayKey(way) === last);
  return [...first, ...ways.filter((way) => wayKey(way) !== last)];
}

/**
 * Returns the way that the setting `delivery.default` names: for `terminal` the first agent. Undefined if the editor does not
 * have it.
 */
export function wayOfSetting(ways: readonly Way[], setting: Delivery): Way | undefined {
  return ways.find(({ delivery }) => delivery === setting);
}

/** Maximum length of a URI (in characters, encoded) that every desktop passes on complete. */
export const MAX_URI = 6000;

/** Returns the URI that opens a conversation of Claude Code with a prompt; undefined if the prompt is too long for a URI. */
export function claudeUri(scheme: string, prompt: string): string | undefined {
  const uri = `${scheme}://anthropic.claude-code/open?prompt=${encodeURIComponent(prompt)}`;
  return uri.length <= MAX_URI ? uri : undefined;
}
