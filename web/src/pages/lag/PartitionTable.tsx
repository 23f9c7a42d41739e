import type { LagGroup, LagPartition } from "@/api/types";
import { highest } from "@/chart/points";
import { Sparkline } from "@/chart/Sparkline";
import { type Column, DataTable } from "@/parts/DataTable";
import { formatDuration, formatTrend } from "@/text/format";
import { lagText } from "./lag_text";
import { WaitingLink } from "./Moment";

// The partitions of a group, each with the message that waits first.
export function PartitionTable({ group }: { group: LagGroup }) {
  const top = highest(group.partitions.map(({ series }) => ({ name: "", colour: "", values: series })));
  const columns: Column<LagPartition>[] = [
    {
      key: "partition",
      title: "Partition",
      cell: (row) => row.partition,
      value: (row) => row.partition,
    },
    { key: "lag", title: "Lag", isNumber: true, cell: (row) => lagText(row), value: (row) => row.lag },
    {
      key: "lag_time_ms",
      title: "Behind",
      isNumber: true,
      cell: (row) => formatDuration(row.lag_time_ms),
      value: (row) => row.lag_time_ms,
    },
    {
      key: "trend_per_s",
      title: "Trend",
      isNumber: true,
      cell: (row) => formatTrend(row.trend_per_s),
      value: (row) => row.trend_per_s,
    },
    {
      key: "series",
      title: "In this window",
      cell: (row) => <Sparkline values={row.series} top={top} />,
      value: () => null,
    },
    {
      key: "next_offset",
      title: "The message that waits first",
      cell: (row) => <First topic={group.topic} row={row} />,
      value: (row) => row.next_offset,
    },
  ];
  return (
    <DataTable
      name="partitions"
      label="Partitions"
      columns={columns}
      rows={group.partitions}
      keyOf={(row) => `${row.partition}`}
      placeOf={(row) =>
        row.lag > 0 && row.next_offset != null
          ? {
              page: "message",
              query: { topic: group.topic, partition: `${row.partition}`, offset: `${row.next_offset}` },
            }
          : null
      }
      json={group}
      tools={<h3>Partitions</h3>}
    />
  );
}

function First({ topic, row }: { topic: string; row: LagPartition }) {
  if (row.lag === 0) {
    return <span className="hint">none waits</span>;
  }
  return row.next_offset == null ? (
    <span className="hint">not known</span>
  ) : (
    <WaitingLink topic={topic} partition={row} />
  );
}
