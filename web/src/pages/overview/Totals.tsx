import type { Page, Query } from "@/address/address";
import { Link } from "@/address/Link";
import type { NowBefore, Overview } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { formatChange, formatCount, formatDuration, formatRate } from "@/text/format";

interface Tile {
  title: string;
  value: NowBefore;
  format: (value: number | null) => string;
  isWorseUp: boolean; // more of it is a worry
  page: Page;
  query?: Query;
}

// The numbers of the window, and how they differ from those of the window before.
export function Totals({ totals }: { totals: Overview["totals"] }) {
  const tiles: Tile[] = [
    { title: "Sent", value: totals.sent_per_s, format: formatRate, isWorseUp: false, page: "messages" },
    { title: "Consumed", value: totals.consumed_per_s, format: formatRate, isWorseUp: false, page: "flow" },
    {
      title: "Failed",
      value: totals.failed_per_s,
      format: formatRate,
      isWorseUp: true,
      page: "messages",
      query: { error: "true" },
    },
    {
      title: "End to end p50",
      value: totals.end_to_end_p50_ms,
      format: formatDuration,
      isWorseUp: true,
      page: "flow",
    },
    {
      title: "End to end p95",
      value: totals.end_to_end_p95_ms,
      format: formatDuration,
      isWorseUp: true,
      page: "flow",
    },
    {
      title: "End to end p99",
      value: totals.end_to_end_p99_ms,
      format: formatDuration,
      isWorseUp: true,
      page: "flow",
    },
    { title: "Lag, all groups", value: totals.lag, format: formatCount, isWorseUp: true, page: "lag" },
  ];
  return (
    <div className="tiles">
      {tiles.map((tile) => (
        <Link key={tile.title} className="tile" page={tile.page} query={tile.query ?? {}}>
          <span className="tile-title">{tile.title}</span>
          <span className="tile-value">{tile.format(tile.value?.now ?? null)}</span>
          <Change tile={tile} />
        </Link>
      ))}
    </div>
  );
}

function Change({ tile: { value, format, isWorseUp } }: { tile: Tile }) {
  const text = formatChange(value?.now, value?.before);
  if (text === "") {
    return <span className="tile-change">nothing to compare with</span>;
  }
  const difference = (value.now ?? 0) - (value.before ?? 0);
  const isWorse = isWorseUp && difference > 0 && text !== "±0 %";
  return (
    <span className={isWorse ? "tile-change tone-warn" : "tile-change"}>
      <span className="nowrap">
        {text !== "±0 %" && <Icon name={difference > 0 ? "up" : "down"} />} {text}
      </span>{" "}
      <span className="hint">was {format(value.before)}</span>
    </span>
  );
}
