/** The plans as lines of the dashboard. */
import { t } from "../l10n";
import { condition, hasPrompt, nextText, problemsText, progress } from "../labels";
import { allPlans, byUrgency } from "../plans";
import type { StatusResult } from "../protocol";
import type { PlanRow } from "./messages";

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
      says: condition(plan),
      lifecycle: plan.legacy ? `${plan.lifecycle}, ${t("legacy")}` : plan.lifecycle,
      ...progress(plan),
      next: hasPrompt(plan) ? nextText(plan.next) : "",
      problems: problemsText(plan.diagnostics),
    }));
}
