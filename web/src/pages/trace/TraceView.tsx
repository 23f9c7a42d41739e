import { useCallback, useDeferredValue, useMemo } from "react";
import { useQuery } from "@/address/use_address";
import { askText, urlOf } from "@/api/client";
import type { Span, Trace } from "@/api/types";
import { useKeys } from "@/app/use_keys";
import { Icon } from "@/parts/Icon";
import { PageHead } from "@/parts/PageHead";
import { download } from "@/text/download";
import { formatDuration, formatMoment, plural } from "@/text/format";
import { CriticalPath } from "./CriticalPath";
import { Errors } from "./Errors";
import { Minimap } from "./Minimap";
import { SpanPanel } from "./SpanPanel";
import { Timeline } from "./Timeline";
import { TraceTools } from "./TraceTools";
import {
  type Extent,
  extentOf,
  type Filter,
  formatZoom,
  hasText,
  keyOf,
  nextIndex,
  ownExtentOf,
  parseZoom,
  type Row,
  rowsOf,
  zoomBy,
} from "./timeline";

// A trace and all that can be done with it. What is chosen stands in the address.
export function TraceView({ trace }: { trace: Trace }) {
  const [query, change] = useQuery();
  const whole = useMemo(() => extentOf(trace), [trace]);
  const own = useMemo(() => ownExtentOf(trace), [trace]);
  const zoom = useMemo(() => parseZoom(query.zoom, whole, own), [query.zoom, whole, own]);
  const setZoom = useCallback(
    (wanted: Extent) => change({ zoom: formatZoom(wanted, whole, own) }, "replace"),
    [change, whole, own],
  );
  const rows = useRows(trace);
  const selected = useMemo(() => find(trace.spans, query.span), [trace, query.span]);
  const select = useCallback(
    (span: Span | null) => change({ span: span ? nameOf(span, trace) : "" }, "replace"),
    [change, trace],
  );
  const finds = useFinds(rows);

  useTraceKeys({ rows, selected, select, zoom, whole, own, setZoom, finds });
  return (
    <>
      <TraceHead trace={trace} />
      <Notes trace={trace} />
      <Errors spans={trace.spans} onSelect={select} />
      <CriticalPath
        path={trace.critical_path}
        zoom={zoom}
        onSelect={(ref) => select(find(trace.spans, keyOf(ref)))}
      />
      <TraceTools services={trace.services} shown={rows.length} all={trace.spans.length} finds={finds.size} />
      <Minimap trace={trace} whole={whole} zoom={zoom} onZoom={setZoom} />
      <div className={selected ? "trace-body has-panel" : "trace-body"}>
        <Timeline trace={trace} rows={rows} zoom={zoom} finds={finds} selected={selected} onSelect={select} />
        {selected && (
          <SpanPanel trace={trace} span={selected} onSelect={select} onClose={() => select(null)} />
        )}
      </div>
    </>
  );
}

function TraceHead({ trace }: { trace: Trace }) {
  const save = async () => {
    download(
      `trace-${trace.trace_id}.json`,
      "application/json",
      await askText(urlOf(`/traces/${trace.trace_id}/otlp`)),
    );
  };
  const root = trace.spans.find(({ depth, trace_id }) => depth === 0 && trace_id === trace.trace_id);
  return (
    <PageHead title={root ? `${root.service}: ${root.name}` : `Trace ${trace.trace_id.slice(0, 8)}`}>
      <p className="trace-facts">
        <span className="code">{trace.trace_id}</span> · {formatMoment(trace.start_ms)} ·{" "}
        <b>{formatDuration(trace.duration_ms)}</b> · {plural(trace.spans.length, "span")} ·{" "}
        {plural(trace.services.length, "service")}
      </p>
      <div className="page-tools">
        <button type="button" className="quiet" onClick={save} title="The trace as OTLP JSON, as it came">
          <Icon name="download" /> OTLP JSON
        </button>
      </div>
    </PageHead>
  );
}

function Notes({ trace }: { trace: Trace }) {
  if (!trace.is_cut && trace.missing.length === 0) {
    return null;
  }
  return (
    <ul className="notes" aria-label="What is missing">
      {trace.is_cut && (
        <li>
          <Icon name="warning" /> This trace has more spans than are shown. The OTLP JSON has them all.
        </li>
      )}
      {trace.missing.map((text) => (
        <li key={text}>
          <Icon name="question" /> {text}
        </li>
      ))}
    </ul>
  );
}

function useRows(trace: Trace): Row[] {
  const [{ filter = "", service = "", only = "", fold = "" }] = useQuery();
  const text = useDeferredValue(filter);
  return useMemo(() => {
    const wanted: Filter = { text, service, only: only === "errors" || only === "path" ? only : "" };
    const onPath = new Set(trace.critical_path.map(({ span }) => keyOf(span)));
    const folded = new Set(
      fold.split(",").map((name) => (name.includes("-") ? name : `${trace.trace_id}-${name}`)),
    );
    return rowsOf(trace.spans, wanted, folded, onPath);
  }, [trace, text, service, only, fold]);
}

function useFinds(rows: Row[]): Set<string> {
  const [{ find: wanted = "" }] = useQuery();
  const text = useDeferredValue(wanted);
  return useMemo(
    () => new Set(text === "" ? [] : rows.filter(({ span }) => hasText(span, text)).map(({ key }) => key)),
    [rows, text],
  );
}

interface Keyed {
  rows: Row[];
  selected: Span | null;
  select: (span: Span | null) => void;
  zoom: Extent;
  whole: Extent;
  own: Extent;
  setZoom: (zoom: Extent) => void;
  finds: Set<string>;
}

function useTraceKeys({ rows, selected, select, zoom, whole, own, setZoom, finds }: Keyed): void {
  const [query, change] = useQuery();
  const actions = useMemo(() => {
    const at = selected ? rows.findIndex(({ key }) => key === keyOf(selected)) : -1;
    const go = (direction: 1 | -1, isWanted: (row: Row) => boolean) => {
      const row = rows[nextIndex(rows, at, direction, isWanted)];
      if (row) {
        select(row.span);
      }
    };
    const centre = selected ? selected.start_ms + selected.duration_ms / 2 : (zoom.from_ms + zoom.to_ms) / 2;
    return {
      e: () => go(1, ({ span }) => span.error != null),
      n: () => go(1, ({ key }) => finds.has(key)),
      N: () => go(-1, ({ key }) => finds.has(key)),
      c: () => change({ only: query.only === "path" ? "" : "path" }, "replace"),
      "+": () => setZoom(zoomBy(zoom, whole, centre, 0.5)),
      "-": () => setZoom(zoomBy(zoom, whole, centre, 2)),
      "0": () => setZoom(query.zoom === "all" ? own : whole),
      Escape: () => select(null),
    };
  }, [rows, selected, select, zoom, whole, own, setZoom, finds, change, query.only, query.zoom]);
  useKeys(actions);
}

// In the address a span of this trace is its span id; one of another trace has both.
export function nameOf(span: { trace_id: string; span_id: string }, trace: Trace): string {
  return span.trace_id === trace.trace_id ? span.span_id : keyOf(span);
}

function find(spans: Span[], name: string | undefined): Span | null {
  if (!name) {
    return null;
  }
  return spans.find((span) => span.span_id === name || keyOf(span) === name) ?? null;
}
