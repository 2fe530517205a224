/** The parts that all charts share: the axes with their labels, and the legend. */
import type { Drawn, Frame } from "../chart";
import { html, svg } from "./dom";

/** Returns the lines and labels of both axes; the functions give the label of a value and of a time. */
export function axes(
  { rows, columns }: Drawn,
  frame: Frame,
  valueLabel: (value: number) => string,
  timeLabel: (time: number) => string,
): Element[] {
  const end = frame.width - frame.right;
  return [
    ...rows.flatMap(({ at, value }) => [
      svg("line", { class: "grid", x1: frame.left, x2: end, y1: at, y2: at }),
      svg("text", { class: "axis", x: frame.left - 6, y: at + 4, "text-anchor": "end" }, valueLabel(value)),
    ]),
    ...columns.map(({ at, value }, index) => {
      const anchor = index ? "end" : "start";
      return svg("text", { class: "axis", x: at, y: frame.height - 6, "text-anchor": anchor }, timeLabel(value));
    }),
  ];
}

/** Returns the names of the lines, each behind a key of the class `look` with its number. The label of a chart repeats them. */
export function legend(names: readonly string[], look: string): HTMLElement {
  const items = names.map((name, index) => html("li", {}, html("span", { class: `key ${look}${index}` }), name));
  return html("ul", { class: "legend", "aria-hidden": "true" }, ...items);
}
