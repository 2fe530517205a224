/** Plans for tests, in few words. */
import type {
  AchievementResult,
  AtResult,
  NextStep,
  PlanResult,
  State,
  StatusResult,
  WorkspaceResult,
} from "../src/protocol";

export function achievement(id: string, state: State, more: Partial<AchievementResult> = {}): AchievementResult {
  const line = 10 * Number(id.split(".")[0]) + Number(id.split(".")[1]);
  return {
    id,
    title: `Title of ${id}`,
    priority: "1",
    state,
    path: "plans/SHOP/PLAN_SHOP.md",
    line,
    subplan: null,
    executions: [],
    verdict: null,
    depends_on: [],
    blocked_by: [],
    evidence: [{ path: "plans/SHOP/PLAN_SHOP.md", line, says: `why ${id}` }],
    round: 0,
    state_label: state.replaceAll("_", " "),
    ...more,
  };
}

export function plan(
  feature: string,
  achievements: readonly AchievementResult[],
  more: Partial<PlanResult> = {},
): PlanResult {
  const counts: Record<string, number> = {};
  for (const known of achievements) counts[known.state] = (counts[known.state] ?? 0) + 1;
  const left = achievements.find((known) => known.state !== "approved");
  const made: PlanResult = {
    path: `plans/${feature}/PLAN_${feature}.md`,
    feature,
    lifecycle: "active",
    lifecycle_by: null,
    lifecycle_evidence: null,
    legacy: false,
    closed: false,
    state: left ? "in_progress" : "complete",
    priority: null,
    counts,
    next: {
      step: left ? "address_fix" : "complete_plan",
      achievement: left?.id ?? null,
      role: "executor",
      tier: 2,
      file: null,
      reason: "because",
    },
    also_ready: [],
    claims: [],
    diagnostics: {},
    achievements: achievements.map((known) => ({ ...known, path: `plans/${feature}/PLAN_${feature}.md` })),
    standing: "active",
    ...more,
  };
  return { ...made, state_label: made.state.replaceAll("_", " "), next: { label: labelOf(made.next), ...made.next } };
}

/** Returns what the server calls a step in these tests. */
export function labelOf(next: NextStep): string {
  if (next.step === "closed") return "";
  const about = next.achievement || next.ref || next.group;
  const says = next.step.replaceAll("_", " ");
  return about ? `${about}: ${says}` : says;
}

export function workspace(root: string, plans: PlanResult[], more: Partial<WorkspaceResult> = {}): WorkspaceResult {
  return { root, complete: true, plans, not_plans: [], orphans: [], problems: [], ...more };
}

export function statusOf(...workspaces: WorkspaceResult[]): StatusResult {
  return { planmark: "0.1.0", workspaces, run: { revision: 1, ms: 0, cached: false } };
}

export function status(...plans: PlanResult[]): StatusResult {
  return statusOf(workspace("/w", plans));
}

export const SHOP = plan("SHOP", [
  achievement("1.1", "approved", {
    subplan: "plans/SHOP/subplans/SUBPLAN_SHOP_11.md",
    verdict: "plans/SHOP/APPROVED_11.md",
  }),
  achievement("1.2", "needs_fix", {
    subplan: "plans/SHOP/subplans/SUBPLAN_SHOP_12.md",
    executions: [{ number: 1, path: "plans/SHOP/execution/EXECUTION_TASK_SHOP_12_01.md", outcome: "open" }],
    verdict: "plans/SHOP/FIX_12.md",
  }),
  achievement("2.1", "no_subplan"),
]);

/** Returns what the server says of a position in a plan, or in one of its achievements. */
export function atResult(about: PlanResult, achievement: string | null = null): AtResult {
  return { workspace: "/w", plan: about.path, feature: about.feature, achievement, ref: null, state: null };
}
