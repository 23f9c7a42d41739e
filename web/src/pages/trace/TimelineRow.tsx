import { nameOfMessage } from "@/address/places";
import type { PathPart, Span, Trace } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { formatDuration } from "@/text/format";
import { colourOf } from "./colours";
import { pathLooks } from "./path_looks";
import { type Relation, rowHeight } from "./Timeline";
import { barOf, type Extent, type Row } from "./timeline";

interface Props {
  trace: Trace;
  row: Row;
  index: number;
  zoom: Extent;
  path: PathPart[]; // of the critical path, what this span is
  isSelected: boolean;
  isFound: boolean;
  relation: Relation | null;
  onSelect: (span: Span) => void;
  onFold: (row: Row) => void;
}

const deepest = 16; // levels are not indented further

export function TimelineRow(props: Props) {
  const { trace, row, index, isSelected, isFound, relation, onSelect, onFold } = props;
  const { span } = row;
  const isForeign = span.trace_id !== trace.trace_id;
  const classes = [
    "timeline-row",
    isSelected && "is-selected",
    isFound && "is-found",
    row.isContext && "is-context",
    span.error != null && "has-error",
    relation && "is-relative",
  ];
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its row
    // biome-ignore lint/a11y/useSemanticElements: a table cannot be drawn in part
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={`row-${row.key}`}
      className={classes.filter(Boolean).join(" ")}
      style={{ top: index * rowHeight, height: rowHeight }}
      role="row"
      aria-rowindex={index + 1}
      aria-level={span.depth + 1}
      aria-expanded={row.hasChildren ? !row.isFolded : undefined}
      aria-selected={isSelected}
      onClick={() => onSelect(span)}
    >
      {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div
        className="timeline-name"
        role="gridcell"
        style={{ paddingLeft: 4 + 13 * Math.min(span.depth, deepest) }}
      >
        {row.hasChildren ? (
          <button
            type="button"
            className="fold"
            tabIndex={-1}
            aria-label={row.isFolded ? "Unfold" : "Fold"}
            onClick={(event) => {
              event.stopPropagation();
              onFold(row);
            }}
          >
            <Icon name={row.isFolded ? "right" : "below"} />
          </button>
        ) : (
          <span className="fold" />
        )}
        <span className="service-dot" style={{ background: colourOf(trace, span.service) }} />
        <span className="timeline-text" title={`${span.service} ${span.name}`}>
          {span.error != null && <Icon name="warning" title="error" />}
          <b>{span.service}</b> {span.name}
          {span.message?.topic && <span className="hint"> {placeText(span)}</span>}
        </span>
        {isForeign && (
          <span className="foreign" title={`of trace ${span.trace_id}, a link leads to it`}>
            <Icon name="link" />
          </span>
        )}
        {relation && <span className="relation">{relation}</span>}
      </div>
      <Bar {...props} />
    </div>
  );
}

// The message without the topic that the name of the span says already.
function placeText({ name, message }: Span): string {
  const place = nameOfMessage(message);
  return name.endsWith(` ${message.topic}`) ? place.slice(message.topic.length) : place;
}

function Bar({ trace, row: { span }, zoom, path }: Props) {
  const bar = barOf(span, zoom);
  if (!bar) {
    return (
      // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
      // biome-ignore lint/a11y/useSemanticElements: a table cannot be drawn in part
      <div className="timeline-bars" role="gridcell">
        <span className={span.start_ms > zoom.to_ms ? "hint is-later" : "hint"}>
          {span.start_ms > zoom.to_ms
            ? `${formatDuration(span.start_ms - zoom.to_ms)} later →`
            : `← ${formatDuration(zoom.from_ms - span.start_ms - span.duration_ms)} earlier`}
        </span>
      </div>
    );
  }
  const isLabelLeft = bar.left + bar.width > 0.85;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    // biome-ignore lint/a11y/useSemanticElements: a table cannot be drawn in part
    <div className="timeline-bars" role="gridcell">
      <span
        className={span.error != null ? "timeline-bar has-error" : "timeline-bar"}
        style={{
          left: `${100 * bar.left}%`,
          width: `max(2px, ${100 * bar.width}%)`,
          background: colourOf(trace, span.service),
        }}
      />
      {path.map((piece) => {
        const part = barOf({ start_ms: piece.from_ms, duration_ms: piece.to_ms - piece.from_ms }, zoom);
        return (
          part && (
            <span
              key={`${piece.from_ms} ${piece.part}`}
              className={`path-mark ${pathLooks[piece.part]?.look}`}
              style={{ left: `${100 * part.left}%`, width: `max(2px, ${100 * part.width}%)` }}
            />
          )
        );
      })}
      <span
        className="timeline-label"
        style={
          isLabelLeft ? { right: `${100 * (1 - bar.left)}%` } : { left: `${100 * (bar.left + bar.width)}%` }
        }
      >
        {formatDuration(span.duration_ms)}
      </span>
    </div>
  );
}
