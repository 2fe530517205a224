/** The messages between the extension and the page of the dashboard. */
import type { GraphResult, PlanCondition } from "../protocol";
import type { Point } from "./history";

/** A plan as the dashboard shows it. */
export interface PlanRow {
  /** Absolute root of its workspace. */
  readonly root: string;
  readonly path: string;
  readonly feature: string;
  readonly state: PlanCondition;
  readonly format: string | undefined;
  /** The state in words. */
  readonly says: string;
  readonly lifecycle: string;
  readonly approved: number;
  readonly of: number;
  readonly dropped: number;
  readonly boxes: boolean;
  readonly next: string;
  readonly problems: string;
}

export type Section = "plans" | "graph" | "figures";

export type ToPage =
  | { readonly type: "plans"; readonly plans: readonly PlanRow[]; readonly health: string }
  | { readonly type: "graph"; readonly graph: GraphResult | undefined; readonly problem: string }
  | { readonly type: "points"; readonly points: readonly Point[] }
  | { readonly type: "show"; readonly section: Section }
  | { readonly type: "said"; readonly text: string };

export type FromPage =
  | { readonly type: "ready"; readonly plan: { readonly root: string; readonly path: string } | undefined }
  | { readonly type: "open"; readonly root: string; readonly path: string; readonly achievement: string | undefined }
  | { readonly type: "graph"; readonly root: string; readonly path: string }
  | { readonly type: "prompt"; readonly root: string; readonly path: string }
  | { readonly type: "run"; readonly root: string; readonly path: string };
