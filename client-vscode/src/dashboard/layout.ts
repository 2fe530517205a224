/** Where the achievements of a plan are drawn: what depends on others to the right of them. */
import type { GraphResult } from "../protocol";

export const NODE = { width: 220, height: 50, across: 64, down: 14, margin: 12 } as const;

export interface PlacedNode {
  readonly id: string;
  readonly layer: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly holds: boolean;
    readonly path: string;
  }[];
  readonly width: number;
  readonly height: number;
}

type Graph = Pick<GraphResult, "nodes" | "edges">;

/** Places every node; edges of a cycle or to an unknown achievement do not move anything, but are drawn where they can be. */
export function layout(graph: Graph): Layout {
  const layers = layersOf(graph);
  const columns: string[][] = [];
  for (const { id } of graph.nodes) {
    const layer = layers.get(id) ?? 0;
    columns[layer] = [...(columns[layer] ?? []), id];
  }
  const rows = new Map<string, number>();
  for (const column of columns) {
    const sorted = [...column].sort((one, other) => middle(one, graph, rows) - middle(other, graph, rows));
    sorted.forEach((id, row) => {
      rows.set(id, row);
    });
  }
  const nodes = graph.nodes.map(({ id }): PlacedNode => {
    const [layer, row] = [layers.get(id) ?? 0, rows.get(id) ?? 0];
    const x = NODE.margin + layer * (NODE.width + NODE.across);
    return { id, layer, row, x, y: NODE.margin + row * (NODE.height + NODE.down) };
  });
  const at = new Map(nodes.map((node) => [node.id, node]));
  const edges = graph.edges.flatMap(({ achievement, depends_on, holds }) => {
    const [from, to] = [at.get(depends_on), at.get(achievement)];
    return from && to ? [{ from: depends_on, to: achievement, holds, path: curve(from, to) }] : [];
  });
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  return {
    nodes,
    edges,
    width: 2 * NODE.margin + Math.max(1, columns.length) * (NODE.width + NODE.across) - NODE.across,
    height: 2 * NODE.margin + tallest * (NODE.height + NODE.down) - NODE.down,
  };
}

/** How many steps an achievement is behind those that depend on nothing. */
function layersOf(graph: Graph): Map<string, number> {
  const needs = new Map<string, string[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const edge of graph.edges) {
    if (edge.holds && needs.has(edge.depends_on)) needs.get(edge.achievement)?.push(edge.depends_on);
  }
  const layers = new Map<string, number>();
  const visit = (id: string, above: readonly string[]): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    const before = (needs.get(id) ?? []).filter((need) => !above.includes(need) && need !== id);
    const layer = Math.max(-1, ...before.map((need) => visit(need, [...above, id]))) + 1;
    layers.set(id, layer);
    return layer;
  };
  for (const { id } of graph.nodes) visit(id, []);
  return layers;
}

/** The mean row of what an achievement depends on; its own place in the plan decides between equals. */
function middle(id: string, graph: Graph, rows: ReadonlyMap<string, number>): number {
  const before = graph.edges.filter((edge) => edge.achievement === id).map((edge) => rows.get(edge.depends_on) ?? 0);
  const mean = before.length ? before.reduce((sum, row) => sum + row, 0) / before.length : 0;
  return mean + graph.nodes.findIndex((node) => node.id === id) / 10_000;
}

function curve(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}

/** The node to which an arrow key leads from one: the nearest in that direction. */
export function nodeInDirection(nodes: readonly PlacedNode[], id: string, key: string): string | undefined {
  const from = nodes.find((node) => node.id === id);
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
  return reachable[0]?.id;
}
