import { Link } from "@/address/Link";
import type { Overview } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { formatCount, formatDuration, formatRate } from "@/text/format";
import { lagColumns, lagKeyOf, lagPlaceOf } from "../lag/lag_columns";

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

export function GroupTable({ groups, json }: { groups: Group[]; json: unknown }) {
  return (
    <DataTable
      name="groups"
      label="Consumer groups"
      columns={lagColumns}
      rows={groups}
      keyOf={lagKeyOf}
      placeOf={lagPlaceOf}
      json={json}
    />
  );
}
