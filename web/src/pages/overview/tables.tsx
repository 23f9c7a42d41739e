import { Link } from "@/address/Link";
import type { Overview } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { StateMark } from "@/parts/Mark";
import { lagStates } from "@/parts/verdict";
import { formatCount, formatDuration, formatRate } from "@/text/format";

type Topic = Overview["topics"][number];
type Group = Overview["groups"][number];

const topicColumns: Column<Topic>[] = [
  { key: "topic", title: "Topic", cell: (row) => <TopicLink topic={row.topic} />, value: (row) => row.topic },
  {
    key: "sent_per_s",
    title: "Sent",
    isNumber: true,
    cell: (row) => formatRate(row.sent_per_s),
    value: (row) => row.sent_per_s,
  },
  {
    key: "consumed_per_s",
    title: "Consumed",
    isNumber: true,
    cell: (row) => formatRate(row.consumed_per_s),
    value: (row) => row.consumed_per_s,
  },
  {
    key: "failed",
    title: "Failed",
    isNumber: true,
    cell: (row) => <span className={row.failed > 0 ? "tone-bad" : undefined}>{formatCount(row.failed)}</span>,
    value: (row) => row.failed,
  },
  {
    key: "p50_ms",
    title: "p50",
    isNumber: true,
    cell: (row) => formatDuration(row.end_to_end?.p50_ms),
    value: (row) => row.end_to_end?.p50_ms,
    hint: "end to end",
  },
  {
    key: "p95_ms",
    title: "p95",
    isNumber: true,
    cell: (row) => formatDuration(row.end_to_end?.p95_ms),
    value: (row) => row.end_to_end?.p95_ms,
    hint: "end to end",
  },
  {
    key: "p99_ms",
    title: "p99",
    isNumber: true,
    cell: (row) => formatDuration(row.end_to_end?.p99_ms),
    value: (row) => row.end_to_end?.p99_ms,
    hint: "end to end",
  },
];

export function TopicTable({ topics, json }: { topics: Topic[]; json: unknown }) {
  return (
    <DataTable
      name="topics"
      label="Topics"
      columns={topicColumns}
      rows={topics}
      keyOf={(row) => row.topic}
      placeOf={(row) => ({ page: "messages", query: { topic: row.topic } })}
      json={json}
    />
  );
}

function TopicLink({ topic }: { topic: string }) {
  return (
    <Link page="messages" query={{ topic }} className="code">
      {topic}
    </Link>
  );
}

const groupColumns: Column<Group>[] = [
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
    cell: (row) => lagText(row.lag, row.is_lower_bound),
    value: (row) => row.lag,
  },
  {
    key: "lag_time_ms",
    title: "Behind",
    isNumber: true,
    cell: (row) => formatDuration(row.lag_time_ms),
    value: (row) => row.lag_time_ms,
  },
];

export function GroupTable({ groups, json }: { groups: Group[]; json: unknown }) {
  return (
    <DataTable
      name="groups"
      label="Consumer groups"
      columns={groupColumns}
      rows={groups}
      keyOf={(row) => `${row.group} ${row.topic}`}
      placeOf={(row) => ({ page: "lag", query: { group: row.group, topic: row.topic } })}
      json={json}
    />
  );
}

function lagText(lag: number, isLowerBound: boolean): string {
  return `${isLowerBound ? "≥ " : ""}${formatCount(lag)}`;
}
