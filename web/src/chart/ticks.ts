import { ticks as evenTicks } from "d3-array";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

// Round numbers from 0 up to at least `top`.
export function numberTicks(top: number): number[] {
  return upTo(top, evenTicks(0, top || 1, 3)[1] ?? 1);
}

// Round durations from 0 up to at least `top`, in milliseconds: 30 s, 1 min, 1 min 30 s, and not 50 s, 1 min 40 s.
export function durationTicks(top: number): number[] {
  if (top <= 4 * second) {
    return numberTicks(top);
  }
  const day = 24 * hour;
  const step = steps.find((one) => top / one <= 4) ?? Math.ceil(top / 4 / day) * day;
  return upTo(top, step);
}

function upTo(top: number, step: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(top / step)) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
}
