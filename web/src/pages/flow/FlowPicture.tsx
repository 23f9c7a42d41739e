import { type KeyboardEvent, useId } from "react";
import type { Flow, FlowEdge, FlowNode } from "@/api/types";
import { iconPath } from "@/parts/Icon";
import { impactStates } from "@/parts/verdict";
import { formatCount, formatDuration, formatRate } from "@/text/format";
import { keyOfEdge, type Layout, labelSize, nodeSize, pathThrough } from "./layout";

interface Props {
  flow: Flow;
  layout: Layout;
  selected: string | null;
  onSelect: (node: string) => void;
}

export const smallest = 0.66; // of the natural size: a picture that is smaller cannot be read, and is scrolled instead

// Services, topics and groups from left to right. What is not there in this window is drawn as a shadow, so that
// two pictures can be compared.
export function FlowPicture({ flow, layout, selected, onSelect }: Props) {
  const arrow = useId();
  const edges = new Map(flow.edges.map((edge) => [keyOfEdge(edge), edge]));
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const most = Math.max(1e-9, ...flow.edges.map(({ per_s }) => per_s));
  const isAside = (from: string, to: string) => selected != null && from !== selected && to !== selected;
  return (
    <div className="flow-scroll">
      {/* biome-ignore lint/a11y/useSemanticElements: a picture is no form */}
      <svg
        className="flow"
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        style={{ maxWidth: layout.width * 1.1, minWidth: layout.width * smallest }}
        role="group"
        aria-label="Services, topics and groups, and what flows between them"
      >
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path className="arrow" d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {layout.stacks.map(({ x, y, height }) => (
          <rect
            key={`${x} ${y}`}
            className="flow-stack"
            x={x - nodeSize.width / 2 - 4}
            y={y - height / 2 - 4}
            width={nodeSize.width + 8}
            height={height + 8}
            rx={10}
          />
        ))}
        {layout.edges.map(({ from, to, points }) => {
          const edge = edges.get(keyOfEdge({ from, to }));
          const classes = [
            "flow-edge",
            !edge && "is-shadow",
            isAside(from, to) && "is-aside",
            (edge?.errors ?? 0) > 0 && "has-errors",
          ];
          return (
            <path
              key={`${from} ${to}`}
              className={classes.filter(Boolean).join(" ")}
              d={pathThrough(points)}
              markerEnd={`url(#${arrow})`}
              strokeWidth={edge ? 1.2 + (3 * edge.per_s) / most : 1}
            />
          );
        })}
        {/* Above all lines: each interrupts its own, and none is crossed by another. */}
        {layout.edges.map(({ from, to, label }) => {
          const edge = edges.get(keyOfEdge({ from, to }));
          return (
            edge && (
              <EdgeLabel
                key={`${from} ${to}`}
                edge={edge}
                x={label.x}
                y={label.y}
                isAside={isAside(from, to)}
              />
            )
          );
        })}
        {[...layout.nodes].map(([id, { x, y }]) => {
          const node = nodes.get(id);
          return node ? (
            <Node
              key={id}
              node={node}
              flow={flow}
              x={x}
              y={y}
              isSelected={id === selected}
              onSelect={onSelect}
            />
          ) : (
            <Shadow key={id} id={id} x={x} y={y} />
          );
        })}
      </svg>
    </div>
  );
}

interface EdgeLabelProps {
  edge: FlowEdge;
  x: number;
  y: number;
  isAside: boolean;
}

