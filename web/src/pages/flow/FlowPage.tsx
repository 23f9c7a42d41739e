import { useMemo } from "react";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { Flow } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { Icon } from "@/parts/Icon";
import { PageHead } from "@/parts/PageHead";
import { Source } from "@/parts/Source";
import { formatCount, formatMoment } from "@/text/format";
import { queryOfWindow, windowBefore } from "@/time/range";
import { useTime } from "@/time/use_time";
import { EdgeTable } from "./EdgeTable";
import { FlowPicture, smallest } from "./FlowPicture";
import { Impact } from "./Impact";
import { keyOfEdge, type Layout, layoutFlow, unite, withWaiting } from "./layout";
import { NodeName } from "./NodeName";
import { NodePanel } from "./NodePanel";
import { near } from "./near";

// What flows where, where the time goes, and who waits for whom.
export default function FlowPage() {
  const [query, change] = useQuery();
  const { window } = useTime();
  const isCompared = query.compare === "before";
  const asked = useAnswer("/flow", urlOf("/flow", queryOfWindow(window)), "flow");
  const urlBefore = isCompared ? urlOf("/flow", queryOfWindow(windowBefore(window))) : null;
  const before = useAnswer("/flow", urlBefore, "flow before");
  return (
    <>
      <PageHead title="Flow">
        <div className="page-tools">
          <button
            type="button"
            aria-pressed={isCompared}
            onClick={() => change({ compare: isCompared ? "" : "before" })}
          >
            <Icon name="swap" /> Compare with the window before
          </button>
        </div>
      </PageHead>
      <Answered asked={asked}>
        {(flow) =>
          isCompared ? (
            <Answered asked={before}>
              {(flowBefore) => <Content flow={withWaiting(flow)} before={withWaiting(flowBefore)} />}
            </Answered>
          ) : (
            <Content flow={withWaiting(flow)} before={null} />
          )
        }
      </Answered>
    </>
  );
}

function Content({ flow, before }: { flow: Flow; before: Flow | null }) {
  const [query, change] = useQuery();
  const centre = query.node ?? null;
  const now = useMemo(() => near(flow, centre), [flow, centre]);
  const layout = useLayout(now, before && near(before, centre));
  // Side by side where both can be read, else one above the other.
  const width = Math.round(layout.width * smallest) + 30;
  const selected = flow.nodes.find(({ id }) => id === query.node) ?? null;
  const select = (node: string) => change({ node: node === query.node ? "" : node });
  if (layout.nodes.size === 0) {
    return <p className="hint">Nothing flowed in this window.</p>;
  }
  return (
    <>
      {flow.bottleneck && (
        <p className="bottleneck-line" role="status" data-test="bottleneck">
          <Icon name="hourglass" /> <b>Bottleneck:</b> <NodeName id={flow.bottleneck.node} />{" "}
          {flow.bottleneck.text}
        </p>
      )}
      <div
        className="flows"
        style={{ gridTemplateColumns: `repeat(auto-fit, minmax(min(100%, ${width}px), 1fr))` }}
      >
        {before && (
          <figure className="panel">
            <figcaption>Before: {formatMoment(before.window.from_ms, false)}</figcaption>
            <FlowPicture flow={before} layout={layout} selected={query.node ?? null} onSelect={select} />
          </figure>
        )}
        <figure className="panel">
          {before && <figcaption>Now: {formatMoment(flow.window.from_ms, false)}</figcaption>}
          <FlowPicture flow={flow} layout={layout} selected={query.node ?? null} onSelect={select} />
        </figure>
      </div>
      {now !== flow && (
        <p className="hint">
          {formatCount(now.nodes.length)} of {formatCount(flow.nodes.length)} nodes are drawn, those around
          one: choose another in the list of edges.
        </p>
      )}
      {selected && <NodePanel flow={flow} node={selected} onClose={() => change({ node: "" })} />}
      <section className="panel" aria-label="Downstream impact">
        <h2>Who suffers</h2>
        {flow.impact.length === 0 ? (
          <p className="hint">Nobody is held up.</p>
        ) : (
          <Impact impact={flow.impact} />
        )}
      </section>
      <section className="panel">
        <h2>Edges</h2>
        <EdgeTable flow={flow} before={before} />
      </section>
      <Source source={flow.source} window={flow.window} />
    </>
  );
}

// The same as long as the same nodes and edges are there: a live picture does not jump when a rate changes.
function useLayout(flow: Flow, before: Flow | null): Layout {
  const nodes = unite(flow.nodes, before?.nodes ?? [], ({ id }) => id).sort(byText(({ id }) => id));
  const edges = unite(flow.edges, before?.edges ?? [], keyOfEdge).sort(byText(keyOfEdge));
  const shape = JSON.stringify([nodes.map(({ id, services }) => [id, services]), edges.map(keyOfEdge)]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is all of nodes and edges that counts
  return useMemo(() => layoutFlow(nodes, edges), [shape]);
}

function byText<T>(textOf: (one: T) => string): (left: T, right: T) => number {
  return (left, right) => (textOf(left) < textOf(right) ? -1 : 1);
}
