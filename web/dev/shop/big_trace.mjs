import { hex, noise } from "./model.mjs";

const shown = 10_000;

// A trace of 100,000 spans of which the server shows the first 10,000.
export function bigTrace(trace_id) {
  const start_ms = Date.now() - 120_000;
  const services = Array.from({ length: 12 }, (_, index) => `worker-${index + 1}`);
  const spans = Array.from({ length: shown }, (_, index) => {
    const depth = index === 0 ? 0 : 1 + (index % 5);
    return {
      trace_id,
      span_id: hex(index + 5, 16),
      parent_id: index === 0 ? null : hex(5, 16),
      depth,
      name: index % 2 ? "process jobs" : "send jobs",
      service: services[index % services.length],
      kind: index % 2 ? "consumer" : "producer",
      operation: index % 2 ? "process" : "send",
      start_ms: start_ms + index * 6 + noise(index) * 20,
      duration_ms: index === 0 ? 61_000 : 3 + noise(index + 1) * 60,
      error: index % 997 === 0 && index > 0 ? "TimeoutException" : null,
      message: {
        topic: "jobs",
        partition: index % 12,
        offset: 50_000 + index,
        key: null,
        trace_id: null,
        span_id: null,
      },
      attributes: { "messaging.system": "kafka", "job.number": index },
      resource: { "service.name": services[index % services.length] },
      events: [],
      logs: [],
      links: [],
      linked_by: [],
    };
  });
  const critical_path = spans.slice(0, 200).map(({ span_id, start_ms: at }, index) => ({
    part: index % 2 ? "log" : "processing",
    from_ms: at,
    to_ms: at + 5,
    span: { trace_id, span_id },
    text: "",
  }));
  return {
    trace_id,
    start_ms,
    duration_ms: 61_000,
    services,
    is_cut: true,
    spans,
    critical_path,
    missing: [],
  };
}
