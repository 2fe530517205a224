/** The messages between the page of the dashboard and its host: the extension, or the server of `planmark board`. */
import type { Progress } from "../labels";
import type { GraphResult, HistoryResult, PlanCondition, PlanResult, State } from "../protocol";
import type { Point } from "./metricPoints";

/** A plan as the dashboard shows it. */
export interface PlanRow extends Progress {
  /** Absolute root of its workspace. */
  readonly root: string;
  readonly path: string;
  readonly feature: string;
  readonly state: PlanCondition;
  readonly format: string | undefined;
  readonly standing: NonNullable<PlanResult["standing"]>;
  /** The state in words. */
  readonly says: string;
  readonly lifecycle: string;
  readonly next: string;
  /** The name of the achievement of the next step for commands; "" for a step of the whole plan. */
  readonly nextRef: string;
  /** The numbers of errors and warnings. */
  readonly found: readonly [number, number];
  readonly problems: string;
}

/** An achievement, or a task of a format with boxes, as the board shows it. */
export interface Card {
  /** The name of the card, which no other one has. */
  readonly key: string;
  readonly root: string;
  readonly path: string;
  readonly feature: string;
  /** The name of the achievement for commands. */
  readonly ref: string;
  readonly id: string;
  readonly title: string;
  /** The priority as the plan states it, "" without one. */
  readonly priority: string;
  readonly state: State;
  /** The state in words. */
  readonly says: string;
  /** The step that can be done now, in words, and who does it; "" if nothing can be done. */
  readonly next: string;
  readonly role: string;
  /** Tells whether the next step of the plan is about this achievement. */
  readonly isNext: boolean;
  /** The agent that holds it or for which it is reserved, in words; "" without one. */
  readonly holder: string;
  readonly hasPrompt: boolean;
  /** Tells whether a review of it can end in an approval now. */
  readonly awaitsReview: boolean;
  readonly isOptional: boolean;
}

export type Section = "board" | "plans" | "graph" | "history" | "figures";

/** The plans and their achievements. While facts are missing, `reading` is the progress of reading in words, else "". */
export interface PlansMessage {
  readonly type: "plans";
  readonly plans: readonly PlanRow[];
  readonly cards: readonly Card[];
  readonly health: string;
  readonly reading: string;
  readonly mayApprove: boolean;
}

export type ToPage =
  | PlansMessage
  | { readonly type: "graph"; readonly graph: GraphResult | undefined; readonly problem: string }
  | { readonly type: "history"; readonly histories: readonly HistoryResult[]; readonly problem: string }
  | { readonly type: "points"; readonly points: readonly Point[] }
  | { readonly type: "show"; readonly section: Section }
  | { readonly type: "said"; readonly text: string }
  /** A problem of the connection, after which the page shows the last facts as old; "" once it is over. */
  | { readonly type: "problem"; readonly text: string };

interface OfPlan {
  readonly root: string;
  readonly path: string;
}

export type FromPage =
  | { readonly type: "ready"; readonly plan: OfPlan | undefined }
  | ({ readonly type: "open"; readonly achievement: string | undefined } & OfPlan)
  | ({ readonly type: "graph" } & OfPlan)
  | { readonly type: "history" }
  | ({ readonly type: "prompt"; readonly achievement: string | undefined } & OfPlan)
  | ({ readonly type: "copy"; readonly achievement: string } & OfPlan)
  | ({ readonly type: "approve"; readonly achievement: string } & OfPlan)
  | ({ readonly type: "run" } & OfPlan);
