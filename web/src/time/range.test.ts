import { describe, expect, it } from "vitest";
import {
  isoMoment,
  labelOf,
  lastText,
  parseMoment,
  parseRange,
  queryOfRange,
  shift,
  windowBefore,
  windowOf,
} from "./range";

const now = Date.parse("2026-11-26T12:00:00Z");
const hour = 3_600_000;

describe("the time range in the address", () => {
  it("is the last hour where nothing, or nonsense, is said", () => {
    const lastHour = { kind: "last", ms: hour };
    expect(parseRange({})).toEqual(lastHour);
    expect(parseRange({ last: "banana" })).toEqual(lastHour);
    expect(parseRange({ last: "0m" })).toEqual(lastHour);
    expect(parseRange({ from: "2026-11-26T12:00:00Z" })).toEqual(lastHour);
    expect(parseRange({ from: "2026-11-26T12:00:00Z", to: "2026-11-26T11:00:00Z" })).toEqual(lastHour);
  });

  it.each(["5m", "15m", "3h", "24h", "90s"])("comes back as it was written: %s", (last) => {
    expect(queryOfRange(parseRange({ last })).last).toBe(last);
  });

  it("comes back with its moments, also with milliseconds", () => {
    const query = { last: "", from: "2026-11-26T10:00:00.250Z", to: "2026-11-26T11:00:00Z" };
    expect(queryOfRange(parseRange(query))).toEqual(query);
  });

  it("takes the default away, so that the address stays short", () => {
    expect(queryOfRange({ kind: "last", ms: hour })).toEqual({ last: "", from: "", to: "" });
    expect(lastText(24 * hour)).toBe("24h");
  });

  it("takes moments as milliseconds and as ISO 8601", () => {
    expect(parseMoment(`${now}`)).toBe(now);
    expect(parseMoment(isoMoment(now))).toBe(now);
    expect(parseMoment("yesterday")).toBeNull();
    expect(parseMoment("")).toBeNull();
  });
});

describe("a window", () => {
  it("of the last hour ends now, and the one before ends where it begins", () => {
    const window = windowOf({ kind: "last", ms: hour }, now);
    expect(window).toEqual({ from_ms: now - hour, to_ms: now });
    expect(windowBefore(window)).toEqual({ from_ms: now - 2 * hour, to_ms: now - hour });
  });

  it("moves by half, and never behind now", () => {
    const earlier = shift({ kind: "last", ms: hour }, now, -1);
    expect(earlier).toEqual({ kind: "between", from_ms: now - 1.5 * hour, to_ms: now - 0.5 * hour });
    expect(shift(earlier, now, 1)).toEqual({ kind: "between", from_ms: now - hour, to_ms: now });
    expect(shift({ kind: "last", ms: hour }, now, 1)).toEqual({
      kind: "between",
      from_ms: now - hour,
      to_ms: now,
    });
  });

  it("is named as people say it", () => {
    expect(labelOf({ kind: "last", ms: 5 * 60_000 })).toBe("Last 5 minutes");
    expect(labelOf({ kind: "last", ms: 45 * 60_000 })).toBe("Last 45 min");
  });
});
