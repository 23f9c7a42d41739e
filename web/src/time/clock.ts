// The server's clock, as far as this browser knows it: "the last five minutes" are the server's.
let ahead_ms = 0;

// Whether that makes a difference. A few seconds are the answer's own way.
export function learnServerNow(now_ms: number): boolean {
  const difference = now_ms - Date.now();
  const before_ms = ahead_ms;
  ahead_ms = Math.abs(difference) > 5000 ? difference : 0;
  return Math.abs(ahead_ms - before_ms) > 5000;
}

export function serverNow(): number {
  return Date.now() + ahead_ms;
}
