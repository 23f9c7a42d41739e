import { expect, it } from "vitest";
import { durationTicks, numberTicks } from "./ticks";

it("numbers are round, and reach the highest value", () => {
  expect(numberTicks(590)).toEqual([0, 200, 400, 600]);
  expect(numberTicks(0.5)).toEqual([0, 0.2, 0.4, 0.6]);
  expect(numberTicks(0)).toEqual([0, 0.5]);
});

it("durations are round as a clock counts", () => {
  expect(durationTicks(119_000)).toEqual([0, 30_000, 60_000, 90_000, 120_000]);
  expect(durationTicks(38_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  expect(durationTicks(5 * 3_600_000)).toEqual([0, 7_200_000, 14_400_000, 21_600_000]);
  expect(durationTicks(560)).toEqual([0, 200, 400, 600]);
});

it("a lag of weeks has few ticks too", () => {
  expect(durationTicks(30 * 86_400_000).length).toBeLessThanOrEqual(5);
});
