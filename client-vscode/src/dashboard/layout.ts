/** The positions of achievements in the graph of a plan: in the columns of the server, their waves from left to right. */
import type { GraphResult } from "../protocol";

export const NODE = { width: 240, height: 50, across: 64, down: 14, margin: 12, head: 28, beside: 16 } as const;
/** The number of rows from which nodes without edges are in a grid. */
export const GRID_ROWS = 8;

export interface PlacedNode {
  /** The name of the node, which no other one has. */
  readonly ref: string;
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly holds: boolean;
  readonly critical: boolean;
  readonly path: string;
}

export interface PlacedColumn {
  readonly title: string;
  readonly wave: boolean;
  readonly x: number;
  readonly width: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly columns: readonly PlacedColumn[];
  readonly width: number;
  readonly height: number;
}

type Graph = Pick<GraphResult, "nodes" | "edges" | "columns" | "critical_path">;

/**
 * Places every node. Edges to an unknown achievement are left out; the critical path is drawn through all of its nodes. Nodes
 * without edges that would be a long column are a grid, by their priorities. `priorities` has those of the nodes by their refs.
 */
export function layout(graph: Graph, priorities: ReadonlyMap<string, string> = new Map()): Layout {
  const titled = (graph.columns ?? []).some(({ title }) => title !== "");
  const top = NODE.margin + (titled ? NODE.head : 0);
  const cells = cellsOf(graph, priorities);
  const last = Math.max(0, (graph.columns?.length ?? 0) - 1, ...graph.nodes.map(({ column = 0 }) => column));
  const widths = Array.from({ length: last + 1 }, () => NODE.width as number);
  for (const [index, { column = 0 }] of graph.nodes.entries()) {
    const beside = cells[index]?.beside ?? 0;
    widths[column] = Math.max(widths[column] ?? 0, NODE.width + beside * (NODE.width + NODE.beside));
  }
  const lefts: number[] = [NODE.margin];
  for (const width of widths) lefts.push((lefts.at(-1) ?? 0) + width + NODE.across);
  const nodes = graph.nodes.map(({ id, ref = id, column = 0 }, index): PlacedNode => {
    const { row, beside } = cells[index] ?? { row: 0, beside: 0 };
    const x = (lefts[column] ?? 0) + beside * (NODE.width + NODE.beside);
    return { ref, column, row, x, y: top + row * (NODE.height + NODE.down) };
  });
  const columns = (graph.columns ?? []).map(
    ({ title, wave }, index): PlacedColumn => ({
      title,
      wave: typeof wave === "number",
      x: lefts[index] ?? 0,
      width: widths[index] ?? NODE.width,
    }),
  );
  const tallest = Math.max(1, ...nodes.map(({ row }) => row + 1));
  return {
    nodes,
    edges: edgesOf(graph, new Map(nodes.map((node) => [node.ref, node]))),
    columns: titled ? columns : [],
    width: (lefts[last] ?? 0) + (widths[last] ?? 0) + NODE.margin,
    height: top + NODE.margin + tallest * (NODE.height + NODE.down) - NODE.down,
  };
}

/** The place of a node within its column: its row, and the number of nodes on its left. */
interface Cell {
  readonly row: number;
  readonly beside: number;
}

/**
 * Returns the cell of every node: by wave, then by the mean height of its dependencies, then as in the plan. The first row of
 * the waves is for the critical path, so that no other node hides it.
 */
function cellsOf(graph: Graph, priorities: ReadonlyMap<string, string>): Cell[] {
  const needs = new Map<string, string[]>();
  for (const { achievement, depends_on } of graph.edges) {
    const before = needs.get(achievement);
    if (before) before.push(depends_on);
    else needs.set(achievement, [depends_on]);
  }
  const bound = new Set(graph.edges.flatMap(({ achievement, depends_on }) => [achievement, depends_on]));
  const columns = new Map<number, number[]>();
  for (const [index, { column = 0 }] of graph.nodes.entries()) {
    const there = columns.get(column);
    if (there) there.push(index);
    else columns.set(column, [index]);
  }
  const rowOf = new Map<string, number>();
  const cells: Cell[] = [];
  for (const [, there] of [...columns].sort(([one], [other]) => one - other)) {
    const sorted = there
      .map((index) => {
        const node = graph.nodes[index];
        const before = (needs.get(node?.id ?? "") ?? []).map((id) => rowOf.get(id) ?? 0);
        const mean = before.reduce((sum, row) => sum + row, 0) / Math.max(1, before.length);
        const isLoose = !node?.critical && !bound.has(node?.id ?? "");
        const priority = priorities.get(node?.ref ?? node?.id ?? "") ?? "";
        return {
          index,
          id: node?.id ?? "",
          wave: node?.wave ?? 0,
          mean: node?.critical ? -1 : mean,
          isLoose,
          priority,
        };
      })
      .sort((one, other) => one.wave - other.wave || one.mean - other.mean || one.index - other.index);
    const first = sorted[0];
    const start = first && first.wave > 0 && first.mean >= 0 && graph.critical_path?.length ? 1 : 0;
    const isGrid = start + sorted.length > GRID_ROWS && sorted.some(({ isLoose }) => isLoose);
    const rows = isGrid ? sorted.filter(({ isLoose }) => !isLoose) : sorted;
    for (const [row, { index, id }] of rows.entries()) {
      cells[index] = { row: start + row, beside: 0 };
      rowOf.set(id, start + row);
    }
    if (isGrid) placeGrid(cells, sorted, start + rows.length, start);
  }
  return cells;
}

