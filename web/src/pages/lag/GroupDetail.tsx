import { useMemo } from "react";
import { Link } from "@/address/Link";
import { useQuery } from "@/address/use_address";
import type { LagGroup } from "@/api/types";
import { LineChart } from "@/chart/LineChart";
import { StateMark } from "@/parts/Mark";
import { lagStates } from "@/parts/verdict";
import { formatCount, formatDuration } from "@/text/format";
import { isoMoment, parseMoment, type Window } from "@/time/range";
import { useTime } from "@/time/use_time";
import { Suffering } from "../flow/Impact";
import { Moment } from "./Moment";
import { PartitionTable } from "./PartitionTable";

// One group on one topic: why it is behind, what would help, and who waits behind it.
export function GroupDetail({ group, window }: { group: LagGroup; window: Window }) {
  const [query, change] = useQuery();
  const at = parseMoment(query.at ?? "");
  const pick = (ms: number) => change({ group: group.group, topic: group.topic, at: isoMoment(ms) });
  return (
    <article className="panel" aria-label={`${group.group} on ${group.topic}`}>
      <h2>
        <span className="code">{group.group}</span> on <span className="code">{group.topic}</span>{" "}
        <StateMark looks={lagStates} state={group.state} />
      </h2>
      <p>{group.text}</p>
      {group.advice && (
        <p className="advice">
          <b>What would help: </b>
          {group.advice}
        </p>
      )}
      <LagCharts group={group} at={at} onPick={pick} />
      {at == null ? (
        <p className="hint">
          Click into a chart, at a peak for instance, to see which message waited first then.
        </p>
      ) : (
        <Moment group={group} at={at} window={window} onClose={() => change({ at: "" })} />
      )}
      <PartitionTable group={group} />
      <section aria-label="Who waits behind this group">
        <h3>
          Who waits behind it now{" "}
          <Link page="flow" query={{ node: `group:${group.group}` }}>
            see it in Flow
          </Link>
        </h3>
        <Suffering node={`group:${group.group}`} />
      </section>
    </article>
  );
}

function LagCharts({
  group,
  at,
  onPick,
}: {
  group: LagGroup;
  at: number | null;
  onPick: (ms: number) => void;
}) {
  const { setRange } = useTime();
  const { series } = group;
  const lag = useMemo(
    () => [{ name: "lag, messages", colour: "var(--series-1)", values: series.lag, isArea: true }],
    [series],
  );
  const time = useMemo(
    () => [{ name: "behind", colour: "var(--series-4)", values: series.lag_time_ms, isArea: true }],
    [series],
  );
  const zoom = (from_ms: number, to_ms: number) => setRange({ kind: "between", from_ms, to_ms });
  return (
    <div className="columns">
      <LineChart
        label={`Lag of ${group.group} on ${group.topic} in messages`}
        series={lag}
        steps={series}
        format={formatCount}
        picked_ms={at}
        onPick={onPick}
        onZoom={zoom}
        markPeak
      />
      <LineChart
        label={`How long the oldest waiting message of ${group.topic} has waited for ${group.group}`}
        series={time}
        steps={series}
        format={formatDuration}
        isDuration
        picked_ms={at}
        onPick={onPick}
        onZoom={zoom}
        markPeak
      />
    </div>
  );
}
