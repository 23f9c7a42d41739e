import { Link } from "@/address/Link";
import { placeOfMessage } from "@/address/places";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { MessageRow, Messages } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { type Column, DataTable } from "@/parts/DataTable";
import { type Field, FilterForm } from "@/parts/FilterForm";
import { Icon } from "@/parts/Icon";
import { Mark } from "@/parts/Mark";
import { MessageLink } from "@/parts/MessageLink";
import { PageHead } from "@/parts/PageHead";
import { formatDuration, formatIso, formatMoment, plural } from "@/text/format";
import { queryOfWindow } from "@/time/range";
import { useTime } from "@/time/use_time";

const fields: Field[] = [
  { key: "topic", label: "Topic", kind: "text", names: "topic", width: 18 },
  { key: "partition", label: "Partition", kind: "number", width: 5 },
  { key: "offset", label: "Offset", kind: "number", width: 10 },
  { key: "key", label: "Key", kind: "text", width: 16 },
  { key: "trace", label: "Trace", kind: "text", placeholder: "32 hexadecimal digits", width: 24 },
  { key: "service", label: "Service", kind: "text", names: "service", width: 14 },
  { key: "error", label: "only failed sends", kind: "check" },
];

// The search for messages.
export default function MessagesPage() {
  const [query, change] = useQuery();
  const { window } = useTime();
  const wanted = Object.fromEntries(fields.map(({ key }) => [key, query[key] ?? ""]));
  const subject = JSON.stringify({ ...wanted, cursor: query.cursor });
  const url = urlOf("/messages", {
    ...wanted,
    ...queryOfWindow(window),
    limit: "100",
    cursor: query.cursor ?? "",
  });
  const asked = useAnswer("/messages", url, subject);
  return (
    <>
      <PageHead title="Messages" />
      <FilterForm fields={fields} />
      <Answered asked={asked}>
        {(answer) => (
          <>
            <MessageTable answer={answer} />
            <nav className="pager" aria-label="More messages">
              {query.cursor && (
                <button type="button" onClick={() => change({ cursor: "" })}>
                  Newest
                </button>
              )}
              {answer.next && (
                <button type="button" onClick={() => change({ cursor: answer.next ?? "" })}>
                  Older
                </button>
              )}
            </nav>
          </>
        )}
      </Answered>
    </>
  );
}

const columns: Column<MessageRow>[] = [
  {
    key: "time",
    title: "Time",
    cell: (row) => <span title={formatIso(row.time_ms)}>{formatMoment(row.time_ms)}</span>,
    value: (row) => formatIso(row.time_ms),
  },
  {
    key: "message",
    title: "Message",
    cell: (row) => <MessageLink message={row.message} />,
    value: (row) => row.message.topic,
  },
  {
    key: "partition",
    title: "Partition",
    isNumber: true,
    cell: (row) => row.message.partition ?? "–",
    value: (row) => row.message.partition,
  },
  {
    key: "offset",
    title: "Offset",
    isNumber: true,
    cell: (row) => row.message.offset ?? "–",
    value: (row) => row.message.offset,
  },
  {
    key: "key",
    title: "Key",
    cell: (row) => <span className="code cut">{row.message.key ?? ""}</span>,
    value: (row) => row.message.key,
  },
  { key: "service", title: "Service", cell: (row) => row.service, value: (row) => row.service },
  {
    key: "duration_ms",
    title: "Send took",
    isNumber: true,
    cell: (row) => formatDuration(row.duration_ms),
    value: (row) => row.duration_ms,
  },
  { key: "error", title: "Result", cell: (row) => <Result row={row} />, value: (row) => row.error },
  {
    key: "trace",
    title: "Trace",
    cell: (row) => <TraceLink row={row} />,
    value: (row) => row.message.trace_id,
  },
];

function MessageTable({ answer }: { answer: Messages }) {
  return (
    <DataTable
      holdsStill
      name="messages"
      label="Messages, newest first"
      columns={columns}
      rows={answer.messages}
      keyOf={({ message, time_ms }) =>
        [message.trace_id, message.span_id, message.topic, message.partition, message.offset, time_ms].join(
          " ",
        )
      }
      placeOf={({ message }) => placeOfMessage(message)}
      json={answer}
      tools={
        <span className="hint">
          {plural(answer.messages.length, "message")}, newest first
          {answer.next ? "; there are older ones" : ""}
        </span>
      }
      empty={
        <p className="hint">
          No message like this in this window. Messages that are not sampled leave no span.
        </p>
      }
    />
  );
}

function Result({ row }: { row: MessageRow }) {
  return row.error ? (
    <Mark tone="bad" icon="warning" word={row.error} />
  ) : (
    <span className="tone-good">
      <Icon name="check" /> ok
    </span>
  );
}

function TraceLink({ row: { message } }: { row: MessageRow }) {
  return message.trace_id ? (
    <Link page="trace" query={{ id: message.trace_id }} className="code">
      {message.trace_id.slice(0, 8)}
    </Link>
  ) : null;
}
