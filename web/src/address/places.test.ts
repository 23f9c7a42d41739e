import { describe, expect, it } from "vitest";
import type { MessageName } from "@/api/types";
import { nameOfMessage, placeOfMessage, placeOfText } from "./places";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const unknown: MessageName = {
  topic: "",
  partition: null,
  offset: null,
  key: null,
  trace_id: null,
  span_id: null,
};

describe("what somebody types", () => {
  it.each([
    ["orders/3@1234", { page: "message", query: { topic: "orders", partition: "3", offset: "1234" } }],
    [" a/b.c/0@0 ", { page: "message", query: { topic: "a/b.c", partition: "0", offset: "0" } }],
    ["orders/3", { page: "messages", query: { topic: "orders", partition: "3" } }],
    [trace.toUpperCase(), { page: "trace", query: { id: trace } }],
    [`00-${trace}-00f067aa0ba902b7-01`, { page: "trace", query: { id: trace } }],
    ["customer-17", { page: "messages", query: { key: "customer-17" } }],
    ["user@example.org", { page: "messages", query: { key: "user@example.org" } }],
  ])("%s leads to its page", (text, place) => {
    expect(placeOfText(text)).toEqual(place);
  });

  it("is nothing when it is blank", () => {
    expect(placeOfText("  ")).toBeNull();
  });
});

describe("a message", () => {
  it("is found by its place in the log, also at offset 0 of partition 0", () => {
    const message = { ...unknown, topic: "orders", partition: 0, offset: 0, trace_id: trace, span_id: "a" };
    expect(placeOfMessage(message)?.query).toEqual({ topic: "orders", partition: "0", offset: "0" });
    expect(nameOfMessage(message)).toBe("orders/0@0");
  });

  it("without an offset is found by its context", () => {
    const message = { ...unknown, topic: "orders", trace_id: trace, span_id: "00f067aa0ba902b7" };
    expect(placeOfMessage(message)?.query).toEqual({ trace, span: "00f067aa0ba902b7" });
    expect(nameOfMessage(message)).toBe("orders");
  });

  it("of which nothing is known leads nowhere", () => {
    expect(placeOfMessage(unknown)).toBeNull();
    expect(nameOfMessage(unknown)).toBe("(topic unknown)");
  });
});
