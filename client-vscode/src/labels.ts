/** States, steps and progress in words, marks, icons and colours. */
import { t } from "./l10n";
import type { AchievementResult, NextStep, PlanCondition, PlanResult, State } from "./protocol";

/** The appearance of a state: its mark in texts, a codicon, and the id of a theme colour ("" for the default). */
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

/**
 * Returns the appearance of a plan. A draft without tasks is usual in formats with boxes; a PLAN without achievements is a
 * defect.
 */
export function planLook(plan: Pick<PlanResult, "state"> & { readonly format?: string | undefined }): Appearance {
  const isDraft = plan.state === "no_achievements" && plan.format !== "planmark";
  return CONDITIONS[isDraft ? "planned" : plan.state];
}

/** Returns a name of the protocol as words: `needs_fix` → `needs fix`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** Returns the state of a plan in words, as the server names it. */
export function condition(plan: PlanResult): string {
  return stateText(plan);
}

/** Returns the state of a plan or an achievement in words, as the server names it. */
export function stateText(known: { readonly state_label?: string | undefined }): string {
  return known.state_label ?? "";
}

/** Tells whether a plan is a PLAN of the methodology, with SUBPLANs, executions and verdicts. */
export function isPlan(plan: PlanResult): boolean {
  return (plan.format ?? "planmark") === "planmark";
}

/**
 * The numbers of wanted, approved and dropped achievements of a plan. In formats with `boxes`, these are tasks that are done
 * and deferred.
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

/** Tells whether an achievement still has something to do. */
export function isWanted(achievement: { readonly state: string }): boolean {
  return !DONE.includes(achievement.state);
}

/** Tells whether a task has a box that can be ticked. */
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

/** Returns the count of the format's own tool if it differs, else "". */
export function toolText(plan: PlanResult): string {
  const tool = plan.progress?.tool;
  return tool ? t("The format's own tool counts {0}/{1}", tool.done, tool.total) : "";
}

/** Returns the number of existing files of a plan's deliverables: `40 of 40 files exist`; "" without deliverables. */
export function filesText(plan: PlanResult): string {
  const files = plan.evidence;
  return files
    ? files.creates === 1
      ? t("{0} of {1} file exists", files.exist, files.creates)
      : t("{0} of {1} files exist", files.exist, files.creates)
    : "";
}

/** Returns the name of an achievement for commands: its id, or its place if it has no id of its own. */
export function refOf(achievement: AchievementResult): string {
  return achievement.ref || achievement.id;
}

/** Tells whether the next step of a plan is about an achievement. */
export function isNext(plan: PlanResult, achievement: AchievementResult): boolean {
  const { ref } = plan.next;
  return ref ? ref === achievement.ref : plan.next.achievement === achievement.id;
}

/** Returns `1.2: address the fix`, in the words of the server; "" for a closed plan, which has no next step. */
export function nextText(next: NextStep): string {
  return next.label ?? "";
}

/** Tells whether the next step of a plan has a prompt: a finished plan may still wait for its archive. */
export function hasPrompt(plan: PlanResult): boolean {
  return plan.state !== "complete" || !["closed", "complete_plan"].includes(plan.next.step);
}

/** Returns `2 errors, 1 warning`; "" without problems. */
export function problemsText(diagnostics: Readonly<Record<string, number>>): string {
  return (["error", "warning"] as const)
    .filter((severity) => diagnostics[severity])
    .map((severity) => counted(diagnostics[severity] ?? 0, severity))
    .join(", ");
}

/** Noun → the text for a number of it. */
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

/** A change of the lifecycle of a plan. */
export type PlanAction = "close" | "archive" | "pause" | "resume";

/** Returns the lifecycle changes that a plan allows, as words that conditions of menus contain. */
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
