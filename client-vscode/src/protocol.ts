/** What the server sends and takes: its results (from the JSON Schemas), and the messages of `docs/lsp-extensions.md`. */
import type { State } from "./results";

export type {
  AchievementResult,
  AdoptResult,
  GraphResult,
  IndexReport,
  MetricsReport,
  MisnamedResult,
  NextStep,
  PlanCondition,
  PlanResult,
  PromptResult,
  RequestReport,
  ResearchResult,
  ReviewResult,
  State,
  StatusResult,
  Step,
  StepOnDemand,
  WorkspaceResult,
} from "./results";

/** What creating a file gave. */
export interface CreatedResult {
  readonly path: string;
  readonly uri: string;
  readonly applied: boolean;
  readonly failureReason: string | null;
  /** What files do not show, of an approval that was not written. */
  readonly missing?: readonly string[];
}

/** The next FIX of an achievement, which is not written: its text, and the 1-based line of its first issue. */
export interface FixDraft {
  readonly path: string;
  readonly uri: string;
  readonly text: string;
  readonly line: number;
}

/** What closed, archived, paused or resumed a plan: the PLAN, the documents with other texts, what is left to a person. */
export interface ActResult extends CreatedResult {
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

/** What ticked a task, or opened its box again: where it is, and what is to be known, such as a missing file. */
export interface TickResult {
  readonly path: string;
  readonly uri: string;
  readonly line: number;
  /** The URIs of the documents that have changed; the box of a task may lie in another one. */
  readonly changed: readonly string[];
  readonly applied: boolean;
  readonly failureReason: string | null;
  readonly notes: readonly string[];
}

export interface ServerStatus {
  readonly health: "ok" | "warning" | "error";
  /** False while a workspace is read. */
  readonly quiescent: boolean;
  readonly message: string;
}

/** What is at a position of a document. */
export interface AtResult {
  readonly workspace: string;
  readonly plan: string;
  readonly feature: string;
  readonly achievement: string | null;
  readonly ref: string | null;
  readonly state: State | null;
}

/** The answer of `planmark/status` has changed. */
export interface PlansChanged {
  readonly workspace: string;
  readonly revision: number;
}

export interface StateChanged {
  readonly workspace: string;
  readonly revision: number;
  readonly changes: readonly {
    readonly plan: string;
    readonly achievement: string;
    readonly from: State | null;
    readonly to: State | null;
    readonly cause: string;
  }[];
}

/** Which plan or achievement is meant: a path relative to `workspace` (absolute), or the URI of a document. */
export interface Target {
  readonly workspace?: string;
  readonly plan?: string;
  readonly achievement?: string;
  readonly uri?: string;
  /** The step to prompt for, where it is not the next one. */
  readonly step?: string;
}
