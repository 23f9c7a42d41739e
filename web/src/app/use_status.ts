import { useEffect, useState } from "react";
import { urlOf } from "@/api/client";
import type { Status } from "@/api/types";
import { type Asked, useAnswer } from "@/api/use_answer";
import { learnServerNow } from "@/time/clock";
import { useTime } from "@/time/use_time";

const waiting_ms = 2000;

// The server's status: asked once; while nothing has arrived yet, or the server is away, every two seconds, so that
// the first telemetry shows by itself.
export function useStatus(): Asked<Status> {
  const { refresh } = useTime();
  const [round, setRound] = useState(0);
  const asked = useAnswer("/status", urlOf("/status"), "status", round);
  const isWaiting = asked.answer !== null && isEmpty(asked.answer);
  const now_ms = asked.answer?.now_ms;

  useEffect(() => {
    if (now_ms && learnServerNow(now_ms)) {
      refresh();
    }
  }, [now_ms, refresh]);
  const isAway = asked.error !== null && asked.error.status !== 401;
  useEffect(() => {
    if (!isWaiting && !isAway) {
      return;
    }
    const timer = setInterval(() => setRound((before) => before + 1), waiting_ms);
    return () => clearInterval(timer);
  }, [isWaiting, isAway]);
  return asked;
}

export function isEmpty({ store }: Status): boolean {
  return store.spans === 0 && store.metric_points === 0;
}
