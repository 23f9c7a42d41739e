import type { PathPart } from "@/api/types";
import { formatDuration, formatPercent } from "@/text/format";
import { pathLooks } from "./path_looks";
import { barOf, type Extent, sumParts } from "./timeline";

interface Props {
  path: PathPart[];
  zoom: Extent;
  onSelect: (span: PathPart["span"]) => void;
}

// What the end waited for, from the beginning on, through Kafka; and how much of it each part took.
export function CriticalPath({ path, zoom, onSelect }: Props) {
  if (path.length === 0) {
    return null;
  }
  return (
    <section className="critical-path" aria-label="Critical path" data-test="critical-path">
      <h2>Critical path</h2>
      <ul className="time-bar-legend">
        {sumParts(path).map(({ part, ms, share }) => (
          <li key={part}>
            <span className={`swatch ${pathLooks[part]?.look}`} /> {pathLooks[part]?.word ?? part}{" "}
            <b>{formatDuration(ms)}</b> <span className="hint">{formatPercent(share)}</span>
          </li>
        ))}
      </ul>
      <div className="path-strip">
        {path.map((piece) => {
          const bar = barOf({ start_ms: piece.from_ms, duration_ms: piece.to_ms - piece.from_ms }, zoom);
          return (
            bar && (
              <button
                key={`${piece.from_ms} ${piece.part} ${piece.span?.span_id}`}
                type="button"
                className={pathLooks[piece.part]?.look}
                style={{ left: `${100 * bar.left}%`, width: `max(2px, ${100 * bar.width}%)` }}
                title={`${pathLooks[piece.part]?.word}: ${formatDuration(piece.to_ms - piece.from_ms)}. ${piece.text}`}
                aria-label={`${pathLooks[piece.part]?.word}, ${formatDuration(piece.to_ms - piece.from_ms)}, ${piece.text}`}
                onClick={() => onSelect(piece.span)}
              />
            )
          );
        })}
      </div>
    </section>
  );
}
