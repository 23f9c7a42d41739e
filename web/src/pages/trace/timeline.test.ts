import { describe, expect, it } from "vitest";
import type { Span, Trace } from "@/api/types";
import {
  barOf,
  extentOf,
  type Filter,
  formatZoom,
  hasText,
  nextIndex,
  ownExtentOf,
  parseZoom,
  rowsOf,
  sumParts,
  zoomBy,
} from "./timeline";

const message = { topic: "", partition: null, offset: null, key: null, trace_id: null, span_id: null };
const all: Filter = { text: "", service: "", only: "" };
const none = new Set<string>();

function span(span_id: string, depth: number, more: Partial<Span> = {}): Span {
  return {
    trace_id: "t",
    span_id,
    parent_id: null,
    depth,
    name: `span ${span_id}`,
    service: "shop",
    kind: "internal",
    operation: "",
    start_ms: 1000,
    duration_ms: 100,
    error: null,
    message,
    attributes: {},
    resource: {},
    events: [],
    logs: [],
    links: [],
    linked_by: [],
    ...more,
  };
}

function trace(spans: Span[]): Trace {
  return {
    trace_id: "t",
    start_ms: 1000,
    duration_ms: 100,
    services: [],
    is_cut: false,
    spans,
    critical_path: [],
    missing: [],
  };
}

// a ─ b ─ c (error)
//   └ d
// e
const family = [
  span("a", 0),
  span("b", 1),
  span("c", 2, { error: "Boom" }),
  span("d", 1, { service: "bank" }),
  span("e", 0),
];
const idsOf = (rows: { span: Span; isContext: boolean }[]) =>
  rows.map(({ span: { span_id }, isContext }) => (isContext ? `(${span_id})` : span_id));

describe("the rows", () => {
  it("are all spans, and say who has children", () => {
    const rows = rowsOf(family, all, none, none);
    expect(idsOf(rows)).toEqual(["a", "b", "c", "d", "e"]);
    expect(rows.map(({ hasChildren }) => hasChildren)).toEqual([true, true, false, false, false]);
  });

  it("leave out what is folded away, at every depth", () => {
    expect(idsOf(rowsOf(family, all, new Set(["t-b"]), none))).toEqual(["a", "b", "d", "e"]);
    expect(idsOf(rowsOf(family, all, new Set(["t-a", "t-b"]), none))).toEqual(["a", "e"]);
  });

  it("of a filter are what matches, with what leads there", () => {
    expect(idsOf(rowsOf(family, { ...all, only: "errors" }, none, none))).toEqual(["(a)", "(b)", "c"]);
    expect(idsOf(rowsOf(family, { ...all, service: "bank" }, none, none))).toEqual(["(a)", "d"]);
    expect(idsOf(rowsOf(family, { ...all, only: "path" }, none, new Set(["t-b", "t-e"])))).toEqual([
      "(a)",
      "b",
      "e",
    ]);
    expect(rowsOf(family, { ...all, text: "nowhere" }, none, none)).toEqual([]);
  });

  it("do not end on spans whose parents are missing", () => {
    expect(
      idsOf(rowsOf([span("x", 3, { error: "Boom" }), span("y", 1)], { ...all, only: "errors" }, none, none)),
    ).toEqual(["x"]);
  });
});

describe("a text is found", () => {
  it.each(["orders/3@7", "CUSTOMER-1", 'tenant=["blue"]', "boom", "shop"])("in %s", (text) => {
    const one = span("a", 0, {
      error: "Boom",
      message: { ...message, topic: "orders", partition: 3, offset: 7, key: "customer-1" },
      attributes: { tenant: ["blue"] },
    });
    expect(hasText(one, text)).toBe(true);
    expect(hasText(span("b", 0, { service: "bank" }), text)).toBe(false);
  });
});

describe("the time", () => {
  const foreign = span("z", 0, { trace_id: "other", start_ms: 5000, duration_ms: 1000 });
  const whole = extentOf(trace([...family, foreign]));
  const own = ownExtentOf(trace([...family, foreign]));

  it("that is shown is the trace's own, although a link leads to much later", () => {
    expect(whole).toEqual({ from_ms: 1000, to_ms: 6000 });
    expect(own).toEqual({ from_ms: 1000, to_ms: 1100 });
    expect(parseZoom(undefined, whole, own)).toEqual(own);
    expect(parseZoom("all", whole, own)).toEqual(whole);
  });

  it("in the address comes back as it was", () => {
    const zoom = { from_ms: 1012.5, to_ms: 1050 };
    expect(formatZoom(zoom, whole, own)).toBe("12.5-50");
    expect(parseZoom("12.5-50", whole, own)).toEqual(zoom);
    expect(formatZoom(own, whole, own)).toBe("");
    expect(formatZoom(whole, whole, own)).toBe("all");
  });

  it.each(["50-12", "x", "9000-9999", "-5-7"])("%s in the address is the trace's own", (text) => {
    expect(parseZoom(text, whole, own)).toEqual(own);
  });

  it("of a trace without spans, or of one moment, is no division by zero", () => {
    expect(extentOf(trace([]))).toEqual({ from_ms: 1000, to_ms: 1100 });
    const moment = extentOf(trace([span("a", 0, { duration_ms: 0 })]));
    expect(moment.to_ms).toBeGreaterThan(moment.from_ms);
  });

  it("is zoomed around a moment, and never beyond the whole", () => {
    expect(zoomBy(whole, whole, 2000, 0.5)).toEqual({ from_ms: 1500, to_ms: 4000 });
    expect(zoomBy({ from_ms: 1500, to_ms: 4000 }, whole, 2000, 10)).toEqual(whole);
  });
});

describe("a bar", () => {
  const zoom = { from_ms: 1000, to_ms: 2000 };
  it("stands where its span is, cut at the edges", () => {
    expect(barOf({ start_ms: 1250, duration_ms: 500 }, zoom)).toEqual({ left: 0.25, width: 0.5 });
    expect(barOf({ start_ms: 500, duration_ms: 5000 }, zoom)).toEqual({ left: 0, width: 1 });
  });

  it("is not there outside of what is shown", () => {
    expect(barOf({ start_ms: 0, duration_ms: 999 }, zoom)).toBeNull();
    expect(barOf({ start_ms: 2001, duration_ms: 1 }, zoom)).toBeNull();
  });
});

it("the next wanted row is found around the end", () => {
  const rows = rowsOf(family, all, none, none);
  const isError = ({ span: { error } }: { span: Span }) => error !== null;
  expect(nextIndex(rows, -1, 1, isError)).toBe(2);
  expect(nextIndex(rows, 2, 1, isError)).toBe(2);
  expect(nextIndex(rows, 0, -1, isError)).toBe(2);
  expect(nextIndex(rows, 0, 1, () => false)).toBe(-1);
  expect(nextIndex([], -1, 1, () => true)).toBe(-1);
});

it("the parts of a critical path are summed, the largest first", () => {
  const ref = { trace_id: "t", span_id: "a" };
  const piece = (part: "log" | "broker", from_ms: number, to_ms: number) => ({
    part,
    from_ms,
    to_ms,
    span: ref,
    text: "",
  });
  expect(sumParts([piece("broker", 0, 10), piece("log", 10, 80), piece("broker", 80, 100)])).toEqual([
    { part: "log", ms: 70, share: 0.7 },
    { part: "broker", ms: 30, share: 0.3 },
  ]);
  expect(sumParts([])).toEqual([]);
});
