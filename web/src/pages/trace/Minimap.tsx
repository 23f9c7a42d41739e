import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { Trace } from "@/api/types";
import { useWidth } from "@/parts/use_width";
import { formatDuration } from "@/text/format";
import { colourOf } from "./colours";
import type { Extent } from "./timeline";

const height = 56;

interface Props {
  trace: Trace;
  whole: Extent;
  zoom: Extent;
  onZoom: (zoom: Extent) => void;
}

// The whole trace, small: a drag chooses what the timeline shows.
export function Minimap({ trace, whole, zoom, onZoom }: Props) {
  const [box, width] = useWidth<HTMLDivElement>(800);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const length = whole.to_ms - whole.from_ms;

  useEffect(() => {
    const redraw = () => canvas.current && draw(canvas.current, trace, whole, width);
    redraw();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const theme = new MutationObserver(redraw);
    scheme.addEventListener("change", redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      scheme.removeEventListener("change", redraw);
      theme.disconnect();
    };
  }, [trace, whole, width]);

  const shareAt = (event: PointerEvent<HTMLDivElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width));
  };
  const release = () => {
    if (drag && Math.abs(drag.to - drag.from) > 3 / width) {
      const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      onZoom({ from_ms: whole.from_ms + low * length, to_ms: whole.from_ms + high * length });
    }
    setDrag(null);
  };
  const shown = drag
    ? { left: Math.min(drag.from, drag.to), right: Math.max(drag.from, drag.to) }
    : { left: (zoom.from_ms - whole.from_ms) / length, right: (zoom.to_ms - whole.from_ms) / length };
  const isZoomed = shown.left > 0 || shown.right < 1;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys + - and 0 do the same
    <div
      ref={box}
      className="minimap"
      data-test="minimap"
      title="Drag to zoom; keys + - and 0"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: shareAt(event), to: shareAt(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: shareAt(event) })}
      onPointerUp={release}
      onDoubleClick={() => onZoom(whole)}
    >
      <canvas ref={canvas} style={{ width, height }} role="img" aria-label="All spans, small" />
      {isZoomed && (
        <>
          <span className="minimap-shade" style={{ left: 0, width: `${100 * shown.left}%` }} />
          <span className="minimap-shade" style={{ left: `${100 * shown.right}%`, right: 0 }} />
          <button
            type="button"
            className="minimap-reset"
            onPointerDown={(event) => event.stopPropagation()}
            onClick={() => onZoom(whole)}
          >
            the whole {formatDuration(length)} ( 0 )
          </button>
        </>
      )}
    </div>
  );
}

// Each span is a line; many spans share a line of pixels.
function draw(canvas: HTMLCanvasElement, trace: Trace, whole: Extent, width: number): void {
  const context = canvas.getContext("2d");
  if (!context) {
    return;
  }
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colours = new Map(
    trace.services.map((service) => [service, style.getPropertyValue(colourOf(trace, service).slice(4, -1))]),
  );
  const bad = style.getPropertyValue("--tone-bad");
  const step = (height - 4) / Math.max(1, trace.spans.length);
  trace.spans.forEach(({ start_ms, duration_ms, service, error }, index) => {
    context.fillStyle = error != null ? bad : (colours.get(service) ?? "gray");
    const left = ((start_ms - whole.from_ms) / (whole.to_ms - whole.from_ms)) * width;
    const long = (duration_ms / (whole.to_ms - whole.from_ms)) * width;
    context.fillRect(left, 2 + index * step, Math.max(1.5, long), Math.max(1, Math.min(4, step - 1)));
  });
}
