/** The graph of a plan: each achievement a link that keys and screen readers reach. */
import { t } from "../../l10n";
import { STATES, stateText } from "../../labels";
import type { GraphResult } from "../../protocol";
import { layout, NODE, nodeInDirection } from "../layout";
import type { FromPage } from "../messages";
import { html, svg } from "./dom";

const TITLE_LENGTH = 30;

/** The drawing; a click, Enter or Space on an achievement opens it, arrow keys go from one to the next. */
export function graphDrawing(graph: GraphResult, send: (message: FromPage) => void): HTMLElement {
  if (graph.nodes.length === 0) return html("p", { class: "empty" }, t("{0} has no achievements.", graph.feature));
  const places = layout(graph);
  const nodes = graph.nodes.map((node, index) => {
    const at = places.nodes[index];
    const look = STATES[node.state];
    const needs = graph.edges.filter((edge) => edge.achievement === node.id).map((edge) => edge.depends_on);
    const says = [
      `${node.id} ${node.title}`,
      stateText(node),
      node.next ? t("next") : "",
      needs.length ? t("depends on {0}", needs.join(", ")) : "",
    ].filter(Boolean);
    const achievement = node.plan ? node.id.slice(node.id.lastIndexOf(" ") + 1) : node.id;
    const open = (): void => send({ type: "open", root: graph.workspace, path: node.plan ?? graph.plan, achievement });
    return svg(
      "g",
      {
        class: `node ${node.state}${node.next ? " next" : ""}`,
        transform: `translate(${at?.x ?? 0} ${at?.y ?? 0})`,
        role: "link",
        tabindex: index === 0 ? 0 : -1,
        "aria-label": says.join(", "),
        "data-id": node.id,
        "data-key": `node|${node.id}`,
        onclick: open,
        onkeydown: (event) => pressed(event as KeyboardEvent, open),
      },
      svg("title", {}, says.join(", ")),
      svg("rect", { width: NODE.width, height: NODE.height, rx: 4 }),
      svg("rect", { class: "edge-of-state", width: 4, height: NODE.height, rx: 2 }),
      svg("text", { class: "id", x: 14, y: 20 }, `${look.mark} ${node.id}  ${stateText(node)}`),
      svg("text", { x: 14, y: 39 }, shortened(node.title)),
    );
  });

  const pressed = (event: KeyboardEvent, open: () => void): void => {
    const from = (event.currentTarget as SVGElement).getAttribute("data-id") ?? "";
    const to = nodeInDirection(places.nodes, from, event.key);
    if (event.key === "Enter" || event.key === " ") open();
    else if (!to) return;
    const next = nodes.find((node) => node.getAttribute("data-id") === to);
    if (next) {
      for (const node of nodes) node.setAttribute("tabindex", node === next ? "0" : "-1");
      next.focus();
    }
    event.preventDefault();
  };

  const marker = svg(
    "marker",
    { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    svg("path", { d: "M0,0 L8,4 L0,8 z" }),
  );
  return html(
    "div",
    { class: "graph" },
    svg(
      "svg",
      {
        width: places.width,
        height: places.height,
        viewBox: `0 0 ${places.width} ${places.height}`,
        role: "group",
        "aria-label": t(
          "{0}: {1} achievements and their dependencies",
          graph.feature,
          graph.nodes.filter((node) => !node.plan).length,
        ),
      },
      svg("defs", {}, marker),
      ...places.edges.map((edge) =>
        svg("path", { class: edge.holds ? "edge" : "edge broken", d: edge.path, "marker-end": "url(#arrow)" }),
      ),
      ...nodes,
    ),
  );
}

function shortened(text: string): string {
  return text.length > TITLE_LENGTH ? `${text.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : text;
}
