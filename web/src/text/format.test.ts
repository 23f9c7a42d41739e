import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatChange,
  formatClock,
  formatCount,
  formatDuration,
  formatRate,
  formatTrend,
  plural,
} from "./format";

describe("a duration", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "0.4 µs"],
    [0.34, "340 µs"],
    [0.9996, "1 ms"],
    [3.1, "3.1 ms"],
    [31.44, "31.4 ms"],
    [999.4, "999 ms"],
    [999.6, "1 s"],
    [4200, "4.2 s"],
    [59_960, "1 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [12_000_000, "3 h 20 min"],
    [187_200_000, "2 d 4 h"],
    [-3, "−3 ms"],
  ])("of %d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("a number that is not known", () => {
  it.each([formatDuration, formatCount, formatRate, formatTrend, formatBytes, formatClock])(
    "is a dash, never 0: %o",
    (format) => {
      expect(format(null)).toBe("–");
      expect(format(undefined)).toBe("–");
      expect(format(Number.NaN)).toBe("–");
    },
  );
});

describe("numbers", () => {
  it("have three digits that say something", () => {
    expect(formatRate(0.4)).toBe("0.4/s");
    expect(formatRate(0.125)).toBe("0.13/s");
    expect(formatRate(0.0008)).toBe("<0.01/s");
    expect(formatRate(0)).toBe("0/s");
    expect(formatRate(1234.5)).toBe("1,235/s");
    expect(formatCount(21480.4)).toBe("21,480");
    expect(formatBytes(1_500_000)).toBe("1.43 MiB");
    expect(formatBytes(0)).toBe("0 B");
  });

  it("have their sign where the direction matters", () => {
    expect(formatTrend(60)).toBe("+60/s");
    expect(formatTrend(-42)).toBe("−42/s");
    expect(formatTrend(0)).toBe("0/s");
  });

  it("agree with their noun", () => {
    expect(plural(1, "message")).toBe("1 message");
    expect(plural(2, "group and topic", "groups and topics")).toBe("2 groups and topics");
  });
});

describe("a change", () => {
  it.each([
    [125, 100, "+25 %"],
    [50, 100, "−50 %"],
    [100.1, 100, "±0 %"],
    [1300, 100, "×13"],
    [5, 0, "new"],
    [0, 0, ""],
    [null, 5, ""],
    [5, null, ""],
  ])("from %2$d to %1$d", (now, before, text) => {
    expect(formatChange(now, before)).toBe(text);
  });
});
