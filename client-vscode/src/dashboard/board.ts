/** The board: its columns, what a filter leaves of them, and the way of the keys through them. */
import { t } from "../l10n";
import type { State } from "../protocol";
import type { Card, PlanRow } from "./messages";

export type ColumnId = "design" | "ready" | "progress" | "review" | "fix" | "blocked" | "done";

interface ColumnKind {
  readonly id: ColumnId;
  readonly title: () => string;
  readonly states: readonly State[];
  /** Tells whether formats with boxes have these states too. */
  readonly boxes: boolean;
}

/** The columns from left to right. Every state is in one. */
export const COLUMNS: readonly ColumnKind[] = [
  { id: "design", title: () => t("To design"), states: ["no_subplan", "design_placeholder"], boxes: false },
  { id: "ready", title: () => t("Ready"), states: ["no_execution", "next_execution", "open"], boxes: true },
  { id: "progress", title: () => t("In progress"), states: ["active_execution", "in_progress"], boxes: true },
  { id: "review", title: () => t("Needs review"), states: ["awaiting_review", "fix_resolved"], boxes: false },
  { id: "fix", title: () => t("Needs fix"), states: ["needs_fix", "unsupported"], boxes: true },
  { id: "blocked", title: () => t("Blocked"), states: ["blocked", "execution_blocked"], boxes: true },
  { id: "done", title: () => t("Done"), states: ["approved", "done", "dropped", "deferred"], boxes: true },
];

/** The plans on the board: those that are at work, all, or one, by its key. */
export type PlanChoice = "active" | "all" | { readonly root: string; readonly path: string };

export interface CardFilter {
  readonly plan: PlanChoice;
  /** "" for every role. */
  readonly role: string;
  readonly text: string;
}

export const EVERY_CARD: CardFilter = { plan: "active", role: "", text: "" };

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  readonly cards: readonly Card[];
}

/** Returns the plans that a filter leaves. */
export function plansOnBoard(plans: readonly PlanRow[], { plan }: CardFilter): readonly PlanRow[] {
  if (plan === "all") return plans;
  if (plan === "active") return plans.filter(({ standing }) => standing === "active" || standing === "needs_you");
  return plans.filter(({ root, path }) => root === plan.root && path === plan.path);
}

/** Returns the columns of the plans on the board, each with its cards, in the order of the plans. A column that no format of these plans has is left out. */
export function columns(plans: readonly PlanRow[], cards: readonly Card[], filter: CardFilter): Column[] {
  const listed = plansOnBoard(plans, filter);
  const keys = new Set(listed.map(keyOfPlan));
  const words = wordsOf(filter.text);
  const left = cards.filter(
    (card) =>
      keys.has(keyOfPlan(card)) &&
      (!filter.role || card.role === filter.role) &&
      hasWords([card.id, card.title, card.feature, card.says, card.next, card.holder], words),
  );
  const onlyBoxes = listed.length > 0 && listed.every(({ boxes }) => boxes);
  return COLUMNS.filter(({ boxes }) => boxes || !onlyBoxes).map(({ id, title, states }) => ({
    id,
    title: title(),
    cards: left.filter(({ state }) => states.includes(state)),
  }));
}

/** Returns the roles of the cards, in the order of the work. */
export function rolesOf(cards: readonly Card[]): string[] {
  const known = new Set(cards.map(({ role }) => role));
  return ["planner", "strategist", "designer", "executor", "reviewer"].filter((role) => known.has(role));
}

/** Returns the name of a plan, which no other plan has. */
export function keyOfPlan({ root, path }: { readonly root: string; readonly path: string }): string {
  return `${root}|${path}`;
}

/** Returns the words of a search. */
export function wordsOf(text: string): string[] {
  return text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
}

/** Tells whether each word is in one of the texts. */
export function hasWords(texts: readonly string[], words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const whole = texts.join("\n").toLocaleLowerCase();
  return words.every((word) => whole.includes(word));
}

/** Returns the key of the card to which an arrow key leads from the card `key`: within its column, or at the same height of the next column that has cards. */
export function cardInDirection(
  listed: readonly (readonly string[])[],
  key: string,
  pressed: string,
): string | undefined {
  const column = listed.findIndex((keys) => keys.includes(key));
  const row = listed[column]?.indexOf(key) ?? -1;
  if (row < 0) return undefined;
  const within: Readonly<Record<string, number>> = { ArrowDown: row + 1, ArrowUp: row - 1, Home: 0, End: -1 };
  const to = within[pressed];
  if (to !== undefined) return to === -1 && pressed === "ArrowUp" ? undefined : listed[column]?.at(to);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[pressed];
  if (!step) return undefined;
  for (let at = column + step; at >= 0 && at < listed.length; at += step) {
    const keys = listed[at] ?? [];
    if (keys.length) return keys[Math.min(row, keys.length - 1)];
  }
  return undefined;
}
