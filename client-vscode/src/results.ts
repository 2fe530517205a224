/** The server's results, as its JSON Schemas have them. Written by scripts/types.mjs. */

export type State =
  | "active_execution"
  | "approved"
  | "awaiting_review"
  | "blocked"
  | "deferred"
  | "design_placeholder"
  | "done"
  | "dropped"
  | "execution_blocked"
  | "fix_resolved"
  | "in_progress"
  | "needs_fix"
  | "next_execution"
  | "no_execution"
  | "no_subplan"
  | "open"
  | "unsupported";
export type Step =
  | "address_fix"
  | "close_gaps"
  | "closed"
  | "complete_milestone"
  | "complete_plan"
  | "confirm_state"
  | "continue_execution"
  | "continue_task"
  | "create_execution"
  | "create_subplan"
  | "define_achievements"
  | "discuss_phase"
  | "execute_plan"
  | "fill_execution"
  | "fill_plan"
  | "fill_subplan"
  | "finish_execution"
  | "implement_task"
  | "next_execution"
  | "parallel"
  | "pause"
  | "plan_phase"
  | "re_review"
  | "reconcile"
  | "rename_document"
  | "request_review"
  | "research"
  | "resume"
  | "review"
  | "synthesize"
  | "unblock"
  | "update_index"
  | "verify"
  | "verify_and_archive"
  | "verify_work"
  | "wait"
  | "write_design"
  | "write_requirements"
  | "write_tasks";
export type Role = "designer" | "executor" | "planner" | "reviewer" | "strategist";
export type Lifecycle = "active" | "archived" | "backlog" | "paused" | "stopped";
export type PlanCondition = "complete" | "in_progress" | "needs_attention" | "no_achievements" | "planned";

export interface Results {
  adopt: AdoptResult;
  find: FindResult;
  graph: GraphResult;
  history: HistoryResult;
  learn: LearnResult;
  metrics: MetricsReport;
  prompt: PromptResult;
  research: ResearchResult;
  review: ReviewResult;
  runs: RunsResult;
  status: StatusResult;
}
/**
 * The verdicts that are proposed for claimed achievements without a verdict.
 */
export interface AdoptResult {
  schema?: string;
  workspace: string;
  plan: string;
  feature: string;
  proposals: ProposalResult[];
}
/**
 * A verdict to write, and the lines of the PLAN that claim the achievement to be done.
 */
export interface ProposalResult {
  achievement: string;
  title: string;
  state: State;
  claims: ClaimLine[];
  path: string;
  text: string;
  state_label?: string;
}
/**
 * A line (1-based) of the PLAN that says that an achievement is done.
 */
export interface ClaimLine {
  achievement: string;
  path: string;
  line: number;
  text: string;
}
/**
 * The matches of a query in each workspace. `query` is the query in its canonical form.
 */
export interface FindResult {
  schema?: string;
  planmark?: string;
  query: string;
  workspaces: FoundInWorkspace[];
}
/**
 * The matches in a workspace. `total` is the number of all matches, and `matches` are the first of them.
 *
 *     `terms` counts the matches of each term of the query; it is empty if there are matches. `problem` is the reason why the
 *     query cannot be answered here, or "".
 */
export interface FoundInWorkspace {
  workspace: string;
  total: number;
  matches: FindMatch[];
  terms?: TermCount[];
  problem?: string;
}
/**
 * A document or an item that matches.
 *
 *     `line` is 1-based: the matched line, else the title of a document or the line of an item. `text` is the matched
 *     line, "" for a query without words. The first of `types` and the first of `states` are shown. `created` is ISO text.
 *     Unknown values are "".
 */
export interface FindMatch {
  path: string;
  line: number;
  type: string;
  types: string[];
  title: string;
  feature: string;
  plan: string;
  id: string;
  states: string[];
  priority: string;
  role: string;
  created: string;
  categories: string[];
  text: string;
}
/**
 * A term of a query without a result.
 *
 *     `alone` is the number of matches of this term alone. `without` is the number of matches of the query without this
 *     term.
 */
