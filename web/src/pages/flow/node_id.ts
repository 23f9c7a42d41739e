import type { FlowNode } from "@/api/types";

// "group:billing" in its parts. A name may have colons of its own.
export function partsOfNode(id: string): { kind: FlowNode["kind"]; name: string } {
  const colon = id.indexOf(":");
  const kind = id.slice(0, colon);
  return kind === "topic" || kind === "group" || kind === "service"
    ? { kind, name: id.slice(colon + 1) }
    : { kind: "service", name: id };
}
