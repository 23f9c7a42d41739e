import { fateOf, nameOf, message as wayOf } from "./messages.mjs";
import { groups, numberAt, timeOf, topics, windowOf } from "./model.mjs";

export function loss(query) {
  const window = windowOf(query);
  const seconds = (window.to_ms - window.from_ms) / 1000;
  const wanted = Object.keys(topics).filter((topic) => !query.topic || query.topic === topic);
  return {
    window,
    source: "metrics",
    topics: wanted.map((topic) => booksOf(topic, seconds, query.group)),
    named: query.topic && query.topic !== "orders" ? [] : namedIn(window, query.group),
    reasons_for_unknown: [
      "analytics samples 10 % of its messages, and its metrics do not say what it skipped",
      "nothing was heard of a member of fraud-check for 1 min 59 s",
    ],
  };
}

function booksOf(topic, seconds, wantedGroup) {
  const attempted = Math.round(topics[topic].per_s * seconds);
  const isOrders = topic === "orders";
  const [rejected, failed, ambiguous, inFlight] = isOrders ? [4, 22, 9, 12] : [0, 0, 0, 0];
  const acknowledged = attempted - rejected - failed - ambiguous - inFlight;
  return {
    topic,
    produced: {
      attempted,
      rejected,
      acknowledged,
      failed,
      possibly_persisted: ambiguous,
      in_flight: inFlight,
      errors: isOrders
        ? [
            { error: "_MSG_TIMED_OUT", messages: 22 },
            { error: "_QUEUE_FULL", messages: 4 },
          ]
        : [],
    },
    groups: groups
      .filter((group) => group.topic === topic && (!wantedGroup || wantedGroup === group.group))
      .map(({ group, lag }) => {
        const pending = Math.min(lag, acknowledged);
        const skipped = group === "payments" ? 40 : 0;
        const lost = isOrders ? 3 : 0;
        const unknown = group === "analytics" ? 120 : 0;
        const processed = acknowledged - pending - skipped - lost - unknown - (group === "mailer" ? 5 : 0);
        return {
          group,
          acknowledged,
          processed,
          pending,
          skipped,
          lost,
          unknown,
          failed: group === "payments" ? 41 : 0,
          duplicated: group === "payments" ? 2 : 0,
        };
      }),
  };
}

function namedIn(window, wantedGroup) {
  const named = [];
  const bad = ["lost_by_broker", "never_sent", "ambiguous", "skipped"];
  for (
    let number = numberAt(window.to_ms);
    number > numberAt(window.from_ms) && named.length < 24;
    number--
  ) {
    const fate = fateOf(number);
    if (!bad.includes(fate)) {
      continue;
    }
    const name = nameOf(number);
    const way = wayOf({ trace: name.trace_id });
    const isSkip = fate === "skipped";
    named.push({
      message: name,
      last_offset: isSkip ? name.offset + 39 : null,
      group: isSkip ? "payments" : null,
      time_ms: timeOf(number),
      service: isSkip ? "payments" : "orders-web",
      verdict: isSkip ? way.groups[0].verdict : way.verdict,
    });
  }
  return wantedGroup ? named.filter(({ group }) => group === wantedGroup) : named;
}
