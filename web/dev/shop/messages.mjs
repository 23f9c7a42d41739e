import {
  keyOfOrder,
  noise,
  numberAt,
  numberOf,
  offsetOf,
  partitionOf,
  spanOf,
  timeOf,
  traceOf,
  windowOf,
} from "./model.mjs";

// An order's fate, by its number: most are well, some are not.
export function fateOf(number) {
  return (
    {
      3: "failed",
      5: "duplicated",
      7: "lost_by_broker",
      11: "never_sent",
      13: "ambiguous",
      17: "skipped",
      19: "unknown",
      23: "aborted",
    }[number % 29] ?? "processed"
  );
}

export function nameOf(number) {
  const isSent = !["never_sent", "ambiguous"].includes(fateOf(number));
  return {
    topic: "orders",
    partition: isSent ? partitionOf(number) : null,
    offset: isSent ? offsetOf(number) : null,
    key: keyOfOrder(number),
    trace_id: traceOf(number),
    span_id: spanOf(number, 1),
  };
}

const errorOf = (number) =>
  ({ never_sent: "_MSG_TIMED_OUT", ambiguous: "_MSG_TIMED_OUT" })[fateOf(number)] ?? null;

export function messages(query) {
  const { from_ms, to_ms } = windowOf(query);
  const limit = Number(query.limit ?? 100);
  const first = query.cursor ? Number(query.cursor) : numberAt(to_ms);
  const found = [];
  let number = first;
  for (; number >= numberAt(from_ms) && found.length < limit; number--) {
    const message = nameOf(number);
    const error = errorOf(number);
    const isWanted =
      (!query.topic || query.topic === message.topic) &&
      (!query.partition || Number(query.partition) === message.partition) &&
      (!query.offset || Number(query.offset) === message.offset) &&
      (!query.key || query.key === message.key) &&
      (!query.trace || query.trace === message.trace_id) &&
      (!query.service || query.service === "orders-web") &&
      (query.error !== "true" || error);
    if (isWanted) {
      found.push({
        message,
        time_ms: timeOf(number),
        service: "orders-web",
        duration_ms: error ? 5000 : 4 + 8 * noise(number),
        error,
      });
    }
  }
  return { messages: found, next: found.length === limit ? `${number}` : null };
}

export function message(query) {
  const now = Date.now();
  if (query.trace) {
    for (let number = numberAt(now); number > numberAt(now) - 90_000; number--) {
      if (traceOf(number) === query.trace) {
        return wayOf(number, now);
      }
    }
    return null;
  }
  const number = numberOf(Number(query.offset), now);
  const isKnown =
    query.topic === "orders" && partitionOf(number) === Number(query.partition) && timeOf(number) <= now;
  return isKnown ? wayOf(number, now) : null;
}

function verdict(state, confidence, text, cause = "", evidence = [], missing = []) {
  return { state, cause, confidence, text, evidence, missing };
}

function wayOf(number, now) {
  const start_ms = timeOf(number);
  const fate = fateOf(number);
  const name = nameOf(number);
  const ref = (part) => ({ trace_id: traceOf(number), span_id: spanOf(number, part) });
  const sent = name.offset !== null;
  return {
    message: name,
    verdict: sendVerdict(fate, ref(1)),
    produced: {
      service: "orders-web",
      instance: "orders-web-1",
      client_id: "orders-producer",
      acks: fate === "lost_by_broker" ? 1 : -1,
      start_ms,
      duration_ms: sent ? 6.4 : 5000,
      queue_ms: fate === "never_sent" ? null : 5.2,
      broker_ms: sent ? 1.2 : null,
      broker: sent ? "127.0.0.1:9092" : null,
      persistence: { never_sent: "not_persisted", ambiguous: "possibly_persisted" }[fate] ?? "persisted",
      error: errorOf(number),
      transaction: fate === "aborted" ? "aborted" : null,
      span: ref(1),
    },
    log: sent
      ? {
          start: Math.max(0, name.offset - 90_000),
          end: offsetOf(numberAt(now)) + 1,
          asked_ms: now - 4000,
          presence: { lost_by_broker: "not_readable", aborted: "aborted" }[fate] ?? "readable",
        }
      : null,
    groups: fate === "never_sent" || fate === "aborted" ? [] : groupsOf(number, fate, now, ref),
    came_from: [],
    led_to:
      fate === "processed"
        ? [
            {
              topic: "payments",
              partition: number % 2,
              offset: offsetOf(number) - 400,
              key: name.key,
              ...ref(3),
            },
          ]
        : [],
  };
}

