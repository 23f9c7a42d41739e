import { formatMoment } from "@/text/format";
import type { Window as TimeWindow } from "@/time/range";

const words: Record<string, string> = {
  metrics: "counted by metrics: everything is in it",
  spans: "from sampled spans, scaled by their probability",
  "spans (unscaled)": "from sampled spans whose probability is not known: there may be more",
};

// Where the numbers of a page come from.
export function Source({ source, window: shown }: { source: string; window: TimeWindow }) {
  return (
    <p className="source">
      {formatMoment(shown.from_ms, false)} to {formatMoment(shown.to_ms, false)} · {words[source] ?? source}
    </p>
  );
}
