import { fateOf, nameOf } from "./messages.mjs";
import { keyOfOrder, noise, numberAt, offsetOf, spanOf, timeOf, traceOf, windowOf } from "./model.mjs";

export function traces(query) {
  const { from_ms, to_ms } = windowOf(query);
  const limit = Number(query.limit ?? 50);
  const found = [];
  for (let number = numberAt(to_ms); number >= numberAt(from_ms) && found.length < limit; number--) {
    const { spans, services, duration_ms, start_ms } = trace(traceOf(number), number);
    const errors = spans.filter(({ error }) => error).length;
    const isWanted =
      (!query.service || services.includes(query.service)) &&
      (!query.topic || spans.some(({ message }) => message.topic === query.topic)) &&
      (query.error !== "true" || errors > 0) &&
      (!query.min_ms || duration_ms >= Number(query.min_ms));
    if (isWanted) {
      const topics = [...new Set(spans.map(({ message }) => message.topic).filter(Boolean))];
      found.push({
        trace_id: traceOf(number),
        root: "POST /checkout",
        services,
        topics,
        start_ms,
        duration_ms,
        spans: spans.length,
        errors,
      });
    }
  }
  return { traces: found };
}

export function trace(id, known) {
  const number = known ?? numberOfTrace(id);
  return number === null ? null : traceOfNumber(number);
}

function numberOfTrace(id) {
  const now = numberAt(Date.now());
  for (let number = now; number > now - 90_000; number--) {
    if (traceOf(number) === id) {
      return number;
    }
  }
  return null;
}

const none = { topic: "", partition: null, offset: null, key: null, trace_id: null, span_id: null };

function traceOfNumber(number) {
  const start_ms = timeOf(number) - 12;
  const trace_id = traceOf(number);
  const fate = fateOf(number);
  const slow = noise(number) > 0.9;
  const wait = slow ? 1800 : 44;
  const make = (part, parent, depth, service, name, operation, kind, at, duration_ms, more = {}) => ({
    trace_id,
    span_id: spanOf(number, part),
    parent_id: parent === null ? null : spanOf(number, parent),
    depth,
    name,
    service,
    kind,
    operation,
    start_ms: start_ms + at,
    duration_ms,
    error: null,
    message: none,
    attributes: { "messaging.system": "kafka", "messaging.operation.name": operation, ...more.attributes },
    resource: {
      "service.name": service,
      "service.instance.id": `${service}-1`,
      "telemetry.sdk.language": "cpp",
    },
    events: [],
    logs: [],
    links: [],
    linked_by: [],
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "attributes")),
  });
  const order = nameOf(number);
  const payment = {
    topic: "payments",
    partition: number % 2,
    offset: offsetOf(number) - 400,
    key: keyOfOrder(number),
    trace_id,
    span_id: spanOf(number, 3),
  };
  const link = (span) => ({
    trace_id: span.trace_id,
    span_id: span.span_id,
    name: span.name,
    service: span.service,
  });

  const root = make(0, null, 0, "orders-web", "POST /checkout", "", "server", 0, 21, {
    attributes: { "http.request.method": "POST", "url.path": "/checkout" },
  });
  const send = make(
    1,
    0,
    1,
    "orders-web",
    "send orders",
    "send",
    "producer",
    12,
    order.offset === null ? 5000 : 6.4,
    {
      message: order,
      error: order.offset === null ? "_MSG_TIMED_OUT" : null,
      attributes: {
        "messaging.destination.name": "orders",
        "messaging.kafka.message.key": order.key,
        "waybill.kafka.acks": -1,
        "waybill.kafka.queue_time_ms": 5.2,
        "waybill.kafka.broker_time_ms": 1.2,
        "messaging.header.tenant": ["blue"],
      },
      logs:
        order.offset === null
          ? [
              {
                event: "kafka.send.failed",
                severity: 17,
                time_ms: start_ms + 5012,
                text: "_MSG_TIMED_OUT: Local: Message timed out",
              },
            ]
          : [],
    },
  );
  if (order.offset === null) {
    return finish(trace_id, start_ms, [root, send], []);
  }
  const process = make(2, 1, 2, "payments", "process orders", "process", "consumer", 18.4 + wait, 21, {
    message: order,
    error: fate === "failed" ? "CardDeclined" : null,
    events:
      fate === "failed"
        ? [
            {
              name: "exception",
              time_ms: start_ms + 30 + wait,
              attributes: {
                "exception.type": "CardDeclined",
                "exception.message": "card 4242 was declined <by the bank>",
              },
            },
          ]
        : [],
  });
  const pay = make(3, 2, 3, "payments", "send payments", "send", "producer", 30 + wait, 8.1, {
    message: payment,
  });
  const ship = make(5, 3, 4, "shipping", "process payments", "process", "consumer", 61 + wait, 14.2, {
    message: payment,
  });
  const query = make(7, 5, 5, "shipping", "SELECT parcels", "", "client", 64 + wait, 6, {
    attributes: { "db.system.name": "postgresql" },
  });
  const batch = {
    ...make(6, null, 0, "analytics", "process orders", "process", "consumer", 11_206, 4200, {
      attributes: { "messaging.batch.message_count": 40 },
    }),
    trace_id: traceOf(number + 7_000_000),
  };
  batch.links = [
    link(send),
    {
      trace_id: traceOf(number + 3),
      span_id: spanOf(number + 3, 1),
      name: "send orders",
      service: "orders-web",
    },
    { trace_id: "f".repeat(32), span_id: "e".repeat(16), name: null, service: null },
  ];
  send.linked_by = [link(batch)];
  const piece = (part, from, to, span, text) => ({
    part,
    from_ms: start_ms + from,
    to_ms: start_ms + to,
    span: { trace_id, span_id: span.span_id },
    text,
  });
  const path = [
    piece("processing", 0, 12, root, "orders-web works"),
    piece("client_queue", 12, 17.2, send, "the message waits in the client's queue"),
    piece("broker", 17.2, 18.4, send, "the broker takes it"),
    piece("log", 18.4, 18.4 + wait * 0.7, process, "it lies in orders"),
    piece("wait", 18.4 + wait * 0.7, 18.4 + wait, process, "payments is busy with others"),
    piece("processing", 18.4 + wait, 30 + wait, process, "payments works"),
    piece("client_queue", 30 + wait, 38.1 + wait, pay, "the message waits in the client's queue"),
    piece("log", 38.1 + wait, 61 + wait, ship, "it lies in payments"),
    piece("processing", 61 + wait, 75.2 + wait, ship, "shipping works"),
  ];
  return finish(trace_id, start_ms, [root, send, process, pay, ship, query, batch], path);
}

function finish(trace_id, start_ms, spans, critical_path) {
  const own = spans.filter((span) => span.trace_id === trace_id);
  const end_ms = Math.max(...own.map((span) => span.start_ms + span.duration_ms));
  return {
    trace_id,
    start_ms,
    duration_ms: end_ms - start_ms,
    services: [...new Set(spans.map(({ service }) => service))],
    is_cut: false,
    spans,
    critical_path,
    missing: spans.length > 2 ? ["span eeeeeeeeeeeeeeee is named by a link, and nobody has seen it"] : [],
  };
}
