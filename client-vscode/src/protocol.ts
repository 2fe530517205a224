/** What the server sends and takes, as its JSON Schemas and `docs/lsp-extensions.md` have it. Paths are relative to a root. */

export type State =
  | "approved"
  | "needs_fix"
  | "fix_resolved"
  | "design_placeholder"
  | "execution_blocked"
  | "active_execution"
  | "next_execution"
  | "awaiting_review"
  | "no_execution"
  | "blocked"
  | "no_subplan"
  | "dropped";

export type PlanCondition = "no_achievements" | "planned" | "in_progress" | "needs_attention" | "complete";

/** What a file says; `line` is 1-based. */
export interface Evidence {
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

export interface ExecutionResult {
  readonly number: number;
  readonly path: string;
  readonly outcome: string;
}

export interface AchievementResult {
  readonly id: string;
  readonly title: string;
  readonly priority: string;
  readonly state: State;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly subplan: string | null;
  readonly executions: readonly ExecutionResult[];
  readonly verdict: string | null;
  readonly depends_on: readonly string[];
  readonly blocked_by: readonly string[];
  readonly evidence: readonly Evidence[];
  /** The round of the last review, 0 where there was none. */
  readonly round: number;
}

export interface NextStep {
  readonly step: string;
  readonly achievement: string | null;
  readonly role: string;
  readonly tier: number;
  readonly file: string | null;
  readonly reason: string;
}

export interface ClaimLine {
  readonly achievement: string;
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** How soon a plan is to be worked on, and the text of the PLAN that says so. */
export interface Priority {
  readonly level: "critical" | "high" | "medium" | "low" | "lowest" | "unknown";
  readonly text: string;
}

export interface PlanResult {
  readonly path: string;
  readonly feature: string;
  readonly lifecycle: "active" | "backlog" | "paused" | "stopped" | "archived";
  /** What set the lifecycle, and where that stands; null where nothing did. A server before these fields does not send them. */
  readonly lifecycle_by?: "folder" | "status" | null;
  readonly lifecycle_evidence?: Evidence | null;
  readonly legacy: boolean;
  readonly state: PlanCondition;
  readonly closed: boolean;
  /** What the PLAN says of itself; a server before this field does not send it. */
  readonly priority?: Priority | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly next: NextStep;
  readonly claims: readonly ClaimLine[];
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly achievements: readonly AchievementResult[];
}

export interface WorkspaceResult {
  /** Absolute. */
  readonly root: string;
  /** Whether every file was read. */
  readonly complete: boolean;
  readonly plans: readonly PlanResult[];
  /** The files that seem to be work, under names that are not read. */
  readonly misnamed?: readonly MisnamedResult[];
}

export interface MisnamedResult {
  readonly path: string;
  /** The path of its PLAN. */
  readonly plan: string | null;
  readonly achievements: readonly string[];
  /** The path that it should have; null where that takes a decision. */
  readonly wanted: string | null;
  readonly says: string;
}

export interface StatusResult {
  readonly planmark: string;
  readonly workspaces: readonly WorkspaceResult[];
}

export interface PromptResult {
  readonly workspace: string;
  readonly plan: string;
  readonly feature: string;
  readonly achievement: string | null;
  readonly step: string;
  readonly role: string;
  readonly tier: number;
  readonly prompt: string;
  readonly tokens: { readonly prompt: number; readonly to_read: number; readonly total: number };
  readonly budget: number;
  readonly notes: readonly string[];
}

export interface GraphResult {
  readonly workspace: string;
  readonly plan: string;
  readonly feature: string;
  readonly nodes: readonly {
    readonly id: string;
    readonly title: string;
    readonly state: State;
    readonly next: boolean;
    /** The path of the PLAN, for an achievement of another plan. */
    readonly plan?: string | null;
  }[];
  readonly edges: readonly { readonly achievement: string; readonly depends_on: string; readonly holds: boolean }[];
}

/** A verdict that a plan's own text claims: what would be written, and the lines that claim it. */
export interface Proposal {
  readonly achievement: string;
  readonly title: string;
  readonly state: State;
  readonly claims: readonly ClaimLine[];
  readonly path: string;
}

export interface AdoptResult {
  readonly workspace: string;
  readonly plan: string;
  readonly feature: string;
  readonly proposals: readonly Proposal[];
}

/** What creating a file gave. */
export interface CreatedResult {
  readonly path: string;
  readonly uri: string;
  readonly applied: boolean;
  readonly failureReason: string | null;
  /** What files do not show, of an approval that was not written. */
  readonly missing?: readonly string[];
}

/** What closed, archived, paused or resumed a plan: the PLAN, the documents with other texts, what is left to a person. */
export interface ActResult extends CreatedResult {
  readonly changed: readonly string[];
  readonly notes: readonly string[];
}

export interface RequestFigures {
  readonly method: string;
  readonly count: number;
  readonly errors: number;
  readonly cancelled: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface CacheFigures {
  readonly name: string;
  readonly size: number;
  readonly maxSize: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** 0 to 1. */
  readonly hitRate: number;
}

export interface IndexFigures {
  readonly documents: number;
  readonly plans: number;
  readonly revision: number;
  readonly coldMs: number;
  readonly warmMs: number;
  readonly lastUpdateMs: number;
  readonly documentsRead: number;
  readonly sectionsParsed: number;
  readonly sectionsReused: number;
}

export interface MetricsReport {
  readonly uptimeSeconds: number;
  readonly requests: readonly RequestFigures[];
  readonly index: IndexFigures;
  readonly caches: readonly CacheFigures[];
  readonly process: { readonly rssBytes: number; readonly cpuSeconds: number };
}

export interface ServerStatus {
  readonly health: "ok" | "warning" | "error";
  /** False while a workspace is read. */
  readonly quiescent: boolean;
  readonly message: string;
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
}
