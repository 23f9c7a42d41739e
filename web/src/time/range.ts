import type { Query } from "@/address/address";
import { formatDuration } from "@/text/format";

// What is looked at: the last so many milliseconds, or from one moment to another.
export type Range = { kind: "last"; ms: number } | { kind: "between"; from_ms: number; to_ms: number };

export interface Window {
  from_ms: number;
  to_ms: number;
}

const minute = 60_000;
const hour = 60 * minute;
const units: Record<string, number> = { s: 1000, m: minute, h: hour, d: 24 * hour };

export const presets: { text: string; label: string }[] = [
  { text: "5m", label: "Last 5 minutes" },
  { text: "15m", label: "Last 15 minutes" },
  { text: "30m", label: "Last 30 minutes" },
  { text: "1h", label: "Last hour" },
  { text: "3h", label: "Last 3 hours" },
  { text: "6h", label: "Last 6 hours" },
  { text: "12h", label: "Last 12 hours" },
  { text: "24h", label: "Last 24 hours" },
];
export const defaultLast = "1h";

function parseLast(text: string): number | null {
  const match = /^(\d{1,4})([smhd])$/.exec(text);
  const ms = match ? Number(match[1]) * (units[match[2] ?? ""] ?? 0) : 0;
  return ms > 0 ? ms : null;
}

// Milliseconds since 1970, or a date as ISO 8601 writes it.
export function parseMoment(text: string): number | null {
  const ms = /^\d{10,16}(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : null;
}

// What does not make sense is the default: an address that was cut or typed still shows something.
export function parseRange(query: Query): Range {
  const from_ms = parseMoment(query.from ?? "");
  const to_ms = parseMoment(query.to ?? "");
  if (from_ms !== null && to_ms !== null && from_ms < to_ms) {
    return { kind: "between", from_ms, to_ms };
  }
  return { kind: "last", ms: parseLast(query.last ?? "") ?? hour };
}

// The part of an address that says the range; "" takes a key away.
export function queryOfRange(range: Range): Query {
  if (range.kind === "between") {
    return { last: "", from: isoMoment(range.from_ms), to: isoMoment(range.to_ms) };
  }
  const text = lastText(range.ms);
  return { last: text === defaultLast ? "" : text, from: "", to: "" };
}

export function lastText(ms: number): string {
  const unit = ["d", "h", "m", "s"].find((name) => name !== "d" && ms % (units[name] ?? 1) === 0) ?? "s";
  return `${Math.max(1, Math.round(ms / (units[unit] ?? 1)))}${unit}`;
}

// 2026-11-26T12:00:00Z: seconds, unless there is more to say.
export function isoMoment(ms: number): string {
  return new Date(Math.round(ms)).toISOString().replace(".000Z", "Z");
}

export function windowOf(range: Range, now_ms: number): Window {
  return range.kind === "between"
    ? { from_ms: range.from_ms, to_ms: range.to_ms }
    : { from_ms: now_ms - range.ms, to_ms: now_ms };
}

// The window of the same length that ends where this one begins.
export function windowBefore({ from_ms, to_ms }: Window): Window {
  return { from_ms: from_ms - (to_ms - from_ms), to_ms: from_ms };
}

export function queryOfWindow({ from_ms, to_ms }: Window): Query {
  return { from: `${Math.round(from_ms)}`, to: `${Math.round(to_ms)}` };
}

// Half a window earlier or later, but never behind now.
export function shift(range: Range, now_ms: number, direction: -1 | 1): Range {
  const { from_ms, to_ms } = windowOf(range, now_ms);
  const length = to_ms - from_ms;
  const to = Math.min(now_ms, to_ms + (direction * length) / 2);
  return { kind: "between", from_ms: to - length, to_ms: to };
}

export function labelOf(range: Range): string {
  if (range.kind === "between") {
    return `${localMoment(range.from_ms)} to ${localMoment(range.to_ms)}`;
  }
  const preset = presets.find(({ text }) => text === lastText(range.ms));
  return preset?.label ?? `Last ${formatDuration(range.ms)}`;
}

function localMoment(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
