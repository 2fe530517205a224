/** The page: it draws the messages of its host, and sends the actions of the user. */
import "./texts";
import type { GraphResult, HistoryResult } from "../../protocol";
import type { Host, Kept } from "../host";
import type { FromPage, PlansMessage, Section, ToPage } from "../messages";
import type { Point } from "../metricPoints";
import { createRedraw } from "../redraw";
import { createBoard } from "./board";
import { byId, replace, setText } from "./dom";
import { figures } from "./figures";
import { createGraphPage } from "./graphPage";
import { createHistoryPage } from "./history";
import { createPlansTable } from "./plans";
import { createTabs } from "./tabs";

/** Starts the page with its host. */
export function start(host: Host): void {
  let kept: Kept = host.restore();
  let plans: PlansMessage | undefined;
  let graph: GraphResult | undefined;
  let graphProblem = "";
  let histories: readonly HistoryResult[] | undefined;
  let historyProblem = "";
  let points: readonly Point[] = [];

  const keep = (more: Kept): void => {
    kept = { ...kept, ...more };
    host.keep(kept);
  };
  const send = (message: FromPage): void => {
    if (message.type === "graph") {
      keep({ plan: { root: message.root, path: message.path } });
      tabs.select("graph", true);
    }
    host.send(message);
  };

  const board = createBoard(send, kept.board, (filter) => keep({ board: filter }));
  const table = createPlansTable(
    send,
    host.runs,
    { order: kept.order, search: kept.search ?? "" },
    ({ order, search }) => {
      const { order: _, ...others } = kept;
      kept = others;
      keep(order ? { order, search } : { search });
    },
  );
  const graphPage = createGraphPage(send, kept.zoom, (zoom) => keep({ zoom }));
  const historyPage = createHistoryPage(send, kept.history, (history) => keep({ history }));

  const drawFigures = (): void => {
    const choose = (method: string): void => {
      keep({ method });
      drawFigures();
    };
    replace(byId("figures-body"), ...figures(points, kept.method, choose));
  };
  const drawState = (): void => {
    setText(byId("health"), plans?.health || (plans?.plans.length ? plans.reading : ""));
    const folders = new Set(plans?.plans.map(({ root }) => root.replaceAll("\\", "/").split("/").at(-1) ?? ""));
    document.title = [...folders, "Planmark"].join(" · ");
    // What is read again, or what a lost server has said, is not known to be so now.
    document.body.classList.toggle("old", Boolean(plans?.reading || byId("problem").textContent));
  };
  const DRAW: Readonly<Record<Section | "state", () => void>> = {
    state: drawState,
    board: () => plans && board.draw(plans),
    plans: () => plans && table.draw(plans),
    graph: () => graphPage.draw(plans, graph, graphProblem),
    history: () => historyPage.draw(histories, historyProblem, plans?.plans ?? []),
    figures: drawFigures,
  };
  const redraw = createRedraw<Section | "state">(
    DRAW,
    (part) => part === "state" || part === tabs.selected(),
    (work) => requestAnimationFrame(work),
  );
  let isHistoryOld = true;
  let isHistoryAsked = false;
  const askHistory = (): void => {
    // While the workspace is read for the first time, it has no history.
    const isRead = plans && (plans.plans.length > 0 || !plans.reading);
    if (!isRead || !isHistoryOld || isHistoryAsked || tabs.selected() !== "history") return;
    isHistoryOld = false;
    isHistoryAsked = true;
    host.send({ type: "history" });
  };

  const tabs = createTabs(kept.section ?? "board", (section) => {
    keep({ section });
    redraw.mark(section);
    askHistory();
  });

  const TAKE: { [T in ToPage["type"]]: (message: Extract<ToPage, { type: T }>) => void } = {
    plans: (message) => {
      plans = message;
      isHistoryOld = true;
      redraw.mark("state", "board", "plans", "graph", "history");
      askHistory();
    },
    graph: (message) => {
      graph = message.graph;
      graphProblem = message.problem;
      if (graph) keep({ plan: { root: graph.workspace, path: graph.plan } });
      redraw.mark("graph");
    },
    history: (message) => {
      histories = message.histories;
      historyProblem = message.problem;
      isHistoryAsked = false;
      askHistory();
      redraw.mark("history");
    },
    points: (message) => {
      points = message.points;
      redraw.mark("figures");
    },
    show: ({ section }) => tabs.select(section, true),
    said: ({ text }) => {
      setText(byId("said"), text);
    },
    problem: ({ text }) => {
      setText(byId("problem"), text);
      redraw.mark("state");
    },
  };
  host.receive((message) => (TAKE[message.type] as (message: ToPage) => void)(message));
  host.send({ type: "ready", plan: kept.plan });
}
