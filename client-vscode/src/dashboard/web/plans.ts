/** The progress of every plan. */
import { t } from "../../l10n";
import { planLook, progressText, progressWords } from "../../labels";
import type { FromPage, PlanRow } from "../messages";
import { html } from "./dom";

/** Returns the table of plans. A click on a plan opens it; a click on its graph shows the graph. */
export function plansTable(plans: readonly PlanRow[], send: (message: FromPage) => void): HTMLElement {
  if (plans.length === 0) return html("p", { class: "empty" }, t("No plan was found yet."));
  const heads = [t("Plan"), t("Progress"), t("State"), t("Next step"), t("Problems"), ""];
  return html(
    "table",
    { class: "plans" },
    html("caption", { class: "hidden" }, t("Every plan, the most urgent first")),
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html("tbody", {}, ...plans.map((plan) => row(plan, send))),
  );
}

function row(plan: PlanRow, send: (message: FromPage) => void): HTMLElement {
  const { root, path, feature } = plan;
  const look = planLook(plan);
  const key = `${root}|${path}`;
  const says = progressWords(plan);
  const open = (): void => send({ type: "open", root, path, achievement: undefined });
  return html(
    "tr",
    {},
    html(
      "th",
      { scope: "row" },
      html("button", { class: "link", "data-key": key, onclick: open, title: path }, feature),
      plan.lifecycle === "active" ? undefined : html("span", { class: "muted" }, ` ${plan.lifecycle}`),
    ),
    html(
      "td",
      { class: "progress" },
      html("progress", { max: Math.max(1, plan.of), value: plan.approved, "aria-label": says }),
      html("span", { "aria-hidden": "true" }, progressText(plan)),
    ),
    html("td", {}, html("span", { class: `state ${plan.state}`, "aria-hidden": "true" }, look.mark), ` ${plan.says}`),
    html(
      "td",
      {},
      plan.next
        ? html(
            "button",
            {
              class: "link",
              "data-key": `${key}|prompt`,
              title: t("Get the prompt for this step"),
              onclick: () => send({ type: "prompt", root, path }),
            },
            plan.next,
          )
        : undefined,
    ),
    html("td", {}, plan.problems),
    html(
      "td",
      {},
      html(
        "button",
        {
          class: "link",
          "data-key": `${key}|graph`,
          "aria-label": t("Graph of {0}", feature),
          onclick: () => send({ type: "graph", root, path }),
        },
        t("Graph"),
      ),
      " ",
      plan.next
        ? html(
            "button",
            {
              class: "link",
              "data-key": `${key}|run`,
              "aria-label": t("Run the next steps of {0}", feature),
              onclick: () => send({ type: "run", root, path }),
            },
            t("Run"),
          )
        : undefined,
    ),
  );
}
