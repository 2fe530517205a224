/** States, steps and progress in words, marks, icons and colours. */
import { t } from "./l10n";
import type { AchievementResult, NextStep, PlanCondition, PlanResult, State } from "./protocol";

/** How a state looks: its mark in texts, a codicon, and the id of a theme colour ("" for the usual one). */
export interface Appearance {
  readonly mark: string;
  readonly icon: string;
  readonly color: string;
}

export const STATES: Readonly<Record<State, Appearance>> = {
  approved: { mark: "✓", icon: "pass-filled", color: "charts.green" },
  needs_fix: { mark: "✗", icon: "error", color: "charts.red" },
  fix_resolved: { mark: "↺", icon: "debug-restart", color: "charts.yellow" },
  design_placeholder: { mark: "…", icon: "ellipsis", color: "charts.yellow" },
  execution_blocked: { mark: "■", icon: "stop-circle", color: "charts.red" },
  active_execution: { mark: "▶", icon: "play-circle", color: "charts.blue" },
  next_execution: { mark: "▷", icon: "run-below", color: "charts.blue" },
  awaiting_review: { mark: "?", icon: "question", color: "charts.purple" },
  no_execution: { mark: "◐", icon: "circle-large-outline", color: "charts.blue" },
  blocked: { mark: "□", icon: "lock", color: "disabledForeground" },
  no_subplan: { mark: "○", icon: "circle-outline", color: "" },
  dropped: { mark: "–", icon: "circle-slash", color: "disabledForeground" },
  open: { mark: "○", icon: "circle-outline", color: "" },
  in_progress: { mark: "▶", icon: "play-circle", color: "charts.blue" },
  done: { mark: "✓", icon: "pass-filled", color: "charts.green" },
  unsupported: { mark: "!", icon: "warning", color: "charts.yellow" },
  deferred: { mark: "–", icon: "circle-slash", color: "disabledForeground" },
};

export const CONDITIONS: Readonly<Record<PlanCondition, Appearance>> = {
  no_achievements: { mark: "!", icon: "warning", color: "charts.red" },
  planned: { mark: "○", icon: "circle-outline", color: "" },
  in_progress: { mark: "▶", icon: "play-circle", color: "charts.blue" },
  needs_attention: { mark: "!", icon: "warning", color: "charts.yellow" },
  complete: { mark: "✓", icon: "pass-filled", color: "charts.green" },
};

/** The appearance of a plan. A draft without tasks is usual in formats with boxes; a PLAN without achievements is a defect. */
export function planLook(plan: Pick<PlanResult, "state"> & { readonly format?: string | undefined }): Appearance {
  const isDraft = plan.state === "no_achievements" && plan.format !== "planmark";
  return CONDITIONS[isDraft ? "planned" : plan.state];
}

/** A name of the protocol as people read it: `needs_fix` → `needs fix`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** The state of a plan in words, as the server calls it. */
export function condition(plan: PlanResult): string {
  return stateText(plan);
}

/** The state of a plan or an achievement in words, as the server calls it. */
export function stateText(known: { readonly state_label?: string | undefined }): string {
  return known.state_label ?? "";
}

/** Whether a plan is one of the methodology: a PLAN with SUBPLANs, executions and verdicts. */
export function isPlan(plan: PlanResult): boolean {
  return (plan.format ?? "planmark") === "planmark";
}

/**
 * How many achievements a plan wants, how many of them are approved, and how many others it has dropped. In formats with
 * `boxes` these are tasks that are done and deferred.
 */
export interface Progress {
  readonly approved: number;
  readonly of: number;
  readonly dropped: number;
  readonly boxes: boolean;
}

export function progress(plan: PlanResult): Progress {
  const ticked = plan.progress;
  if (ticked) return { approved: ticked.done, of: ticked.total, dropped: ticked.deferred ?? 0, boxes: true };
  const dropped = plan.counts["dropped"] ?? 0;
  return { approved: plan.counts["approved"] ?? 0, of: plan.achievements.length - dropped, dropped, boxes: false };
}

const DONE: readonly string[] = ["approved", "dropped", "done", "deferred"];

/** Whether something is still to be done for an achievement. */
export function isWanted(achievement: { readonly state: string }): boolean {
  return !DONE.includes(achievement.state);
}