export interface TermCount {
  term: string;
  alone: number;
  without: number;
}
/**
 * The graph of a plan.
 *
 *     `columns` are the columns of the drawing from left to right: the waves, and the achievements outside all waves.
 *     `summary` says in words how many waves there are, the critical path, and the hours. `conflicts` are the pairs of
 *     achievements that change the same files. The achievements of a `cycle` wait for each other; then there are no waves.
 *     `critical_path`, `conflicts` and `cycle` name achievements by their `ref`. `edges` names them by their id.
 */
export interface GraphResult {
  schema?: string;
  workspace: string;
  plan: string;
  feature: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
  columns?: GraphColumn[];
  critical_path?: string[];
  conflicts?: ExcludedPair[];
  cycle?: string[];
  summary?: string[];
  notes?: string[];
}
/**
 * An achievement. `plan` is null, or the path of the PLAN if the achievement belongs to a different plan.
 *
 *     `wave` counts from 1. It is null for an achievement outside all waves, because it is done or left out. `critical` is
 *     true on the critical path. Two nodes may have one id, but never one `ref`. `column` is the 0-based position in
 *     `columns` of the graph. `hours_label` is the effort in words, or "" if no document of the plan states any effort.
 *     `why` is the reason why the achievement is in no earlier wave, or in no wave.
 */
export interface GraphNode {
  id: string;
  title: string;
  state: State;
  next: boolean;
  plan?: string | null;
  state_label?: string;
  wave?: number | null;
  critical?: boolean;
  column?: number;
  hours_label?: string;
  why?: string;
  ref?: string;
}
/**
 * A dependency of an achievement on the achievement `depends_on`. `holds` is false for an unknown id or a cycle.
 *
 *     `reason` is the place that declares the dependency.
 */
export interface GraphEdge {
  achievement: string;
  depends_on: string;
  holds: boolean;
  reason: Evidence;
}
/**
 * A statement of a file. `line` is 1-based; the line is 1 if the existence of the file is the evidence.
 */
export interface Evidence {
  path: string;
  line: number;
  says: string;
}
/**
 * A column of the drawing, from left to right: waves, or achievements that are not in a wave.
 *
 *     `wave` is the first wave of the column. If many consecutive waves have only one achievement each, these waves share
 *     a column. `title` is "" in a plan without waves, whose columns follow the dependencies.
 */
export interface GraphColumn {
  title: string;
  wave?: number | null;
}
/**
 * Two items, `a` and `b`, that must not be done at the same time, because both change `files`.
 */
export interface ExcludedPair {
  a: string;
  b: string;
  files: string[];
}
/**
 * The history of a workspace on a day (`today`). `source` is the source of the times. `notes` say what is unknown.
 */
export interface HistoryResult {
  schema?: string;
  workspace: string;
  source: "git" | "verdicts" | "verdicts+git";
  today: string;
  plans: PlanHistory[];
  notes?: string[];
}
/**
 * The history of a plan.
 *
 *     `of` achievements are wanted now, and `approved` of them are approved. `undated` of these were approved at an unknown
 *     time, so the last point has the number `approved` minus `undated`. `left_out_dates` is the number of dates that are in
 *     the future or unreadable.
 */
export interface PlanHistory {
  plan: string;
  feature: string;
  of: number;
  approved: number;
  points: HistoryPoint[];
  reviews: ReviewedItem[];
  waiting: WaitingStep[];
  lifecycle: Lifecycle;
  closed: boolean;
  format?: string;
  undated?: number;
  left_out_dates?: number;
  notes?: string[];
}
/**
 * The number of approved achievements after an event. `at` is the ISO date or time in the verdict or the commit.
 */
export interface HistoryPoint {
  at: string;
  approved: number;
  event: string;
}
/**
 * An achievement that was reviewed or is done.
 *
 *     `rounds` is the number of rounds of review; formats without reviews have 0. `approved` tells whether the achievement
 *     is approved now, and `approved_at` since when; "" if it is not approved or the time is unknown. `reopened_at` is the
 *     time of the FIX or the commit that ended the approval, else "". `by` is the reviewer, "" if unknown. `time_from` is
 *     the source of the time.
 */
export interface ReviewedItem {
  achievement: string;
  title: string;
  rounds: number;
  approved_at: string;
  approved?: boolean;
  by?: string;
  time_from?: "" | "git" | "verdict";
  reopened_at?: string;
}
/**
 * A step that waits for its role. `achievement` is "" for a step about the whole plan.
 *
 *     `since` is the time of the newest document that led to the step, or "" if it is unknown. `days` is the number of days
 *     since that time; null if it is unknown.
 */
