import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useQuery } from "@/address/use_address";
import type { PathPart, Span, Trace } from "@/api/types";
import { formatDuration } from "@/text/format";
import { TimelineRow } from "./TimelineRow";
import { type Extent, keyOf, type Row } from "./timeline";

export const rowHeight = 26;
const spare = 12; // rows drawn beyond what can be seen

interface Props {
  trace: Trace;
  rows: Row[];
  zoom: Extent;
  finds: Set<string>;
  selected: Span | null;
  onSelect: (span: Span) => void;
}

// The spans as a tree with bars. Only the rows in view are drawn, so a large trace is as quick as a small one.
export function Timeline({ trace, rows, zoom, finds, selected, onSelect }: Props) {
  const scroll = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const fold = useFold(trace);
  const selectedKey = selected ? keyOf(selected) : null;
  const at = rows.findIndex(({ key }) => key === selectedKey);
  const relatives = useMemo(() => relativesOf(selected), [selected]);
  const pathBySpan = useMemo(() => groupBySpan(trace.critical_path), [trace]);

  useEffect(() => {
    const box = scroll.current;
    if (!box) {
      return;
    }
    const look = () => setView({ top: box.scrollTop, height: box.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => {
    const box = scroll.current;
    if (box && at >= 0) {
      const top = at * rowHeight;
      if (top < box.scrollTop || top + rowHeight > box.scrollTop + box.clientHeight) {
        box.scrollTop = top - box.clientHeight / 2;
      }
    }
  }, [at]);

  const press = (event: KeyboardEvent) => {
    const row = rows[at];
    const targets: Record<string, number> = {
      ArrowDown: Math.min(rows.length - 1, at + 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: rows.length - 1,
      PageDown: Math.min(rows.length - 1, at + 15),
      PageUp: Math.max(0, at - 15),
    };
    const target = rows[targets[event.key] ?? -1];
    const isFold =
      row?.hasChildren &&
      (event.key === "ArrowLeft" ? !row.isFolded : event.key === "ArrowRight" && row.isFolded);
    if (target) {
      event.preventDefault();
      onSelect(target.span);
    } else if (row && isFold) {
      event.preventDefault();
      fold(row);
    }
  };

  const first = Math.max(0, Math.floor(view.top / rowHeight) - spare);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + spare);
  return (
    <div className="timeline">
      <Ruler zoom={zoom} start_ms={trace.start_ms} />
      <div
        ref={scroll}
        className="timeline-scroll"
        style={{ maxHeight: "max(320px, calc(100vh - 200px))" }}
        role="treegrid"
        aria-label="Timeline"
        aria-rowcount={rows.length}
        aria-activedescendant={at >= 0 ? `row-${selectedKey}` : undefined}
        tabIndex={0}
        onKeyDown={press}
      >
        {rows.length === 0 && <p className="hint">No span matches.</p>}
        <div style={{ height: rows.length * rowHeight, position: "relative" }} role="presentation">
          {rows.slice(first, last).map((row, index) => (
            <TimelineRow
              key={row.key}
              trace={trace}
              row={row}
              index={first + index}
              zoom={zoom}
              path={pathBySpan.get(row.key) ?? nothing}
              isSelected={row.key === selectedKey}
              isFound={finds.has(row.key)}
              relation={relatives.get(row.key) ?? null}
              onSelect={onSelect}
              onFold={fold}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const nothing: PathPart[] = [];

function Ruler({ zoom, start_ms }: { zoom: Extent; start_ms: number }) {
  const at = (share: number) => zoom.from_ms + share * (zoom.to_ms - zoom.from_ms) - start_ms;
  return (
    <div className="ruler" aria-hidden="true">
      <span />
      <div>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <span key={share} style={{ left: `${100 * share}%` }}>
            {formatDuration(at(share))}
          </span>
        ))}
      </div>
    </div>
  );
}

// What is folded stands in the address too, by span.
function useFold(trace: Trace): (row: Row) => void {
  const [query, change] = useQuery();
  return ({ span, key }) => {
    const name = span.trace_id === trace.trace_id ? span.span_id : key;
    const folded = new Set((query.fold ?? "").split(",").filter(Boolean));
    if (!folded.delete(name)) {
      folded.add(name);
    }
    change({ fold: [...folded].join(",") }, "replace");
  };
}

export type Relation = "came from" | "consumed by";

// Whom the selected span is linked to, in both directions.
function relativesOf(selected: Span | null): Map<string, Relation> {
  const relatives = new Map<string, Relation>();
  for (const link of selected?.links ?? []) {
    relatives.set(keyOf(link), "came from");
  }
  for (const link of selected?.linked_by ?? []) {
    relatives.set(keyOf(link), "consumed by");
  }
  return relatives;
}

function groupBySpan(path: PathPart[]): Map<string, PathPart[]> {
  const bySpan = new Map<string, PathPart[]>();
  for (const piece of path) {
    if (piece.span) {
      const key = keyOf(piece.span);
      bySpan.set(key, [...(bySpan.get(key) ?? []), piece]);
    }
  }
  return bySpan;
}
