import { describe, expect, it } from "vitest";
import type { Flow, FlowEdge, FlowNode } from "@/api/types";
import { layoutFlow, nodeSize, pathThrough, stacksOf, unite, withWaiting } from "./layout";

const node = (id: string, services: string[] = []): FlowNode => {
  const [kind = "", name = ""] = id.split(":");
  return { id, kind: kind as FlowNode["kind"], name, services, lag: null, processing: null, errors: 0 };
};
const edge = (from: string, to: string): FlowEdge => ({
  from,
  to,
  messages: 1,
  per_s: 1,
  errors: 0,
  latency: null,
  parts: { client_queue_ms: null, broker_ms: null, log_ms: null, processing_ms: null },
});

const nodes = [
  node("service:shop"),
  node("topic:orders"),
  node("group:pay", ["bank"]),
  node("service:bank"),
  node("topic:paid"),
];
const edges = [
  edge("service:shop", "topic:orders"),
  edge("topic:orders", "group:pay"),
  edge("service:bank", "topic:paid"),
];

describe("the flow", () => {
  it("runs from left to right, through a group and its members", () => {
    const { nodes: places } = layoutFlow(nodes, edges);
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    expect(x("service:shop")).toBeLessThan(x("topic:orders"));
    expect(x("topic:orders")).toBeLessThan(x("group:pay"));
    expect(x("group:pay")).toBe(x("service:bank"));
    expect(x("service:bank")).toBeLessThan(x("topic:paid"));
  });

  it("lets lines begin and end at the sides of their nodes", () => {
    const { nodes: places, edges: lines } = layoutFlow(nodes, edges);
    const line = lines.find(({ to }) => to === "topic:paid");
    const bank = places.get("service:bank");
    expect(line?.points[0]).toEqual({ x: (bank?.x ?? 0) + nodeSize.width / 2, y: bank?.y });
  });

  it("draws no member that does nothing but read: its group names it", () => {
    expect(stacksOf([node("group:pay", ["bank"]), node("service:bank")], [])).toEqual([["group:pay"]]);
    const told = [edge("group:pay", "service:bank")];
    expect(stacksOf([node("group:pay", ["bank"]), node("service:bank")], told)).toEqual([["group:pay"]]);
  });

  it("stacks a service below all groups that it is a member of", () => {
    const both = [
      node("service:bank"),
      node("group:b", ["bank"]),
      node("group:a", ["bank"]),
      node("topic:paid"),
    ];
    const stacks = stacksOf(both, [edge("service:bank", "topic:paid")]);
    expect(stacks.map((stack) => stack.length)).toEqual([3, 1]);
    expect(stacks[0]?.at(-1)).toBe("service:bank");
  });

  it("bears loops, and edges to what is not there", () => {
    const loop = [
      ...edges,
      edge("topic:paid", "group:pay"),
      edge("service:bank", "topic:orders"),
      edge("topic:orders", "group:gone"),
      edge("topic:paid", "topic:paid"),
    ];
    const { edges: lines, width, height } = layoutFlow(nodes, loop);
    expect(lines).toHaveLength(5);
    expect(width).toBeGreaterThan(0);
    expect(height).toBeGreaterThan(0);
  });

  it("of nothing is empty", () => {
    expect(layoutFlow([], []).nodes.size).toBe(0);
  });
});

it("a stopped group is joined to the topic whose messages wait for it", () => {
  const window = { from_ms: 0, to_ms: 1 };
  const impact: Flow["impact"] = [
    {
      node: "group:pay",
      state: "stopped",
      text: "",
      waiting: [
        { node: "topic:orders", wait_ms: 1, messages: 1 },
        { node: "service:shop", wait_ms: 1, messages: 1 },
        { node: "topic:gone", wait_ms: 1, messages: 1 },
      ],
    },
  ];
  const flow: Flow = {
    window,
    source: "spans",
    nodes,
    edges: [edges[0] as FlowEdge],
    bottleneck: null,
    impact,
  };
  expect(withWaiting(flow).edges.map(({ from, to, per_s }) => [from, to, per_s])).toEqual([
    ["service:shop", "topic:orders", 1],
    ["topic:orders", "group:pay", 0],
  ]);
  expect(withWaiting({ ...flow, edges }).edges).toEqual(edges);
});

it("two windows have one set of nodes", () => {
  expect(unite([1, 2], [2, 3], (one) => `${one}`)).toEqual([1, 2, 3]);
});

it("a line goes through its points", () => {
  const points = [0, 10, 20, 30].map((x) => ({ x, y: 0 }));
  expect(pathThrough(points)).toBe("M0,0Q10,0 15,0Q20,0 30,0");
  expect(pathThrough(points.slice(0, 2))).toBe("M0,0L10,0");
  expect(pathThrough([])).toBe("");
});