export interface WaitingStep {
  achievement: string;
  title: string;
  step: Step;
  step_label: string;
  role: Role;
  since: string;
  days: number | null;
}
/**
 * The known failures that a text shows, or the documents of an achievement, and similar earlier work.
 */
export interface LearnResult {
  schema?: string;
  planmark?: string;
  workspace: string;
  feature: string | null;
  achievement: string | null;
  state: State | null;
  failures: KnownFailure[];
  similar: SimilarWork[];
}
/**
 * A known failure that a text shows. `where` is the tool, and `text` is the first line that shows the failure.
 *
 *     `fix` is what to do, in words. `path` is the document; "" for a text that is no document. `line` is 1-based. `lines`
 *     is the number of lines that show the failure. `setting` is the setting of Planmark that decides whether the failure
 *     occurs, or "".
 */
export interface KnownFailure {
  id: string;
  where: string;
  path: string;
  line: number;
  lines: number;
  text: string;
  says: string;
  fix: string;
  setting: string;
  source: string;
  experience?: Experience;
}
/**
 * Three counts about a reference: how often it was offered, how often it was used, and how often the achievement
 *     then advanced.
 */
export interface Experience {
  offered?: number;
  used?: number;
  advanced?: number;
}
/**
 * A similar case: its document, the feature of its plan (None without a plan), its lines, and a short excerpt.
 *     `score` is its BM25 score. Scores of different questions cannot be compared.
 */
export interface SimilarWork {
  path: string;
  feature: string | null;
  from: number;
  to: number;
  kind: "attempt" | "cause" | "fix" | "learning" | "resolution";
  title: string;
  excerpt: string;
  score: number;
  experience?: Experience1;
}
/**
 * Three counts about a reference: how often it was offered, how often it was used, and how often the achievement
 *     then advanced.
 */
export interface Experience1 {
  offered?: number;
  used?: number;
  advanced?: number;
}
/**
 * The metrics of a server since its start. `parts` are the measured parts of the work.
 *
 *     `lost` maps a destination to the number of records that could not be written or sent there.
 */
export interface MetricsReport {
  schema?: string;
  uptimeSeconds: number;
  requests: RequestReport[];
  index: IndexReport;
  caches: CacheReport[];
  prompts: PromptReport[];
  process: ProcessReport;
  parts: PartReport[];
  lost: {
    [k: string]: number;
  };
  commands: RequestReport[];
  records?: RecordsReport | null;
}
/**
 * The requests of one method, or the calls of one command: their number, their failures and their durations in
 *     milliseconds.
 */
export interface RequestReport {
  method: string;
  count: number;
  errors: number;
  cancelled: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}
export interface IndexReport {
  documents: number;
  plans: number;
  revision: number;
  coldMs: number;
  warmMs: number;
  lastUpdateMs: number;
  documentsRead: number;
  sectionsParsed: number;
  sectionsReused: number;
}
/**
 * A cache: its size and its use since the start. `max_size` and `size` count entries; `hit_rate` is 0 to 1.
 */
export interface CacheReport {
  name: string;
  size: number;
  maxSize: number;
  ttlSeconds: number | null;
  hits: number;
  misses: number;
  evictions: number;
  hitRate: number;
}
/**
 * The prompts of one kind of step: their number and durations. `cached` is the number of prompts that came from the
 *     cache.
 */
export interface PromptReport {
  step: string;
  count: number;
  p50Ms: number;
  p95Ms: number;
  tokensP50: number;
  errors: number;
  cached: number;
}
/**
 * The resident bytes of the process, and the seconds of CPU time since its start.
 */
export interface ProcessReport {
  rssBytes: number;
  cpuSeconds: number;
}
/**
 * The durations of one measured part of the work, in milliseconds.
 */
export interface PartReport {
  name: string;
  count: number;
  meanMs: number;
  p95Ms: number;
  maxMs: number;
}
/**
 * Summary of a file of records. `read` and `broken` count the good and the broken lines.
 *
 *     `names` are the durations by name, and `slowest` are the three slowest records.
 */
