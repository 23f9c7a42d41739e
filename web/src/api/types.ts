// Short names for what the server answers. The types themselves are made from openapi.yaml (`npm run generate`).
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Status = Schemas["Status"];
export type Overview = Schemas["Overview"];
export type NowBefore = Schemas["NowBefore"];
export type Percentiles = Schemas["Percentiles"];
export type MessageName = Schemas["MessageName"];
export type Messages = Schemas["Messages"];
export type MessageRow = Messages["messages"][number];
export type Verdict = Schemas["Verdict"];
export type VerdictState = Verdict["state"];
export type Step = Schemas["Step"];
export type MessageWay = Schemas["MessageWay"];
export type GroupWay = MessageWay["groups"][number];
export type TraceRow = Schemas["Traces"]["traces"][number];
export type Trace = Schemas["Trace"];
export type Span = Schemas["Span"];
export type LinkedSpan = Schemas["LinkedSpan"];
export type PathPart = Trace["critical_path"][number];
export type Flow = Schemas["Flow"];
export type FlowNode = Flow["nodes"][number];
export type FlowEdge = Flow["edges"][number];
export type Lag = Schemas["Lag"];
export type LagGroup = Lag["groups"][number];
export type LagPartition = LagGroup["partitions"][number];
export type Loss = Schemas["Loss"];
export type LossTopic = Loss["topics"][number];
export type LossGroup = LossTopic["groups"][number];
export type Named = Loss["named"][number];

type Answered<P> = P extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

// The paths that answer in JSON, and with what.
export type Answer<P extends keyof paths> = Answered<paths[P]>;
export type Path = keyof paths;
