import { expect, it } from "vitest";
import type { Flow, FlowEdge, FlowNode } from "@/api/types";
import { near } from "./near";

const node = (id: string, services: string[] = []): FlowNode => ({
  id,
  kind: "topic",
  name: id,
  services,
  lag: null,
  processing: null,
  errors: 0,
});
const edge = (from: string, to: string, per_s: number): FlowEdge => ({
  from,
  to,
  messages: 1,
  per_s,
  errors: 0,
  latency: null,
  parts: { client_queue_ms: null, broker_ms: null, log_ms: null, processing_ms: null },
});
const line: Flow = {
  window: { from_ms: 0, to_ms: 1 },
  source: "spans",
  nodes: ["a", "b", "c", "d", "e"].map((id) => node(id)),
  edges: [edge("a", "b", 1), edge("b", "c", 5), edge("c", "d", 2), edge("d", "e", 1)],
  bottleneck: null,
  impact: [],
};
const idsOf = ({ nodes }: Flow) => nodes.map(({ id }) => id);

it("a small flow is shown whole", () => {
  expect(near(line, "a", 5)).toBe(line);
});

it("a large one is shown around the chosen node, in both directions", () => {
  const part = near(line, "c", 3);
  expect(idsOf(part)).toEqual(["b", "c", "d"]);
  expect(part.edges.map(({ from }) => from)).toEqual(["b", "c"]);
});

it("without a choice it is shown around the bottleneck, else around where most flows", () => {
  expect(idsOf(near({ ...line, bottleneck: { node: "e", text: "" } }, null, 2))).toEqual(["d", "e"]);
  expect(idsOf(near(line, null, 2))).toEqual(["b", "c"]);
  expect(idsOf(near(line, "nobody", 2))).toEqual(["b", "c"]);
});

it("a group's members are beside it, and loops end", () => {
  const nodes = [node("group:g", ["s"]), node("service:s"), node("x"), node("y")];
  const flow = { ...line, nodes, edges: [edge("x", "group:g", 0), edge("group:g", "x", 0)] };
  expect(idsOf(near(flow, "group:g", 3))).toEqual(["group:g", "service:s", "x"]);
});
