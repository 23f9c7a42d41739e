import type { Query } from "@/address/address";
import { Link } from "@/address/Link";
import type { Flow, FlowEdge, FlowNode } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { formatCount, formatDuration, formatRate } from "@/text/format";
import { Impact } from "./Impact";
import { NodeName } from "./NodeName";
import { TimeParts } from "./TimeParts";

// One node: what comes in, what goes out, where the time goes, and who waits behind it.
export function NodePanel({ flow, node, onClose }: { flow: Flow; node: FlowNode; onClose: () => void }) {
  const comesIn = flow.edges.filter(({ to }) => to === node.id);
  const goesOut = flow.edges.filter(({ from }) => from === node.id);
  const held = flow.impact.filter((one) => one.node === node.id);
  return (
    <section className="panel node-panel" aria-label={`${node.kind} ${node.name}`} data-test="node">
      <h2>
        <Icon name={node.kind} title={node.kind} /> <span className="code">{node.name}</span>
        <NodeLinks node={node} />
        <button type="button" className="quiet" onClick={onClose} aria-label="Close">
          <Icon name="cross" />
        </button>
      </h2>
      <p>
        {node.kind}
        {node.lag != null && node.kind !== "service" && <> · lag {formatCount(node.lag)}</>}
        {node.processing && (
          <>
            {" "}
            · processing p50 {formatDuration(node.processing.p50_ms)}, p95{" "}
            {formatDuration(node.processing.p95_ms)}, p99 {formatDuration(node.processing.p99_ms)}
          </>
        )}
        {" · "}
        {formatCount(node.errors)} errors
        {(node.services ?? []).length > 0 && <> · members: {node.services.join(", ")}</>}
      </p>
      <div className="columns">
        <Edges title="Comes from" edges={comesIn} end="from" />
        <Edges title="Goes to" edges={goesOut} end="to" />
      </div>
      {held.length > 0 && (
        <>
          <h3>Who waits behind it</h3>
          <Impact impact={held} />
        </>
      )}
    </section>
  );
}

function NodeLinks({ node: { kind, name } }: { node: FlowNode }) {
  if (kind === "group") {
    return (
      <Link page="lag" query={{ group: name }}>
        lag
      </Link>
    );
  }
  const query: Query = kind === "topic" ? { topic: name } : { service: name };
  return (
    <>
      <Link page="messages" query={query}>
        messages
      </Link>
      <Link page="traces" query={query}>
        traces
      </Link>
      {kind === "topic" && (
        <Link page="loss" query={query}>
          books
        </Link>
      )}
    </>
  );
}

function Edges({ title, edges, end }: { title: string; edges: FlowEdge[]; end: "from" | "to" }) {
  if (edges.length === 0) {
    return null;
  }
  return (
    <div>
      <h3>{title}</h3>
      <ul className="node-edges">
        {edges.map((edge) => (
          <li key={edge[end]}>
            <NodeName id={edge[end]} /> {formatRate(edge.per_s)}
            {edge.latency && <> · p95 {formatDuration(edge.latency.p95_ms)}</>}
            {edge.errors > 0 && <span className="tone-bad"> · {formatCount(edge.errors)} errors</span>}
            <TimeParts parts={edge.parts} />
          </li>
        ))}
      </ul>
    </div>
  );
}
