import { type ScaleLinear, type ScaleTime, scaleLinear, scaleTime } from "d3-scale";
import { area, line } from "d3-shape";
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from "react";
import { useWidth } from "@/parts/use_width";
import { formatClock, formatMoment, unknown } from "@/text/format";
import { highest, indexAt, peakOf, type Series, type Steps, timeAt } from "./points";
import { durationTicks, numberTicks } from "./ticks";

interface Props {
  label: string; // what it shows, for those who do not see it
  series: Series[];
  steps: Steps;
  format: (value: number | null) => string;
  isDuration?: boolean;
  height?: number;
  markPeak?: boolean;
  picked_ms?: number | null;
  onPick?: (ms: number) => void; // a click, or Enter
  onZoom?: (from_ms: number, to_ms: number) => void; // a drag
}

const margin = { top: 18, right: 12, bottom: 20, left: 64 };

// Lines over time. The values at the pointer stand above the picture, so nothing ever covers it; the arrow
// keys move the pointer too.
export function LineChart(props: Props) {
  const {
    label,
    series,
    steps,
    format,
    isDuration,
    height = 158,
    markPeak,
    picked_ms,
    onPick,
    onZoom,
  } = props;
  const [box, width] = useWidth<HTMLDivElement>(640);
  const [at, setAt] = useState<number | null>(null);
  const [drag, setDrag] = useState<number | null>(null);
  const count = Math.max(0, ...series.map(({ values }) => values.length));
  const last = Math.max(1, count - 1);

  const x = useMemo(
    () =>
      scaleTime()
        .domain([steps.start_ms, timeAt(steps, last)])
        .range([margin.left, width - margin.right]),
    [steps, last, width],
  );
  const ticks = useMemo(
    () => (isDuration ? durationTicks : numberTicks)(highest(series)),
    [series, isDuration],
  );
  const y = useMemo(
    () =>
      scaleLinear()
        .domain([0, ticks.at(-1) ?? 1])
        .range([height - margin.bottom, margin.top]),
    [ticks, height],
  );

  const peak = markPeak && series[0] ? peakOf(series[0].values) : null;
  const indexOf = (event: PointerEvent<SVGSVGElement>) => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    return indexAt(steps, x.invert(left).getTime(), count);
  };
  const release = (event: PointerEvent<SVGSVGElement>) => {
    const end = indexOf(event);
    if (drag != null && Math.abs(end - drag) > 1 && onZoom) {
      onZoom(timeAt(steps, Math.min(drag, end)), timeAt(steps, Math.max(drag, end)));
    } else {
      onPick?.(timeAt(steps, end));
    }
    setDrag(null);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(count - 1, (at ?? (step > 0 ? -1 : count)) + step)));
    } else if (event.key === "Enter" && (at ?? peak) != null) {
      onPick?.(timeAt(steps, at ?? peak ?? 0));
    }
  };

  const pickedAt = picked_ms == null ? null : x(picked_ms);
  return (
    <div className="chart" ref={box}>
      <Readout series={series} steps={steps} at={at} format={format} />
      <div
        role="slider"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at ?? last}
        aria-valuetext={spoken(series, steps, at ?? last, format)}
        tabIndex={0}
        onKeyDown={press}
      >
        <svg
          aria-hidden="true"
          width={width}
          height={height}
          className={onPick ? "can-pick" : undefined}
          onPointerMove={(event) => setAt(indexOf(event))}
          onPointerLeave={() => {
            setAt(null);
            setDrag(null);
          }}
          onPointerDown={(event) => setDrag(indexOf(event))}
          onPointerUp={release}
        >
          <Axes x={x} y={y} ticks={ticks} width={width} height={height} format={format} />
          {drag != null && at != null && onZoom && (
            <rect
              className="drag"
              x={x(timeAt(steps, Math.min(drag, at)))}
              width={Math.abs(x(timeAt(steps, drag)) - x(timeAt(steps, at)))}
              y={margin.top}
              height={height - margin.top - margin.bottom}
            />
          )}
          {series.map((one) => (
            <Curve key={one.name} series={one} x={(index) => x(timeAt(steps, index))} y={y} />
          ))}
          {peak != null && (
            <Peak
              x={x(timeAt(steps, peak))}
              y={y(series[0]?.values[peak] ?? 0)}
              isLeft={x(timeAt(steps, peak)) > width / 2}
              text={`peak: ${format(series[0]?.values[peak] ?? null)}`}
              title={formatMoment(timeAt(steps, peak), false)}
              onPick={onPick && (() => onPick(timeAt(steps, peak)))}
            />
          )}
          {pickedAt != null && (
            <line
              className="picked"
              x1={pickedAt}
              x2={pickedAt}
              y1={margin.top}
              y2={height - margin.bottom}
            />
          )}
          {at != null && (
            <line
              className="crosshair"
              x1={x(timeAt(steps, at))}
              x2={x(timeAt(steps, at))}
              y1={margin.top}
              y2={height - margin.bottom}
            />
          )}
        </svg>
      </div>
    </div>
  );
}

