import type { PathPart } from "@/api/types";

// What the parts of a critical path are called, and how they look; the same as everywhere the time is split.
export const pathLooks: Record<PathPart["part"], { word: string; look: string }> = {
  processing: { word: "processing", look: "part-processing" },
  client_queue: { word: "client queue", look: "part-queue" },
  broker: { word: "broker", look: "part-broker" },
  log: { word: "in the log", look: "part-log" },
  wait: { word: "waiting for the consumer", look: "part-wait" },
  other: { word: "other", look: "part-other" },
};
