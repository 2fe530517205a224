/** The board: a column for each group of states, and a card for each achievement. */
import { t } from "../../l10n";
import { STATES } from "../../labels";
import {
  type CardFilter,
  type Column,
  type ColumnId,
  cardInDirection,
  columns,
  EVERY_CARD,
  keyOfPlan,
  type PlanChoice,
  plansOnBoard,
  rolesOf,
} from "../board";
import type { Card, FromPage, PlanRow, PlansMessage } from "../messages";
import { byId, html, keepingFocus, keyedChildren, labelled, replace, setChoices, setText } from "./dom";
import { roleText } from "./words";

/** The number of cards of a column at first, and of those that a click adds. */
const CARDS = 25;

interface ColumnView {
  readonly section: HTMLElement;
  readonly count: HTMLElement;
  readonly more: HTMLButtonElement;
  readonly draw: (items: readonly CardItem[]) => void;
}

interface CardItem {
  readonly key: string;
  readonly shows: string;
  readonly card: Card;
  readonly withPlan: boolean;
  readonly mayApprove: boolean;
}

export interface Board {
  readonly draw: (message: PlansMessage) => void;
}

/** Creates the board. `changed` is called with the filter after each change of it. */
export function createBoard(
  send: (message: FromPage) => void,
  first: CardFilter | undefined,
  changed: (filter: CardFilter) => void,
): Board {
  let filter: CardFilter = { ...EVERY_CARD, ...first };
  let active = "";
  let listed: readonly (readonly string[])[] = [];
  let last: PlansMessage | undefined;
  const limits = new Map<ColumnId, number>();
  const views = new Map<ColumnId, ColumnView>();
  const note = html("p", { class: "empty", id: "board-note" }, t("Reading…"));
  const region = html("div", {
    class: "board",
    role: "group",
    "aria-label": t("Board"),
    "aria-description": t("Arrow keys move between cards."),
  });
  byId("board-body").append(note, region);

  const set = (more: Partial<CardFilter>): void => {
    filter = { ...filter, ...more };
    changed(filter);
    if (last) draw(last);
  };
  const plan = html("select", {
    id: "board-plan",
    onchange: () => set({ plan: choiceOf(plan.value) }),
  });
  const role = html("select", { id: "board-role", onchange: () => set({ role: role.value }) });
  const text = html("input", {
    type: "search",
    id: "board-text",
    value: filter.text,
    oninput: () => set({ text: text.value }),
  });
  const count = html("span", { class: "muted", role: "status", id: "board-count" });
  byId("board-controls").append(
    labelled(t("Plan"), plan),
    labelled(t("Role"), role),
    labelled(t("Search"), text),
    count,
  );

  const activate = (key: string): void => {
    for (const [known, index] of [
      [active, -1],
      [key, 0],
    ] as const) {
      const card = region.querySelector(`[data-card="${CSS.escape(known)}"]`);
      for (const button of card?.querySelectorAll("button") ?? []) button.tabIndex = index;
    }
    active = key;
  };
  region.addEventListener("focusin", (event) => {
    const card = (event.target as Element).closest("[data-card]")?.getAttribute("data-card");
    if (card && card !== active) activate(card);
  });
  region.addEventListener("keydown", (event) => {
    const from = (event.target as Element).closest("[data-card]")?.getAttribute("data-card");
    const to = from && cardInDirection(listed, from, event.key);
    if (!to) return;
    event.preventDefault();
    const next = region.querySelector<HTMLElement>(`[data-key="${CSS.escape(`card|${to}`)}"]`);
    next?.focus();
    next?.closest("[data-card]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const viewOf = (column: Column): ColumnView => {
    const known = views.get(column.id);
    if (known) return known;
    const list = html("ul", {});
    const number = html("span", { class: "count" });
    const more = html("button", {
      type: "button",
      class: "link",
      "data-key": `more|${column.id}`,
      onclick: () => {
        limits.set(column.id, (limits.get(column.id) ?? CARDS) + CARDS);
        if (last) draw(last);
      },
    });
    const title = html("h2", { id: `column-${column.id}` }, column.title, " ", number);
    const attributes = { class: `column-${column.id}`, "aria-labelledby": `column-${column.id}` };
    const section = html("section", attributes, title, list, more);
    const view = {
      section,
      count: number,
      more,
      draw: keyedChildren<CardItem>(list, (item) => cardElement(item, send)),
    };
    views.set(column.id, view);
    return view;
  };

  const draw = (message: PlansMessage): void => {
    last = message;
    const { plans, cards } = message;
    // A plan that is gone is not selected any more.
    if (typeof filter.plan === "object" && !message.reading && plansOnBoard(plans, filter).length === 0) {
      filter = { ...filter, plan: "active" };
    }
    const onBoard = plansOnBoard(plans, filter);
    const keys = new Set(onBoard.map(keyOfPlan));
    const shown = columns(plans, cards, filter);
    const ofPlans = cards.filter((card) => keys.has(keyOfPlan(card)));
    setChoices(plan, planChoices(plans), choiceValue(filter.plan));
    const roles = rolesOf(ofPlans);
    const listedRoles = filter.role && !roles.includes(filter.role) ? [...roles, filter.role] : roles;
    const every = { value: "", label: t("every role") };
    setChoices(role, [every, ...listedRoles.map((value) => ({ value, label: roleText(value) }))], filter.role);
    const left = shown.reduce((sum, column) => sum + column.cards.length, 0);
    setText(count, message.plans.length ? t("{0} of {1} cards", left, ofPlans.length) : "");
    replace(
      note,
      ...noteParts(
        message,
        onBoard,
        left,
        () => set(EVERY_CARD),
        () => set({ plan: "all" }),
      ),
    );
    if (filter.text !== text.value) text.value = filter.text;
    keepingFocus(region, () => {
      const present = new Set(shown.map(({ id }) => id));
      for (const [id, view] of views) if (!present.has(id)) view.section.remove();
      for (const [index, column] of shown.entries()) {
        const view = viewOf(column);
        const there = region.children[index] ?? null;
        if (view.section !== there) region.insertBefore(view.section, there);
        const limit = limits.get(column.id) ?? CARDS;
        const items = column.cards.slice(0, limit).map((card): CardItem => {
          const withPlan = onBoard.length > 1;
          const shows = JSON.stringify([card, withPlan, message.mayApprove]);
          return { key: card.key, shows, card, withPlan, mayApprove: message.mayApprove };
        });
        view.draw(items);
        setText(view.count, String(column.cards.length));
        view.section.classList.toggle("none", column.cards.length === 0);
        const hidden = column.cards.length - items.length;
        view.more.hidden = hidden <= 0;
        setText(view.more, t("Show {0} more of {1}", Math.min(CARDS, hidden), hidden));
      }
    });
    region.hidden = onBoard.length === 0;
    listed = shown.map((column) => column.cards.slice(0, limits.get(column.id) ?? CARDS).map(({ key }) => key));
    const all = listed.flat();
    activate(all.includes(active) ? active : (all[0] ?? ""));
  };
  return { draw };
}

/** Returns the text in place of cards if there are none, with what helps. */
function noteParts(
  { plans, reading }: PlansMessage,
  onBoard: readonly PlanRow[],
  left: number,
  clear: () => void,
  showAll: () => void,
): (Node | string)[] {
  const button = (label: string, onclick: () => void): HTMLElement =>
    html("button", { type: "button", class: "link", "data-key": `note|${label}`, onclick }, label);
  if (plans.length === 0) return [reading || t("No plan is in this workspace.")];
  if (onBoard.length === 0) return [t("No plan is at work now."), " ", button(t("Show all plans"), showAll)];
  if (left === 0) return [t("No card is left."), " ", button(t("Clear the filter"), clear)];
  return [];
}

function planChoices(plans: readonly PlanRow[]): { value: string; label: string }[] {
  return [
    { value: "active", label: t("plans at work") },
    { value: "all", label: t("all plans") },
    ...plans.map((known) => ({ value: choiceValue(known), label: known.feature })),
  ];
}

function choiceValue(plan: PlanChoice): string {
  return typeof plan === "string" ? plan : JSON.stringify([plan.root, plan.path]);
}

function choiceOf(value: string): PlanChoice {
  if (value === "active" || value === "all") return value;
  const [root, path] = JSON.parse(value) as [string, string];
  return { root, path };
}

/** Returns the step that can be done now with its role, `next · reviewer: review what was done`; "" without one. */
function stepText({ isNext, next, role }: Card): string {
  return next && `${isNext ? `${t("next")} · ` : ""}${roleText(role)}: ${next}`;
}

/** Returns everything about a card in words, for screen readers. */
function spoken(card: Card): string {
  return [
    `${card.id} ${card.title}`,
    card.says,
    card.feature,
    stepText(card),
    card.holder,
    card.isOptional ? t("optional") : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function cardElement({ card, withPlan, mayApprove }: CardItem, send: (message: FromPage) => void): HTMLElement {
  const { key, root, path, ref, state } = card;
  const of = { root, path, achievement: ref };
  const fact = (text: string, look: string): HTMLElement | undefined =>
    text ? html("p", { class: look, dir: "auto", title: text }, text) : undefined;
  const action = (kind: "copy" | "approve", label: string): HTMLElement =>
    html(
      "button",
      {
        type: "button",
        tabindex: -1,
        "data-key": `${kind}|${key}`,
        "aria-label": `${label}: ${card.id} ${card.title}`,
        onclick: () => send({ type: kind, ...of }),
      },
      label,
    );
  const actions = [
    ...(card.hasPrompt ? [action("copy", t("Copy prompt"))] : []),
    ...(card.awaitsReview && mayApprove ? [action("approve", t("Approve…"))] : []),
  ];
  return html(
    "li",
    { class: `card ${state}${card.isNext ? " next" : ""}`, "data-card": key, "data-focus": `card|${key}` },
    html(
      "button",
      {
        type: "button",
        class: "link title",
        tabindex: -1,
        "data-key": `card|${key}`,
        "aria-label": spoken(card),
        title: card.title,
        onclick: () => send({ type: "open", ...of }),
      },
      html("span", { class: "id" }, card.id),
      " ",
      html("bdi", {}, card.title),
    ),
    html(
      "p",
      {},
      html("span", { class: `state ${state}`, "aria-hidden": "true" }, STATES[state].mark),
      ` ${card.says}`,
    ),
    fact(withPlan ? card.feature : "", "muted plan"),
    fact(stepText(card), "step"),
    fact(card.holder, "holder"),
    fact(card.isOptional ? t("optional") : "", "muted"),
    actions.length ? html("p", { class: "actions" }, ...actions) : undefined,
  );
}
