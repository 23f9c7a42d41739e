// The picture of a message's way, as a value: what stands in it, in which state, and how long each part took.
import type { GroupWay, MessageWay, Step, VerdictState } from "@/api/types";
import type { IconName } from "@/parts/Icon";
import { lookOf, type Tone, verdicts } from "@/parts/verdict";
import { formatDuration, formatMoment } from "@/text/format";

export interface Station {
  key: string;
  title: string;
  tone: Tone;
  icon: IconName;
  lines: string[];
  isThere: boolean; // false: not reached, or not known
  span?: { trace_id: string; span_id: string };
}

// Who reads: a group, or a service that does not tell its group.
export interface Reader {
  kind: "group" | "service";
  name: string;
}

export interface Lane {
  reader: Reader;
  verdict: GroupWay["verdict"];
  waitsSince_ms: number | null; // of what has not been handed over yet
  waited_ms: number | null;
  end_to_end_ms: number | null;
  stations: Station[];
  parts: TimePart[];
}

export interface TimePart {
  name: string;
  kind: "queue" | "broker" | "log" | "processing" | "other";
  ms: number;
}

const waiting = new Set<VerdictState>(["pending", "in_progress", "received"]);

export function stationsOfSend({ produced, message, verdict }: MessageWay): Station[] {
  if (!produced) {
    return [
      {
        key: "produced",
        title: "Produced",
        tone: "doubt",
        icon: "question",
        lines: ["No span of its send was seen."],
        isThere: false,
      },
    ];
  }
  const isPersisted = produced.persistence === "persisted";
  const left = produced.queue_ms != null || isPersisted;
  return [
    {
      key: "produced",
      title: `Produced by ${produced.service}`,
      tone: "good",
      icon: "service",
      lines: known([
        formatMoment(produced.start_ms),
        produced.client_id && `client ${produced.client_id}`,
        produced.acks != null && `acks=${produced.acks === -1 ? "all" : produced.acks}`,
        produced.transaction && `transaction ${produced.transaction}`,
      ]),
      isThere: true,
      span: produced.span,
    },
    {
      key: "queue",
      title: "Client queue",
      tone: left ? "good" : verdict.state === "never_sent" ? "bad" : "doubt",
      icon: left ? "check" : verdict.state === "never_sent" ? "blocked" : "question",
      lines: [
        produced.queue_ms != null ? `waited ${formatDuration(produced.queue_ms)}` : "its time is not known",
      ],
      isThere: left,
    },
    answerStation(produced, message),
  ];
}

type Produced = NonNullable<MessageWay["produced"]>;

function answerStation(produced: Produced, message: MessageWay["message"]): Station {
  const looks: Record<string, [Tone, IconName, string]> = {
    persisted: ["good", "checks", "persisted"],
    possibly_persisted: ["doubt", "question", "possibly persisted"],
    not_persisted: ["bad", "blocked", "not persisted"],
  };
  const [tone, icon, word] =
    looks[produced.persistence] ??
    (produced.error ? ["bad", "warning", ""] : ["doubt", "question", "persistence not told"]);
  return {
    key: "answer",
    title: produced.error ? "No good answer" : "Broker's answer",
    tone,
    icon,
    lines: known([
      produced.error,
      produced.error_text,
      word,
      message.offset != null &&
        message.partition != null &&
        `partition ${message.partition}, offset ${message.offset}`,
      produced.broker && `from ${produced.broker}`,
      produced.broker_ms != null && `after ${formatDuration(produced.broker_ms)}`,
    ]),
    isThere: !produced.error,
    span: produced.span,
  };
}

export function lanesOf(way: MessageWay): Lane[] {
  return way.groups.map((group) => ({
    reader: readerOf(group),
    verdict: group.verdict,
    waitsSince_ms:
      group.verdict.state === "pending" && way.produced
        ? way.produced.start_ms + way.produced.duration_ms
        : null,
    waited_ms: group.waited_ms,
    end_to_end_ms: group.end_to_end_ms,
    stations: stationsOfGroup(group, way.message.offset),
    parts: partsOf(way.produced, group),
  }));
}

// Some instrumentations do not say of which group a consumer is a member.
export function readerOf({ group, steps }: GroupWay): Reader {
  return group === ""
    ? { kind: "service", name: [...new Set(steps.map(({ service }) => service))].join(", ") }
    : { kind: "group", name: group };
}

