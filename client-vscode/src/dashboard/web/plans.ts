/** The progress of every plan, as a table that can be sorted and searched. */
import { t } from "../../l10n";
import { planLook, progressText, progressWords } from "../../labels";
import { keyOfPlan } from "../board";
import type { FromPage, PlanRow, PlansMessage } from "../messages";
import { listedPlans, orderAfter, type PlanColumn, type PlanOrder } from "../planTable";
import { byId, html, keepingFocus, keyedChildren, labelled, setText } from "./dom";

/** The number of plans at first, and of those that a click adds. */
const PLANS = 100;

interface PlanItem {
  readonly key: string;
  readonly shows: string;
  readonly plan: PlanRow;
}

interface PlansState {
  readonly order: PlanOrder | undefined;
  readonly search: string;
}

export interface PlansTable {
  readonly draw: (message: PlansMessage) => void;
}

/** Creates the table. A click on a plan opens it; a click on its graph shows the graph. `changed` is called after each change of the order or the search. */
export function createPlansTable(
  send: (message: FromPage) => void,
  runs: boolean,
  first: PlansState,
  changed: (state: PlansState) => void,
): PlansTable {
  let state = first;
  let limit = PLANS;
  let last: PlansMessage | undefined;
  const set = (more: Partial<PlansState>): void => {
    state = { ...state, ...more };
    changed(state);
    if (last) draw(last);
  };
  const search = html("input", {
    type: "search",
    id: "plans-search",
    value: state.search,
    oninput: () => set({ search: search.value }),
  });
  const count = html("span", { class: "muted", role: "status" });
  byId("plans-controls").append(labelled(t("Search"), search), count);

  const sortable: readonly (readonly [PlanColumn, string])[] = [
    ["feature", t("Plan")],
    ["progress", t("Progress")],
    ["state", t("State")],
    ["next", t("Next step")],
    ["problems", t("Problems")],
  ];
  const heads = sortable.map(([by, title]) => {
    const button = html(
      "button",
      { type: "button", class: "sort", onclick: () => set({ order: orderAfter(state.order, by) }) },
      title,
    );
    return { by, head: html("th", { scope: "col", role: "columnheader" }, button) };
  });
  const body = html("tbody", { role: "rowgroup" });
  const drawRows = keyedChildren<PlanItem>(body, ({ plan }) => row(plan, send, runs));
  const table = html(
    "table",
    { class: "plans", role: "table" },
    html("caption", { class: "hidden" }, t("Every plan; at first the most urgent comes first")),
    html(
      "thead",
      { role: "rowgroup" },
      html(
        "tr",
        { role: "row" },
        ...heads.map(({ head }) => head),
        html("th", { scope: "col", role: "columnheader" }, html("span", { class: "hidden" }, t("Actions"))),
      ),
    ),
    body,
  );
  const note = html("p", { class: "empty" }, t("Reading…"));
  const more = html("button", {
    type: "button",
    class: "link",
    "data-key": "more-plans",
    onclick: () => {
      limit += PLANS;
      if (last) draw(last);
    },
  });
  byId("plans-body").append(note, table, more);
  table.hidden = true;
  more.hidden = true;

  const draw = (message: PlansMessage): void => {
    last = message;
    const { plans, reading } = message;
    const listed = listedPlans(plans, state.search, state.order);
    setText(
      note,
      plans.length === 0
        ? reading || t("No plan is in this workspace.")
        : listed.length === 0
          ? t("No plan has these words.")
          : "",
    );
    table.hidden = listed.length === 0;
    setText(count, plans.length ? t("{0} of {1} plans", listed.length, plans.length) : "");
    for (const { by, head } of heads) {
      const falls = state.order?.by === by ? state.order.falls : undefined;
      head.setAttribute("aria-sort", falls === undefined ? "none" : falls ? "descending" : "ascending");
    }
    const items = listed
      .slice(0, limit)
      .map((plan): PlanItem => ({ key: keyOfPlan(plan), shows: JSON.stringify(plan), plan }));
    keepingFocus(table, () => drawRows(items));
    const hidden = listed.length - items.length;
    more.hidden = hidden <= 0;
    setText(more, t("Show {0} more of {1}", Math.min(PLANS, hidden), hidden));
  };
  return { draw };
}

function row(plan: PlanRow, send: (message: FromPage) => void, runs: boolean): HTMLElement {
  const { root, path, feature } = plan;
  const look = planLook(plan);
  const key = keyOfPlan(plan);
  const says = progressWords(plan);
  const link = (kind: string, label: string, onclick: () => void, spoken?: string): HTMLElement =>
    html(
      "button",
      { type: "button", class: "link", "data-key": `${key}|${kind}`, "aria-label": spoken, onclick },
      html("bdi", {}, label),
    );
  const cell = (look: string, head: string, ...children: (Node | string | undefined)[]): HTMLElement =>
    html("td", { role: "cell", class: look, "data-head": head }, ...children);
  return html(
    "tr",
    { role: "row" },
    html(
      "th",
      { scope: "row", role: "rowheader", title: path },
      link("open", feature, () => send({ type: "open", root, path, achievement: undefined })),
      plan.lifecycle === "active" ? undefined : html("span", { class: "muted" }, ` ${plan.lifecycle}`),
    ),
    cell(
      "progress",
      t("Progress"),
      html("progress", { max: Math.max(1, plan.of), value: plan.approved, "aria-label": says }),
      html("span", { "aria-hidden": "true" }, progressText(plan)),
    ),
    cell(
      "",
      t("State"),
      html(
        "span",
        {},
        html("span", { class: `state ${plan.state}`, "aria-hidden": "true" }, look.mark),
        ` ${plan.says}`,
      ),
    ),
    cell(
      "",
      t("Next step"),
      plan.next
        ? link(
            "prompt",
            plan.next,
            () => send({ type: "prompt", root, path, achievement: plan.nextRef || undefined }),
            t("{0}: get the prompt for this step", plan.next),
          )
        : undefined,
    ),
    cell("", t("Problems"), plan.problems),
    cell(
      "",
      "",
      link("graph", t("Graph"), () => send({ type: "graph", root, path }), t("Graph of {0}", feature)),
      " ",
      plan.next && runs
        ? link("run", t("Run"), () => send({ type: "run", root, path }), t("Run the next steps of {0}", feature))
        : undefined,
    ),
  );
}
