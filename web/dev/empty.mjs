// A store to which nothing was sent yet.
const nowBefore = { now: null, before: null };
const series = {
  start_ms: 0,
  step_ms: 10_000,
  sent_per_s: [],
  consumed_per_s: [],
  failed_per_s: [],
  end_to_end_p95_ms: [],
};

export function emptyAnswer(path, query) {
  const window = { from_ms: Number(query.from ?? 0), to_ms: Number(query.to ?? Date.now()) };
  const bodies = {
    "/status": {
      version: "0.0.0",
      now_ms: Date.now(),
      started_ms: Date.now() - 60_000,
      store: {
        spans: 0,
        log_records: 0,
        metric_points: 0,
        bytes: 4096,
        max_bytes: 2 ** 32,
        max_age_s: 604_800,
        oldest_ms: null,
        newest_ms: null,
      },
      received: { requests: 0, refused_requests: 0, rejected_items: 0 },
      brokers: { asked: false, servers: "", error: null },
    },
    "/names": { names: [] },
    "/overview": {
      window,
      source: "metrics",
      totals: {
        sent_per_s: nowBefore,
        consumed_per_s: nowBefore,
        failed_per_s: nowBefore,
        end_to_end_p50_ms: nowBefore,
        end_to_end_p95_ms: nowBefore,
        end_to_end_p99_ms: nowBefore,
        lag: nowBefore,
      },
      series,
      topics: [],
      groups: [],
      changes: [],
    },
    "/messages": { messages: [], next: null },
    "/traces": { traces: [] },
    "/flow": { window, source: "spans", nodes: [], edges: [], bottleneck: null, impact: [] },
    "/lag": { window, groups: [] },
    "/loss": { window, source: "metrics", topics: [], named: [], reasons_for_unknown: [] },
  };
  return path in bodies
    ? { body: bodies[path] }
    : { status: 404, body: { error: "Nothing is known of it." } };
}
