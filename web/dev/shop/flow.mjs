import { groups, percentiles, services, topics, windowOf } from "./model.mjs";

export function flow(query) {
  const window = windowOf(query);
  const isBefore = Date.now() - window.to_ms > 60_000;
  const seconds = (window.to_ms - window.from_ms) / 1000;
  const lagNow = (group) => (isBefore ? 10 : group.lag);
  const topicNodes = Object.keys(topics).filter((topic) => !(isBefore && topic === "orders.dlq"));
  return {
    window,
    source: "spans",
    nodes: [
      ...services.map((name) => ({
        id: `service:${name}`,
        kind: "service",
        name,
        services: [],
        lag: null,
        processing: null,
        errors: name === "orders-web" && !isBefore ? 26 : 0,
      })),
      ...topicNodes.map((name) => ({
        id: `topic:${name}`,
        kind: "topic",
        name,
        services: [],
        lag: null,
        processing: null,
        errors: 0,
      })),
      ...groups.map((group) => ({
        id: `group:${group.group}`,
        kind: "group",
        name: group.group,
        services: group.services,
        lag: lagNow(group),
        processing:
          group.state === "stopped" && !isBefore
            ? null
            : percentiles(group.group === "analytics" && !isBefore ? 61 : 8),
        errors: group.group === "payments" ? 41 : 0,
      })),
    ],
    edges: [
      ...topicNodes.map((name) =>
        edge(
          `service:${topics[name].from}`,
          `topic:${name}`,
          topics[name].per_s * (isBefore ? 0.97 : 1),
          seconds,
          name === "orders" && !isBefore ? 26 : 0,
          percentiles(6.2),
          { client_queue_ms: 5.1, broker_ms: 1.3, log_ms: null, processing_ms: null },
        ),
      ),
      ...groups
        .filter(({ state }) => isBefore || state !== "stopped")
        .map((group) =>
          edge(
            `topic:${group.topic}`,
            `group:${group.group}`,
            group.processing || 178,
            seconds,
            group.group === "payments" ? 41 : 0,
            percentiles(isBefore ? 60 : Math.max(40, group.lag * 8)),
            {
              client_queue_ms: null,
              broker_ms: null,
              log_ms: isBefore ? 50 : Math.max(35, group.lag * 8),
              processing_ms: group.group === "analytics" ? 61 : 8,
            },
          ),
        ),
    ],
    bottleneck: isBefore
      ? null
      : {
          node: "group:analytics",
          text: "takes 61 ms for each order with one busy member: 120/s of the 180/s that arrive.",
        },
    impact: isBefore
      ? []
      : [
          {
            node: "group:fraud-check",
            state: "stopped",
            text: "has processed nothing for 1 min 59 s.",
            waiting: [
              { node: "topic:orders", wait_ms: 119_000, messages: 21_480 },
              { node: "service:orders-web", wait_ms: 119_000, messages: null },
            ],
          },
          {
            node: "group:analytics",
            state: "slow",
            text: "needs 61 ms for each message.",
            waiting: [{ node: "topic:orders", wait_ms: 38_500, messages: 4812 }],
          },
          {
            node: "group:payments",
            state: "failing",
            text: "fails for 41 messages of 650,000.",
            waiting: [
              { node: "topic:payments", wait_ms: 52, messages: null },
              { node: "group:shipping", wait_ms: 61, messages: 3 },
            ],
          },
        ],
  };
}

function edge(from, to, per_s, seconds, errors, latency, parts) {
  return { from, to, messages: Math.round(per_s * seconds), per_s, errors, latency, parts };
}
