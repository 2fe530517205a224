/** The plans of a status as lines of the dashboard, and their achievements as cards. */
import { t } from "../l10n";
import {
  condition,
  hasPrompt,
  isNext,
  isPlan,
  isWanted,
  nextText,
  problemsText,
  progress,
  refOf,
  stateText,
} from "../labels";
import { allPlans, byUrgency, type PlanInWorkspace } from "../plans";
import type { AchievementResult, PlanResult, StatusResult } from "../protocol";
import type { Card, PlanRow } from "./messages";

/** Returns every plan, the most urgent first; [] before the first status. */
export function rows(status: StatusResult | undefined): PlanRow[] {
  if (!status) return [];
  return allPlans(status)
    .sort(byUrgency)
    .map(({ workspace, plan, title }) => ({
      root: workspace.root,
      path: plan.path,
      feature: title,
      state: plan.state,
      format: plan.format,
      standing: plan.standing ?? "active",
      says: condition(plan),
      lifecycle: plan.legacy ? `${plan.lifecycle}, ${t("legacy")}` : plan.lifecycle,
      ...progress(plan),
      next: hasPrompt(plan) ? nextText(plan.next) : "",
      nextRef: plan.next.ref ?? plan.next.achievement ?? "",
      found: [plan.diagnostics["error"] ?? 0, plan.diagnostics["warning"] ?? 0],
      problems: problemsText(plan.diagnostics),
    }));
}

/** Returns every achievement without parts of its own, those of the most urgent plan first, each plan in the order of its document. */
export function cards(status: StatusResult | undefined): Card[] {
  return status ? allPlans(status).sort(byUrgency).flatMap(cardsOf) : [];
}

const AWAITS: readonly string[] = ["awaiting_review", "fix_resolved"];

function cardsOf({ workspace, plan, title }: PlanInWorkspace): Card[] {
  const isOpen = !plan.closed && plan.lifecycle !== "archived" && plan.lifecycle !== "stopped";
  const ready = readySteps(plan);
  return plan.achievements
    .filter((known) => known.leaf !== false)
    .map((known) => {
      const ref = refOf(known);
      const step = isOpen ? ready.get(ref) : undefined;
      return {
        key: `${workspace.root}|${plan.path}|${ref}`,
        root: workspace.root,
        path: plan.path,
        feature: title,
        ref,
        id: known.id,
        title: known.title,
        priority: known.priority,
        state: known.state,
        says: stateText(known),
        next: step?.label ?? "",
        role: step?.role ?? "",
        isNext: isOpen && isNext(plan, known),
        holder: holderText(known),
        hasPrompt: isOpen && isWanted(known),
        awaitsReview: isOpen && isPlan(plan) && AWAITS.includes(known.state),
        isOptional: known.optional ?? false,
      };
    });
}

interface ReadyStep {
  readonly label: string;
  readonly role: string;
}

/** Returns the steps that can be done now, by the names of their achievements. Of several with one id, the first is meant. */
function readySteps(plan: PlanResult): Map<string, ReadyStep> {
  const steps = new Map<string, ReadyStep>();
  const add = (known: AchievementResult | undefined, label: string, role: string): void => {
    if (known && !steps.has(refOf(known))) steps.set(refOf(known), { label, role });
  };
  const next = plan.achievements.find((known) => isNext(plan, known));
  // The label begins with the id of the achievement, which the card has itself.
  add(next, nextText(plan.next).replace(`${next?.id}: `, ""), plan.next.role);
  for (const { achievement, label, role } of plan.also_ready) {
    const named = plan.achievements.find((known) => known.ref === achievement || known.id === achievement);
    add(named, label ?? "", role);
  }
  return steps;
}

function holderText({ holder }: AchievementResult): string {
  if (!holder || holder.state === "ended") return "";
  return holder.state === "reserved" ? t("reserved for {0}", holder.agent) : t("held by {0}", holder.agent);
}

/** The place of a plan or an achievement: its document, and the 1-based line. */
export interface DocumentPlace {
  readonly path: string;
  readonly line: number;
}

/** Returns the place that a click opens: that of the achievement, or the beginning of the plan. */
export function placeToOpen(
  status: StatusResult | undefined,
  {
    root,
    path,
    achievement,
  }: { readonly root: string; readonly path: string; readonly achievement: string | undefined },
): DocumentPlace {
  const plan = status?.workspaces.find((known) => known.root === root)?.plans.find((known) => known.path === path);
  const known = plan?.achievements.find((listed) => refOf(listed) === achievement);
  return { path: known?.path ?? path, line: known?.line ?? 1 };
}
