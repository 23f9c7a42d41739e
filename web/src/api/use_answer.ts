import { useEffect, useState, useSyncExternalStore } from "react";
import { ApiError, ask, token } from "./client";
import type { Answer, Path } from "./types";

export interface Asked<T> {
  answer: T | null; // the last one, also while the next is on its way
  error: ApiError | null;
  isLoading: boolean;
}

// Asks again whenever the URL or the round changes. `subject` names what is asked about: as long as it stays, the answer
// before is shown until the new one is there, so that a live page does not flicker. `url` null asks nothing.
export function useAnswer<P extends Path>(
  _path: P,
  url: string | null,
  subject: string,
  round = 0,
): Asked<Answer<P>> {
  const [state, setState] = useState<Asked<Answer<P>> & { subject: string }>({
    answer: null,
    error: null,
    isLoading: url !== null,
    subject,
  });
  const currentToken = useSyncExternalStore(token.subscribe, token.read);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new token or round asks again
  useEffect(() => {
    if (url === null) {
      return;
    }
    const abort = new AbortController();
    setState((before) => ({
      answer: before.subject === subject ? before.answer : null,
      error: before.subject === subject ? before.error : null,
      isLoading: true,
      subject,
    }));
    ask<Answer<P>>(url, abort.signal).then(
      (answer) => setState({ answer, error: null, isLoading: false, subject }),
      (reason: unknown) => {
        if (abort.signal.aborted) {
          return;
        }
        const error = reason instanceof ApiError ? reason : new ApiError(0, String(reason));
        setState((before) => ({ ...before, error, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [url, subject, round, currentToken]);

  return state.subject === subject ? state : { answer: null, error: null, isLoading: true };
}
