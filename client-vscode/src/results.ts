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
export interface FindResult {
  schema?: string;
  planmark?: string;
  query: string;
  workspaces: FoundInWorkspace[];
}
/**
 * The matches in a workspace. `total` counts all of them, `matches` are the first ones.
 *
 *     `terms` is empty if there are matches. `problem` says why the query cannot be answered here, "" if it can.
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
 *     `alone` is the number of matches of this term alone, and `without` the number of matches of the query without it.
 */
export interface TermCount {
  term: string;
  alone: number;
  without: number;
}
/**
 * The graph of a plan.
 *
 *     `summary` says in words how many waves there are, the critical path, and the hours. `conflicts` are the pairs of
 *     achievements that change the same files. With a `cycle`, whose achievements wait for each other, there are no waves.
 *     `critical_path`, `conflicts` and `cycle` name achievements by their `ref`, edges by their id.
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
 * An achievement. `plan` is the path of the PLAN of an achievement of a different plan, else null.
 *
 *     `wave` counts from 1. It is null if the achievement is not in a wave, because it is done or left out. `critical`
 *     achievements are on the critical path. Two nodes may have one id, but never one `ref`. `column` is the position of its column in `columns` of the graph. `hours_label`
 *     is its effort in words, "" if no document of the plan states any. `why` says why it is not in an earlier wave, or not
 *     in a wave.
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
 *     `wave` is the first wave of the column. Waves of one achievement each share a column if many follow each other.
 *     `title` is "" in a plan without waves, whose columns follow the dependencies.
 */
export interface GraphColumn {
  title: string;
  wave?: number | null;
}
/**
 * Two items that must not be done at the same time, and the files that both change.
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
 * The number of approved achievements after an event. `at` is an ISO date or time, as the verdict or the commit has it.
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
 *     `since` is the time of the newest document that led to the step, "" if unknown. `days` are the days since then, null if
 *     unknown.
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
 * A known failure that a text shows: the tool, the first line that shows it, and what to do, in words.
 *
 *     `path` is the document, "" for a text that is no document. `line` is 1-based. `lines` is the number of lines with it.
 *     `setting` is the setting that decides, or "".
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
 * The number of times that a reference was offered, used, and followed by progress of the achievement.
 */
export interface Experience {
  offered?: number;
  used?: number;
  advanced?: number;
}
/**
 * A similar case: its document, its plan (None without one), its lines, and what it says in short.
 *
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
 * The number of times that a reference was offered, used, and followed by progress of the achievement.
 */
export interface Experience1 {
  offered?: number;
  used?: number;
  advanced?: number;
}
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
export interface PromptReport {
  step: string;
  count: number;
  p50Ms: number;
  p95Ms: number;
  tokensP50: number;
  errors: number;
  cached: number;
}
export interface ProcessReport {
  rssBytes: number;
  cpuSeconds: number;
}
export interface PartReport {
  name: string;
  count: number;
  meanMs: number;
  p95Ms: number;
  maxMs: number;
}
/**
 * Summary of a file of records: numbers of good and broken lines, durations by name, and the slowest three.
 */
export interface RecordsReport {
  file: string;
  read: number;
  broken: number;
  names: NameReport[];
  slowest: SlowReport[];
}
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
 * Lines to read (1-based and inclusive), the reason, and their number of tokens.
 */
export interface ReadLines {
  path: string;
  from: number;
  to: number;
  why: string;
  tokens: number;
}
/**
 * Lines (1-based, both ends inclusive) that were dropped to fit the budget, with their number of tokens.
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
 * A similar case: its document and lines (1-based, inclusive), its kind and heading, and what it says in short.
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
 * A known failure that a document shows, at a 1-based line: its meaning, what to do in words, and the setting.
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
 * Lines that the prompt quotes (1-based and inclusive), and the reason. Blank lines at the end are left out.
 */
export interface QuotedLines {
  path: string;
  from: number;
  to: number;
  why: string;
}
/**
 * A step that only a person can ask for, and its task in words. `achievement` is the id of its achievement.
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
 *     is the round of the last review when the lease began. `files` are what the work changes, from the top of the
 *     repository, if `files_known`. `worktree` is the top of the tree that the holder works in. `branch` is the branch
 *     of a tree that `planmark work` made, and `base` the commit where this branch began. `began` is the standing of the
 *     item when the work began.
 *
 *     `state` is `ended` for an item that is free: `reason` says why the last lease ended, `ended` when, and `ended_in` in
 *     which tree. A `reserved` lease waits for its agent. `former` are the earlier leases of the item, the newest last.
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
 * The standing of an item when the work on it began: its state, and the number of its executions that were done.
 */
export interface WorkBegin {
  state: string;
  executions?: number;
}
/**
 * An earlier lease of the same item. `ended` is when it ended, `reason` why, and `ended_in` in which tree.
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
 * The difference of a prompt and an earlier one, whose id is `id`.
 *
 *     `problem` is the reason why the prompt is whole, "" if it is a difference. `whole` is the number of tokens of the whole
 *     prompt with its reading list. The prompt has in full the `changed` passages, and those that the earlier prompt did not
 *     have. `replaced` are the passages of the earlier prompt in whose place the changed ones are. `gone` are those that only
 *     the earlier prompt had. The lines of both are those of the earlier document.
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
 * The reviews that the work on a plan needs. `base` is the commit that the work is compared with.
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
 * The runs of a workspace, the newest last. `unreadable` says which others cannot be read, and why.
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
export interface StatusResult {
  schema?: string;
  planmark?: string;
  workspaces: WorkspaceResult[];
  run: Run;
}
/**
 * The plans of a workspace.
 *
 *     While `complete` is false, the result has no facts about plans; `reading` then is the progress of reading documents.
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
 * The next step. `file` is the document that the step is about, or None if it does not exist yet.
 *
 *     `ref` names the item for commands. `group` is the id of the group that the step is about, if it is about a group.
 *     `label` is the step in words, as in the results of commands.
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
export interface ExecutionResult {
  number: number;
  path: string;
  outcome: string;
}
/**
 * The agent that holds a step, or for which it is reserved. Times are in UTC, such as `2026-11-29T01:02:03Z`.
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
 *     `done` and `total` count the required leaves of the group. `blocked_by` are ids of groups. `verification` is the
 *     written result of a check of the whole group, or "". `gate` is the written condition for the end of the group, or
 *     "".
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
 *     `optional` and `deferred` leaves are outside `total`. `tool` is the count of the format's own tool if that count
 *     differs, else None.
 */
export interface Progress {
  done: number;
  total: number;
  optional?: number;
  deferred?: number;
  tool?: Count | null;
}
/**
 * The number of done items, and of all items.
 */
export interface Count {
  done: number;
  total: number;
}
/**
 * The number of files that a plan is to create, and the number of these files that exist.
 */
export interface Built {
  creates: number;
  exist: number;
}
/**
 * A file that looks like a PLAN but is not a PLAN, and the reason.
 *
 *     `name` is the file name that would make the file a PLAN. `name` is `None` if the name is not the reason, or if no
 *     correct name is known. `holds_achievements` tells whether the file contains achievements that are not read only
 *     because of its name.
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
 * A folder (with a `/` at the end) or a file that is not read.
 *
 *     `source` is the path of the ignore file, or the setting. `pattern` is the pattern in its 1-based `line`.
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
 * A row of a GRAMMAPLAN: its claim, and the state of its plan by the files.
 *
 *     `path` is null without such a plan.
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
 * The progress of reading a workspace: `done` of `of` documents. `of` is 0 before the files are listed.
 */
export interface ReadProgress {
  done: number;
  of: number;
}
