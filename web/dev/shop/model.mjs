// The shop: who sends what to whom. Everything follows from the time, so two questions get answers that fit.
export const topics = {
  orders: { partitions: 4, per_s: 180, from: "orders-web" },
  payments: { partitions: 2, per_s: 175, from: "payments" },
  shipments: { partitions: 2, per_s: 170, from: "shipping" },
  "orders.dlq": { partitions: 1, per_s: 0.4, from: "payments" },
};

export const groups = [
  {
    group: "payments",
    topic: "orders",
    services: ["payments"],
    state: "keeping_up",
    lag: 42,
    processing: 181,
  },
  {
    group: "analytics",
    topic: "orders",
    services: ["analytics"],
    state: "falling_behind",
    lag: 4812,
    processing: 120,
  },
  {
    group: "fraud-check",
    topic: "orders",
    services: ["fraud-check"],
    state: "stopped",
    lag: 21_480,
    processing: 0,
  },
  {
    group: "shipping",
    topic: "payments",
    services: ["shipping"],
    state: "up_to_date",
    lag: 0,
    processing: 175,
  },
  {
    group: "mailer",
    topic: "shipments",
    services: ["mailer"],
    state: "catching_up",
    lag: 310,
    processing: 212,
  },
];

export const services = ["orders-web", "payments", "shipping", "mailer", "analytics", "fraud-check"];

// A number from 0 to 1 that looks like chance and is always the same.
export function noise(seed) {
  const value = Math.sin(seed * 12.9898 + 78.233) * 43_758.5453;
  return value - Math.floor(value);
}

export function hex(seed, digits) {
  let text = "";
  for (let part = 0; text.length < digits; part++) {
    text += Math.floor(noise(seed * 31 + part * 7 + 1) * 0xffff_ffff)
      .toString(16)
      .padStart(8, "0");
  }
  return text.slice(0, digits);
}

// Each second brings one sampled order: its number is the second.
export const numberAt = (ms) => Math.floor(ms / 1000);
export const timeOf = (number) => number * 1000 + 120;
export const partitionOf = (number) => number % 4;
export const offsetOf = (number) => number % 1_000_000;
export const numberOf = (offset, now) => {
  const round = Math.floor(numberAt(now) / 1_000_000);
  const number = round * 1_000_000 + offset;
  return number > numberAt(now) + 500_000 ? number - 1_000_000 : number;
};
export const traceOf = (number) => hex(number, 32);
export const spanOf = (number, part) => hex(number * 100 + part, 16);
export const keyOfOrder = (number) => (number % 7 === 0 ? "customer-17" : `customer-${number % 97}`);

export function windowOf(query) {
  const to_ms = Number(query.to ?? Date.now());
  return { from_ms: Number(query.from ?? to_ms - 3_600_000), to_ms };
}

export function series(window, value) {
  const count = 60;
  const step_ms = (window.to_ms - window.from_ms) / count;
  const values = Array.from({ length: count + 1 }, (_, index) =>
    value((window.from_ms + index * step_ms) / 1000, index / count),
  );
  return { start_ms: window.from_ms, step_ms, values };
}

export const percentiles = (p50, spread = 3, count = 1200) => ({
  p50_ms: p50,
  p95_ms: p50 * spread,
  p99_ms: p50 * spread * 1.8,
  count,
});
