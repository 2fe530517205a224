/** The waves of a plan as a list: all that the drawing shows, in the order in which it is read. */
import { t } from "../../l10n";
import { stateText } from "../../labels";
import type { GraphResult } from "../../protocol";
import { html } from "./dom";

type Node = GraphResult["nodes"][number];

const NARROW = "(max-width: 480px)";
const MOST_CONFLICTS = 100;

/** Whether the list is open: in a narrow panel, or as the user left it. */
let open = window.matchMedia(NARROW).matches;

/** The list, one part for each wave, then for the other columns, the pairs that change the same files, and the notes; none without waves. */
export function waveList(graph: GraphResult, show: (node: Node) => void): HTMLElement[] {
  const { columns = [], conflicts = [], notes = [] } = graph;
  if (!graph.summary?.length) return [];
  const numbered = columns.map(({ title, wave }, at) => ({ title, at, isWave: typeof wave === "number" }));
  const wavesFirst = numbered.sort((one, other) => Number(other.isWave) - Number(one.isWave));
  const parts = wavesFirst.map(({ title, at }) => {
    const inside = graph.nodes.filter(({ column = 0 }) => column === at);
    inside.sort((one, other) => (one.wave ?? 0) - (other.wave ?? 0));
    return part(
      title,
      inside.map((node) => item(node, show)),
    );
  });
  const pairs = conflicts
    .slice(0, MOST_CONFLICTS)
    .map(({ a, b, files }) => html("li", {}, t("{0} and {1}: {2}", a, b, files.join(", "))));
  const more = conflicts.length - pairs.length;
  const rest = more > 0 ? [html("li", {}, t("{0} more", more))] : [];
  return [
    html(
      "details",
      {
        class: "waves",
        open,
        ontoggle: (event) => {
          open = (event.currentTarget as HTMLDetailsElement).open;
        },
      },
      html("summary", { "data-key": "waves" }, t("Waves as a list")),
      ...parts,
      part(t("Never at the same time, because they change the same files"), [...pairs, ...rest]),
      part(
        t("Notes"),
        notes.map((note) => html("li", {}, note)),
      ),
    ),
  ];
}

function part(title: string, items: readonly HTMLElement[]): HTMLElement | undefined {
  return items.length ? html("section", {}, html("h2", {}, title), html("ul", {}, ...items)) : undefined;
}

function item(node: Node, show: (node: Node) => void): HTMLElement {
  const link = html(
    "button",
    { class: "link", "data-key": `wave|${node.ref ?? node.id}`, onclick: () => show(node) },
    `${node.id} ${node.title}`,
  );
  const facts = [
    stateText(node),
    node.next ? t("next") : "",
    node.critical ? t("on the critical path") : "",
    node.hours_label,
    node.why,
  ];
  return html("li", {}, link, html("span", { class: "muted" }, ` ${facts.filter(Boolean).join(" · ")}`));
}
