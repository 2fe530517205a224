/** The messages of the server: its results (from the JSON Schemas), and those of `docs/lsp-extensions.md`. */
import type { State } from "./results";

export type {
  AchievementResult,
  AdoptResult,
  FindMatch,
  FindResult,
  GraphResult,
  HistoryResult,
  IndexReport,
  LearnResult,
  MetricsReport,
  MisnamedResult,
  NextStep,
  PlanCondition,
  PlanHistory,
  PlanResult,
  PromptResult,
  RequestReport,
  ResearchResult,
  ReviewResult,
  RunResult,
  RunStepResult,
  RunsResult,
  State,
  StatusResult,
  Step,
  StepOnDemand,
  WorkspaceResult,
} from "./results";

/** The result of creating a file. */
export interface CreatedResult {
  readonly path: string;
  readonly uri: string;
  readonly applied: boolean;
  readonly failureReason: string | null;
  /** The proofs that an approval lacks. Without them it was not written. */
  readonly missing?: readonly string[];
}

/** The next FIX of an achievement, which is not written: its text, and the 1-based line of its first issue. */
export interface FixDraft {
  readonly path: string;
  readonly uri: string;
  readonly text: string;
  readonly line: number;
}

/**
 * The result of closing, archiving, pausing or resuming a plan: the PLAN, the changed documents, and the work that is left to a
 * person.
 */
export interface ActResult extends CreatedResult {
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

/** The result of ticking a task or opening its box: its place, and notes such as a missing file. */
export interface TickResult {
  readonly path: string;
  readonly uri: string;
  readonly line: number;
  /** The URIs of the changed documents; the box of a task may be in a different document. */
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

/** The plan and the achievement at a position of a document. */
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

/** The plan or achievement of a request: by a path relative to `workspace` (absolute), or by the URI of a document. */
export interface Target {
  readonly workspace?: string;
  readonly plan?: string;
  readonly achievement?: string;
  readonly uri?: string;
  /** The step of the prompt, if it is not the next one. */
  readonly step?: string;
}
