import type { Trace } from "@/api/types";

const colours = 8;

// A service's colour within a trace. Its name always stands beside it.
export function colourOf(trace: Trace, service: string): string {
  const index = trace.services.indexOf(service);
  return `var(--service-${(index < 0 ? 0 : index % colours) + 1})`;
}
