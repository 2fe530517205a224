/** The graph of a plan: each achievement is a link that keys and screen readers reach, in the columns of its waves. */
import { t } from "../../l10n";
import { STATES, stateText } from "../../labels";
import type { GraphResult } from "../../protocol";
import { hasWords, wordsOf } from "../board";
import { layout, NODE, nodeInDirection, type PlacedColumn } from "../layout";
import type { FromPage } from "../messages";
import { html, svg } from "./dom";
import { waveList } from "./waves";

const LINE_LENGTH = 32;

type Node = GraphResult["nodes"][number];
type Send = (message: FromPage) => void;

/** The view of a graph: its size as a part of its own size, the words of the search, and the priorities by ref. */
export interface GraphView {
  readonly zoom: number;
  readonly search: string;
  readonly priorities: ReadonlyMap<string, string>;
}

/** Returns the graph: in words, as a drawing, and as a list. */
export function graphParts(graph: GraphResult, view: GraphView, send: Send): HTMLElement[] {
  if (graph.nodes.length === 0) return [html("p", { class: "empty" }, t("{0} has no achievements.", graph.feature))];
  const open = (node: Node): void => {
    const achievement = node.plan ? node.id.slice(node.id.lastIndexOf(" ") + 1) : (node.ref ?? node.id);
    send({ type: "open", root: graph.workspace, path: node.plan ?? graph.plan, achievement });
  };
  return [...inWords(graph), drawing(graph, view, open), legend(graph), ...waveList(graph, open)];
}

/** Returns the position of the first wave in a drawing, in pixels of its own size. */
export function firstWave(graph: GraphResult, view: GraphView): number {
  const first = layout(graph, view.priorities).columns.find(({ wave }) => wave);
  return first ? first.x - NODE.margin : 0;
}

/** Returns the names of the achievements that have the words of a search; none without words. */
export function matches(graph: GraphResult, search: string): ReadonlySet<string> {
  const words = wordsOf(search);
  const hits = graph.nodes.filter((node) => words.length && hasWords([node.id, node.title, stateText(node)], words));
  return new Set(hits.map(refOfNode));
}

function refOfNode({ id, ref = id }: Node): string {
  return ref;
}

function inWords(graph: GraphResult): HTMLElement[] {
  const { summary = [], cycle = [] } = graph;
  const waits = cycle.length ? t("These wait for each other: {0}", cycle.join(" → ")) : "";
  const lines = [...summary, waits].filter(Boolean);
  return lines.length ? [html("ul", { class: "summary" }, ...lines.map((line) => html("li", {}, line)))] : [];
}

/** Returns the text about an achievement for screen readers and the pointer. It begins with the words of the drawing. */
function spoken(node: Node, needs: readonly string[]): string {
  return [
    [node.id, stateText(node), node.hours_label, node.title].filter(Boolean).join(" "),
    node.next ? t("next") : "",
    node.wave ? t("wave {0}", node.wave) : "",
    node.critical ? t("on the critical path") : "",
    needs.length ? t("depends on {0}", needs.join(", ")) : "",
    node.why,
  ]
    .filter(Boolean)
    .join(", ");
}

