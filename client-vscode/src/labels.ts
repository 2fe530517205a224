/** States, steps and progress in words, marks, icons and colours. */
import type { NextStep, PlanCondition, PlanResult, State } from "./protocol";

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
};

export const CONDITIONS: Readonly<Record<PlanCondition, Appearance>> = {
  no_achievements: { mark: "!", icon: "warning", color: "charts.red" },
  planned: { mark: "○", icon: "circle-outline", color: "" },
  in_progress: { mark: "▶", icon: "play-circle", color: "charts.blue" },
  needs_attention: { mark: "!", icon: "warning", color: "charts.yellow" },
  complete: { mark: "✓", icon: "pass-filled", color: "charts.green" },
};

/** A name of the protocol as people read it: `needs_fix` → `needs fix`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** The state of a plan in words; a complete one whose Status says so is closed. */
export function condition(plan: PlanResult): string {
  return plan.closed ? "closed" : words(plan.state);
}

/** How many achievements a plan wants, how many of them are approved, and how many others it has dropped. */
export interface Progress {
  readonly approved: number;
  readonly of: number;
  readonly dropped: number;
}

export function progress(plan: PlanResult): Progress {
  const dropped = plan.counts["dropped"] ?? 0;
  return { approved: plan.counts["approved"] ?? 0, of: plan.achievements.length - dropped, dropped };
}

/** Whether something is still to be done for an achievement. */
export function isWanted(achievement: { readonly state: string }): boolean {
  return achievement.state !== "approved" && achievement.state !== "dropped";
}

/** `7/7, 2 dropped`; `between` stands between the numbers, `what` behind them. */
export function progressText({ approved, of, dropped }: Progress, between = "/", what = ""): string {
  return `${approved}${between}${of}${what}${dropped ? `, ${dropped} dropped` : ""}`;
}

/** `1.2: address fix`, or `complete plan` where the step is about the whole plan. */
export function nextText(next: NextStep): string {
  return next.achievement ? `${next.achievement}: ${words(next.step)}` : words(next.step);
}

/** `2 errors, 1 warning`; "" where there are none. */
export function problemsText(diagnostics: Readonly<Record<string, number>>): string {
  return ["error", "warning"]
    .map((severity) => counted(diagnostics[severity] ?? 0, severity))
    .filter((text) => !text.startsWith("0 "))
    .join(", ");
}

/** `1 plan`, `2 plans`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What can be done to a plan as a whole. */
export type Act = "close" | "archive" | "pause" | "resume";

/** The acts that suit a plan, as words that menus go by. */
export function acts(plan: PlanResult): readonly `${Act}able`[] {
  const found: `${Act}able`[] = [];
  if (plan.state === "complete" && !plan.closed) found.push("closeable");
  if (plan.lifecycle === "stopped" || (plan.closed && plan.lifecycle !== "archived")) found.push("archiveable");
  if (plan.state !== "complete" && ["active", "backlog"].includes(plan.lifecycle)) found.push("pauseable");
  if (plan.lifecycle === "paused") found.push("resumeable");
  return found;
}
