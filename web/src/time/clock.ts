// The server's clock, as far as this browser knows it: "the last five minutes" are the server's.
let ahead_ms = 0;

export function learnServerNow(now_ms: number): void {
  const difference = now_ms - Date.now();
  // Less than a second is the answer's own way.
  ahead_ms = Math.abs(difference) > 1000 ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + ahead_ms;
}
