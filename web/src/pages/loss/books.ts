import type { Loss, LossGroup, LossTopic } from "@/api/types";
import type { IconName } from "@/parts/Icon";
import type { Tone } from "@/parts/verdict";

// A balance: one sum on the left, its parts on the right.
export interface Entry {
  name: string;
  messages: number | null;
  tone: Tone;
  icon: IconName;
}

export interface Books {
  group: string | null; // null: the producers' books
  sum: Entry;
  parts: Entry[];
  notes: { name: string; messages: number }[]; // counted among the parts already
  difference: number | null; // what is missing between the two sides; null: the sum is not known
}

export function booksOfTopic(produced: LossTopic["produced"]): Books {
  const parts: Entry[] = [
    { name: "acknowledged", messages: produced.acknowledged, tone: "good", icon: "checks" },
    { name: "rejected", messages: produced.rejected, tone: "bad", icon: "blocked" },
    { name: "failed", messages: produced.failed, tone: "bad", icon: "warning" },
    { name: "possibly persisted", messages: produced.possibly_persisted, tone: "doubt", icon: "question" },
    { name: "in flight", messages: produced.in_flight, tone: "wait", icon: "play" },
  ];
  const notes = produced.errors.map(({ error, messages }) => ({ name: error, messages }));
  return balanced(
    null,
    { name: "attempted", messages: produced.attempted, tone: "mute", icon: "up" },
    parts,
    notes,
  );
}

export function booksOfGroup(group: LossGroup): Books {
  const parts: Entry[] = [
    { name: "processed", messages: group.processed, tone: "good", icon: "check" },
    { name: "pending", messages: group.pending, tone: "wait", icon: "clock" },
    { name: "skipped", messages: group.skipped, tone: "warn", icon: "skip" },
    { name: "lost", messages: group.lost, tone: "bad", icon: "cross" },
    { name: "unknown", messages: group.unknown, tone: "doubt", icon: "question" },
  ];
  const notes = [
    { name: "of the processed ones failed", messages: group.failed },
    { name: "processed more than once", messages: group.duplicated },
  ].filter(({ messages }) => messages > 0);
  const sum: Entry = { name: "acknowledged", messages: group.acknowledged, tone: "mute", icon: "checks" };
  return balanced(group.group, sum, parts, notes);
}

// Numbers that are scaled have fractions: less than half a message is no difference.
function balanced(group: string | null, sum: Entry, parts: Entry[], notes: Books["notes"]): Books {
  const total = parts.reduce((all, { messages }) => all + (messages ?? 0), 0);
  const difference = sum.messages == null ? null : Math.round(sum.messages - total);
  return { group, sum, parts, notes, difference };
}

// The books as a list, one entry a row.
export function bookRows(
  loss: Loss,
): { topic: string; group: string; entry: string; messages: number | null }[] {
  return loss.topics.flatMap(({ topic, produced, groups }) =>
    [booksOfTopic(produced), ...groups.map(booksOfGroup)].flatMap(({ group, sum, parts }) =>
      [sum, ...parts].map(({ name, messages }) => ({ topic, group: group ?? "", entry: name, messages })),
    ),
  );
}
