import { useMemo } from "react";
import { Link } from "@/address/Link";
import { addressOf, navigate } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { Overview } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { LineChart } from "@/chart/LineChart";
import { indexAt } from "@/chart/points";
import { Answered } from "@/parts/Answered";
import { PageHead } from "@/parts/PageHead";
import { Source } from "@/parts/Source";
import { formatDuration, formatRate } from "@/text/format";
import { queryOfRange, queryOfWindow } from "@/time/range";
import { useTime } from "@/time/use_time";
import { Changes } from "./Changes";
import { ServerLine } from "./ServerLine";
import { Totals } from "./Totals";
import { GroupTable, TopicTable } from "./tables";

export default function OverviewPage() {
  const { window } = useTime();
  const asked = useAnswer("/overview", urlOf("/overview", queryOfWindow(window)), "overview");
  return (
    <>
      <PageHead title="Overview" />
      <Answered asked={asked}>{(overview) => <Content overview={overview} />}</Answered>
    </>
  );
}

function Content({ overview }: { overview: Overview }) {
  return (
    <>
      <Totals totals={overview.totals} />
      <Charts series={overview.series} />
      <div className="columns">
        <section className="panel">
          <h2>
            Consumer groups, furthest behind first <Link page="lag">all of Lag</Link>
          </h2>
          <GroupTable groups={overview.groups} json={overview.groups} />
        </section>
        <section className="panel">
          <h2>What changed against the window before</h2>
          <Changes changes={overview.changes} />
        </section>
      </div>
      <section className="panel">
        <h2>Topics, slowest first</h2>
        <TopicTable topics={overview.topics} json={overview.topics} />
      </section>
      <Source source={overview.source} window={overview.window} />
      <ServerLine />
    </>
  );
}

function Charts({ series }: { series: Overview["series"] }) {
  const { setRange } = useTime();
  const rates = useMemo(
    () => [
      { name: "sent", colour: "var(--series-1)", values: series.sent_per_s },
      { name: "consumed", colour: "var(--series-2)", values: series.consumed_per_s, dash: "6 3" },
      { name: "failed", colour: "var(--tone-bad)", values: series.failed_per_s, dash: "2 2" },
    ],
    [series],
  );
  const latency = useMemo(
    () => [
      { name: "end to end, p95", colour: "var(--series-3)", values: series.end_to_end_p95_ms, isArea: true },
    ],
    [series],
  );
  const zoom = (from_ms: number, to_ms: number) =>
    setRange({ kind: "between", from_ms, to_ms: Math.max(to_ms, from_ms + 1000) });
  return (
    <div className="columns">
      <section className="panel">
        <h2>Messages per second</h2>
        <LineChart
          label="Messages per second: sent, consumed, failed"
          series={rates}
          steps={series}
          format={formatRate}
          onZoom={zoom}
        />
      </section>
      <section className="panel">
        <h2>
          End-to-end latency{" "}
          <span className="hint">from the beginning of the send to the end of processing</span>
        </h2>
        <LineChart
          label="End-to-end latency, 95th percentile"
          series={latency}
          steps={series}
          format={formatDuration}
          isDuration
          onZoom={zoom}
          onPick={(ms) => navigate(slowTraces(series, ms))}
          markPeak
        />
        <p className="hint">A click leads to the slow traces of that moment; a drag looks closer.</p>
      </section>
    </div>
  );
}

// The traces of a moment that took at least as long as its 95th percentile.
function slowTraces(series: Overview["series"], ms: number): string {
  const index = indexAt(series, ms, series.end_to_end_p95_ms.length);
  const least = Math.floor(series.end_to_end_p95_ms[index] ?? 0);
  const range = queryOfRange({ kind: "between", from_ms: ms - series.step_ms, to_ms: ms + series.step_ms });
  return addressOf("traces", { ...range, min_ms: least > 0 ? `${least}` : "" });
}
