import { describe, expect, it } from "vitest";
import { booksOfGroup, booksOfTopic } from "./books";

const produced = {
  attempted: 100,
  rejected: 1,
  acknowledged: 90,
  failed: 4,
  possibly_persisted: 3,
  in_flight: 2,
  errors: [],
};
const group = {
  group: "pay",
  acknowledged: 90,
  processed: 70,
  pending: 10,
  skipped: 4,
  lost: 3,
  unknown: 3,
  failed: 5,
  duplicated: 0,
};

describe("the books", () => {
  it("balance", () => {
    expect(booksOfTopic(produced).difference).toBe(0);
    expect(booksOfGroup(group).difference).toBe(0);
  });

  it("say by how much they do not", () => {
    expect(booksOfGroup({ ...group, processed: 65 }).difference).toBe(5);
    expect(booksOfGroup({ ...group, processed: 72 }).difference).toBe(-2);
  });

  it("take a fraction of a scaled number for no difference", () => {
    expect(booksOfGroup({ ...group, processed: 70.4 }).difference).toBeCloseTo(0);
  });

  it("do not claim to balance where the sum is not known", () => {
    expect(booksOfTopic({ ...produced, attempted: null, in_flight: null }).difference).toBeNull();
  });

  it("count failures and duplicates beside the balance, not in it", () => {
    expect(booksOfGroup(group).notes).toEqual([{ name: "of the processed ones failed", messages: 5 }]);
  });
});