function sendVerdict(fate, span) {
  const told = (text) => [{ text, span }];
  switch (fate) {
    case "never_sent":
      return verdict(
        "never_sent",
        "proved",
        "The client gave it up after 5 s in its queue; the broker never had it.",
        "message_timed_out",
        told("The send span ends with _MSG_TIMED_OUT and persistence not_persisted."),
      );
    case "ambiguous":
      return verdict(
        "ambiguous",
        "proved",
        "The answer did not come in time; the message may be in the log.",
        "message_timed_out",
        told("The send span ends with _MSG_TIMED_OUT and persistence possibly_persisted."),
        ["a span of a consumer that got it", "the record itself, read from the broker"],
      );
    case "lost_by_broker":
      return verdict(
        "lost_by_broker",
        "proved",
        "The broker acknowledged it with acks=1, and it cannot be read any more.",
        "leader_changed",
        [
          ...told("The send span has its offset, and no error."),
          {
            text: "A broker says that there is no such record between the log's start and its end.",
            span: { trace_id: "", span_id: "" },
          },
        ],
      );
    case "aborted":
      return verdict(
        "aborted",
        "proved",
        "Its transaction was aborted.",
        "",
        told("The transaction's span says aborted."),
      );
    case "unknown":
      return verdict(
        "unknown",
        "unknown",
        "It was acknowledged; what the groups did with it is not known.",
        "",
        told("The send span has its offset, and no error."),
        ["telemetry of the consumers"],
      );
    default:
      return verdict(
        "acknowledged",
        "proved",
        "The broker has it.",
        "",
        told("The send span has its offset, and no error."),
      );
  }
}

function groupsOf(number, fate, now, ref) {
  const start_ms = timeOf(number);
  const step = (name, service, at, duration_ms, part, error = null) => ({
    step: name,
    service,
    instance: `${service}-1`,
    client_id: `${service}-consumer`,
    start_ms: start_ms + at,
    duration_ms,
    error,
    span: ref(part),
  });
  const pending = {
    group: "fraud-check",
    verdict: verdict(
      "pending",
      "likely",
      "It waits: the group has committed nothing behind it, and none of its members polls.",
      "",
      [{ text: "The group's committed offset is before it.", span: { trace_id: "", span_id: "" } }],
      ["a member that polls"],
    ),
    waited_ms: null,
    end_to_end_ms: null,
    committed: Math.max(0, offsetOf(number) - 3100),
    steps: [],
  };
  const good = {
    group: "payments",
    verdict: verdict("processed", "proved", "Processed without an error.", "", [
      { text: "A process span ends without an error.", span: ref(2) },
    ]),
    waited_ms: 44,
    end_to_end_ms: 71.4,
    committed: offsetOf(number) + 1,
    steps: [step("received", "payments", 50, null, 2), step("processed", "payments", 50, 21, 2)],
  };
  const slow = {
    group: "analytics",
    verdict: verdict("in_progress", "likely", "It is being processed since 14 s.", "", [
      { text: "A process span without an end.", span: ref(6) },
    ]),
    waited_ms: 11_200,
    end_to_end_ms: null,
    committed: offsetOf(number) - 700,
    steps: [step("received", "analytics", 11_206, null, 6), step("processing", "analytics", 11_206, null, 6)],
  };
  const changed = {
    failed: {
      ...good,
      verdict: verdict(
        "failed",
        "proved",
        "Its processing ended with an error, and its offset was committed.",
        "handler_error",
        [{ text: "A process span ends with CardDeclined.", span: ref(2) }],
      ),
      steps: [
        step("received", "payments", 50, null, 2),
        step("failed", "payments", 50, 21, 2, "CardDeclined: card 4242 was declined <by the bank>"),
      ],
    },
    duplicated: {
      ...good,
      verdict: verdict(
        "duplicated",
        "proved",
        "It was processed twice: after a rebalance it was delivered again.",
        "redelivery",
        [{ text: "Two process spans of this group name its offset.", span: ref(2) }],
      ),
      steps: [...good.steps, step("processed", "payments", 900, 20, 4)],
    },
    skipped: {
      ...good,
      waited_ms: null,
      end_to_end_ms: null,
      steps: [],
      verdict: verdict(
        "skipped",
        "proved",
        "The group began behind it: auto.offset.reset=latest.",
        "reset_latest",
        [
          {
            text: "The first offset that the group got lies behind it.",
            span: { trace_id: "", span_id: "" },
          },
        ],
      ),
    },
    lost_by_broker: {
      ...good,
      waited_ms: null,
      end_to_end_ms: null,
      steps: [],
      verdict: verdict("lost_by_broker", "proved", "It was gone before the group came to it."),
    },
    unknown: {
      ...good,
      waited_ms: null,
      end_to_end_ms: null,
      steps: [],
      committed: null,
      verdict: verdict(
        "unknown",
        "unknown",
        "No telemetry of this group's members arrives.",
        "",
        [],
        ["spans or metrics of a member", "the group's committed offset"],
      ),
    },
    ambiguous: {
      ...good,
      waited_ms: null,
      end_to_end_ms: null,
      steps: [],
      committed: null,
      verdict: verdict(
        "unknown",
        "unknown",
        "Whether there is anything to get is not known.",
        "",
        [],
        ["the record itself, read from the broker"],
      ),
    },
  }[fate];
  return now < start_ms ? [] : [changed ?? good, slow, pending];
}
