/** The dashboard's page: it draws the messages of the extension, and sends the actions of the user. */
import "./texts";
import type { GraphResult } from "../../protocol";
import type { Point } from "../history";
import type { FromPage, PlanRow, ToPage } from "../messages";
import { byId, html, replace } from "./dom";
import { figures } from "./figures";
import { firstWave, graphParts } from "./graph";
import { plansTable } from "./plans";

/** The state that stays while the page is hidden. */
interface Kept {
  readonly plan?: { readonly root: string; readonly path: string };
  readonly method?: string;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const vscode = acquireVsCodeApi();
let kept: Kept = vscode.getState() ?? {};
let plans: readonly PlanRow[] = [];
let points: readonly Point[] = [];

const keep = (more: Kept): void => {
  kept = { ...kept, ...more };
  vscode.setState(kept);
};

const send = (message: FromPage): void => {
  if (message.type === "graph") {
    keep({ plan: { root: message.root, path: message.path } });
    byId("graph").scrollIntoView();
  }
  vscode.postMessage(message);
};

const select = byId<HTMLSelectElement>("graph-plan");
select.addEventListener("change", () => {
  const chosen = plans[Number(select.value)];
  if (chosen) send({ type: "graph", root: chosen.root, path: chosen.path });
});

function drawPlans(): void {
  replace(byId("plans-body"), plansTable(plans, send));
  select.replaceChildren(...plans.map((plan, index) => html("option", { value: index }, plan.feature)));
}

function drawGraph(graph: GraphResult | undefined, problem: string): void {
  const body = byId("graph-body");
  const drawn = graph && `${graph.workspace}|${graph.plan}`;
  const before = body.dataset["plan"] === drawn ? body.querySelector(".graph") : undefined;
  const [left, top] = [before?.scrollLeft ?? (graph ? firstWave(graph) : 0), before?.scrollTop ?? 0];
  replace(body, ...(graph ? graphParts(graph, send) : [html("p", { class: "empty" }, problem)]));
  body.querySelector(".graph")?.scrollTo(left, top);
  body.dataset["plan"] = drawn ?? "";
  const index = plans.findIndex((plan) => plan.root === graph?.workspace && plan.path === graph?.plan);
  select.value = String(index);
  if (graph) keep({ plan: { root: graph.workspace, path: graph.plan } });
}

function drawFigures(): void {
  const choose = (method: string): void => {
    keep({ method });
    drawFigures();
  };
  replace(byId("figures-body"), ...figures(points, kept.method, choose));
}

const DRAW: { [T in ToPage["type"]]: (message: Extract<ToPage, { type: T }>) => void } = {
  plans: (message) => {
    plans = message.plans;
    byId("health").textContent = message.health;
    drawPlans();
  },
  graph: (message) => drawGraph(message.graph, message.problem),
  points: (message) => {
    points = message.points;
    drawFigures();
  },
  show: (message) => {
    byId(message.section).scrollIntoView();
    byId(`${message.section}-title`).focus();
  },
  said: (message) => {
    byId("said").textContent = message.text;
  },
};

window.addEventListener("message", (event: MessageEvent<ToPage>) => {
  const draw = DRAW[event.data.type] as (message: ToPage) => void;
  draw(event.data);
});
drawPlans();
drawFigures();
vscode.postMessage({ type: "ready", plan: kept.plan });