interface PeakProps {
  x: number;
  y: number;
  isLeft: boolean; // the text goes to the left, not to the right
  text: string;
  title: string;
  onPick?: (() => void) | undefined;
}

// The highest point in words; a click on the words is one on the point.
function Peak({ x, y, isLeft, text, title, onPick }: PeakProps) {
  return (
    <g
      className="peak"
      onPointerDown={(event) => event.stopPropagation()}
      onPointerUp={(event) => {
        event.stopPropagation();
        onPick?.();
      }}
    >
      <title>{`${text}, ${title}`}</title>
      <circle cx={x} cy={y} r={4} data-test="peak" />
      <text x={x + (isLeft ? -5 : 5)} y={y - 7} textAnchor={isLeft ? "end" : "start"}>
        {text}
      </text>
    </g>
  );
}

interface AxesProps {
  x: ScaleTime<number, number>;
  y: ScaleLinear<number, number>;
  ticks: number[];
  width: number;
  height: number;
  format: Props["format"];
}

function Axes({ x, y, ticks, width, height, format }: AxesProps) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick} className="grid">
          <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
          <text x={margin.left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {x.ticks(Math.max(2, Math.floor(width / 140))).map((tick) => (
        <text key={+tick} className="tick" x={x(tick)} y={height - 5} textAnchor="middle">
          {formatClock(+tick, false).replace(/:00$/, "")}
        </text>
      ))}
    </>
  );
}

// The values of a moment in words, for those who hear the chart.
function spoken(series: Series[], steps: Steps, at: number, format: Props["format"]): string {
  const values = series.map(({ name, values }) => `${name} ${format(values[at] ?? null)}`);
  return `${formatClock(timeAt(steps, at), false)}: ${values.join(", ")}`;
}

function Curve({
  series,
  x,
  y,
}: {
  series: Series;
  x: (index: number) => number;
  y: (value: number) => number;
}) {
  const isThere = (value: number | null) => value != null;
  const draw = line<number | null>()
    .defined(isThere)
    .x((_, index) => x(index))
    .y((value) => y(value ?? 0));
  const fill = area<number | null>()
    .defined(isThere)
    .x((_, index) => x(index))
    .y0(y(0))
    .y1((value) => y(value ?? 0));
  return (
    <>
      {series.isArea && (
        <path className="area" d={fill(series.values) ?? ""} style={{ fill: series.colour }} />
      )}
      <path
        className="curve"
        d={draw(series.values) ?? ""}
        style={{ stroke: series.colour }}
        strokeDasharray={series.dash}
      />
    </>
  );
}

// The legend; at the pointer, the values of that moment.
function Readout({
  series,
  steps,
  at,
  format,
}: Pick<Props, "series" | "steps" | "format"> & { at: number | null }) {
  return (
    <div className="readout">
      {series.map((one) => (
        <span key={one.name} className="readout-item">
          <svg width="18" height="8" aria-hidden="true">
            <line
              x1="0"
              x2="18"
              y1="4"
              y2="4"
              style={{ stroke: one.colour }}
              strokeDasharray={one.dash}
              strokeWidth="2"
            />
          </svg>
          {one.name}
          {at != null && <b>{one.values[at] == null ? unknown : format(one.values[at] ?? null)}</b>}
        </span>
      ))}
      {at != null && <span className="readout-time">{formatClock(timeAt(steps, at), false)}</span>}
    </div>
  );
}
