import { line } from "d3-shape";

const width = 120;
const height = 20;

// A line without axes, for a row of a list. All of a list share `top`, so they can be compared.
export function Sparkline({ values, top }: { values: (number | null)[]; top: number }) {
  const draw = line<number | null>()
    .defined((value) => value != null)
    .x((_, index) => (index * (width - 2)) / Math.max(1, values.length - 1) + 1)
    .y((value) => height - 2 - ((value ?? 0) / (top || 1)) * (height - 4));
  return (
    <svg className="sparkline" width={width} height={height} aria-hidden="true">
      <path d={draw(values) ?? ""} />
    </svg>
  );
}
