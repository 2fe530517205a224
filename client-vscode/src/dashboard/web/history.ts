/** The history: approvals over time, what waits and for how long, and the rounds of reviews. */
import { t } from "../../l10n";
import type { HistoryResult } from "../../protocol";
import { keyOfPlan } from "../board";
import { type Approval, approvals, burnUp, mostReviewed, selectedHistories, timeOf, waitingLongest } from "../burnUp";
import { drawUpTo, type Frame } from "../chart";
import type { FromPage, PlanRow } from "../messages";
import { axes, legend } from "./chartParts";
import { byId, html, labelled, replace, setChoices, svg } from "./dom";
import { roleText } from "./words";

const FRAME: Frame = { width: 760, height: 260, left: 44, right: 16, top: 12, bottom: 28 };
const NARROW_FRAME: Frame = { width: 340, height: 200, left: 32, right: 8, top: 12, bottom: 28 };
const NARROW = window.matchMedia("(max-width: 480px)");
/** The number of lines of each table at most. */
const ROWS = 200;

const SOURCES: Readonly<Record<HistoryResult["source"], () => string>> = {
  verdicts: () => t("The times are those of the verdicts."),
  git: () => t("The times are those of the commits."),
  "verdicts+git": () => t("The times are those of the verdicts, else of the commits."),
};

export interface HistoryPage {
  readonly draw: (histories: readonly HistoryResult[] | undefined, problem: string, plans: readonly PlanRow[]) => void;
}

/** Creates the page. `selected` is called with the key of each plan that the user selects; "" for all plans. */
export function createHistoryPage(
  send: (message: FromPage) => void,
  first: string | undefined,
  selected: (key: string) => void,
): HistoryPage {
  let key = first ?? "";
  let last: Parameters<HistoryPage["draw"]> = [undefined, "", []];
  /** Everything that the page shows, as a text. */
  let drawn = "";
  const select = html("select", {
    id: "history-plan",
    onchange: () => {
      key = select.value;
      selected(key);
      draw(...last);
    },
  });
  NARROW.addEventListener("change", () => draw(...last));
  byId("history-controls").append(labelled(t("Plan"), select));

  const draw: HistoryPage["draw"] = (histories, problem, rows) => {
    last = [histories, problem, rows];
    const body = byId("history-body");
    const shows = JSON.stringify([
      histories,
      problem,
      rows.map(({ feature, boxes }) => [feature, boxes]),
      key,
      NARROW.matches,
    ]);
    if (shows === drawn) return;
    drawn = shows;
    if (!histories || problem) {
      replace(body, html("p", { class: "empty" }, problem || t("Reading…")));
      return;
    }
    const plans = selectedHistories(histories, "", rows);
    const chosen = plans.some((plan) => plan.key === key) ? key : "";
    const choices = [
      { value: "", label: t("all plans") },
      ...plans.map((plan) => ({ value: plan.key, label: plan.feature })),
    ];
    setChoices(select, choices, chosen);
    const shown = selectedHistories(histories, chosen, rows);
    const source = [...new Set(histories.map((known) => SOURCES[known.source]?.() ?? ""))].join(" ");
    const link = linkTo(histories, send);
    const events = approvals(shown);
    const withBoxes = new Set(rows.filter(({ boxes }) => boxes).map(keyOfPlan));
    const says = progressOf(shown, withBoxes);
    replace(
      body,
      ...(events.length ? [chart(shown, says)] : [html("p", {}, says)]),
      html(
        "ul",
        { class: "summary muted" },
        ...[...(events.length ? [source] : []), ...notes(histories, shown)].map((text) =>
          html("li", { dir: "auto" }, text),
        ),
      ),
      ...(events.length ? [approvalsTable(events)] : []),
      ...waitingTable(shown, link),
      ...reviewsTable(shown, link),
    );
  };
  return { draw };
}

/** Returns how much of plans is done, in words; `withBoxes` are the keys of the plans whose tasks are ticked instead of approved. */
function progressOf(shown: Shown, withBoxes: ReadonlySet<string>): string {
  const { approved, of } = burnUp(shown, 0);
  const ticked = shown.filter(({ key }) => withBoxes.has(key)).length;
  if (ticked === 0) return t("{0} of {1} approved", approved, of);
  return ticked === shown.length
    ? t("{0} of {1} tasks done", approved, of)
    : t("{0} of {1} approved or done", approved, of);
}

/** Returns the facts that the line does not show. */
function notes(histories: readonly HistoryResult[], shown: Shown): string[] {
  const undated = shown.reduce((sum, plan) => sum + (plan.undated ?? 0), 0);
  const unknown =
    undated === 1 ? t("{0} approval has no known time.", undated) : t("{0} approvals have no known time.", undated);
  const own = shown.length === 1 ? (shown[0]?.notes ?? []) : [];
  return [...(undated ? [unknown] : []), ...histories.flatMap((known) => known.notes ?? []), ...own];
}

type Shown = ReturnType<typeof selectedHistories>;
type Named = { readonly key: string; readonly achievement: string; readonly title: string };
type Link = (named: Named) => HTMLElement;