// What was seen, in its order; then how it ended, or what has not happened yet.
export function stationsOfGroup({ steps, verdict, committed }: GroupWay, offset: number | null): Station[] {
  const seen = [...steps]
    .sort((left, right) => left.start_ms - right.start_ms)
    .map((step, index, all) => stationOfStep(step, index, all[index - 1]));
  const has = (...names: Step["step"][]) => steps.some(({ step }) => names.includes(step));
  const ends: Station[] = [];
  if (!has("processed", "failed")) {
    if (waiting.has(verdict.state)) {
      ends.push(...notYet(has("received", "processing"), has("processing"), verdict.state));
    } else {
      ends.push(ending(verdict.state, verdict.cause));
    }
  }
  // A commit before this message says where the group is, which the log shows; it is no step of the message.
  if (committed != null && offset != null && committed > offset && !has("committed")) {
    const lines = [`up to offset ${committed}`];
    ends.push({ key: "committed", title: "Committed", tone: "good", icon: "checks", lines, isThere: true });
  }
  return [...seen, ...ends];
}

// Who did it is said once, and again where it is another.
function stationOfStep(step: Step, index: number, before: Step | undefined): Station {
  const isOther = step.service !== before?.service || step.client_id !== before?.client_id;
  const looks: Record<Step["step"], [string, Tone, IconName]> = {
    received: ["Received", "good", "inbox"],
    processing: ["Processing", "wait", "play"],
    processed: ["Processed", "good", "check"],
    failed: ["Failed", "bad", "warning"],
    committed: ["Committed", "good", "checks"],
  };
  const [title, tone, icon] = looks[step.step] ?? [step.step, "mute", "dot"];
  return {
    key: `${step.step} ${index}`,
    title,
    tone,
    icon,
    lines: known([
      formatMoment(step.start_ms).slice("2026-11-26 ".length),
      step.duration_ms != null && `took ${formatDuration(step.duration_ms)}`,
      step.error,
      step.error_text,
      isOther && step.service,
      isOther && step.client_id && `client ${step.client_id}`,
    ]),
    isThere: true,
    span: step.span,
  };
}

function notYet(isReceived: boolean, isProcessing: boolean, state: VerdictState): Station[] {
  const ghost = (title: string): Station => ({
    key: `not yet ${title}`,
    title,
    tone: "mute",
    icon: "clock",
    lines: [state === "received" ? "cannot be seen" : "not yet"],
    isThere: false,
  });
  return [
    ...(isReceived ? [] : [ghost("Received")]),
    ...(isProcessing ? [] : [ghost("Processing")]),
    ghost("Processed"),
  ];
}

function ending(state: VerdictState, cause: string): Station {
  const { word, tone, icon } = lookOf(verdicts, state);
  const title = word.charAt(0).toUpperCase() + word.slice(1);
  return {
    key: `end ${state}`,
    title,
    tone,
    icon,
    lines: known([cause?.replaceAll("_", " ")]),
    isThere: state === "processed",
  };
}

// Where the time went between the send and the end of processing; what no part explains is "other".
export function partsOf(produced: MessageWay["produced"], group: GroupWay): TimePart[] {
  const processing = group.steps
    .filter(({ step }) => step === "processing" || step === "processed" || step === "failed")
    .reduce((most, { duration_ms }) => Math.max(most, duration_ms ?? 0), 0);
  const parts: TimePart[] = [
    { name: "client queue", kind: "queue", ms: produced?.queue_ms ?? 0 },
    { name: "broker", kind: "broker", ms: produced?.broker_ms ?? 0 },
    { name: "waited in the log", kind: "log", ms: Math.max(0, group.waited_ms ?? 0) },
    { name: "processing", kind: "processing", ms: processing },
  ];
  const explained = parts.reduce((sum, { ms }) => sum + ms, 0);
  parts.push({ name: "other", kind: "other", ms: Math.max(0, (group.end_to_end_ms ?? 0) - explained) });
  return parts.filter(({ ms }, index) => ms > 0.0005 && (index < 4 || ms > explained / 100));
}

export interface LogMark {
  name: string;
  offset: number;
  at: number; // 0 to 1
  kind: "start" | "end" | "message" | "committed";
}

// The partition's log from left to right: where it begins and ends, where the message is, and how far each group has
// committed. Null where not even the offset is known.
export function logMarks({ log, message, groups }: MessageWay): LogMark[] | null {
  if (message.offset == null) {
    return null;
  }
  const marks: Omit<LogMark, "at">[] = [{ name: "this message", offset: message.offset, kind: "message" }];
  if (log) {
    marks.push(
      { name: "start", offset: log.start, kind: "start" },
      { name: "end", offset: log.end, kind: "end" },
    );
  }
  for (const { group, committed } of groups) {
    if (committed != null) {
      marks.push({ name: group, offset: committed, kind: "committed" });
    }
  }
  const low = Math.min(...marks.map(({ offset }) => offset));
  const high = Math.max(...marks.map(({ offset }) => offset));
  return marks.map((mark) => ({ ...mark, at: high === low ? 0.5 : (mark.offset - low) / (high - low) }));
}

function known(lines: (string | false | null | undefined)[]): string[] {
  return lines.filter((line): line is string => !!line);
}
