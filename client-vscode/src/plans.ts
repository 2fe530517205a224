/** The files that may belong to plans, and the place of a document among the plans. */
import type { AchievementResult, AtResult, PlanResult, StatusResult, WorkspaceResult } from "./protocol";

const NAMES = /^(PLAN_|SUBPLAN_|EXECUTION_TASK_|GRAMMAPLAN_|NORTH_STAR_|APPROVED_|FIX_).*\.md$/;
/** File names that resemble work documents: the server says how they should be named. */
const MISNAMED = /^(plan_|sub-?plan[-_. ]|execution[-_. ]?task).*\.(md|markdown)$/i;

/** The documents of OpenSpec, Kiro, spec-kit and superpowers, by their folders. */
const OF_OTHER_FORMATS =
  /(^|\/)(openspec\/changes\/[^/]+\/.*\.md|\.kiro\/specs\/[^/]+\/([^/]+\.md|spec\.json)|specs\/\d{3}[^/]*\/.*\.md|docs\/superpowers\/plans\/[^/]+\.md)$/;

/** Tells whether a file with this path may be a document that the server reads. */
export function isOurs(path: string): boolean {
  if (OF_OTHER_FORMATS.test(path.replaceAll("\\", "/"))) return true;
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return NAMES.test(name) || MISNAMED.test(name);
}

/** A plan and its workspace. */
export interface PlanInWorkspace {
  readonly workspace: WorkspaceResult;
  readonly plan: PlanResult;
  /** The name of the plan in lists: its feature; with its folder, if several folders have plans. */
  readonly title: string;
}

/** The plan of a document and, if the document is about one, its achievement. */
export interface Place extends PlanInWorkspace {
  readonly achievement: AchievementResult | undefined;
}

/** Returns the plans of all workspaces. */
export function allPlans(status: StatusResult): PlanInWorkspace[] {
  const several = status.workspaces.filter((workspace) => workspace.plans.length > 0).length > 1;
  return status.workspaces.flatMap((workspace) => {
    const folder = several ? ` (${folderName(status, workspace.root)})` : "";
    return workspace.plans.map((plan) => ({ workspace, plan, title: `${plan.feature}${folder}` }));
  });
}

/** Returns the name of a folder; with the folder above it, if a different folder of the window has the same name. */
export function folderName(status: StatusResult, root: string): string {
  const name = (path: string, parts: number): string => path.replaceAll("\\", "/").split("/").slice(-parts).join("/");
  const same = status.workspaces.filter((workspace) => name(workspace.root, 1) === name(root, 1));
  return name(root, same.length > 1 ? 2 : 1);
}

/** Tells whether two plans are the same plan of the same folder. */
export function isSamePlan(one: PlanInWorkspace, other: PlanInWorkspace | undefined): boolean {
  return one.plan.path === other?.plan.path && one.workspace.root === other.workspace.root;
}

/** Returns a status in which a workspace that is being read keeps its last complete plans. */
export function withLastFacts(status: StatusResult, before: StatusResult | undefined): StatusResult {
  const workspaces = status.workspaces.map((now) => {
    const last = now.complete ? undefined : before?.workspaces.find((known) => known.root === now.root);
    return last ? { ...last, complete: false, ...(now.reading ? { reading: now.reading } : {}) } : now;
  });
  return { ...status, workspaces };
}

/** The documents of an achievement, by their paths. */
export function documentsOf(achievement: AchievementResult): string[] {
  const listed = [achievement.subplan, ...achievement.executions.map((known) => known.path), achievement.verdict];
  return listed.filter((path): path is string => path !== null);
}

/** Returns the place of an answer to `planmark/at`; undefined if the plan is not in the status. */
export function placeOf(status: StatusResult, at: AtResult): Place | undefined {
  const placed = allPlans(status).find(
    ({ workspace, plan }) => workspace.root === at.workspace && plan.path === at.plan,
  );
  if (!placed) return undefined;
  const achievement = placed.plan.achievements.find((known) =>
    at.ref ? known.ref === at.ref : at.achievement !== null && known.id === at.achievement,
  );
  return { ...placed, achievement };
}

/** Returns `path` relative to `root`, with `/`; undefined for a path outside of `root`. */
export function relativeTo(root: string, path: string): string | undefined {
  const [below, whole] = [root, path].map((known) => known.replaceAll("\\", "/").replace(/\/+$/, ""));
  if (below === undefined || whole === undefined) return undefined;
  // A drive letter may be upper or lower case.
  const same = /^[a-z]:/i.test(below) ? whole.slice(0, 1).toLowerCase() + whole.slice(1) : whole;
  const base = /^[a-z]:/i.test(below) ? below.slice(0, 1).toLowerCase() + below.slice(1) : below;
  return same.startsWith(`${base}/`) ? same.slice(base.length + 1) : undefined;
}

const LIFECYCLES = ["active", "backlog", "paused", "stopped", "archived"];
const CONDITIONS = ["needs_attention", "no_achievements", "in_progress", "planned", "complete"];

const PRIORITIES = ["critical", "high", "medium", "low", "lowest", "unknown"];

/** A plan without a priority is equal to one with unknown words. */
const priority = ({ plan }: PlanInWorkspace) => PRIORITIES.indexOf(plan.priority?.level ?? "unknown");

/**
 * Orders plans: active plans first, then those that need attention, then by priority, then by path. Plans with the same
 * path keep the order of their folders.
 */
export function byUrgency(one: PlanInWorkspace, other: PlanInWorkspace): number {
  return (
    LIFECYCLES.indexOf(one.plan.lifecycle) - LIFECYCLES.indexOf(other.plan.lifecycle) ||
    CONDITIONS.indexOf(one.plan.state) - CONDITIONS.indexOf(other.plan.state) ||
    priority(one) - priority(other) ||
    Number(one.plan.path > other.plan.path) - Number(one.plan.path < other.plan.path)
  );
}
