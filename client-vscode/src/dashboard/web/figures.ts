/** The server's metrics: latencies and cache rates over time, requests, the index. */
import { t } from "../../l10n";
import { draw, duration, type Frame, type Series } from "../chart";
import type { Point } from "../metricPoints";
import { axes, legend } from "./chartParts";
import { html, svg } from "./dom";

const FRAME: Frame = { width: 460, height: 170, left: 52, right: 12, top: 10, bottom: 24 };
const LINES = 6;

/** Returns the part of the page about the server; `method` is the request whose latencies are drawn. */
export function figures(
  points: readonly Point[],
  method: string | undefined,
  choose: (method: string) => void,
): Node[] {
  const last = points.at(-1);
  if (!last) return [html("p", { class: "empty" }, t("The server has not sent any figures yet."))];
  const busiest = [...last.requests].sort((one, other) => other.count - one.count);
  const shown = busiest.find((request) => request.method === method)?.method ?? busiest[0]?.method ?? "";
  const times = points.map((point) => point.at);
  const latencies: Series[] = (["p50Ms", "p95Ms", "p99Ms"] as const).map((name) => ({
    name: name.replace("Ms", ""),
    values: points.map((point) => point.requests.find((request) => request.method === shown)?.[name]),
  }));
  const caches = Object.keys(last.caches).slice(0, LINES);
  const rates: Series[] = caches.map((name) => ({ name, values: points.map((point) => point.caches[name]) }));
  const options = busiest.map((request) =>
    html("option", { value: request.method, selected: request.method === shown }, request.method),
  );
  const select = html(
    "select",
    { id: "method", "data-key": "method", onchange: (event) => choose((event.target as HTMLSelectElement).value) },
    ...options,
  );
  return [
    html("dl", { class: "index" }, ...facts(last)),
    html(
      "div",
      { class: "charts" },
      html(
        "figure",
        {},
        html("figcaption", {}, html("label", { for: "method" }, t("Latency of"), " "), select),
        chart(times, latencies, 1, duration, t("Latency of {0}", shown)),
      ),
      html(
        "figure",
        {},
        html("figcaption", {}, t("Hit rates of the caches")),
        chart(times, rates, 1, percent, t("Hit rates of the caches")),
      ),
    ),
    requestsTable(last),
  ];
}

function chart(
  times: readonly number[],
  series: readonly Series[],
  most: number,
  unit: (value: number) => string,
  about: string,
): Element {
  const drawn = draw(times, series, FRAME, most);
  const now = series.map((known) => `${known.name} ${unit(known.values.at(-1) ?? 0)}`);
  return html(
    "div",
    {},
    svg(
      "svg",
      {
        class: "chart",
        viewBox: `0 0 ${FRAME.width} ${FRAME.height}`,
        role: "img",
        "aria-label": `${about}: ${now.join(", ")}`,
      },
      ...axes(drawn, FRAME, unit, (time) => new Date(time).toLocaleTimeString()),
      ...drawn.lines
        .flatMap((line, index) => [
          svg("polyline", { class: `line line${index}`, points: line.points }),
          line.last ? svg("circle", { class: `dot line${index}`, cx: line.last.x, cy: line.last.y, r: 3 }) : undefined,
        ])
        .filter((part) => part !== undefined),
    ),
    legend(now, "line"),
  );
}

function facts(last: Point): HTMLElement[] {
  const { index } = last;
  const listed: readonly (readonly [string, string])[] = [
    [t("Documents"), index.documents.toLocaleString()],
    [t("Plans"), index.plans.toLocaleString()],
    [t("First scan"), duration(index.coldMs)],
    [t("Last update"), duration(index.lastUpdateMs)],
    [t("Sections parsed"), index.sectionsParsed.toLocaleString()],
    [t("Sections reused"), index.sectionsReused.toLocaleString()],
    [t("Memory"), `${Math.round(last.rssBytes / 1e6)} MB`],
    [t("Processor time"), `${last.cpuSeconds.toFixed(1)} s`],
    [t("Uptime"), duration(last.uptimeSeconds * 1000)],
  ];
  return listed.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value)));
}

function requestsTable(last: Point): HTMLElement {
  const heads = [t("Request"), t("Count"), t("Errors"), t("Cancelled"), "p50", "p95", "p99", t("Longest")];
  const rows = [...last.requests].sort((one, other) => other.count - one.count);
  return html(
    "table",
    { class: "requests" },
    html("caption", {}, t("Requests since the server started")),
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html(
      "tbody",
      {},
      ...rows.map((row) => {
        const times = [row.p50Ms, row.p95Ms, row.p99Ms, row.maxMs].map(duration);
        const cells = [row.count, row.errors, row.cancelled, ...times];
        return html(
          "tr",
          {},
          html("th", { scope: "row" }, row.method),
          ...cells.map((cell) => html("td", {}, String(cell))),
        );
      }),
    ),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
