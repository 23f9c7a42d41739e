import { useMemo } from "react";
import type { Flow, FlowEdge } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { formatChange, formatCount, formatDuration, formatRate } from "@/text/format";
import { keyOfEdge, unite } from "./layout";
import { NodeName } from "./NodeName";
import { TimeParts } from "./TimeParts";

interface Row {
  from: string;
  to: string;
  now: FlowEdge | null;
  before: FlowEdge | null;
}

// All edges; beside the window before, how each differs.
export function EdgeTable({ flow, before }: { flow: Flow; before: Flow | null }) {
  const rows = useMemo(() => rowsOf(flow, before), [flow, before]);
  return (
    <DataTable
      name="flow"
      label="Edges"
      columns={before ? [...columns, ...changes, partsColumn] : [...columns, partsColumn]}
      rows={rows}
      keyOf={keyOfEdge}
      placeOf={({ from }) => ({ page: "flow", query: { node: from } })}
      json={before ? { now: flow, before } : flow}
    />
  );
}

function rowsOf(flow: Flow, before: Flow | null): Row[] {
  const find = (of: Flow | null, key: string) => of?.edges.find((edge) => keyOfEdge(edge) === key) ?? null;
  return unite(flow.edges, before?.edges ?? [], keyOfEdge).map((edge) => {
    const key = keyOfEdge(edge);
    return { from: edge.from, to: edge.to, now: find(flow, key), before: find(before, key) };
  });
}

function percentile(key: "p50_ms" | "p95_ms" | "p99_ms"): Column<Row> {
  return {
    key,
    title: key.slice(0, 3),
    isNumber: true,
    cell: ({ now }) => formatDuration(now?.latency?.[key]),
    value: ({ now }) => now?.latency?.[key],
  };
}

const columns: Column<Row>[] = [
  { key: "from", title: "From", cell: ({ from }) => <NodeName id={from} />, value: ({ from }) => from },
  { key: "to", title: "To", cell: ({ to }) => <NodeName id={to} />, value: ({ to }) => to },
  {
    key: "messages",
    title: "Messages",
    isNumber: true,
    cell: ({ now }) => formatCount(now?.messages),
    value: ({ now }) => now?.messages,
  },
  {
    key: "per_s",
    title: "Rate",
    isNumber: true,
    cell: ({ now }) => formatRate(now?.per_s),
    value: ({ now }) => now?.per_s,
  },
  {
    key: "errors",
    title: "Errors",
    isNumber: true,
    cell: ({ now }) => (
      <span className={(now?.errors ?? 0) > 0 ? "tone-bad" : undefined}>{formatCount(now?.errors)}</span>
    ),
    value: ({ now }) => now?.errors,
  },
  percentile("p50_ms"),
  percentile("p95_ms"),
  percentile("p99_ms"),
];

const partsColumn: Column<Row> = {
  key: "parts",
  title: "Where the time goes, mean",
  cell: ({ now }) => (now ? <TimeParts parts={now.parts} /> : "–"),
  value: ({ now }) =>
    now
      ? Object.entries(now.parts ?? {})
          .map(([part, ms]) => `${part}=${ms ?? ""}`)
          .join(" ")
      : "",
};

const changes: Column<Row>[] = [
  {
    key: "rate_change",
    title: "Rate, against before",
    isNumber: true,
    cell: ({ now, before }) => (
      <Change now={now?.per_s ?? 0} before={before?.per_s ?? 0} was={formatRate(before?.per_s)} />
    ),
    value: ({ now, before }) => (now?.per_s ?? 0) - (before?.per_s ?? 0),
  },
  {
    key: "p95_change",
    title: "p95, against before",
    isNumber: true,
    cell: ({ now, before }) => (
      <Change
        now={now?.latency?.p95_ms}
        before={before?.latency?.p95_ms}
        was={formatDuration(before?.latency?.p95_ms)}
      />
    ),
    value: ({ now, before }) => (now?.latency?.p95_ms ?? 0) - (before?.latency?.p95_ms ?? 0),
  },
];

function Change({ now, before, was }: { now: number | undefined; before: number | undefined; was: string }) {
  return (
    <span title={`was ${was}`}>
      {formatChange(now, before) || "–"} <span className="hint">was {was}</span>
    </span>
  );
}
