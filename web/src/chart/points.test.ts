import { expect, it } from "vitest";
import { highest, indexAt, peakOf, timeAt } from "./points";

const steps = { start_ms: 1000, step_ms: 10 };

it("finds the step of a moment, and stays within the chart", () => {
  expect(indexAt(steps, 1024, 5)).toBe(2);
  expect(indexAt(steps, 0, 5)).toBe(0);
  expect(indexAt(steps, 9999, 5)).toBe(4);
  expect(timeAt(steps, 2)).toBe(1020);
});

it("finds the first of the highest values, and none where nothing is above zero", () => {
  expect(peakOf([null, 3, 7, null, 7])).toBe(2);
  expect(peakOf([null, 0, 0])).toBeNull();
  expect(peakOf([])).toBeNull();
});

it("has a highest value also where nothing is known", () => {
  expect(highest([{ name: "", colour: "", values: [null, null] }])).toBe(0);
  expect(highest([])).toBe(0);
});
