import { formatCount } from "@/text/format";

// A lower bound is marked as one.
export function lagText({ lag, is_lower_bound }: { lag: number; is_lower_bound: boolean }): string {
  return `${is_lower_bound ? "≥ " : ""}${formatCount(lag)}`;
}