/** A click, Enter or Space on an achievement opens it; arrow keys move between achievements. */
function drawing(graph: GraphResult, view: GraphView, open: (node: Node) => void): HTMLElement {
  const places = layout(graph, view.priorities);
  const hits = matches(graph, view.search);
  const needs = new Map<string, string[]>();
  for (const { achievement, depends_on } of graph.edges) {
    const before = needs.get(achievement);
    if (before) before.push(depends_on);
    else needs.set(achievement, [depends_on]);
  }
  const looksOf = (node: Node): string => {
    const looks = [node.state, ...(node.next ? ["next"] : []), ...(node.critical ? ["critical"] : [])];
    return [...looks, ...(hits.has(refOfNode(node)) ? ["hit"] : [])].join(" ");
  };
  const placeOf = (index: number): string => `translate(${places.nodes[index]?.x ?? 0} ${places.nodes[index]?.y ?? 0})`;
  const nodes = graph.nodes.map((node, index) => {
    const says = spoken(node, needs.get(node.id) ?? []);
    return svg(
      "g",
      {
        class: `node ${looksOf(node)}`,
        transform: placeOf(index),
        role: "link",
        tabindex: index === 0 ? 0 : -1,
        "aria-label": says,
        "data-id": node.ref ?? node.id,
        "data-key": `node|${node.ref ?? node.id}`,
        onclick: () => open(node),
        onkeydown: (event) => pressed(event as KeyboardEvent, node),
      },
      svg("title", {}, says),
      svg("rect", { width: NODE.width, height: NODE.height, rx: 4 }),
      svg("rect", { class: "edge-of-state", width: 4, height: NODE.height, rx: 2 }),
    );
  });
  // A shortened text cannot be the name of its link, so the texts lie above the links.
  const labels = graph.nodes.map((node, index) => {
    const hours = node.hours_label ?? "";
    const first = `${STATES[node.state].mark} ${node.id}  ${stateText(node)}`;
    return svg(
      "g",
      { class: `label ${looksOf(node)}`, transform: placeOf(index) },
      svg("text", { class: "id", x: 14, y: 20 }, shortened(first, LINE_LENGTH - (hours ? hours.length + 2 : 0))),
      svg("text", { class: "hours", x: NODE.width - 10, y: 20, "text-anchor": "end" }, hours),
      svg("text", { x: 14, y: 39 }, shortened(node.title, LINE_LENGTH)),
    );
  });

  const pressed = (event: KeyboardEvent, node: Node): void => {
    const to = nodeInDirection(places.nodes, node.ref ?? node.id, event.key);
    if (event.key === "Enter" || event.key === " ") open(node);
    else if (!to) return;
    const next = nodes.find((other) => other.getAttribute("data-id") === to);
    if (next) {
      for (const other of nodes) other.setAttribute("tabindex", other === next ? "0" : "-1");
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    event.preventDefault();
  };

  const own = graph.nodes.filter((node) => !node.plan).length;
  return html(
    "div",
    { class: "graph", tabindex: -1 },
    svg(
      "svg",
      {
        width: Math.round(places.width * view.zoom),
        height: Math.round(places.height * view.zoom),
        viewBox: `0 0 ${places.width} ${places.height}`,
        role: "group",
        "aria-label": t("{0}: {1} achievements and their dependencies", graph.feature, own),
      },
      svg("defs", {}, arrow("arrow", 7), arrow("critical-arrow", 3.5)),
      ...places.columns.map((column) => band(column, places.height)),
      ...places.edges.map(({ path, holds, critical }) => {
        const looks = ["edge", ...(holds ? [] : ["broken"]), ...(critical ? ["critical"] : [])];
        return svg("path", {
          class: looks.join(" "),
          d: path,
          "marker-end": `url(#${critical ? "critical-" : ""}arrow)`,
        });
      }),
      ...nodes,
      svg("g", { "aria-hidden": "true" }, ...labels),
    ),
  );
}

/** The head of an arrow, in widths of its line. */
function arrow(id: string, size: number): Element {
  return svg(
    "marker",
    { id, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: size, markerHeight: size, orient: "auto" },
    svg("path", { d: "M0,0 L8,4 L0,8 z" }),
  );
}

/** Returns the background of a column and its title. The text of each achievement repeats the title. */
function band({ title, wave, x, width }: PlacedColumn, height: number): Element {
  return svg(
    "g",
    { class: wave ? "column wave" : "column", "aria-hidden": "true" },
    svg("rect", { x: x - NODE.margin, y: 2, width: width + 2 * NODE.margin, height: height - 4, rx: 4 }),
    svg("text", { x, y: NODE.margin + 14 }, title),
  );
}

/** Returns a text with "…" in place of its end if it is too long. It is cut after a word that ends in its second half. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  const words = cut.replace(/\s+\S*$/, "");
  return `${words.length > length / 2 ? words : cut.trimEnd()}…`;
}

/** Returns what the marks, colours and lines of a drawing mean, of those that it has. */
function legend(graph: GraphResult): HTMLElement {
  const states = new Map(graph.nodes.map((node) => [node.state, node]));
  const lines: readonly (readonly [string, string, boolean])[] = [
    ["edge", t("must be done before"), graph.edges.some(({ holds }) => holds)],
    ["edge broken", t("a dependency that cannot hold"), graph.edges.some(({ holds }) => !holds)],
    ["edge critical", t("critical path"), (graph.critical_path ?? []).length > 1],
  ];
  const line = (look: string): Element =>
    svg("svg", { width: 28, height: 10, "aria-hidden": "true" }, svg("path", { class: look, d: "M0,5 L28,5" }));
  const stateWords = (node: Node): string => (node.state === "blocked" ? t("blocked") : stateText(node));
  return html(
    "ul",
    { class: "legend", "aria-label": t("Legend") },
    ...[...states].map(([state, node]) =>
      html(
        "li",
        {},
        html("span", { class: `state ${state}`, "aria-hidden": "true" }, STATES[state].mark),
        ` ${stateWords(node)}`,
      ),
    ),
    ...lines.filter(([, , has]) => has).map(([look, says]) => html("li", {}, line(look), ` ${says}`)),
    graph.nodes.some(({ next }) => next)
      ? html("li", {}, html("span", { class: "key next-key", "aria-hidden": "true" }), t("next step of the plan"))
      : undefined,
  );
}
