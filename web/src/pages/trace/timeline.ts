// The rows of a trace's timeline, and where their bars stand: plain functions over the spans.
import { nameOfMessage } from "@/address/places";
import type { PathPart, Span, Trace } from "@/api/types";

export interface Extent {
  from_ms: number;
  to_ms: number;
}

export interface Row {
  span: Span;
  key: string;
  hasChildren: boolean;
  isFolded: boolean;
  isContext: boolean; // it does not match the filter, but something below it does
}

export interface Filter {
  text: string;
  service: string;
  only: "" | "errors" | "path";
}

export function keyOf(span: { trace_id: string; span_id: string }): string {
  return `${span.trace_id}-${span.span_id}`;
}

// From the first to the last of all spans, those of other traces too.
export function extentOf(trace: Trace): Extent {
  return extentOfSpans(trace.spans) ?? { from_ms: trace.start_ms, to_ms: trace.start_ms + trace.duration_ms };
}

// Of the trace's own spans: what links lead to may be much later.
export function ownExtentOf(trace: Trace): Extent {
  const own = trace.spans.filter(({ trace_id }) => trace_id === trace.trace_id);
  return extentOfSpans(own) ?? extentOf(trace);
}

function extentOfSpans(spans: Span[]): Extent | null {
  let from_ms = Number.POSITIVE_INFINITY;
  let to_ms = Number.NEGATIVE_INFINITY;
  for (const { start_ms, duration_ms } of spans) {
    from_ms = Math.min(from_ms, start_ms);
    to_ms = Math.max(to_ms, start_ms + duration_ms);
  }
  return from_ms > to_ms ? null : { from_ms, to_ms: Math.max(to_ms, from_ms + 0.001) };
}

// What the timeline shows: "120-450" in milliseconds from the beginning of the whole, "all"; else, and where it makes
// no sense, the trace's own time.
export function parseZoom(text: string | undefined, whole: Extent, own: Extent): Extent {
  if (text === "all") {
    return whole;
  }
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text ?? "");
  const from_ms = Math.max(whole.from_ms, whole.from_ms + Number(match?.[1] ?? 0));
  const to_ms = Math.min(whole.to_ms, whole.from_ms + Number(match?.[2] ?? 0));
  return match && to_ms > from_ms ? { from_ms, to_ms } : own;
}

export function formatZoom(zoom: Extent, whole: Extent, own: Extent): string {
  if (zoom.from_ms === own.from_ms && zoom.to_ms === own.to_ms) {
    return "";
  }
  if (zoom.from_ms <= whole.from_ms && zoom.to_ms >= whole.to_ms) {
    return "all";
  }
  const text = (ms: number) => `${Math.max(0, Number((ms - whole.from_ms).toFixed(3)))}`;
  return `${text(zoom.from_ms)}-${text(zoom.to_ms)}`;
}

// A window around a moment, larger or smaller by a factor, within the whole.
export function zoomBy(zoom: Extent, whole: Extent, centre_ms: number, factor: number): Extent {
  const from_ms = Math.max(whole.from_ms, centre_ms - (centre_ms - zoom.from_ms) * factor);
  const to_ms = Math.min(whole.to_ms, centre_ms + (zoom.to_ms - centre_ms) * factor);
  return to_ms > from_ms ? { from_ms, to_ms } : zoom;
}

// Where a bar stands, from 0 to 1; null outside of the zoom. A bar never vanishes because it is short.
export function barOf(
  span: { start_ms: number; duration_ms: number },
  zoom: Extent,
): { left: number; width: number } | null {
  const length = zoom.to_ms - zoom.from_ms;
  const end_ms = span.start_ms + span.duration_ms;
  if (end_ms < zoom.from_ms || span.start_ms > zoom.to_ms) {
    return null;
  }
  const left = Math.max(0, (span.start_ms - zoom.from_ms) / length);
  const right = Math.min(1, (end_ms - zoom.from_ms) / length);
  return { left, width: Math.max(0, right - left) };
}

// What is shown: without what is folded away, and with a filter only what matches and what leads there.
export function rowsOf(spans: Span[], filter: Filter, folded: Set<string>, onPath: Set<string>): Row[] {
  const isFiltered = filter.text !== "" || filter.service !== "" || filter.only !== "";
  const matches = spans.map((span) => !isFiltered || isMatch(span, filter, onPath));
  const isContext = isFiltered ? contextOf(spans, matches) : null;
  const rows: Row[] = [];
  let foldedAt = Number.POSITIVE_INFINITY; // the depth of the folded row that hides what follows
  spans.forEach((span, index) => {
    if (span.depth > foldedAt) {
      return;
    }
    foldedAt = Number.POSITIVE_INFINITY;
    if (!matches[index] && !isContext?.[index]) {
      return;
    }
    const key = keyOf(span);
    const isFolded = folded.has(key);
    if (isFolded) {
      foldedAt = span.depth;
    }
    const hasChildren = (spans[index + 1]?.depth ?? 0) > span.depth;
    rows.push({ span, key, hasChildren, isFolded, isContext: !matches[index] });
  });
  return rows;
}

// The ancestors of what matches. Spans come in the order of a timeline: a child follows its parent, one deeper.
function contextOf(spans: Span[], matches: boolean[]): boolean[] {
  const isContext = spans.map(() => false);
  let wanted = -1; // the depth above which an ancestor of a match is looked for
  for (let index = spans.length - 1; index >= 0; index--) {
    const depth = spans[index]?.depth ?? 0;
    if (depth < wanted) {
      isContext[index] = true;
      wanted = depth;
    }
    if (matches[index]) {
      wanted = Math.max(wanted, depth);
    }
    if (depth === 0) {
      wanted = -1;
    }
  }
  return isContext;
}

function isMatch(span: Span, { text, service, only }: Filter, onPath: Set<string>): boolean {
  return (
    (service === "" || span.service === service) &&
    (only !== "errors" || span.error != null) &&
    (only !== "path" || onPath.has(keyOf(span))) &&
    (text === "" || hasText(span, text))
  );
}

// Whether a span has a text in its name, its message, its error or its attributes.
export function hasText(span: Span, text: string): boolean {
  const wanted = text.toLowerCase();
  const fields = [span.name, span.service, span.operation, span.error ?? "", span.span_id, span.trace_id];
  if (span.message?.topic) {
    fields.push(nameOfMessage(span.message), span.message.key ?? "");
  }
  for (const [name, value] of Object.entries(span.attributes ?? {})) {
    fields.push(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  return fields.some((field) => field.toLowerCase().includes(wanted));
}

// The next of some rows after one, around the end; -1 where there is none.
export function nextIndex(
  rows: Row[],
  from: number,
  direction: 1 | -1,
  isWanted: (row: Row) => boolean,
): number {
  for (let step = 1; step <= rows.length; step++) {
    const index = (((from + direction * step) % rows.length) + rows.length) % rows.length;
    const row = rows[index];
    if (row && isWanted(row)) {
      return index;
    }
  }
  return -1;
}

export interface PartSum {
  part: PathPart["part"];
  ms: number;
  share: number;
}

// How much of the critical path each part takes, the largest first.
export function sumParts(path: PathPart[]): PartSum[] {
  const sums = new Map<PathPart["part"], number>();
  for (const { part, from_ms, to_ms } of path) {
    sums.set(part, (sums.get(part) ?? 0) + Math.max(0, to_ms - from_ms));
  }
  const total = [...sums.values()].reduce((all, ms) => all + ms, 0) || 1;
  return [...sums]
    .map(([part, ms]) => ({ part, ms, share: ms / total }))
    .sort((left, right) => right.ms - left.ms);
}
