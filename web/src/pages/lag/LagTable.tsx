import type { Lag, LagGroup } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { formatCount, formatDuration, formatRate, formatTrend, plural } from "@/text/format";
import { lagColumns, lagKeyOf, lagPlaceOf } from "./lag_columns";

const columns: Column<LagGroup>[] = [
  ...lagColumns,
  {
    key: "trend_per_s",
    title: "Trend",
    isNumber: true,
    cell: (row) => formatTrend(row.trend_per_s),
    value: (row) => row.trend_per_s,
  },
  {
    key: "arriving_per_s",
    title: "Arriving",
    isNumber: true,
    cell: (row) => formatRate(row.arriving_per_s),
    value: (row) => row.arriving_per_s,
  },
  {
    key: "processing_per_s",
    title: "Processing",
    isNumber: true,
    cell: (row) => formatRate(row.processing_per_s),
    value: (row) => row.processing_per_s,
  },
  {
    key: "catch_up_s",
    title: "Caught up in",
    isNumber: true,
    cell: (row) => formatDuration(row.catch_up_s == null ? null : row.catch_up_s * 1000),
    value: (row) => row.catch_up_s,
  },
  {
    key: "busy_partitions",
    title: "Busy",
    isNumber: true,
    cell: (row) => `${formatCount(row.busy_partitions)} of ${formatCount(row.partitions.length)}`,
    value: (row) => row.busy_partitions,
    hint: "partitions with messages that wait",
  },
  {
    key: "services",
    title: "Members",
    cell: (row) => row.services.join(", "),
    value: (row) => row.services.join(" "),
  },
];

export function LagTable({ lag, current }: { lag: Lag; current: LagGroup | null }) {
  return (
    <DataTable
      name="lag"
      label="Consumer groups"
      columns={columns}
      rows={lag.groups}
      keyOf={lagKeyOf}
      placeOf={lagPlaceOf}
      isCurrent={(row) => row === current}
      json={lag}
      tools={
        <span className="hint">{plural(lag.groups.length, "group and topic", "groups and topics")}</span>
      }
      empty={
        <p className="hint">
          No group has told its lag in this window. It comes as the metric kafka.consumer.lag, or from a
          broker that the server may ask.
        </p>
      }
    />
  );
}
