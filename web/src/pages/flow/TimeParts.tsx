import type { FlowEdge } from "@/api/types";
import { formatDuration } from "@/text/format";

const names = [
  ["client_queue_ms", "client queue", "part-queue"],
  ["broker_ms", "broker", "part-broker"],
  ["log_ms", "in the log", "part-log"],
  ["processing_ms", "processing", "part-processing"],
] as const;

// Where the time goes on an edge: the mean of each part, as a bar and in words.
export function TimeParts({ parts }: { parts: FlowEdge["parts"] }) {
  const known = names.flatMap(([key, name, look]) => {
    const ms = parts?.[key];
    return ms == null ? [] : [{ name, look, ms }];
  });
  if (known.length === 0) {
    return <span className="hint">not known</span>;
  }
  return (
    <span className="time-parts">
      <span className="time-parts-bar" aria-hidden="true">
        {known.map(({ name, look, ms }) => (
          <span key={name} className={look} style={{ flexGrow: Math.max(ms, 0) }} />
        ))}
      </span>
      <span>
        {known.map(({ name, look, ms }) => (
          <span key={name} className="time-part">
            <span className={`swatch ${look}`} />
            {name} {formatDuration(ms)}
          </span>
        ))}
      </span>
    </span>
  );
}
