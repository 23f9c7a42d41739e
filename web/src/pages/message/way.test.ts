import { describe, expect, it } from "vitest";
import type { GroupWay, MessageWay, Step, Verdict, VerdictState } from "@/api/types";
import { lanesOf, logMarks, partsOf, stationsOfGroup, stationsOfSend } from "./way";

const span = { trace_id: "t", span_id: "s" };
const verdict = (state: VerdictState, cause = ""): Verdict => ({
  state,
  cause,
  confidence: "proved",
  text: "",
  evidence: [],
  missing: [],
});

function step(name: Step["step"], start_ms: number, more: Partial<Step> = {}): Step {
  return {
    step: name,
    service: "payments",
    instance: "1",
    client_id: "c",
    start_ms,
    duration_ms: null,
    error: null,
    error_text: null,
    span,
    ...more,
  };
}

function group(state: VerdictState, steps: Step[], more: Partial<GroupWay> = {}): GroupWay {
  return {
    group: "payments",
    verdict: verdict(state),
    waited_ms: null,
    end_to_end_ms: null,
    committed: null,
    steps,
    ...more,
  };
}

const produced: NonNullable<MessageWay["produced"]> = {
  service: "orders",
  instance: "1",
  client_id: "p",
  acks: -1,
  start_ms: 1000,
  duration_ms: 6,
  queue_ms: 5,
  broker_ms: 1,
  broker: "127.0.0.1:9092",
  persistence: "persisted",
  error: null,
  error_text: null,
  transaction: null,
  span,
};

function way(more: Partial<MessageWay>): MessageWay {
  const message = { topic: "orders", partition: 3, offset: 1234, key: null, trace_id: "t", span_id: "s" };
  return {
    message,
    verdict: verdict("acknowledged"),
    produced,
    log: null,
    groups: [],
    came_from: [],
    led_to: [],
    ...more,
  };
}

const titles = (stations: { title: string; isThere: boolean }[]) =>
  stations.map(({ title, isThere }) => (isThere ? title : `(${title})`));

describe("the send", () => {
  it("goes from the service through the client's queue to the broker's answer", () => {
    const stations = stationsOfSend(way({}));
    expect(titles(stations)).toEqual(["Produced by orders", "Client queue", "Broker's answer"]);
    expect(stations[0]?.lines).toContain("acks=all");
    expect(stations[2]?.lines).toEqual([
      "persisted",
      "partition 3, offset 1234",
      "from 127.0.0.1:9092",
      "after 1 ms",
    ]);
  });

  it("that never left the client ends in its queue", () => {
    const lost = {
      ...produced,
      queue_ms: null,
      broker_ms: null,
      broker: null,
      persistence: "not_persisted" as const,
      error: "_MSG_TIMED_OUT",
    };
    const stations = stationsOfSend(way({ produced: lost, verdict: verdict("never_sent") }));
    expect(titles(stations)).toEqual(["Produced by orders", "(Client queue)", "(No good answer)"]);
    expect(stations[1]?.tone).toBe("bad");
  });

  it("that is in doubt is neither good nor bad", () => {
    const doubt = { ...produced, persistence: "possibly_persisted" as const, error: "_MSG_TIMED_OUT" };
    expect(stationsOfSend(way({ produced: doubt, verdict: verdict("ambiguous") }))[2]).toMatchObject({
      tone: "doubt",
      isThere: false,
    });
  });

  it("of which no span was seen is unknown, not missing", () => {
    expect(stationsOfSend(way({ produced: null }))[0]).toMatchObject({ tone: "doubt", isThere: false });
  });
});

