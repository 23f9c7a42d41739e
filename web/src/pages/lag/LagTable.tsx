import { Link } from "@/address/Link";
import type { Lag, LagGroup } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { StateMark } from "@/parts/Mark";
import { lagStates } from "@/parts/verdict";
import { formatCount, formatDuration, formatRate, formatTrend, plural } from "@/text/format";
import { lagText } from "./lag_text";

const columns: Column<LagGroup>[] = [
  {
    key: "group",
    title: "Group",
    cell: (row) => (
      <Link page="lag" query={{ group: row.group, topic: row.topic }} className="code">
        {row.group}
      </Link>
    ),
    value: (row) => row.group,
  },
  {
    key: "topic",
    title: "Topic",
    cell: (row) => <span className="code">{row.topic}</span>,
    value: (row) => row.topic,
  },
  {
    key: "state",
    title: "State",
    cell: (row) => <StateMark looks={lagStates} state={row.state} />,
    value: (row) => row.state,
  },
  {
    key: "lag",
    title: "Lag",
    isNumber: true,
    cell: (row) => lagText(row),
    value: (row) => row.lag,
    hint: "messages that the group has not got yet",
  },
  {
    key: "lag_time_ms",
    title: "Behind",
    isNumber: true,
    cell: (row) => formatDuration(row.lag_time_ms),
    value: (row) => row.lag_time_ms,
    hint: "the age of the oldest of them",
  },
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
      keyOf={(row) => `${row.group} ${row.topic}`}
      placeOf={(row) => ({ page: "lag", query: { group: row.group, topic: row.topic } })}
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
