import { layout as arrange, graphlib } from "@dagrejs/dagre";
import type { FlowEdge, FlowNode } from "@/api/types";

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Map<string, Point>; // their centres
  edges: { from: string; to: string; points: Point[]; label: Point; isMembership: boolean }[];
}

export const nodeSize = { width: 176, height: 58 };
const labelSize = { width: 92, height: 30 };

// Where everything stands, from left to right. What a group's members do next is joined to the group, so that the
// way goes on through a service; such an edge carries no numbers.
export function layoutFlow(nodes: FlowNode[], edges: FlowEdge[]): Layout {
  const graph = new graphlib.Graph({ multigraph: false });
  graph.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 30, edgesep: 14, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes.map(({ id }) => id));
  for (const { id } of nodes) {
    graph.setNode(id, { ...nodeSize });
  }
  const drawn = edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  for (const { from, to } of drawn) {
    graph.setEdge(from, to, { ...labelSize, labelpos: "c" });
  }
  const memberships = membershipsOf(nodes, edges);
  for (const { from, to } of memberships) {
    graph.setEdge(from, to, { minlen: 1 });
  }
  arrange(graph);

  const { width = 0, height = 0 } = graph.graph();
  const place = (from: string, to: string, isMembership: boolean) => {
    const { points, x, y } = graph.edge(from, to);
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    return { from, to, points, label: { x: x ?? middle.x, y: y ?? middle.y }, isMembership };
  };
  return {
    width,
    height,
    nodes: new Map(nodes.map(({ id }) => [id, { x: graph.node(id).x, y: graph.node(id).y }])),
    edges: [
      ...drawn.map(({ from, to }) => place(from, to, false)),
      ...memberships.map(({ from, to }) => place(from, to, true)),
    ],
  };
}

export function membershipsOf(nodes: FlowNode[], edges: FlowEdge[]): { from: string; to: string }[] {
  const known = new Set(nodes.map(({ id }) => id));
  const told = new Set(edges.map(({ from, to }) => `${from}\n${to}`));
  return nodes
    .filter(({ kind }) => kind === "group")
    .flatMap(({ id, services }) =>
      (services ?? []).map((service) => ({ from: id, to: `service:${service}` })),
    )
    .filter(({ from, to }) => known.has(to) && !told.has(`${from}\n${to}`) && !told.has(`${to}\n${from}`));
}

// A soft line through points that dagre gives.
export function pathThrough(points: Point[]): string {
  const [first, ...others] = points;
  if (!first) {
    return "";
  }
  let path = `M${first.x},${first.y}`;
  others.forEach((point, index) => {
    const next = others[index + 1];
    const end = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : point;
    path += `Q${point.x},${point.y} ${end.x},${end.y}`;
  });
  return path;
}

// Both windows' nodes and edges, so that two pictures have one layout.
export function unite<T>(now: T[], before: T[], keyOf: (one: T) => string): T[] {
  const known = new Set(now.map(keyOf));
  return [...now, ...before.filter((one) => !known.has(keyOf(one)))];
}

export const keyOfEdge = ({ from, to }: { from: string; to: string }): string => `${from}\n${to}`;
