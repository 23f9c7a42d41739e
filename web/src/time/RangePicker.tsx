import { useEffect, useId, useRef, useState } from "react";
import { Icon } from "@/parts/Icon";
import { formatMoment } from "@/text/format";
import { serverNow } from "./clock";
import { labelOf, parseMoment, parseRange, presets, shift } from "./range";
import { useTime } from "./use_time";

// The one time range: a step earlier or later, a preset, or from-to; and whether the page follows the time.
export function RangePicker() {
  const { range, isLive, setRange, setLive, refresh } = useTime();
  const [isOpen, setOpen] = useState(false);
  return (
    <fieldset className="range" aria-label="Time range">
      <button
        type="button"
        className="quiet"
        title="Half a window earlier ( [ )"
        aria-label="Earlier"
        onClick={() => setRange(shift(range, serverNow(), -1))}
      >
        <Icon name="left" />
      </button>
      <div className="range-menu">
        <button
          type="button"
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          data-test="range"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="clock" /> {labelOf(range)}
        </button>
        {isOpen && <RangeDialog onClose={() => setOpen(false)} />}
      </div>
      <button
        type="button"
        className="quiet"
        title="Half a window later ( ] )"
        aria-label="Later"
        onClick={() => setRange(shift(range, serverNow(), 1))}
      >
        <Icon name="right" />
      </button>
      <button
        type="button"
        aria-pressed={isLive}
        disabled={range.kind === "between"}
        title="Follow the time ( . )"
        onClick={() => setLive(!isLive)}
      >
        <span className={isLive ? "live-dot is-on" : "live-dot"} /> {isLive ? "Live" : "Paused"}
      </button>
      <button type="button" className="quiet" title="Ask again ( r )" aria-label="Refresh" onClick={refresh}>
        <Icon name="refresh" />
      </button>
    </fieldset>
  );
}

function RangeDialog({ onClose }: { onClose: () => void }) {
  const { range, window: shown, setRange } = useTime();
  const [from, setFrom] = useState(formatMoment(shown.from_ms, false));
  const [to, setTo] = useState(formatMoment(shown.to_ms, false));
  const [problem, setProblem] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    box.current?.querySelector<HTMLElement>("[aria-current=true], button")?.focus();
    const closeOutside = (event: PointerEvent) => {
      if (!box.current?.parentElement?.contains(event.target as Node)) {
        onClose();
      }
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [onClose]);

  const choose = (text: string) => {
    setRange(parseRange({ last: text }));
    onClose();
  };
  const applyMoments = () => {
    const [from_ms, to_ms] = [parseMoment(from), parseMoment(to)];
    if (from_ms === null || to_ms === null) {
      setProblem("Write a moment as 2026-11-26 14:00:00.");
    } else if (from_ms >= to_ms) {
      setProblem("The window must end after it begins.");
    } else {
      setRange({ kind: "between", from_ms, to_ms });
      onClose();
    }
  };
  return (
    <div
      ref={box}
      className="popup range-dialog"
      role="dialog"
      aria-label="Choose a time range"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="range-presets">
        {presets.map(({ text, label }) => (
          <button
            key={text}
            type="button"
            className="quiet"
            aria-current={
              range.kind === "last" && parseRange({ last: text }).kind === "last" && labelOf(range) === label
            }
            onClick={() => choose(text)}
          >
            {label}
          </button>
        ))}
      </div>
      <form
        className="range-moments"
        onSubmit={(event) => {
          event.preventDefault();
          applyMoments();
        }}
      >
        <label htmlFor={`${id}from`}>From</label>
        <input id={`${id}from`} value={from} onChange={(event) => setFrom(event.target.value)} />
        <label htmlFor={`${id}to`}>To</label>
        <input id={`${id}to`} value={to} onChange={(event) => setTo(event.target.value)} />
        <p className="hint">Local time, or ISO 8601.</p>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="primary">
          Show this window
        </button>
      </form>
    </div>
  );
}