function EdgeLabel({ edge, x, y, isAside }: EdgeLabelProps) {
  const rate = formatRate(edge.per_s);
  const more =
    edge.errors > 0
      ? `⚠ ${formatCount(edge.errors)}`
      : edge.latency
        ? `p95 ${formatDuration(edge.latency.p95_ms)}`
        : "";
  const width = Math.min(labelSize.width, 6 * Math.max(rate.length, more.length) + 8);
  const height = more ? labelSize.height : labelSize.height / 2;
  return (
    <g className={isAside ? "edge-label is-aside" : "edge-label"}>
      <title>{edgeTitle(edge)}</title>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} />
      <text x={x} y={more ? y - 4 : y + 4} textAnchor="middle">
        {rate}
      </text>
      <text x={x} y={y + 11} textAnchor="middle" className={edge.errors > 0 ? "edge-errors" : "edge-latency"}>
        {more}
      </text>
    </g>
  );
}

function edgeTitle({ messages, errors, latency }: FlowEdge): string {
  const times = latency
    ? `, p50 ${formatDuration(latency.p50_ms)}, p95 ${formatDuration(latency.p95_ms)}, p99 ${formatDuration(latency.p99_ms)}`
    : "";
  return `${formatCount(messages)} messages, ${formatCount(errors)} errors${times}`;
}

interface NodeProps {
  node: FlowNode;
  flow: Flow;
  x: number;
  y: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

function Node({ node, flow, x, y, isSelected, onSelect }: NodeProps) {
  const isBottleneck = flow.bottleneck?.node === node.id;
  const state = flow.impact.find((held) => held.node === node.id)?.state;
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onSelect(node.id);
    }
  };
  const classes = [
    "flow-node",
    `is-${node.kind}`,
    isSelected && "is-selected",
    isBottleneck && "is-bottleneck",
  ];
  const sign = isBottleneck ? "bottleneck" : state ? impactStates[state]?.word : "";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a picture
    <g
      className={classes.filter(Boolean).join(" ")}
      transform={`translate(${x - nodeSize.width / 2} ${y - nodeSize.height / 2})`}
      role="button"
      tabIndex={0}
      aria-pressed={isSelected}
      aria-label={`${node.kind} ${node.name}${sign ? `, ${sign}` : ""}`}
      onClick={() => onSelect(node.id)}
      onKeyDown={press}
    >
      <title>{`${node.kind} ${node.name}`}</title>
      <rect
        width={nodeSize.width}
        height={nodeSize.height}
        rx={node.kind === "topic" ? 4 : node.kind === "group" ? 16 : 9}
      />
      <g className="icon" transform="translate(10 8)">
        <path d={iconPath(node.kind)} />
      </g>
      <text className="node-title" x={32} y={21}>
        {cut(node.name, 15)}
      </text>
      <text className="node-facts" x={12} y={39}>
        {factsOf(node)}
      </text>
      {sign && (
        <g className="node-sign" transform={`translate(${nodeSize.width - 8} 0)`}>
          <rect x={-sign.length * 6.2 - 12} y={-9} width={sign.length * 6.2 + 12} height={18} rx={9} />
          <text x={-sign.length * 3.1 - 6} y={4} textAnchor="middle">
            {sign}
          </text>
        </g>
      )}
    </g>
  );
}

function Shadow({ id, x, y }: { id: string; x: number; y: number }) {
  return (
    <g
      className="flow-node is-shadow"
      transform={`translate(${x - nodeSize.width / 2} ${y - nodeSize.height / 2})`}
    >
      <rect width={nodeSize.width} height={nodeSize.height} rx={8} />
      <text className="node-title" x={12} y={21}>
        {cut(id.slice(id.indexOf(":") + 1), 20)}
      </text>
      <text className="node-facts" x={12} y={39}>
        not in this window
      </text>
    </g>
  );
}

function factsOf({ kind, lag, processing, errors, services }: FlowNode): string {
  const facts = [
    kind !== "service" && lag != null && lag !== undefined && `lag ${formatCount(lag)}`,
    processing && `p95 ${formatDuration(processing.p95_ms)}`,
    errors > 0 && `⚠ ${formatCount(errors)}`,
    kind === "group" && !processing && (services ?? []).join(", "),
  ];
  return cut(facts.filter(Boolean).join(" · ") || kind, 25);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
