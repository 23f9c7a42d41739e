// What a chart needs to know of its numbers.

export interface Series {
  name: string;
  colour: string; // a CSS colour, mostly a variable
  values: (number | null)[];
  dash?: string; // told apart without colour
  isArea?: boolean;
}

export interface Steps {
  start_ms: number;
  step_ms: number;
}

export function timeAt({ start_ms, step_ms }: Steps, index: number): number {
  return start_ms + index * step_ms;
}

// The step that a moment falls into, within the chart.
export function indexAt({ start_ms, step_ms }: Steps, ms: number, count: number): number {
  return Math.max(0, Math.min(count - 1, Math.round((ms - start_ms) / step_ms)));
}

// Where the highest value is; null where there is none above zero.
export function peakOf(values: (number | null)[]): number | null {
  let peak: number | null = null;
  values.forEach((value, index) => {
    if (value != null && value > 0 && (peak == null || value > (values[peak] ?? 0))) {
      peak = index;
    }
  });
  return peak;
}

export function highest(series: Series[]): number {
  return Math.max(0, ...series.flatMap(({ values }) => values.filter((value) => value != null)));
}
