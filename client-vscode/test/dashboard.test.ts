import assert from "node:assert/strict";
import { test } from "node:test";
import { draw, duration, niceTop } from "../src/dashboard/chart";
import { GRID_ROWS, layout, nodeInDirection } from "../src/dashboard/layout";
import { extended, MOST_POINTS, type Point, point } from "../src/dashboard/metricPoints";
import { page, panelPolicy, SECTIONS } from "../src/dashboard/page";
import type { MetricsReport } from "../src/protocol";

const FRAME = { width: 100, height: 50, left: 10, right: 10, top: 5, bottom: 5 };

test("lines go from the first time to the last, from zero to a round top", () => {
  const drawn = draw([0, 50, 100], [{ name: "p50", values: [0, 5, 10] }], FRAME, 1);
  assert.equal(drawn.lines[0]?.points, "10,45 50,25 90,5");
  assert.deepEqual(
    drawn.rows.map((row) => row.value),
    [0, 5, 10],
  );
  assert.deepEqual(
    drawn.columns.map((column) => column.at),
    [10, 90],
  );
});

test("what is missing is left out, one point is a point, none is nothing", () => {
  assert.equal(draw([0, 50, 100], [{ name: "a", values: [1, undefined, 1] }], FRAME, 1).lines[0]?.points, "10,5 90,5");
  assert.equal(draw([7], [{ name: "a", values: [1] }], FRAME, 1).lines[0]?.points, "10,5");
  assert.equal(draw([], [{ name: "a", values: [] }], FRAME, 1).lines[0]?.last, undefined);
});

test("tops of scales are round", () => {
  assert.deepEqual([0, -1, Number.NaN, 0.003, 0.9, 1, 3, 12, 740].map(niceTop), [1, 1, 1, 0.005, 1, 1, 5, 20, 1000]);
});

test("durations are short", () => {
  assert.deepEqual([0, 0.04, 1.234, 12.6, 1500].map(duration), ["0", "40 µs", "1.2 ms", "13 ms", "1.5 s"]);
});

const node = (id: string, column = 0, wave: number | null = null, critical = false) => ({
  id,
  title: id,
  state: "no_subplan" as const,
  next: false,
  column,
  wave,
  critical,
});
const edge = (achievement: string, depends_on: string, holds = true) => ({
  achievement,
  depends_on,
  holds,
  reason: { path: "plans/SHOP/PLAN_SHOP.md", line: 1, says: "Depends on" },
});

test("every node stands in the column that the server gives, and the first row is for the critical path", () => {
  const drawn = layout({
    nodes: [node("1"), node("2"), node("3", 1, 1), node("4", 1, 1, true), node("5", 2, 2, true), node("6", 3, 3)],
    edges: [edge("3", "1"), edge("4", "2"), edge("5", "4")],
    columns: ["Done", "Wave 1", "Wave 2", "Wave 3"].map((title, at) => ({ title, wave: at || null })),
    critical_path: ["4", "5"],
  });
  assert.deepEqual(
    drawn.nodes.map(({ ref, column, row }) => [ref, column, row]),
    [
      ["1", 0, 0],
      ["2", 0, 1],
      ["3", 1, 1],
      ["4", 1, 0],
      ["5", 2, 0],
      ["6", 3, 1],
    ],
  );
  assert.deepEqual(
    drawn.columns.map(({ title, wave }) => [title, wave]),
    [
      ["Done", false],
      ["Wave 1", true],
      ["Wave 2", true],
      ["Wave 3", true],
    ],
  );
  assert.deepEqual(
    drawn.edges.filter(({ critical }) => critical).map(({ from, to }) => [from, to]),
    [["4", "5"]],
  );
});

test("the critical path is drawn where no dependency orders it", () => {
  const nodes = [node("1", 0, 1, true), node("2", 0, 2, true), node("3", 1, 3, true)];
  const drawn = layout({ nodes, edges: [], columns: [{ title: "a" }, { title: "b" }], critical_path: ["1", "2", "3"] });
  assert.deepEqual(
    drawn.edges.map(({ from, to, critical }) => [from, to, critical]),
    [
      ["1", "2", true],
      ["2", "3", true],
    ],
  );
  // Two that follow each other in one column are joined by a straight line.
  assert.match(drawn.edges[0]?.path ?? "", /^M(\d+),\d+ L\1,\d+$/);
});

test("of two nodes with one id, the critical path has the one that its ref names", () => {
  const nodes = [node("1"), { ...node("1", 1, 1, true), ref: ":7-ab" }, { ...node("2", 2, 2, true), ref: "2" }];
  const { edges } = layout({ nodes, edges: [edge("2", "1")], critical_path: [":7-ab", "2"] });
  assert.deepEqual(
    edges.map(({ from, to, critical }) => [from, to, critical]),
    [
      ["1", "2", false],
      [":7-ab", "2", true],
    ],
  );
});

