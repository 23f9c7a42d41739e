import { Link } from "@/address/Link";
import type { MessageWay } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { VerdictMark } from "@/parts/Mark";
import { formatDuration } from "@/text/format";
import { serverNow } from "@/time/clock";
import { Evidence } from "./Evidence";
import { Stations } from "./Stations";
import { type Lane, lanesOf, type TimePart } from "./way";

// One lane for each consumer group.
export function Lanes({ way }: { way: MessageWay }) {
  const lanes = lanesOf(way);
  if (lanes.length === 0) {
    return <p className="hint no-lanes">No consumer group is known to read this topic.</p>;
  }
  return (
    <div className="lanes">
      {lanes.map((lane) => (
        <LaneView key={`${lane.reader.kind} ${lane.reader.name}`} lane={lane} topic={way.message.topic} />
      ))}
    </div>
  );
}

function LaneView({ lane, topic }: { lane: Lane; topic: string }) {
  const { kind, name } = lane.reader;
  return (
    <section className="lane" aria-label={`${kind} ${name}`} data-test="lane">
      <header>
        <h3>
          <Icon name={kind} title={kind} />{" "}
          {kind === "group" ? (
            <Link page="lag" query={{ group: name, topic }} className="code">
              {name}
            </Link>
          ) : (
            <>
              <span className="code">{name}</span> <span className="hint">does not tell its group</span>
            </>
          )}
        </h3>
        <VerdictMark verdict={lane.verdict} />
        {lane.waitsSince_ms != null && (
          <span className="hint">waits for {formatDuration(serverNow() - lane.waitsSince_ms)} so far</span>
        )}
        {lane.waited_ms != null && (
          <span className="hint">waited {formatDuration(lane.waited_ms)} in the log</span>
        )}
        {lane.end_to_end_ms != null && (
          <span className="hint">end to end {formatDuration(lane.end_to_end_ms)}</span>
        )}
        <Link page="flow" query={{ node: `${kind}:${name}` }}>
          who waits behind it
        </Link>
      </header>
      <p>{lane.verdict.text}</p>
      <Stations stations={lane.stations} />
      {lane.waited_ms != null && <TimeBar parts={lane.parts} />}
      <Evidence verdict={lane.verdict} />
    </section>
  );
}

// Where the time went, true to scale.
function TimeBar({ parts }: { parts: TimePart[] }) {
  if (parts.length === 0) {
    return null;
  }
  return (
    <div className="time-bar">
      <div className="time-bar-parts" aria-hidden="true">
        {parts.map(({ name, kind, ms }) => (
          <span
            key={name}
            className={`part-${kind}`}
            style={{ flexGrow: ms }}
            title={`${name}: ${formatDuration(ms)}`}
          />
        ))}
      </div>
      <ul className="time-bar-legend">
        {parts.map(({ name, kind, ms }) => (
          <li key={name}>
            <span className={`swatch part-${kind}`} /> {name} <b>{formatDuration(ms)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
