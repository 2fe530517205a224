/** The text of the status bar item. */

import { t } from "../l10n";
import { condition, nextText, progress, progressText, progressWords } from "../labels";
import { allPlans, byUrgency, type Place, type PlanInWorkspace } from "../plans";
import type { StatusResult, Target } from "../protocol";

export interface Line {
  readonly text: string;
  readonly tooltip: string;
  readonly target: Target;
}

/** Returns the text for the plan of the shown document, else for the most urgent plan; undefined without a plan. */
export function line(status: StatusResult, place: Place | undefined): Line | undefined {
  const placed = place ?? allPlans(status).sort(byUrgency)[0];
  if (!placed) return undefined;
  const { plan, workspace } = placed;
  const target = { workspace: workspace.root, plan: plan.path };
  return { text: text(placed), tooltip: tooltip(placed), target };
}

/** Returns `Reading 120 of 582…` while a workspace is read; "" when everything is read. */
export function readingText(status: StatusResult): string {
  const reading = status.workspaces.filter((workspace) => !workspace.complete).map((workspace) => workspace.reading);
  if (reading.length === 0) return "";
  const [done, of] = [sum(reading.map((known) => known?.done ?? 0)), sum(reading.map((known) => known?.of ?? 0))];
  return of ? t("Reading {0} of {1}…", done, of) : t("Reading…");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function text({ plan, title }: PlanInWorkspace): string {
  return [`$(checklist) ${title} ${progressText(progress(plan))}`, nextText(plan.next)].filter(Boolean).join(" · ");
}

function tooltip({ plan, title }: PlanInWorkspace): string {
  const next = nextText(plan.next);
  return [
    `${title}: ${progressWords(progress(plan), true)}, ${condition(plan)}`,
    next ? t("Next: {0} ({1}, tier {2})", next, plan.next.role, plan.next.tier) : "",
    t("Click for the prompt"),
  ]
    .filter(Boolean)
    .join("\n");
}