test("waves of one column are below each other in their order", () => {
  const nodes = [node("b", 0, 2), node("a", 0, 1), node("c", 0, 3)];
  assert.deepEqual(
    layout({ nodes, edges: [edge("a", "c")] }).nodes.map(({ ref, row }) => [ref, row]),
    [
      ["b", 1],
      ["a", 0],
      ["c", 2],
    ],
  );
});

test("29 achievements without dependencies are a grid by their priorities, within their column", () => {
  const nodes = Array.from({ length: 29 }, (_, index) => node(`${index}`));
  const priorities = new Map(nodes.map(({ id }, index) => [id, index < 20 ? "10" : "9"]));
  const drawn = layout({ nodes: [...nodes, node("after", 1)], edges: [] }, priorities);
  assert.equal(Math.max(...drawn.nodes.map(({ row }) => row + 1)), GRID_ROWS);
  const places = drawn.nodes.map(({ x, y }) => `${x} ${y}`);
  assert.equal(new Set(places).size, 30);
  // Priority 9 comes before priority 10.
  const first = drawn.nodes.filter(({ x, column }) => column === 0 && x === drawn.nodes[20]?.x).map(({ ref }) => ref);
  assert.deepEqual(first, ["20", "21", "22", "23", "24", "25", "26", "27"]);
  const after = drawn.nodes[29];
  assert.ok(drawn.nodes.slice(0, 29).every(({ x }) => x < (after?.x ?? 0)));
});

test("achievements with dependencies stay in their order beside a grid", () => {
  const nodes = [...Array.from({ length: 12 }, (_, index) => node(`${index}`)), node("a"), node("b", 1)];
  const drawn = layout({ nodes, edges: [edge("b", "a")] });
  assert.equal(drawn.nodes[12]?.row, 0);
  assert.equal(drawn.nodes[12]?.x, drawn.nodes[0]?.x);
  assert.equal(new Set(drawn.nodes.map(({ x, y }) => `${x} ${y}`)).size, 14);
});

test("cycles, unknown achievements and plans without columns are survived", () => {
  const nodes = ["1", "2"].map((id) => node(id));
  assert.equal(
    layout({ nodes, edges: [edge("1", "2", false), edge("2", "1", false), edge("1", "9", false)] }).edges.length,
    2,
  );
  assert.equal(layout({ nodes, edges: [edge("1", "2"), edge("2", "1"), edge("1", "1")] }).nodes.length, 2);
  assert.deepEqual(layout({ nodes: [], edges: [] }).nodes, []);
});

test("arrow keys lead to the nearest in their direction", () => {
  const { nodes } = layout({ nodes: [node("1"), node("2"), node("3", 1)], edges: [edge("3", "1")] });
  assert.deepEqual(
    ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "a"].map((key) => nodeInDirection(nodes, "1", key)),
    ["2", "3", undefined, undefined, undefined],
  );
});

const REPORT = {
  uptimeSeconds: 10,
  requests: [],
  index: {},
  caches: [
    { name: "blocks", hits: 3, misses: 1, hitRate: 0.75 },
    { name: "unused", hits: 0, misses: 0, hitRate: 0 },
  ],
  process: { rssBytes: 1, cpuSeconds: 2 },
} as unknown as MetricsReport;

test("a point holds the caches that were used", () => {
  assert.deepEqual(point(REPORT, 5).caches, { blocks: 0.75 });
});

test("history is bounded, and begins again with a new server", () => {
  let points: readonly Point[] = [];
  for (let at = 0; at < MOST_POINTS + 5; at++) points = extended(points, point({ ...REPORT, uptimeSeconds: at }, at));
  assert.equal(points.length, MOST_POINTS);
  assert.equal(extended(points, point({ ...REPORT, uptimeSeconds: 1 }, 9999)).length, 1);
});

test("the page in VS Code runs its own script only, and has a tab for each page", () => {
  const text = page({
    policy: panelPolicy("https://o", "abc"),
    script: "https://o/s.js",
    style: "https://o/s.css",
    icon: "",
    nonce: "abc",
    language: "de",
    texts: { Plans: 'a"<b' },
    sections: SECTIONS,
  });
  assert.match(text, /<html lang="de">/);
  assert.ok(text.includes('data-texts="{&quot;Plans&quot;:&quot;a\\&quot;&lt;b&quot;}"'), text);
  assert.match(text, /default-src 'none'; style-src https:\/\/o; script-src 'nonce-abc'"/);
  assert.ok(!/unsafe|style="|onclick="/.test(text));
  assert.equal(text.match(/<script/g)?.length, 1);
  assert.deepEqual(
    [...text.matchAll(/aria-controls="(\w+)"/g)].map(([, id]) => id),
    ["board", "plans", "graph", "history", "figures"],
  );
});
