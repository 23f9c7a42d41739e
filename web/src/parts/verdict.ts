import type { LagGroup, VerdictState } from "@/api/types";
import type { IconName } from "./Icon";

// How a state is said: in a word, with a sign, and in a tone. The colour is never alone.
export type Tone = "good" | "wait" | "warn" | "bad" | "doubt" | "mute";

export interface Look {
  word: string;
  tone: Tone;
  icon: IconName;
  meaning: string;
}

export const verdicts: Record<VerdictState, Look> = {
  never_sent: {
    word: "never sent",
    tone: "bad",
    icon: "blocked",
    meaning: "The client gave up before the broker had it.",
  },
  ambiguous: {
    word: "ambiguous",
    tone: "doubt",
    icon: "question",
    meaning: "The send failed, but the message may be in the log.",
  },
  aborted: {
    word: "aborted",
    tone: "mute",
    icon: "undo",
    meaning: "Its transaction was aborted: read_committed never sees it.",
  },
  lost_by_broker: {
    word: "lost by the broker",
    tone: "bad",
    icon: "cross",
    meaning: "Acknowledged, and cannot be read any more.",
  },
  expired: {
    word: "expired unread",
    tone: "bad",
    icon: "hourglass",
    meaning: "Retention or DeleteRecords took it before it was read.",
  },
  skipped: { word: "skipped", tone: "warn", icon: "skip", meaning: "A reset or a seek went past it." },
  committed_before_processing: {
    word: "committed before processing",
    tone: "bad",
    icon: "warning",
    meaning: "Its offset is committed, and nothing has processed it.",
  },
  failed: { word: "failed", tone: "bad", icon: "warning", meaning: "Its processing ended with an error." },
  in_progress: { word: "in progress", tone: "wait", icon: "play", meaning: "It is being processed now." },
  pending: {
    word: "pending",
    tone: "wait",
    icon: "clock",
    meaning: "It is in the log, and waits for the group.",
  },
  processed: {
    word: "processed",
    tone: "good",
    icon: "check",
    meaning: "Its processing ended without an error.",
  },
  duplicated: {
    word: "processed twice",
    tone: "warn",
    icon: "copy",
    meaning: "It was processed more than once.",
  },
  received: {
    word: "received",
    tone: "wait",
    icon: "inbox",
    meaning: "It was handed over; the end of processing cannot be seen.",
  },
  acknowledged: { word: "acknowledged", tone: "good", icon: "checks", meaning: "The broker has it." },
  unknown: {
    word: "unknown",
    tone: "doubt",
    icon: "question",
    meaning: "There is not enough evidence. A span that is not there proves nothing.",
  },
};

export const lagStates: Record<LagGroup["state"], Look> = {
  up_to_date: { word: "up to date", tone: "good", icon: "check", meaning: "Nothing waits." },
  keeping_up: {
    word: "keeping up",
    tone: "good",
    icon: "level",
    meaning: "It processes as fast as messages arrive.",
  },
  catching_up: { word: "catching up", tone: "wait", icon: "down", meaning: "The lag gets smaller." },
  falling_behind: {
    word: "falling behind",
    tone: "warn",
    icon: "up",
    meaning: "Messages arrive faster than they are processed.",
  },
  slow: {
    word: "slow",
    tone: "warn",
    icon: "hourglass",
    meaning: "It processes, but takes long for each message.",
  },
  stopped: {
    word: "stopped",
    tone: "bad",
    icon: "stop",
    meaning: "Nothing is processed, and messages wait.",
  },
  rebalancing: {
    word: "rebalancing",
    tone: "wait",
    icon: "swap",
    meaning: "Partitions are being assigned anew.",
  },
  idle: { word: "idle", tone: "mute", icon: "dot", meaning: "Nothing arrives." },
  unknown: { word: "unknown", tone: "doubt", icon: "question", meaning: "There is not enough evidence." },
};

export const impactStates: Record<"slow" | "stopped" | "failing", Look> = {
  slow: lagStates.slow,
  stopped: lagStates.stopped,
  failing: { word: "failing", tone: "bad", icon: "warning", meaning: "Processing ends with errors." },
};

// A state that this version of the pages does not know yet is shown as the server says it.
export function lookOf(looks: Record<string, Look>, state: string): Look {
  const look = Object.hasOwn(looks, state) ? looks[state] : undefined;
  return look ?? { word: state.replaceAll("_", " "), tone: "doubt", icon: "question", meaning: "" };
}
