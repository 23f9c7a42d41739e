import type { Flow } from "@/api/types";

// A picture of more nodes than this cannot be read, and takes long to lay out.
export const mostNodes = 60;

// The part of a flow around one node, as many steps away as there is room for; the busiest edges come first.
// All of it, if it is small.
export function near(flow: Flow, centre: string | null, most = mostNodes): Flow {
  if (flow.nodes.length <= most) {
    return flow;
  }
  const neighbours = neighboursOf(flow);
  const kept = new Set<string>();
  const waiting = [centreOf(flow, centre)];
  for (let next = waiting.shift(); next !== undefined && kept.size < most; next = waiting.shift()) {
    if (!kept.has(next)) {
      kept.add(next);
      waiting.push(...(neighbours.get(next) ?? []));
    }
  }
  return {
    ...flow,
    nodes: flow.nodes.filter(({ id }) => kept.has(id)),
    edges: flow.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  };
}

function centreOf({ nodes, edges, bottleneck }: Flow, wanted: string | null): string {
  const known = new Set(nodes.map(({ id }) => id));
  const busiest = edges.reduce((most, edge) => (edge.per_s > most.per_s ? edge : most), {
    per_s: -1,
    from: nodes[0]?.id ?? "",
  });
  return [wanted, bottleneck?.node, busiest.from].find((id) => id && known.has(id)) ?? "";
}

// In both directions; a group's members are beside it.
function neighboursOf({ nodes, edges }: Flow): Map<string, string[]> {
  const neighbours = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  const join = (one: string, other: string) => {
    if (neighbours.has(one) && neighbours.has(other)) {
      neighbours.get(one)?.push(other);
      neighbours.get(other)?.push(one);
    }
  };
  for (const { from, to } of [...edges].sort((left, right) => right.per_s - left.per_s)) {
    join(from, to);
  }
  for (const { id, services } of nodes) {
    for (const service of services ?? []) {
      join(id, `service:${service}`);
    }
  }
  return neighbours;
}