export interface RecordsReport {
  file: string;
  read: number;
  broken: number;
  names: NameReport[];
  slowest: SlowReport[];
}
/**
 * The durations of the records with one kind and name, in milliseconds. `failed` is the number of failures.
 */
export interface NameReport {
  kind: string;
  name: string;
  count: number;
  failed: number;
  minMs: number;
  meanMs: number;
  p95Ms: number;
  maxMs: number;
}
/**
 * A slow record: its time and duration. `parts` maps each measured part of the work to its milliseconds.
 */
export interface SlowReport {
  kind: string;
  name: string;
  feature: string | null;
  timestamp: string;
  ms: number;
  parts: {
    [k: string]: number;
  };
}
/**
 * A prompt for a step. `read` are the lines to read, and `writes` are the files that the agent creates or changes.
 *
 *     `dropped` are the lines that were left out to fit `budget`. `tier` is the tier of model that the step needs.
 */
export interface PromptResult {
  schema?: string;
  workspace: string;
  plan: string;
  feature: string;
  achievement: string | null;
  step: Step;
  role: Role;
  tier: number;
  reason: string;
  prompt: string;
  tokens: Tokens;
  budget: number;
  read: ReadLines[];
  do_not_read: string[];
  writes: string[];
  dropped: Dropped[];
  notes: string[];
  run: Run;
  ref?: string | null;
  group?: string | null;
  part?: string | null;
  preflight?: PreflightFinding[];
  similar?: CaseReference[];
  patterns?: PatternReference[];
  quoted?: QuotedLines[];
  through?: Step[];
  asks?: string;
  on_demand?: StepOnDemand[];
  lease?: Lease | null;
  id?: string;
  since?: Since | null;
}
/**
 * The number of tokens of the prompt, of its reading list, and of both together, with the name of the counter.
 */
export interface Tokens {
  prompt: number;
  to_read: number;
  total: number;
  counter: string;
}
/**
 * Lines to read (1-based and inclusive), the reason to read them, and their number of tokens.
 */
export interface ReadLines {
  path: string;
  from: number;
  to: number;
  why: string;
  tokens: number;
}
/**
 * Lines (1-based, both ends inclusive) that a prompt leaves out to fit its budget, with their number of tokens.
 */
export interface Dropped {
  what: string;
  where: string;
  tokens: number;
  path: string;
  from: number;
  to: number;
}
/**
 * The values that may differ between two runs on the same files.
 */
export interface Run {
  revision: number;
  ms: number;
  cached: boolean;
}
/**
 * A fact that shows that the work on an item is not complete, at a 1-based line of a document.
 */
export interface PreflightFinding {
  code: string;
  path: string;
  line: number;
  message: string;
}
/**
 * A similar case: its document and lines (1-based, inclusive), its kind, its heading, and a short excerpt.
 */
export interface CaseReference {
  path: string;
  from: number;
  to: number;
  kind: "attempt" | "cause" | "fix" | "learning" | "resolution";
  title: string;
  excerpt: string;
}
/**
 * A known failure that a document shows at a 1-based line: its meaning, and what to do, in words. `setting` is the
 *     setting of Planmark that decides whether the failure occurs, or "".
 */
export interface PatternReference {
  id: string;
  path: string;
  line: number;
  says: string;
  fix: string;
  setting?: string;
}
/**
 * Lines that the prompt quotes (1-based and inclusive), and the reason to quote them. Blank lines at the end are
 *     left out.
 */
export interface QuotedLines {
  path: string;
  from: number;
  to: number;
  why: string;
}
/**
 * A step that only a person can ask for. `asks` is its task in words, and `achievement` the id of its achievement.
 */
export interface StepOnDemand {
  step: Step;
  asks: string;
  achievement?: string | null;
}
/**
 * The hold of an agent on a step.
 *
 *     `plan` is the path of the plan from the top of the repository. `achievement` is the ref of the item; "" is a step
 *     about the whole plan, and `#ID` a step about a group. `generation` only grows, over all leases of the item. `round`
 *     is the round of the last review when the lease began. `files` are the files that the work changes, relative to the
 *     top of the repository, if `files_known`. `worktree` is the top of the work tree that the holder works in. `branch`
 *     is the branch of a work tree that `planmark work` made. `base` is the commit where this branch began. `began` is the
 *     state of the item when the work began.
 *
 *     If the item is free, `state` is `ended`. Then `reason` says why the lease ended, `ended` says when, and `ended_in`
 *     says in which work tree. A `reserved` lease waits for its agent. `former` are the earlier leases of the item, the
 *     newest last.
 */
