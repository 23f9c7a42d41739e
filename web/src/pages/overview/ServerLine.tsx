import { urlOf } from "@/api/client";
import { useAnswer } from "@/api/use_answer";
import { Mark } from "@/parts/Mark";
import { formatBytes, formatCount, formatDuration, formatMoment } from "@/text/format";
import { useTime } from "@/time/use_time";

// What the answers stand on: how much is stored, since when, and whether something was refused.
export function ServerLine() {
  const { window } = useTime();
  const { answer } = useAnswer("/status", urlOf("/status"), "status", window.to_ms);
  if (!answer) {
    return null;
  }
  const { store, received, brokers } = answer;
  const refused = received.refused_requests + received.rejected_items;
  return (
    <p className="source">
      Stored: {formatCount(store.spans)} spans, {formatCount(store.metric_points)} metric points,{" "}
      {formatCount(store.log_records)} log records; {formatBytes(store.bytes)} of{" "}
      {formatBytes(store.max_bytes)}; kept for {formatDuration(store.max_age_s * 1000)}, the oldest is of{" "}
      {formatMoment(store.oldest_ms, false)}.{" "}
      {brokers.asked ? `Brokers are asked: ${brokers.servers}.` : "No broker is asked."}{" "}
      {brokers.error && <Mark tone="warn" icon="warning" word={brokers.error} />}
      {refused > 0 && (
        <Mark
          tone="warn"
          icon="warning"
          word={`refused: ${formatCount(received.refused_requests)} requests, ${formatCount(received.rejected_items)} items`}
          title="Some telemetry did not get in: what is missing may be among it."
        />
      )}
    </p>
  );
}
