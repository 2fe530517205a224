/** The history of approvals as lines over time and as rows of tables. */
import type { HistoryResult, PlanHistory } from "../protocol";
import { keyOfPlan } from "./board";
import type { Series } from "./chart";
import type { PlanRow } from "./messages";

/** An event of a plan. */
export interface Approval {
  readonly at: string;
  readonly feature: string;
  readonly event: string;
  /** The number of approved achievements of all selected plans after the event. */
  readonly approved: number;
}

export interface BurnUp {
  /** Milliseconds since 1970, in order. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly approved: number;
  readonly of: number;
}

type OfPlan = PlanHistory & { readonly key: string };

/** Returns the histories of all plans, or of the plan with this key if there is one, with the names of the plans in `rows`. */
export function selectedHistories(
  histories: readonly HistoryResult[],
  key: string,
  rows: readonly PlanRow[] = [],
): OfPlan[] {
  const names = new Map(rows.map((row) => [keyOfPlan(row), row.feature]));
  const all = histories.flatMap(({ workspace, plans }) =>
    plans.map((plan) => {
      const own = keyOfPlan({ root: workspace, path: plan.plan });
      return { ...plan, key: own, feature: names.get(own) ?? plan.feature };
    }),
  );
  const one = all.filter((known) => known.key === key);
  return one.length ? one : all;
}

/** Returns the time of an event in milliseconds since 1970; NaN for a text that is no date. A date without a time begins a day of the user. */
export function timeOf(at: string): number {
  return Date.parse(/^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T00:00` : at);
}

/** Returns the events of plans in the order of their times. Events without a time that can be read are left out. */
export function approvals(plans: readonly PlanHistory[]): Approval[] {
  const events = plans.flatMap(({ feature, points }) =>
    points.map(({ at, approved, event }, index) => ({
      at,
      feature,
      event,
      more: approved - (points[index - 1]?.approved ?? 0),
    })),
  );
  let approved = 0;
  return events
    .filter(({ at }) => !Number.isNaN(timeOf(at)))
    .sort((one, other) => timeOf(one.at) - timeOf(other.at))
    .map(({ more, ...event }) => {
      approved += more;
      return { ...event, approved };
    });
}

/** Returns the steps of the approvals from the first event to `now` (milliseconds since 1970), and the number of wanted achievements as a level line. */
export function burnUp(plans: readonly PlanHistory[], now: number): BurnUp {
  const sum = (of: (plan: PlanHistory) => number): number => plans.reduce((total, plan) => total + of(plan), 0);
  const [approved, of] = [sum((plan) => plan.approved), sum((plan) => plan.of)];
  const events = approvals(plans);
  const times: number[] = [];
  const values: number[] = [];
  for (const event of events) {
    const at = timeOf(event.at);
    // The line stays level until the event, and rises at it.
    times.push(at, at);
    values.push(values.at(-1) ?? 0, event.approved);
  }
  const end = Math.max(now, times.at(-1) ?? now);
  if (times.length) {
    times.push(end);
    values.push(values.at(-1) ?? 0);
  }
  const level = times.map(() => of);
  return {
    times,
    series: [
      { name: "approved", values },
      { name: "wanted", values: level },
    ],
    approved,
    of,
  };
}

/** Returns all that waits, the longest first; what waits for an unknown time comes last. */
export function waitingLongest(plans: readonly OfPlan[]) {
  return plans
    .flatMap(({ feature, plan, key, waiting }) => waiting.map((known) => ({ ...known, feature, plan, key })))
    .sort((one, other) => (other.days ?? -1) - (one.days ?? -1));
}

/** Returns the achievements with a review, those with the most rounds first. */
export function mostReviewed(plans: readonly OfPlan[]) {
  return plans
    .flatMap(({ feature, plan, key, reviews }) => reviews.map((known) => ({ ...known, feature, plan, key })))
    .filter(({ rounds }) => rounds > 0)
    .sort((one, other) => other.rounds - one.rounds);
}
