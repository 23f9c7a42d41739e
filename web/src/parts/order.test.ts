import { expect, it } from "vitest";
import { parseOrder, sortRows, toggleOrder } from "./order";

const rows = [{ lag: 5 }, { lag: null }, { lag: 40 }, { lag: 0 }];
const lag = (row: { lag: number | null }) => row.lag;

it("sorts downwards at first, then upwards, then as the server says", () => {
  const first = toggleOrder(null, "lag");
  const second = toggleOrder(parseOrder(first), "lag");
  const third = toggleOrder(parseOrder(second), "lag");
  expect([first, second, third]).toEqual(["-lag", "lag", ""]);
});

it("puts what is not known last, whichever way", () => {
  expect(sortRows(rows, lag, { key: "lag", isDown: true }).map(lag)).toEqual([40, 5, 0, null]);
  expect(sortRows(rows, lag, { key: "lag", isDown: false }).map(lag)).toEqual([0, 5, 40, null]);
});

it("sorts names as people count", () => {
  const names = ["p10", "p9", "p1"].map((name) => ({ name }));
  const sorted = sortRows(names, ({ name }) => name, { key: "name", isDown: false });
  expect(sorted.map(({ name }) => name)).toEqual(["p1", "p9", "p10"]);
});
