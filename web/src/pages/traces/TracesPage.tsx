import { Link } from "@/address/Link";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { TraceRow } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { type Column, DataTable } from "@/parts/DataTable";
import { type Field, FilterForm } from "@/parts/FilterForm";
import { Mark } from "@/parts/Mark";
import { PageHead } from "@/parts/PageHead";
import { formatCount, formatDuration, formatIso, formatMoment, plural } from "@/text/format";
import { queryOfWindow } from "@/time/range";
import { useTime } from "@/time/use_time";

const fields: Field[] = [
  { key: "topic", label: "Topic", kind: "text", names: "topic", width: 18 },
  { key: "service", label: "Service", kind: "text", names: "service", width: 16 },
  { key: "min_ms", label: "At least, ms", kind: "number", width: 8 },
  { key: "error", label: "only with errors", kind: "check" },
];

// The search for traces.
export default function TracesPage() {
  const [query] = useQuery();
  const { window } = useTime();
  const wanted = Object.fromEntries(fields.map(({ key }) => [key, query[key] ?? ""]));
  const url = urlOf("/traces", { ...wanted, ...queryOfWindow(window), limit: "100" });
  const asked = useAnswer("/traces", url, JSON.stringify(wanted));
  return (
    <>
      <PageHead title="Traces" />
      <FilterForm fields={fields} />
      <Answered asked={asked}>
        {(answer) => (
          <DataTable
            holdsStill
            name="traces"
            label="Traces, newest first"
            columns={columns(Math.max(0, ...answer.traces.map(({ duration_ms }) => duration_ms)))}
            rows={answer.traces}
            keyOf={(row) => row.trace_id}
            placeOf={(row) => ({ page: "trace", query: { id: row.trace_id } })}
            json={answer}
            tools={<span className="hint">{plural(answer.traces.length, "trace")}, newest first</span>}
            empty={<p className="hint">No trace like this in this window.</p>}
          />
        )}
      </Answered>
    </>
  );
}

function columns(longest_ms: number): Column<TraceRow>[] {
  return [
    {
      key: "time",
      title: "Begin",
      cell: (row) => <span title={formatIso(row.start_ms)}>{formatMoment(row.start_ms)}</span>,
      value: (row) => formatIso(row.start_ms),
    },
    {
      key: "root",
      title: "Root",
      cell: (row) => (
        <Link page="trace" query={{ id: row.trace_id }}>
          {row.root || "(root not seen)"}
        </Link>
      ),
      value: (row) => row.root,
    },
    {
      key: "trace_id",
      title: "Trace",
      cell: (row) => <span className="code">{row.trace_id.slice(0, 8)}</span>,
      value: (row) => row.trace_id,
    },
    {
      key: "duration_ms",
      title: "Duration",
      isNumber: true,
      cell: (row) => (
        <span className="bar-cell">
          <span className="bar" style={{ width: `${(100 * row.duration_ms) / (longest_ms || 1)}%` }} />
          {formatDuration(row.duration_ms)}
        </span>
      ),
      value: (row) => row.duration_ms,
    },
    {
      key: "spans",
      title: "Spans",
      isNumber: true,
      cell: (row) => formatCount(row.spans),
      value: (row) => row.spans,
    },
    {
      key: "errors",
      title: "Errors",
      isNumber: true,
      cell: (row) =>
        row.errors > 0 ? <Mark tone="bad" icon="warning" word={formatCount(row.errors)} /> : "0",
      value: (row) => row.errors,
    },
    {
      key: "services",
      title: "Services",
      cell: (row) => <span className="cut">{row.services.join(", ")}</span>,
      value: (row) => row.services.join(" "),
    },
    {
      key: "topics",
      title: "Topics",
      cell: (row) => <span className="code cut">{row.topics.join(", ")}</span>,
      value: (row) => row.topics.join(" "),
    },
  ];
}
