import type { MessageName } from "@/api/types";
import type { Page, Query } from "./address";

export interface Place {
  page: Page;
  query: Query;
}

// Where a message's page is; null where too little is known of it to find it again.
export function placeOfMessage(message: MessageName): Place | null {
  if (message.topic && message.partition != null && message.offset != null) {
    const query = { topic: message.topic, partition: `${message.partition}`, offset: `${message.offset}` };
    return { page: "message", query };
  }
  if (message.trace_id && message.span_id) {
    return { page: "message", query: { trace: message.trace_id, span: message.span_id } };
  }
  return null;
}

// What somebody types who wants to find something: TOPIC/PARTITION@OFFSET, TOPIC/PARTITION, a trace, or else a key.
export function placeOfText(text: string): Place | null {
  const wanted = text.trim();
  if (wanted === "") {
    return null;
  }
  const message = /^(.+)\/(\d+)@(\d+)$/.exec(wanted);
  if (message) {
    const [, topic = "", partition = "", offset = ""] = message;
    return { page: "message", query: { topic, partition, offset } };
  }
  const partition = /^(.+)\/(\d+)$/.exec(wanted);
  if (partition) {
    return { page: "messages", query: { topic: partition[1] ?? "", partition: partition[2] ?? "" } };
  }
  // A traceparent header is what people have in their logs.
  const trace = /^(?:00-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?$/i.exec(wanted);
  if (trace) {
    return { page: "trace", query: { id: (trace[1] ?? "").toLowerCase() } };
  }
  return { page: "messages", query: { key: wanted } };
}

// A message's name as people write it: orders/3@1234.
export function nameOfMessage(message: MessageName): string {
  const topic = message.topic || "(topic unknown)";
  const partition = message.partition == null ? "" : `/${message.partition}`;
  const offset = message.offset == null ? "" : `@${message.offset}`;
  return topic + (partition || (offset && "/?")) + offset;
}
