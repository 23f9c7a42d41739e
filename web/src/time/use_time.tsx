import {
  createContext,
  type PropsWithChildren,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useQuery } from "@/address/use_address";
import { isAsking } from "@/api/client";
import { serverNow } from "./clock";
import { parseRange, queryOfRange, type Range, type Window, windowOf } from "./range";

interface Time {
  range: Range;
  window: Window; // of the range, as of the last refresh
  isLive: boolean;
  setRange: (range: Range) => void;
  setLive: (isLive: boolean) => void;
  refresh: () => void;
  hold: (isHeld: boolean) => void; // while a list is pointed at, its rows stay where they are
}

const TimeContext = createContext<Time | null>(null);
const hour_ms = 3_600_000;

// The one time range of all pages. It lives in the address; what lives here is only when "now" was.
export function TimeProvider({ children }: PropsWithChildren) {
  const [query, change] = useQuery();
  const [now, setNow] = useState(serverNow);
  const isHeld = useRef(false);
  const { last = "", from = "", to = "" } = query;
  const range = useMemo(() => parseRange({ last, from, to }), [last, from, to]);
  const isLive = range.kind === "last" && query.live !== "off";
  const step_ms = range.kind === "last" && range.ms > hour_ms ? 30_000 : 10_000;

  const hold = useCallback((wanted: boolean) => {
    isHeld.current = wanted;
  }, []);
  const refresh = useCallback(() => setNow(serverNow()), []);
  const shown = useRef(range); // another range is looked at as of now
  useEffect(() => {
    if (shown.current !== range) {
      shown.current = range;
      refresh();
    }
  }, [refresh, range]);
  useEffect(() => {
    if (!isLive) {
      return;
    }
    const tick = () => !document.hidden && !isHeld.current && !isAsking() && refresh();
    const timer = setInterval(tick, step_ms);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [isLive, step_ms, refresh]);

  const time = useMemo<Time>(
    () => ({
      range,
      window: windowOf(range, now),
      isLive,
      setRange: (wanted) => change(queryOfRange(wanted)),
      setLive: (wanted) => change({ live: wanted ? "" : "off" }, "replace"),
      refresh,
      hold,
    }),
    [range, now, isLive, change, refresh, hold],
  );
  return <TimeContext value={time}>{children}</TimeContext>;
}

export function useTime(): Time {
  const time = useContext(TimeContext);
  if (!time) {
    throw new Error("useTime is used outside of TimeProvider");
  }
  return time;
}