/** Whether a task has a box that can be ticked. */
export function isTickable(achievement: AchievementResult): boolean {
  return Boolean(achievement.marker) && isWanted(achievement) && achievement.state !== "unsupported";
}

/** `7/7, 2 dropped` */
export function progressText({ approved, of, dropped, boxes }: Progress): string {
  return `${approved}/${of}${aside(dropped, boxes)}`;
}

/** `7 of 7 approved, 2 dropped`, or `7 of 7 tasks done, 2 deferred`; `isWhole` names the achievements. */
export function progressWords({ approved, of, dropped, boxes }: Progress, isWhole = false): string {
  const says = boxes
    ? t("{0} of {1} tasks done", approved, of)
    : isWhole
      ? t("{0} of {1} achievements approved", approved, of)
      : t("{0} of {1} approved", approved, of);
  return says + aside(dropped, boxes);
}

function aside(dropped: number, boxes: boolean): string {
  return dropped ? `, ${boxes ? t("{0} deferred", dropped) : t("{0} dropped", dropped)}` : "";
}

/** What the format's own tool counts, where it counts differently; else "". */
export function toolText(plan: PlanResult): string {
  const tool = plan.progress?.tool;
  return tool ? t("The format's own tool counts {0}/{1}", tool.done, tool.total) : "";
}

/** How many of the files exist that a plan is to create: `40 of 40 files exist`; "" where it names none. */
export function filesText(plan: PlanResult): string {
  const files = plan.evidence;
  return files
    ? files.creates === 1
      ? t("{0} of {1} file exists", files.exist, files.creates)
      : t("{0} of {1} files exist", files.exist, files.creates)
    : "";
}

/** What commands call an achievement: its id, or where it has none of its own, its place. */
export function refOf(achievement: AchievementResult): string {
  return achievement.ref || achievement.id;
}

/** Whether the next step of a plan is about an achievement. */
export function isNext(plan: PlanResult, achievement: AchievementResult): boolean {
  const { ref } = plan.next;
  return ref ? ref === achievement.ref : plan.next.achievement === achievement.id;
}

/** `1.2: address the fix`, as the server calls it; "" for a closed plan, which has no next step. */
export function nextText(next: NextStep): string {
  return next.label ?? "";
}

/** Whether the next step of a plan has a prompt: a finished plan may still wait for its archive. */
export function hasPrompt(plan: PlanResult): boolean {
  return plan.state !== "complete" || !["closed", "complete_plan"].includes(plan.next.step);
}

/** `2 errors, 1 warning`; "" where there are none. */
export function problemsText(diagnostics: Readonly<Record<string, number>>): string {
  return (["error", "warning"] as const)
    .filter((severity) => diagnostics[severity])
    .map((severity) => counted(diagnostics[severity] ?? 0, severity))
    .join(", ");
}

/** A noun → so many of it in words. */
const COUNTED = {
  error: (count: number) => (count === 1 ? t("{0} error", count) : t("{0} errors", count)),
  warning: (count: number) => (count === 1 ? t("{0} warning", count) : t("{0} warnings", count)),
  plan: (count: number) => (count === 1 ? t("{0} plan", count) : t("{0} plans", count)),
  workspace: (count: number) => (count === 1 ? t("{0} workspace", count) : t("{0} workspaces", count)),
} as const;

/** `1 plan`, `2 plans`. */
export function counted(count: number, noun: keyof typeof COUNTED): string {
  return COUNTED[noun](count);
}

/** What can be done to a plan as a whole. */
export type PlanAction = "close" | "archive" | "pause" | "resume";

/** The acts that suit a plan, as words that menus go by. */
export function acts(plan: PlanResult): readonly `${PlanAction}able`[] {
  const found: `${PlanAction}able`[] = [];
  // Other formats have no Status to change, and archives of their own.
  if (!isPlan(plan)) return found;
  if (plan.state === "complete" && !plan.closed) found.push("closeable");
  if (plan.lifecycle === "stopped" || (plan.closed && plan.lifecycle !== "archived")) found.push("archiveable");
  if (plan.state !== "complete" && ["active", "backlog"].includes(plan.lifecycle)) found.push("pauseable");
  if (plan.lifecycle === "paused") found.push("resumeable");
  return found;
}