export interface Lease {
  schema?: "planmark.lease/1";
  id: string;
  generation: number;
  plan: string;
  achievement: string;
  step: Step;
  role: Role;
  agent: string;
  host: string;
  process?: LeaseProcess | null;
  since: string;
  renewed: string;
  until: string;
  state: "ended" | "held" | "reserved";
  reason?: "" | "dead" | "done" | "expired" | "lost" | "released" | "stolen";
  ended?: string | null;
  ended_in?: string;
  worktree?: string;
  branch?: string;
  base?: string;
  began?: WorkBegin | null;
  files?: string[];
  files_known?: boolean;
  round?: number;
  note?: string;
  former?: FormerLease[];
}
/**
 * The process of a holder; see `ProcessIdentity`.
 */
export interface LeaseProcess {
  pid: number;
  started: number;
  space?: string;
}
/**
 * The item when the work on it began: its `state`, and the number of its `executions` that were done.
 */
export interface WorkBegin {
  state: string;
  executions?: number;
}
/**
 * An earlier lease of the same item. `ended` is the time of its end, and `reason` is the reason of the end.
 *
 *     `ended_in` is the work tree in which the lease ended.
 */
export interface FormerLease {
  id: string;
  generation: number;
  agent: string;
  host: string;
  role: Role;
  reason: "" | "dead" | "done" | "expired" | "lost" | "released" | "stolen";
  ended: string;
  ended_in?: string;
  worktree?: string;
  round?: number;
}
/**
 * The difference between a prompt and an earlier prompt, whose id is `id`.
 *
 *     `problem` is the reason why the whole prompt is given; "" if only the difference is given. `whole` is the number of
 *     tokens of the whole prompt with its reading list. `unchanged` passages are left out, because the earlier prompt has
 *     them. `changed` passages are in full. `replaced` are the passages of the earlier prompt that the changed ones
 *     replace. `gone` are passages that only the earlier prompt had. Lines of `replaced` and `gone` are lines of the
 *     earlier document.
 */
export interface Since {
  id: string;
  problem: string;
  whole: number;
  unchanged?: DeltaUnit[];
  changed?: DeltaUnit[];
  replaced?: DeltaUnit[];
  gone?: DeltaUnit[];
}
/**
 * A section of a document (lines 1-based and inclusive), or of the prompt itself (path "", lines 0).
 */
export interface DeltaUnit {
  path: string;
  title: string;
  from?: number;
  to?: number;
}
/**
 * The prompts of the research before a design, one prompt for each kind of research.
 */
export interface ResearchResult {
  schema?: string;
  workspace: string;
  plan: string;
  feature: string;
  achievement: string;
  prompts: PromptResult[];
}
/**
 * The reviews that the work on a plan needs. The work is compared with the commit `base`.
 */
export interface ReviewResult {
  schema?: string;
  workspace: string;
  plan: string;
  feature: string;
  achievement: string | null;
  base: string | null;
  compared_with: string;
  type: "configuration" | "documentation" | "full" | "none" | "sensitive" | "small" | "tests";
  reason: string;
  evidence: string[];
  reviews: Reviewed[];
  skipped: string[];
  prompts?: PromptResult[];
}
/**
 * A review that a type of change asks for, and the tier of model that it needs.
 */
export interface Reviewed {
  reviewer: "docs" | "quality" | "security";
  tier: number;
}
/**
 * The runs of a workspace, the newest last. `unreadable` names the runs that cannot be read, each with the reason.
 */
export interface RunsResult {
  schema?: string;
  workspace: string;
  runs: RunResult[];
  unreadable?: string[];
}
/**
 * A run of agents over the steps of a plan. `exit` is None while the run is open.
 */
export interface RunResult {
  schema?: string;
  workspace: string;
  run: string;
  plan: string;
  feature: string;
  branch: string;
  exit: number | null;
  why: string;
  steps: RunStepResult[];
  totals: RunTotal[];
  waiting?: string[];
}
/**
 * A step of a run: its last class, its attempts, and what became of it.
 *
 *     `before` and `after` are states; `after` is "" for a step that has not ended. `by` is the evidence, or what an agent
 *     said. `commit` is on the integration branch. `worktree` and `log` are paths of files that are kept. `seconds` and
 *     `tokens` are sums over the attempts; `is_partial` tells that an attempt gave no tokens or no cost.
 */
