import { flow } from "./flow.mjs";
import { loss } from "./loss.mjs";
import { message, messages } from "./messages.mjs";
import { groups, services, topics } from "./model.mjs";
import { lag, overview } from "./numbers.mjs";
import { trace, traces } from "./traces.mjs";

const unknown = { status: 404, body: { error: "Nothing is known of it." } };

export function answerShop(path, query) {
  if (path === "/status") {
    return { body: status() };
  }
  if (path === "/names") {
    const all = { topic: Object.keys(topics), service: services, group: groups.map(({ group }) => group) };
    return { body: { names: (all[query.kind] ?? []).filter((name) => name.startsWith(query.prefix ?? "")) } };
  }
  if (path.startsWith("/traces/")) {
    const [, , id, otlp] = path.split("/");
    const body = trace(id);
    return !body
      ? unknown
      : { body: otlp ? { resourceSpans: [{ scopeSpans: [{ spans: body.spans }] }] } : body };
  }
  if (path === "/message") {
    const body = message(query);
    return body ? { body } : unknown;
  }
  const makers = {
    "/overview": overview,
    "/messages": messages,
    "/traces": traces,
    "/flow": flow,
    "/lag": lag,
    "/loss": loss,
  };
  return makers[path] ? { body: makers[path](query) } : unknown;
}

function status() {
  const now_ms = Date.now();
  return {
    version: "0.0.0",
    now_ms,
    started_ms: now_ms - 86_400_000,
    store: {
      spans: 4_812_000,
      log_records: 1210,
      metric_points: 930_000,
      bytes: 1_500_000_000,
      max_bytes: 2 ** 32,
      max_age_s: 604_800,
      oldest_ms: now_ms - 86_400_000,
      newest_ms: now_ms - 200,
    },
    received: { requests: 91_200, refused_requests: 0, rejected_items: 0 },
    brokers: { asked: true, servers: "127.0.0.1:9092", error: null },
  };
}
