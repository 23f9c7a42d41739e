// The order of a list, as the address says it: "lag" is upwards, "-lag" downwards.

export interface Order {
  key: string;
  isDown: boolean;
}

type Value = string | number | boolean | null | undefined;

export function parseOrder(text: string | undefined): Order | null {
  if (!text) {
    return null;
  }
  return text.startsWith("-") ? { key: text.slice(1), isDown: true } : { key: text, isDown: false };
}

// The first click sorts downwards, the second upwards, the third gives the server's own order back.
export function toggleOrder(order: Order | null, key: string): string {
  if (order?.key !== key) {
    return `-${key}`;
  }
  return order.isDown ? key : "";
}

// What is not known comes last, whichever way.
export function sortRows<Row>(
  rows: Row[],
  value: ((row: Row) => Value) | undefined,
  order: Order | null,
): Row[] {
  if (!order || !value) {
    return rows;
  }
  const sign = order.isDown ? -1 : 1;
  return [...rows].sort((left, right) => compare(value(left), value(right), sign));
}

function compare(left: Value, right: Value, sign: number): number {
  if (left == null || right == null) {
    return Number(left == null) - Number(right == null);
  }
  if (typeof left === "string" || typeof right === "string") {
    return sign * `${left}`.localeCompare(`${right}`, "en", { numeric: true });
  }
  return sign * (Number(left) - Number(right));
}
