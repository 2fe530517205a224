/** The order and the search of the table of plans. */
import { hasWords, wordsOf } from "./board";
import type { PlanRow } from "./messages";

export type PlanColumn = "feature" | "progress" | "state" | "next" | "problems";

/** The column by which the plans are sorted, and its direction. Without one, the most urgent come first. */
export interface PlanOrder {
  readonly by: PlanColumn;
  readonly falls: boolean;
}

const BY_NAME = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

const COMPARE: Readonly<Record<PlanColumn, (one: PlanRow, other: PlanRow) => number>> = {
  feature: (one, other) => BY_NAME.compare(one.feature, other.feature),
  progress: (one, other) => share(one) - share(other) || one.of - other.of,
  state: (one, other) => BY_NAME.compare(one.says, other.says),
  // Plans without a next step come last.
  next: (one, other) => Number(!one.next) - Number(!other.next) || BY_NAME.compare(one.next, other.next),
  problems: (one, other) => one.found[0] - other.found[0] || one.found[1] - other.found[1],
};

function share({ approved, of }: PlanRow): number {
  return of ? approved / of : 0;
}

/** Returns the plans with these words, in an order; equal plans stay as they are. */
export function listedPlans(plans: readonly PlanRow[], search: string, order: PlanOrder | undefined): PlanRow[] {
  const words = wordsOf(search);
  const left = plans.filter((plan) => hasWords([plan.feature, plan.path, plan.says, plan.lifecycle, plan.next], words));
  if (!order) return left;
  const sign = order.falls ? -1 : 1;
  return left.sort((one, other) => sign * COMPARE[order.by](one, other));
}

/** Returns the order after a click on the head of a column: rising, then falling, then by urgency again. */
export function orderAfter(order: PlanOrder | undefined, by: PlanColumn): PlanOrder | undefined {
  if (order?.by !== by) return { by, falls: false };
  return order.falls ? undefined : { by, falls: true };
}