/** Returns how an achievement is named: by a link that opens it. */
function linkTo(histories: readonly HistoryResult[], send: (message: FromPage) => void): Link {
  const places = new Map(
    histories.flatMap(({ workspace, plans }) =>
      plans.map(({ plan }) => [keyOfPlan({ root: workspace, path: plan }), { root: workspace, path: plan }] as const),
    ),
  );
  return ({ key, achievement, title }) =>
    html(
      "button",
      {
        type: "button",
        class: "link",
        "data-key": `history|${key}|${achievement}`,
        onclick: () => {
          const place = places.get(key);
          if (place) send({ type: "open", ...place, achievement });
        },
      },
      html("bdi", {}, `${achievement} ${title}`.trim()),
    );
}

function chart(shown: Shown, says: string): HTMLElement {
  const { times, series, approved, of } = burnUp(shown, Date.now());
  const frame = NARROW.matches ? NARROW_FRAME : FRAME;
  // Half of the scale is a whole number too.
  const drawn = drawUpTo(Math.max(2, 2 * Math.ceil(Math.max(of, approved) / 2)), times, series, frame);
  const date = (time: number): string => new Date(time).toLocaleDateString();
  const spoken = t(
    "Approvals from {0} to {1}: {2}. The table below has each of them.",
    date(times[0] ?? 0),
    date(times.at(-1) ?? 0),
    says,
  );
  const names = [t("done: {0}", approved), t("wanted: {0}", of)];
  return html(
    "figure",
    { class: "burn-up" },
    html("figcaption", {}, says),
    svg(
      "svg",
      { class: "chart", viewBox: `0 0 ${frame.width} ${frame.height}`, role: "img", "aria-label": spoken },
      ...axes(drawn, frame, String, date),
      ...drawn.lines.map((line, index) => svg("polyline", { class: `line burn${index}`, points: line.points })),
    ),
    legend(names, "burn"),
  );
}

interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Node | string;
}

/** Returns a table with the first lines of a list, and the number of the others. */
function table<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[], caption: string): HTMLElement {
  const more = rows.length - ROWS;
  return html(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
    html(
      "table",
      { class: "lines", role: "table" },
      html("caption", { class: "hidden" }, caption),
      html(
        "thead",
        { role: "rowgroup" },
        html(
          "tr",
          { role: "row" },
          ...columns.map(({ head }) => html("th", { scope: "col", role: "columnheader" }, head)),
        ),
      ),
      html(
        "tbody",
        { role: "rowgroup" },
        ...rows
          .slice(0, ROWS)
          .map((row) =>
            html(
              "tr",
              { role: "row" },
              ...columns.map(({ head, cell }) => html("td", { role: "cell", "data-head": head }, bdi(cell(row)))),
            ),
          ),
      ),
    ),
    more > 0 ? html("p", { class: "muted" }, t("{0} more", more)) : undefined,
  );
}

/** Returns a text as an element with its own direction; other nodes and "" as they are. */
function bdi(content: Node | string): Node | string {
  return typeof content === "string" && content ? html("bdi", {}, content) : content;
}

/** Whether the table of approvals is open, as the user left it. */
let isOpen = false;

function approvalsTable(events: readonly Approval[]): HTMLElement {
  const columns: readonly TableColumn<Approval>[] = [
    { head: t("Time"), cell: ({ at }) => dateText(at) },
    { head: t("Plan"), cell: ({ feature }) => feature },
    { head: t("Event"), cell: ({ event }) => event },
    { head: t("Approved"), cell: ({ approved }) => String(approved) },
  ];
  return html(
    "details",
    {
      class: "waves",
      open: isOpen,
      ontoggle: (event) => {
        isOpen = (event.currentTarget as HTMLDetailsElement).open;
      },
    },
    html("summary", { "data-key": "approvals" }, t("Approvals as a table")),
    table([...events].reverse(), columns, t("Approvals, the newest first")),
  );
}

function waitingTable(shown: Shown, link: Link): HTMLElement[] {
  const rows = waitingLongest(shown);
  const columns: readonly TableColumn<(typeof rows)[number]>[] = [
    { head: t("Plan"), cell: ({ feature }) => feature },
    { head: t("Achievement"), cell: link },
    { head: t("Waits for"), cell: ({ step_label, role }) => `${roleText(role)}: ${step_label}` },
    { head: t("Since"), cell: ({ since }) => (since ? dateText(since) : t("unknown")) },
    { head: t("Days"), cell: ({ days }) => (days === null ? "" : String(days)) },
  ];
  const body = rows.length
    ? table(rows, columns, t("What waits, the longest first"))
    : html("p", { class: "empty" }, t("Nothing waits."));
  return [html("h2", {}, t("Waiting")), body];
}

function reviewsTable(shown: Shown, link: Link): HTMLElement[] {
  const rows = mostReviewed(shown);
  if (rows.length === 0) return [];
  const columns: readonly TableColumn<(typeof rows)[number]>[] = [
    { head: t("Plan"), cell: ({ feature }) => feature },
    { head: t("Achievement"), cell: link },
    { head: t("Rounds"), cell: ({ rounds }) => String(rounds) },
    { head: t("Approved"), cell: ({ approved_at }) => (approved_at ? dateText(approved_at) : "") },
    { head: t("Reviewer"), cell: ({ by = "" }) => by },
  ];
  return [html("h2", {}, t("Review rounds")), table(rows, columns, t("Reviews, those with the most rounds first"))];
}

/** Returns a date, with the time if it is known; texts that are no date stay as they are. */
function dateText(at: string): string {
  const time = timeOf(at);
  if (Number.isNaN(time)) return at;
  return at.length <= 10
    ? new Date(time).toLocaleDateString()
    : new Date(time).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}
