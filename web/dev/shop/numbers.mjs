import { groups, noise, numberAt, offsetOf, percentiles, series, topics, windowOf } from "./model.mjs";

export function overview(query) {
  const window = windowOf(query);
  const sent = series(window, (second) => 520 + 40 * Math.sin(second / 300) + 30 * noise(second));
  const consumed = series(
    window,
    (second, share) =>
      500 + 40 * Math.sin(second / 300 - 0.2) + 30 * noise(second + 1) - (share > 0.6 ? 70 : 0),
  );
  const failed = series(window, (second, share) =>
    share > 0.58 && share < 0.66 ? 4 + 3 * noise(second) : 0,
  );
  const latency = series(window, (second, share) =>
    share > 0.2 && share < 0.23 ? null : 180 + 40 * noise(second) + (share > 0.6 ? 900 * (share - 0.6) : 0),
  );
  return {
    window,
    source: "metrics",
    totals: {
      sent_per_s: { now: 525.4, before: 511.2 },
      consumed_per_s: { now: 476.1, before: 509.8 },
      failed_per_s: { now: 0.41, before: 0 },
      end_to_end_p50_ms: { now: 84, before: 80.2 },
      end_to_end_p95_ms: { now: 412, before: 196 },
      end_to_end_p99_ms: { now: 2310, before: 401 },
      lag: { now: groups.reduce((sum, { lag }) => sum + lag, 0), before: 2210 },
    },
    series: {
      start_ms: sent.start_ms,
      step_ms: sent.step_ms,
      sent_per_s: sent.values,
      consumed_per_s: consumed.values,
      failed_per_s: failed.values,
      end_to_end_p95_ms: latency.values,
    },
    topics: Object.entries(topics).map(([topic, { per_s }], index) => ({
      topic,
      sent_per_s: per_s,
      consumed_per_s: index === 3 ? null : per_s * 0.94,
      failed: [26, 0, 0, 0][index],
      end_to_end: index === 3 ? null : percentiles([210, 84, 31][index]),
    })),
    groups: [...groups]
      .sort((left, right) => right.lag - left.lag)
      .map(({ group, topic, lag: behind, state }) => ({
        group,
        topic,
        lag: behind,
        lag_time_ms: state === "stopped" ? 119_000 : behind * 8,
        state,
        is_lower_bound: group === "analytics",
      })),
    changes: [
      { what: "lag", name: "fraud-check", now: 21_480, before: 12, text: "lag 21,480, was 12" },
      { what: "latency", name: "orders", now: 2310, before: 401, text: "p99 end to end 2.3 s, was 401 ms" },
      {
        what: "errors",
        name: "orders",
        now: 26,
        before: 0,
        text: "26 sends failed with _MSG_TIMED_OUT, none before",
      },
      { what: "appeared", name: "orders.dlq", now: 0.4, before: null, text: "first messages in this window" },
    ],
  };
}

export function lag(query) {
  const window = windowOf(query);
  const wanted = groups.filter(
    ({ group, topic }) => (!query.group || query.group === group) && (!query.topic || query.topic === topic),
  );
  return { window, groups: wanted.map((group) => lagOf(group, window)) };
}

const texts = {
  payments: ["Processing 181/s, arriving 180/s.", null],
  analytics: [
    "2 of 4 partitions busy; processing 120/s, arriving 180/s.",
    "It needs one more consumer: two of its four partitions share one member.",
  ],
  "fraud-check": [
    "Nothing was processed for 1 min 59 s; its last member left.",
    "Start a member: no consumer of this group polls.",
  ],
  shipping: ["Nothing waits.", null],
  mailer: ["Processing 212/s, arriving 170/s: caught up in 7 s.", null],
};

function lagOf({ group, topic, services, state, lag: behind, processing }, window) {
  const { per_s, partitions } = topics[topic];
  const shape = (share) =>
    ({
      falling_behind: Math.max(0.02, (share - 0.3) / 0.7),
      stopped: Math.max(0, (share - 0.7) / 0.3),
      catching_up: share < 0.5 ? share * 6 : Math.max(1, 6 - share * 6),
      keeping_up: 1,
    })[state] ?? 0;
  const values = (part, seed) =>
    series(window, (second, share) => Math.round(part * shape(share) * (0.9 + 0.2 * noise(second + seed))))
      .values;
  const { start_ms, step_ms } = series(window, () => 0);
  const share = (partition) => (group === "analytics" ? [0.02, 0.46, 0.03, 0.49][partition] : 1 / partitions);
  const known = group !== "mailer";
  const wait_ms = state === "stopped" ? 119_000 : behind * 8;
  return {
    group,
    topic,
    state,
    text: texts[group][0],
    advice: texts[group][1],
    lag: behind,
    lag_time_ms: known ? wait_ms : null,
    is_lower_bound: group === "analytics",
    trend_per_s: state === "stopped" ? 180 : per_s - processing,
    arriving_per_s: per_s,
    processing_per_s: processing,
    catch_up_s: state === "catching_up" ? 7.4 : state === "up_to_date" ? 0 : null,
    busy_partitions: group === "analytics" ? 2 : behind > 0 ? partitions : 0,
    services,
    series: {
      start_ms,
      step_ms,
      lag: values(behind, 0),
      lag_time_ms: known ? values(wait_ms, 0) : values(0, 0).map(() => null),
    },
    partitions: Array.from({ length: partitions }, (_, partition) => ({
      partition,
      lag: Math.round(behind * share(partition)),
      lag_time_ms: behind > 0 && known ? wait_ms * (0.8 + 0.2 * noise(partition)) : null,
      is_lower_bound: group === "analytics",
      trend_per_s: behind > 0 ? (per_s - processing) * share(partition) : 0,
      next_offset:
        behind > 0 && known ? offsetOf(closest(numberAt(window.to_ms - wait_ms), partition)) : null,
      series: values(behind * share(partition), partition),
    })),
  };
}

const closest = (number, partition) => number - (((number % 4) - partition + 4) % 4);