/** Places the loose nodes of a column by their priorities: below the others, and beside them once the rows of a grid are full. */
function placeGrid(
  cells: Cell[],
  sorted: readonly { readonly index: number; readonly isLoose: boolean; readonly priority: string }[],
  used: number,
  start: number,
): void {
  const loose = sorted.filter(({ isLoose }) => isLoose);
  loose.sort((one, other) => BY_PRIORITY.compare(one.priority, other.priority));
  const tall = Math.max(GRID_ROWS, Math.ceil(Math.sqrt(loose.length)));
  const room = Math.max(0, tall - used);
  for (const [at, { index }] of loose.entries()) {
    const below = at - room;
    const rows = tall - start;
    cells[index] =
      below < 0 ? { row: used + at, beside: 0 } : { row: start + (below % rows), beside: 1 + Math.floor(below / rows) };
  }
}

const BY_PRIORITY = new Intl.Collator(undefined, { numeric: true });

function edgesOf(graph: Graph, at: ReadonlyMap<string, PlacedNode>): PlacedEdge[] {
  const path = graph.critical_path ?? [];
  const steps = new Map(path.slice(1).map((to, index) => [to, path[index]]));
  const declared = new Set<string>();
  const placed = (from: string, to: string, holds: boolean, critical: boolean): PlacedEdge[] => {
    const [start, end] = [at.get(from), at.get(to)];
    return start && end ? [{ from, to, holds, critical, path: curve(start, end) }] : [];
  };
  // Of several nodes with one id, the first is meant.
  const refs = new Map([...graph.nodes].reverse().map(({ id, ref = id }) => [id, ref]));
  const edges = graph.edges.flatMap(({ achievement, depends_on, holds }) => {
    const [from, to] = [refs.get(depends_on) ?? "", refs.get(achievement) ?? ""];
    const critical = steps.get(to) === from;
    if (critical) declared.add(to);
    return placed(from, to, holds, critical);
  });
  // Priorities or the document order these achievements; no dependency does.
  const undeclared = [...steps].filter(([to]) => !declared.has(to));
  return [...edges, ...undeclared.flatMap(([to, from]) => placed(from ?? "", to, true, true))];
}

function curve(from: PlacedNode, to: PlacedNode): string {
  if (from.column === to.column) return curveInColumn(from, to);
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}

/** Returns the path of an edge between two nodes of a column: straight down to the next one, else around the nodes between, on their left. */
function curveInColumn(from: PlacedNode, to: PlacedNode): string {
  if (to.row === from.row + 1) {
    const x = from.x + NODE.width / 2;
    return `M${x},${from.y + NODE.height} L${x},${to.y}`;
  }
  const [y1, y2] = [from.y + NODE.height / 2, to.y + NODE.height / 2];
  return `M${from.x},${y1} C${from.x - 14},${y1} ${from.x - 14},${y2} ${from.x},${y2}`;
}

/** Returns the node to which an arrow key leads: the nearest in that direction. */
export function nodeInDirection(nodes: readonly PlacedNode[], ref: string, key: string): string | undefined {
  const from = nodes.find((node) => node.ref === ref);
  if (!from) return undefined;
  const ahead: Readonly<Record<string, (node: PlacedNode) => number>> = {
    ArrowRight: (node) => node.x - from.x,
    ArrowLeft: (node) => from.x - node.x,
    ArrowDown: (node) => (node.x === from.x ? node.y - from.y : 0),
    ArrowUp: (node) => (node.x === from.x ? from.y - node.y : 0),
  };
  const distance = ahead[key];
  if (!distance) return undefined;
  const reachable = nodes.filter((node) => distance(node) > 0);
  reachable.sort(
    (one, other) => distance(one) - distance(other) || Math.abs(one.y - from.y) - Math.abs(other.y - from.y),
  );
  return reachable[0]?.ref;
}