export interface RunStepResult {
  achievement: string;
  step: string;
  role: string;
  agent: string;
  tier: number | null;
  class: string;
  attempts: number;
  tokens: RunTokens;
  cost_usd: number | null;
  seconds: number;
  is_partial: boolean;
  before: string;
  after: string;
  by: string;
  commit: string;
  worktree: string;
  log: string;
}
/**
 * The tokens that agents report; None for a figure that no agent gave. `input` does not include `cached`.
 */
export interface RunTokens {
  input?: number | null;
  cached?: number | null;
  output?: number | null;
  reasoning?: number | null;
}
/**
 * The sums of the steps of one role and tier. `is_partial` is as in RunStepResult.
 */
export interface RunTotal {
  role: string;
  tier: number | null;
  steps: number;
  done: number;
  attempts: number;
  tokens: RunTokens;
  cost_usd: number | null;
  seconds: number;
  is_partial: boolean;
}
/**
 * The plans of the workspaces.
 */
export interface StatusResult {
  schema?: string;
  planmark?: string;
  workspaces: WorkspaceResult[];
  run: Run;
}
/**
 * The plans of a workspace.
 *
 *     While `complete` is false, the result has no facts about plans, and `reading` is the progress of reading documents.
 */
export interface WorkspaceResult {
  root: string;
  complete: boolean;
  plans: PlanResult[];
  not_plans: NotPlan[];
  orphans: Orphan[];
  problems: Problem[];
  misnamed?: MisnamedResult[];
  left_out?: LeftOut[];
  checkouts?: string[];
  grammaplans?: GrammaplanResult[];
  reading?: ReadProgress | null;
}
/**
 * A plan with its state, its next step and its achievements. `counts` maps a state to its number of achievements.
 *
 *     `diagnostics` maps a severity to its number of diagnostics. `claims` are the lines that claim finished work.
 */
export interface PlanResult {
  path: string;
  feature: string;
  lifecycle: Lifecycle;
  lifecycle_by: ("folder" | "status") | null;
  lifecycle_evidence: Evidence | null;
  legacy: boolean;
  state: PlanCondition;
  closed: boolean;
  priority: Priority | null;
  counts: {
    [k: string]: number;
  };
  next: NextStep;
  also_ready: Ready[];
  claims: ClaimLine[];
  diagnostics: {
    [k: string]: number;
  };
  achievements: AchievementResult[];
  notes?: string[];
  format?: string;
  groups?: Group[];
  progress?: Progress | null;
  evidence?: Built | null;
  standing?: "active" | "backlog" | "closed" | "needs_you" | "paused";
  adoptable?: number;
  state_label?: string;
  holder?: HolderResult | null;
}
/**
 * The priority of a plan, and the `text` of the priority as written in the PLAN.
 */
export interface Priority {
  level: "critical" | "high" | "low" | "lowest" | "medium" | "unknown";
  text: string;
}
/**
 * The next step of a plan, or the step of an achievement. `file` is the document that the step is about, or None if
 *     it does not exist yet.
 *
 *     `ref` names the item for commands. `group` is the id of the group that the step is about; None for any other step.
 *     `label` is the step in words, as the results of commands have it.
 */
export interface NextStep {
  step: Step;
  achievement: string | null;
  role: Role;
  tier: number;
  file: string | null;
  reason: string;
  ref?: string | null;
  group?: string | null;
  label?: string;
}
/**
 * An achievement that is ready for work, besides the achievement of the next step.
 */
export interface Ready {
  achievement: string;
  step: Step;
  role: Role;
  order: "stated" | "unstated";
  label?: string;
}
/**
 * An achievement, or a task of another format, with its state and the evidence of the state.
 *
 *     `line` (1-based) is the line of its definition in `path`. `ref` names it in commands. `blocked_by` are its open
 *     dependencies. `round` is the number of the current round of review.
 */
