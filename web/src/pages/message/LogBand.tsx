import type { MessageWay } from "@/api/types";
import { useWidth } from "@/parts/use_width";
import { formatClock, formatCount } from "@/text/format";
import { type LogMark, logMarks } from "./way";

const rowHeight = 15;
const margin = 104; // room for "start 1,234,567"
const padding = 28;

// The partition's log: where it begins and ends, where the message is, and how far each group has committed.
export function LogBand({ way }: { way: MessageWay }) {
  const [box, width] = useWidth<HTMLDivElement>(800);
  const { log, message } = way;
  const marks = logMarks(way);
  const place = message.partition == null ? message.topic : `${message.topic}/${message.partition}`;
  return (
    <section className="log-band" ref={box} aria-label="In the log">
      <h3>
        In the log of <span className="code">{place}</span>
        <span className="hint">
          {log
            ? ` a broker said at ${formatClock(log.asked_ms)}: ${log.presence.replaceAll("_", " ")}`
            : " no broker was asked"}
        </span>
      </h3>
      {marks ? (
        <Band marks={marks} width={width - padding} />
      ) : (
        <p className="hint">Its offset is not known, so neither is its place in the log.</p>
      )}
    </section>
  );
}

function Band({ marks, width }: { marks: LogMark[]; width: number }) {
  const x = (at: number) => margin + at * Math.max(10, width - 2 * margin);
  const below = marks.filter(({ kind }) => kind === "committed").sort((left, right) => left.at - right.at);
  const height = 40 + Math.max(1, below.length) * rowHeight;
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={marks.map(({ name, offset }) => `${name}: offset ${offset}`).join(", ")}
    >
      <rect className="band" x={x(0) - 6} y={20} width={x(1) - x(0) + 12} height={12} rx={3} />
      {marks
        .filter(({ kind }) => kind !== "committed")
        .map(({ name, offset, at, kind }) => (
          <g key={kind} className={`band-${kind}`}>
            <line x1={x(at)} x2={x(at)} y1={kind === "message" ? 15 : 20} y2={32} />
            <text
              x={kind === "start" ? x(at) - 10 : kind === "end" ? x(at) + 10 : x(at)}
              y={kind === "message" ? 11 : 30}
              textAnchor={kind === "start" ? "end" : kind === "end" ? "start" : "middle"}
            >
              {kind === "message" ? `@${offset}` : `${name} ${formatCount(offset)}`}
            </text>
          </g>
        ))}
      {below.map(({ name, offset, at }, row) => (
        <g key={name} className="band-committed">
          <line x1={x(at)} x2={x(at)} y1={32} y2={40 + row * rowHeight} />
          <text
            x={x(at) + (at > 0.6 ? -5 : 5)}
            y={43 + row * rowHeight}
            textAnchor={at > 0.6 ? "end" : "start"}
          >
            {name} has committed {formatCount(offset)}
          </text>
        </g>
      ))}
    </svg>
  );
}
