import { Link } from "@/address/Link";
import { placeOfMessage } from "@/address/places";
import { useQuery } from "@/address/use_address";
import type { Loss, Named } from "@/api/types";
import { type Column, DataTable } from "@/parts/DataTable";
import { StateMark, VerdictMark } from "@/parts/Mark";
import { MessageLink } from "@/parts/MessageLink";
import { verdicts } from "@/parts/verdict";
import { formatClock, formatCount, formatIso, formatMoment } from "@/text/format";

// How many messages a line stands for: a run of offsets is one line.
export function countOf({ message, last_offset }: Named): number {
  return last_offset != null && message.offset != null ? last_offset - message.offset + 1 : 1;
}

const columns: Column<Named>[] = [
  {
    key: "verdict",
    title: "Verdict",
    cell: (row) => <VerdictMark verdict={row.verdict} hasCause={false} />,
    value: (row) => row.verdict.state,
  },
  {
    key: "message",
    title: "Message",
    cell: (row) => <Offsets named={row} />,
    value: (row) => row.message.topic,
  },
  {
    key: "first_offset",
    isHidden: true,
    title: "First offset",
    isNumber: true,
    cell: (row) => row.message.offset ?? "–",
    value: (row) => row.message.offset,
  },
  {
    key: "messages",
    title: "Messages",
    isNumber: true,
    cell: (row) => formatCount(countOf(row)),
    value: countOf,
  },
  {
    key: "group",
    title: "Group",
    cell: (row) =>
      row.group && (
        <Link page="lag" query={{ group: row.group }} className="code">
          {row.group}
        </Link>
      ),
    value: (row) => row.group,
  },
  {
    key: "time",
    title: "When",
    cell: (row) => <span title={formatMoment(row.time_ms)}>{formatClock(row.time_ms)}</span>,
    value: (row) => formatIso(row.time_ms),
  },
  { key: "service", title: "Whose", cell: (row) => row.service, value: (row) => row.service },
  {
    key: "text",
    title: "Why",
    cell: (row) => (
      <span className="why">
        {row.verdict.cause && <span className="cause">{row.verdict.cause.replaceAll("_", " ")}: </span>}
        {row.verdict.text}
      </span>
    ),
    value: (row) => row.verdict.text,
  },
];

// What was lost, skipped, rejected or left in doubt, by name; of all verdicts, or of one.
export function NamedTable({ loss }: { loss: Loss }) {
  const [query, change] = useQuery();
  const state = query.state ?? "";
  const shown = loss.named.filter(({ verdict }) => state === "" || verdict.state === state);
  return (
    <section className="panel">
      <h2>Lost, skipped, rejected, or left in doubt</h2>
      <DataTable
        name="loss"
        label="Messages that are lost, skipped, rejected or left in doubt"
        columns={columns}
        rows={shown}
        keyOf={({ message, group, time_ms, verdict }) =>
          [
            message.topic,
            message.partition,
            message.offset,
            message.span_id,
            group,
            time_ms,
            verdict.state,
          ].join(" ")
        }
        placeOf={({ message }) => placeOfMessage(message)}
        json={loss}
        tools={<States named={loss.named} state={state} onChoose={(wanted) => change({ state: wanted })} />}
        empty={<p className="hint">None that is known by name in this window.</p>}
      />
    </section>
  );
}

interface StatesProps {
  named: Named[];
  state: string;
  onChoose: (state: string) => void;
}

function States({ named, state, onChoose }: StatesProps) {
  const counts = new Map<string, number>();
  for (const one of named) {
    counts.set(one.verdict.state, (counts.get(one.verdict.state) ?? 0) + countOf(one));
  }
  return (
    <div className="states">
      {[...counts].map(([one, count]) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === state}
          onClick={() => onChoose(one === state ? "" : one)}
        >
          <StateMark looks={verdicts} state={one} /> {formatCount(count)}
        </button>
      ))}
    </div>
  );
}

function Offsets({ named }: { named: Named }) {
  return (
    <>
      <MessageLink message={named.message} />
      {countOf(named) > 1 && <span className="code"> … @{named.last_offset}</span>}
    </>
  );
}