describe("a group", () => {
  it("that processed it shows what was seen, in its order", () => {
    const stations = stationsOfGroup(group("processed", [step("processed", 20), step("received", 10)]), 1234);
    expect(titles(stations)).toEqual(["Received", "Processed"]);
  });

  it("that has not got it yet shows what is still to come", () => {
    expect(titles(stationsOfGroup(group("pending", []), 1234))).toEqual([
      "(Received)",
      "(Processing)",
      "(Processed)",
    ]);
  });

  it("that is at it shows only the end as still to come", () => {
    const stations = stationsOfGroup(
      group("in_progress", [step("received", 10), step("processing", 10)]),
      1234,
    );
    expect(titles(stations)).toEqual(["Received", "Processing", "(Processed)"]);
  });

  it("whose end of processing cannot be seen is not said to be late", () => {
    const stations = stationsOfGroup(group("received", [step("received", 10)]), 1234);
    expect(stations.at(-1)?.lines).toEqual(["cannot be seen"]);
  });

  it.each<[VerdictState, string]>([
    ["skipped", "(Skipped)"],
    ["expired", "(Expired unread)"],
    ["lost_by_broker", "(Lost by the broker)"],
    ["unknown", "(Unknown)"],
    ["committed_before_processing", "(Committed before processing)"],
  ])("for which it is %s ends so", (state, title) => {
    expect(titles(stationsOfGroup(group(state, []), 1234))).toEqual([title]);
  });

  it("that failed shows the error, and how far it has committed", () => {
    const stations = stationsOfGroup(
      group("failed", [step("failed", 10, { error: "CardDeclined" })], { committed: 1235 }),
      1234,
    );
    expect(titles(stations)).toEqual(["Failed", "Committed"]);
    expect(stations[0]?.lines).toContain("CardDeclined");
    expect(stations[1]?.lines).toEqual(["up to offset 1235"]);
  });

  it("that has committed what lies before it has not committed it", () => {
    const stations = stationsOfGroup(group("pending", [], { committed: 1234 }), 1234);
    expect(titles(stations)).not.toContain("Committed");
  });

  it("that got it twice says who did it once, and again where it is another", () => {
    const stations = stationsOfGroup(
      group("duplicated", [
        step("processed", 10),
        step("processed", 20),
        step("processed", 30, { service: "spare" }),
      ]),
      1234,
    );
    expect(stations.map(({ lines }) => lines.includes("payments") || lines.includes("spare"))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("waits since the broker had it, as long as it is pending", () => {
    expect(lanesOf(way({ groups: [group("pending", [])] }))[0]?.waitsSince_ms).toBe(1006);
    expect(lanesOf(way({ groups: [group("processed", [])] }))[0]?.waitsSince_ms).toBeNull();
  });

  it("is a service's where that does not tell its group", () => {
    const steps = [step("processed", 40), step("processed", 50)];
    const [lane] = lanesOf(way({ groups: [group("duplicated", steps, { group: "" })] }));
    expect(lane?.reader).toEqual({ kind: "service", name: steps[0]?.service });
  });
});

describe("where the time went", () => {
  it("is split as it is known, and what no part explains is other", () => {
    const slow = group("processed", [step("processed", 40, { duration_ms: 20 })], {
      waited_ms: 34,
      end_to_end_ms: 100,
    });
    expect(partsOf(produced, slow).map(({ name, ms }) => [name, ms])).toEqual([
      ["client queue", 5],
      ["broker", 1],
      ["waited in the log", 34],
      ["processing", 20],
      ["other", 40],
    ]);
  });

  it("has no part that is negative, though clocks disagree", () => {
    const early = group("processed", [step("processed", 40, { duration_ms: 2 })], {
      waited_ms: -8,
      end_to_end_ms: 3,
    });
    expect(partsOf(produced, early).every(({ ms }) => ms > 0)).toBe(true);
  });
});

describe("the log", () => {
  it("has the message between its start and its end, and each group's commit", () => {
    const log = { start: 1000, end: 2000, asked_ms: 0, presence: "readable" };
    const marks = logMarks(way({ log, groups: [group("pending", [], { committed: 1100 })] }));
    expect(marks?.map(({ name, at }) => [name, at])).toEqual([
      ["this message", 0.234],
      ["start", 0],
      ["end", 1],
      ["payments", 0.1],
    ]);
  });

  it("of which only the message is known has it in the middle", () => {
    expect(logMarks(way({}))).toEqual([{ name: "this message", offset: 1234, kind: "message", at: 0.5 }]);
  });

  it("is no picture without an offset", () => {
    const { message } = way({});
    expect(logMarks(way({ message: { ...message, offset: null } }))).toBeNull();
  });
});
