/** The page of the graph: its plan, its search and its size, and the drawing. */
import { t } from "../../l10n";
import type { GraphResult } from "../../protocol";
import { keyOfPlan } from "../board";
import type { FromPage, PlansMessage } from "../messages";
import { byId, html, labelled, replace, setChoices, setText } from "./dom";
import { firstWave, type GraphView, graphParts, matches } from "./graph";

/** The sizes of a drawing, as parts of its own size. */
const ZOOMS: readonly number[] = [0.4, 0.6, 0.8, 1, 1.25, 1.5, 2];

export interface GraphPage {
  readonly draw: (message: PlansMessage | undefined, graph: GraphResult | undefined, problem: string) => void;
}

/** Creates the page. `zoomed` is called with each size that the user selects. */
export function createGraphPage(
  send: (message: FromPage) => void,
  firstZoom: number | undefined,
  zoomed: (zoom: number) => void,
): GraphPage {
  const body = byId("graph-body");
  let zoom = ZOOMS.includes(firstZoom ?? 1) ? (firstZoom ?? 1) : 1;
  let last: Parameters<GraphPage["draw"]> = [undefined, undefined, ""];
  /** The graph that is drawn: its plan, its size, and everything that it shows as a text. */
  let drawn: { readonly key: string; readonly zoom: number; readonly shows: string } | undefined;

  const select = html("select", {
    id: "graph-plan",
    onchange: () => {
      const plan = last[0]?.plans.find((known) => keyOfPlan(known) === select.value);
      if (plan) send({ type: "graph", root: plan.root, path: plan.path });
    },
  });
  const focusFirst = (): void => {
    const [graph, hits] = [last[1], last[1] && matches(last[1], search.value)];
    const ref = graph?.nodes.map(({ id, ref: name = id }) => name).find((name) => hits?.has(name));
    const node = ref && body.querySelector<SVGElement>(`[data-id="${CSS.escape(ref)}"]`);
    if (!node) return;
    node.focus();
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const search = html("input", {
    type: "search",
    id: "graph-search",
    oninput: () => redraw(),
    onkeydown: (event) => {
      if ((event as KeyboardEvent).key === "Enter") focusFirst();
    },
  });
  const count = html("span", { class: "muted", role: "status" });
  const setZoom = (to: number): void => {
    zoom = to;
    zoomed(zoom);
    redraw();
  };
  const button = (label: string, sign: string, step: number): HTMLButtonElement =>
    html(
      "button",
      {
        type: "button",
        "aria-label": sign ? label : undefined,
        title: label,
        onclick: () => setZoom(step ? (ZOOMS[ZOOMS.indexOf(zoom) + step] ?? zoom) : 1),
      },
      sign,
    );
  const [smaller, own, larger] = [
    button(t("Smaller"), "−", -1),
    button(t("Own size"), "", 0),
    button(t("Larger"), "+", 1),
  ];
  byId("graph-controls").append(
    labelled(t("Plan"), select),
    labelled(t("Search"), search),
    html("span", { class: "zoom", role: "group", "aria-label": t("Size") }, smaller, own, larger),
    count,
  );

  const redraw = (): void => draw(...last);
  const draw: GraphPage["draw"] = (message, graph, problem) => {
    last = [message, graph, problem];
    setText(own, `${Math.round(zoom * 100)} %`);
    smaller.disabled = zoom === ZOOMS[0];
    larger.disabled = zoom === ZOOMS.at(-1);
    const plans = message?.plans ?? [];
    const key = graph ? keyOfPlan({ root: graph.workspace, path: graph.plan }) : "";
    const choices = plans.map((plan) => ({ value: keyOfPlan(plan), label: plan.feature }));
    setChoices(select, choices, key);
    if (!graph) {
      setText(count, "");
      const none = message && plans.length === 0 ? message.reading || t("No plan is in this workspace.") : "";
      replace(body, html("p", { class: "empty" }, problem || none || t("Reading…")));
      drawn = undefined;
      return;
    }
    const priorities = new Map(
      (message?.cards ?? [])
        .filter((card) => card.path === graph.plan && card.root === graph.workspace)
        .map((card) => [card.ref, card.priority]),
    );
    const view: GraphView = { zoom, search: search.value, priorities };
    const shows = JSON.stringify([graph, zoom, search.value, [...priorities]]);
    if (drawn?.shows === shows) return;
    const before = drawn?.key === key ? body.querySelector(".graph") : undefined;
    const ratio = zoom / (drawn?.zoom ?? zoom);
    const left = before ? before.scrollLeft * ratio : firstWave(graph, view) * zoom;
    const top = before ? before.scrollTop * ratio : 0;
    replace(body, ...graphParts(graph, view, send));
    body.querySelector(".graph")?.scrollTo(left, top);
    drawn = { key, zoom, shows };
    const hits = matches(graph, search.value).size;
    setText(count, search.value.trim() ? t("{0} of {1} achievements", hits, graph.nodes.length) : "");
  };
  return { draw };
}