export interface AchievementResult {
  id: string;
  title: string;
  priority: string;
  state: State;
  path: string;
  line: number;
  subplan: string | null;
  executions: ExecutionResult[];
  verdict: string | null;
  depends_on: string[];
  blocked_by: string[];
  evidence: Evidence[];
  round: number;
  ref?: string;
  parent?: string | null;
  level?: number;
  kind?: string;
  group?: string | null;
  optional?: boolean;
  parallel?: boolean;
  leaf?: boolean;
  marker?: string;
  listed?: boolean;
  preflight?: PreflightFinding[];
  state_label?: string;
  holder?: HolderResult | null;
}
/**
 * An execution of an achievement: its number, the path of its document, and the outcome that the document states.
 */
export interface ExecutionResult {
  number: number;
  path: string;
  outcome: string;
}
/**
 * The agent that holds a step, or that a step is reserved for. Times are in UTC, such as `2026-11-29T01:02:03Z`.
 */
export interface HolderResult {
  agent: string;
  host: string;
  lease: string;
  state: "ended" | "held" | "reserved";
  role: Role;
  since: string;
  until: string;
}
/**
 * A group of items, such as a phase. A group never counts as an item.
 *
 *     `done` and `total` count the required leaves of the group. `blocked_by` are the ids of the groups that this group
 *     waits for. `verification` is the written result of a check of the whole group, or "". `gate` is the written
 *     condition for the end of the group, or "".
 */
export interface Group {
  id: string;
  title: string;
  line: number;
  state: State;
  done: number;
  total: number;
  blocked_by?: string[];
  verification?: string;
  gate?: string;
}
/**
 * The progress of a plan over its required leaves.
 *
 *     `optional` and `deferred` leaves are outside `total`. `tool` is the count by the own tool of the format if it
 *     differs from this count, else None.
 */
export interface Progress {
  done: number;
  total: number;
  optional?: number;
  deferred?: number;
  tool?: Count | null;
}
/**
 * The number of done items, and the number of all items.
 */
export interface Count {
  done: number;
  total: number;
}
/**
 * The files that a plan creates: `creates` is their number, and `exist` is the number of those that exist.
 */
export interface Built {
  creates: number;
  exist: number;
}
/**
 * A file that looks like a PLAN but is not a PLAN, and the reason.
 *
 *     `name` is the file name that would make the file a PLAN. It is `None` if the name is not the reason, or if no correct
 *     name is known. `holds_achievements` is true if the file has achievements that are not read only because of its name.
 */
export interface NotPlan {
  path: string;
  reason: string;
  name?: string | null;
  holds_achievements?: boolean;
}
/**
 * A feature with work files but no PLAN.
 */
export interface Orphan {
  feature: string;
  documents: string[];
}
/**
 * A reason why a file cannot be read properly; `line` is 1-based.
 */
export interface Problem {
  path: string;
  code: string;
  message: string;
  line?: number;
}
/**
 * A misnamed file, and its remedy.
 *
 *     `plan` is null if the file belongs to no plan. `achievements` are the achievements that the file may be about.
 *     `wanted` is the correct path of the file, null if a person must decide.
 */
export interface MisnamedResult {
  path: string;
  plan: string | null;
  achievements: string[];
  wanted: string | null;
  says: string;
}
/**
 * A file or a folder that is not read. The path of a folder ends with `/`.
 *
 *     `source` is the path of an ignore file, or the name of a setting. `pattern` is the pattern in line `line` (1-based) of
 *     `source`.
 */
export interface LeftOut {
  path: string;
  source: string;
  line: number;
  pattern: string;
}
/**
 * A GRAMMAPLAN and its rows.
 */
export interface GrammaplanResult {
  path: string;
  feature: string;
  title: string;
  children: ChildResult[];
}
/**
 * A row of a GRAMMAPLAN: what the row says about a plan, and the state of this plan by the files.
 *
 *     `path` is null if the plan does not exist.
 */
export interface ChildResult {
  feature: string;
  line: number;
  status: string;
  progress: string;
  path: string | null;
  lifecycle: Lifecycle | null;
  state: PlanCondition | null;
  closed: boolean;
  approved: number;
  achievements: number;
}
/**
 * The progress of reading a workspace: the number of documents that are read (`done`), and of all documents (`of`).
 *
 *     `of` is 0 before the files are listed.
 */
export interface ReadProgress {
  done: number;
  of: number;
}
