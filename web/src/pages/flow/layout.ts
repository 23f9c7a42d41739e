import { layout as arrange, graphlib } from "@dagrejs/dagre";
import type { Flow, FlowEdge, FlowNode } from "@/api/types";

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Map<string, Point>; // their centres
  stacks: { x: number; y: number; height: number }[]; // centres of what belongs together
  edges: { from: string; to: string; points: Point[]; label: Point }[];
}

export const nodeSize = { width: 164, height: 50 };
export const labelSize = { width: 80, height: 32 };
const gap = 3; // between a group and its members in a stack

// Where everything stands, from left to right. A group and the services that are its members stand on top of one
// another: what is read on one side leads to what is sent on the other.
export function layoutFlow(nodes: FlowNode[], edges: FlowEdge[]): Layout {
  const stacks = stacksOf(nodes, edges);
  const stackOf = new Map(stacks.flatMap((stack, index) => stack.map((id) => [id, `${index}`] as const)));
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 28, edgesep: 10, marginx: 10, marginy: 14 });
  stacks.forEach((stack, index) => {
    graph.setNode(`${index}`, { width: nodeSize.width, height: heightOf(stack) });
  });
  const drawn = edges.filter(({ from, to }) => {
    const [start, end] = [stackOf.get(from), stackOf.get(to)];
    return start !== undefined && end !== undefined && start !== end;
  });
  for (const { from, to } of drawn) {
    graph.setEdge(
      stackOf.get(from) ?? "",
      stackOf.get(to) ?? "",
      { ...labelSize, labelpos: "c" },
      keyOfEdge({ from, to }),
    );
  }
  arrange(graph);

  const centres = centresOf(stacks, (index) => graph.node(`${index}`));
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: centres,
    stacks: stacks.flatMap((stack, index) => {
      const { x, y } = graph.node(`${index}`);
      return stack.length > 1 ? [{ x, y, height: heightOf(stack) }] : [];
    }),
    edges: drawn.map(({ from, to }) => {
      const key = keyOfEdge({ from, to });
      const { points, x = 0, y = 0 } = graph.edge(stackOf.get(from) ?? "", stackOf.get(to) ?? "", key);
      return { from, to, points: attach(points, centres.get(from), centres.get(to)), label: { x, y } };
    }),
  };
}

function heightOf(stack: string[]): number {
  return stack.length * (nodeSize.height + gap) - gap;
}

// What belongs together: groups with their members. A member that does nothing but read is not drawn: its group
// names it.
export function stacksOf(nodes: FlowNode[], edges: FlowEdge[]): string[][] {
  const groups = nodes.filter(({ kind }) => kind === "group");
  const membersOf = (group: FlowNode) => (group.services ?? []).map((service) => `service:${service}`);
  const memberships = new Set(
    groups.flatMap((group) => membersOf(group).map((to) => keyOfEdge({ from: group.id, to }))),
  );
  const others = edges.filter((edge) => !memberships.has(keyOfEdge(edge)));
  const isJoined = new Set(others.flatMap(({ from, to }) => [from, to]));
  const members = new Set(groups.flatMap(membersOf));
  const shown = nodes.filter(({ id, kind }) => kind !== "service" || isJoined.has(id) || !members.has(id));

  const stackOf = new Map(shown.map(({ id }) => [id, [id]]));
  for (const group of groups) {
    for (const member of membersOf(group)) {
      const [upper, lower] = [stackOf.get(group.id), stackOf.get(member)];
      if (upper && lower && upper !== lower) {
        const both = [...upper, ...lower].sort((left, right) => rank(left) - rank(right));
        for (const id of both) {
          stackOf.set(id, both);
        }
      }
    }
  }
  return [...new Set(stackOf.values())];
}

const rank = (id: string): number => (id.startsWith("group:") ? 0 : 1);

function centresOf(stacks: string[][], place: (index: number) => Point): Map<string, Point> {
  const centres = new Map<string, Point>();
  stacks.forEach((stack, index) => {
    const { x, y } = place(index);
    const top = y - heightOf(stack) / 2 + nodeSize.height / 2;
    stack.forEach((id, level) => {
      centres.set(id, { x, y: top + level * (nodeSize.height + gap) });
    });
  });
  return centres;
}

// A line begins and ends at the side of its own node, not of the stack.
function attach(points: Point[], from: Point | undefined, to: Point | undefined): Point[] {
  const inner = points.slice(1, -1);
  const second = inner[0] ?? to;
  const lastButOne = inner.at(-1) ?? from;
  if (!from || !to || !second || !lastButOne) {
    return points;
  }
  const side = (node: Point, other: Point) => ({
    x: node.x + (other.x < node.x ? -1 : 1) * (nodeSize.width / 2),
    y: node.y,
  });
  return [side(from, second), ...inner, side(to, lastButOne)];
}

// A topic whose messages wait for a group that takes none has no edge of its own, though that is what matters most.
export function withWaiting(flow: Flow): Flow {
  const known = new Set(flow.nodes.map(({ id }) => id));
  const fed = new Set(flow.edges.map(({ to }) => to));
  const hungry = flow.impact.filter(
    ({ node }) => node.startsWith("group:") && known.has(node) && !fed.has(node),
  );
  const waiting = hungry.flatMap(({ node, waiting }) =>
    waiting
      .filter(({ node: from }) => from.startsWith("topic:") && known.has(from))
      .map(({ node: from }) => ({ ...restingEdge, from, to: node })),
  );
  return { ...flow, edges: [...flow.edges, ...waiting] };
}

const restingEdge = {
  messages: 0,
  per_s: 0,
  errors: 0,
  latency: null,
  parts: { client_queue_ms: null, broker_ms: null, log_ms: null, processing_ms: null },
};

// A soft line: through the middles between points, with the points as the corners that are cut.
export function pathThrough(points: Point[]): string {
  const [first, ...others] = points;
  const last = others.at(-1);
  if (!first || !last) {
    return "";
  }
  const corners = others.slice(0, -1);
  const curves = corners.map((corner, index) => {
    const next = corners[index + 1];
    const end = next ? { x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 } : last;
    return `Q${corner.x},${corner.y} ${end.x},${end.y}`;
  });
  return `M${first.x},${first.y}${curves.join("") || `L${last.x},${last.y}`}`;
}

// Both windows' nodes and edges, so that two pictures have one layout.
export function unite<T>(now: T[], before: T[], keyOf: (one: T) => string): T[] {
  const known = new Set(now.map(keyOf));
  return [...now, ...before.filter((one) => !known.has(keyOf(one)))];
}

export const keyOfEdge = ({ from, to }: { from: string; to: string }): string => `${from}\n${to}`;
