import { Link } from "@/address/Link";
import { urlOf } from "@/api/client";
import type { LagGroup, LagPartition } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { indexAt } from "@/chart/points";
import { Answered } from "@/parts/Answered";
import { Icon } from "@/parts/Icon";
import { formatClock, formatCount, formatDuration } from "@/text/format";
import { isoMoment, queryOfRange, queryOfWindow, type Window } from "@/time/range";
import { Suffering } from "../flow/Impact";

interface Props {
  group: LagGroup;
  at: number;
  window: Window;
  onClose: () => void;
}

// A moment in a group's past: how far behind it was, and which message waited first then.
export function Moment({ group, at, window, onClose }: Props) {
  const { series } = group;
  const index = indexAt(series, at, series.lag.length);
  const behind_ms = series.lag_time_ms[index] ?? null;
  // A step of the curve shows what was at its end.
  const until_ms = Math.min(window.to_ms, series.start_ms + (index + 1) * series.step_ms);
  const then = { from_ms: Math.min(window.from_ms, at - 60_000), to_ms: until_ms };
  const node = `group:${group.group}`;
  return (
    <section className="moment" aria-label="The chosen moment" data-test="moment">
      <h3>
        At {formatClock(at, false)}: {formatCount(series.lag[index])} messages waited
        {behind_ms != null && <>, the oldest for {formatDuration(behind_ms)}</>}
        <button type="button" className="quiet" onClick={onClose} aria-label="Close the moment">
          <Icon name="cross" />
        </button>
      </h3>
      <FirstWaiting group={group} until_ms={then.to_ms} from_ms={then.from_ms} />
      <p>
        <Link page="messages" query={sentAround(group.topic, at - (behind_ms ?? 0))}>
          Messages of {group.topic} that were sent around {formatClock(at - (behind_ms ?? 0), false)}
        </Link>
        , when the oldest of them was.
      </p>
      <h4>
        Who waited behind it then{" "}
        <Link page="flow" query={{ node, ...queryOfRange({ kind: "between", ...then }) }}>
          Flow at that moment
        </Link>
      </h4>
      <Suffering node={node} until={then} />
    </section>
  );
}

// The server answers as of the end of the window, so the window ends at that moment.
function FirstWaiting({
  group: { group, topic },
  until_ms,
  from_ms,
}: {
  group: LagGroup;
  until_ms: number;
  from_ms: number;
}) {
  const url = urlOf("/lag", { group, topic, ...queryOfWindow({ from_ms, to_ms: until_ms }) });
  const asked = useAnswer("/lag", url, url);
  return (
    <Answered asked={asked}>
      {({ groups }) => {
        const then = groups.find((one) => one.group === group && one.topic === topic);
        const waiting = (then?.partitions ?? []).filter(
          ({ lag, next_offset }) => lag > 0 && next_offset != null,
        );
        return waiting.length === 0 ? (
          <p className="hint">Which offset waited first then is not known.</p>
        ) : (
          <ul className="first-waiting">
            {waiting
              .sort((left, right) => (right.lag_time_ms ?? 0) - (left.lag_time_ms ?? 0))
              .map((partition) => (
                <li key={partition.partition}>
                  Waited first: <WaitingLink topic={topic} partition={partition} />
                  {partition.lag_time_ms != null && <>, for {formatDuration(partition.lag_time_ms)}</>}, and{" "}
                  {formatCount(Math.max(0, partition.lag - 1))} behind it
                </li>
              ))}
          </ul>
        );
      }}
    </Answered>
  );
}

export function WaitingLink({ topic, partition }: { topic: string; partition: LagPartition }) {
  const offset = `${partition.next_offset}`;
  return (
    <Link
      page="message"
      query={{ topic, partition: `${partition.partition}`, offset }}
      className="code"
      data-test="waits-first"
    >
      {topic}/{partition.partition}@{offset}
    </Link>
  );
}

function sentAround(topic: string, ms: number) {
  return { topic, last: "", from: isoMoment(ms - 5000), to: isoMoment(ms + 5000) };
}
