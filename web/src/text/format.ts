// Numbers and times as people read them. What is not known is a dash, never 0.

export const unknown = "–";
type Maybe = number | null | undefined;

const isKnown = (value: Maybe): value is number => typeof value === "number" && Number.isFinite(value);
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const minus = (text: string) => text.replace("-", "−");

// Three digits that say something: 0.34, 3.1, 31, 310, 3,100.
function short(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2;
  return minus(new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value));
}

// 340 µs, 3.1 ms, 4.2 s, 2 min 5 s, 3 h 20 min, 2 d 4 h
export function formatDuration(ms: Maybe): string {
  if (!isKnown(ms)) {
    return unknown;
  }
  if (ms < 0) {
    return `−${formatDuration(-ms)}`;
  }
  if (ms < 0.9995) {
    return ms === 0 ? "0 ms" : `${short(ms * 1000)} µs`;
  }
  if (ms < 999.5) {
    return `${short(ms)} ms`;
  }
  if (ms < 59_950) {
    return `${short(ms / 1000)} s`;
  }
  const seconds = Math.round(ms / 1000);
  const steps: [number, string, number, string][] = [
    [60, "min", 1, "s"],
    [3600, "h", 60, "min"],
    [86_400, "d", 3600, "h"],
  ];
  const step = [...steps].reverse().find(([size]) => seconds >= size) ?? steps[0];
  const [size, name, smallSize, smallName] = step ?? [60, "min", 1, "s"];
  const big = Math.floor(seconds / size);
  const small = Math.floor((seconds % size) / smallSize);
  return small === 0 ? `${big} ${name}` : `${big} ${name} ${small} ${smallName}`;
}

export function formatCount(value: Maybe): string {
  return isKnown(value) ? minus(whole.format(value)) : unknown;
}

// What is hardly more than nothing is not called nothing.
export function formatRate(per_s: Maybe): string {
  if (!isKnown(per_s)) {
    return unknown;
  }
  return per_s > 0 && per_s < 0.005 ? "<0.01/s" : `${short(per_s)}/s`;
}

export function formatTrend(per_s: Maybe): string {
  if (!isKnown(per_s)) {
    return unknown;
  }
  return per_s >= 0.005 ? `+${formatRate(per_s)}` : formatRate(per_s);
}

export function formatBytes(bytes: Maybe): string {
  if (!isKnown(bytes)) {
    return unknown;
  }
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(names.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${short(bytes / 2 ** (10 * power))} ${names[power]}`;
}

export function formatPercent(part: Maybe): string {
  return isKnown(part) ? `${short(part * 100)} %` : unknown;
}

// How a number differs from the one before: "+25 %", "new" where there was nothing, "" where nothing can be said.
export function formatChange(now: Maybe, before: Maybe): string {
  if (!isKnown(now) || !isKnown(before)) {
    return "";
  }
  if (before === 0) {
    return now === 0 ? "" : "new";
  }
  const change = (now - before) / Math.abs(before);
  if (Math.abs(change) < 0.005) {
    return "±0 %";
  }
  if (change >= 10) {
    return `×${short(now / before)}`;
  }
  const percent = minus(`${Math.round(change * 100)}`);
  return `${change > 0 ? "+" : ""}${percent} %`;
}

// Wall clock, local: 14:03:09.123
export function formatClock(ms: Maybe, withMs = true): string {
  if (!isKnown(ms)) {
    return unknown;
  }
  const date = new Date(ms);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${clock}.${`${date.getMilliseconds()}`.padStart(3, "0")}` : clock;
}

export function formatMoment(ms: Maybe, withMs = true): string {
  if (!isKnown(ms)) {
    return unknown;
  }
  const date = new Date(ms);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(ms, withMs)}`;
}

export function formatIso(ms: Maybe): string {
  return isKnown(ms) ? new Date(ms).toISOString() : "";
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${Math.round(count) === 1 ? one : many}`;
}
