"""Runs variants in turn and writes what came out as a table."""

import statistics

import progress
from other_side import Collecting


class Table:
    """Runs its variants in turn, `rounds` times, and prints medians with their range."""

    def __init__(self, name, title, variants, arguments, floor):
        self.name, self.title, self.variants, self.arguments, self.floor = name, title, variants, arguments, floor

    def run(self, build, rounds):
        figures = {variant.name: [] for variant in self.variants}
        for turn in range(rounds):
            for variant in self.variants:
                progress.show(f"{self.name}: round {turn + 1} of {rounds}: {variant.name}")
                collecting = Collecting(build)
                try:
                    figures[variant.name].append(variant.run(build, collecting, self.arguments))
                finally:
                    collecting.stop()
        progress.clear()
        return {"name": self.name, "title": self.title, "floor": self.floor, "figures": figures}


def median_of(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def ratio_by_round(figures, name, floor, key):
    """The median of the ratios of the same round: what the machine did to both."""
    pairs = [(mine[key], its[key]) for mine, its in zip(figures[name], figures[floor]) if its.get(key)]
    return statistics.median(mine / its for mine, its in pairs)


def markdown(result):
    figures, floor = result["figures"], result["floor"]
    lines = [f"### {result['title']}", ""]
    lines.append("| variant | thousand msg/s (range) | ÷ bare | ÷ floor | host CPU ns/msg (range) | ÷ floor | collecting ns/span | spans at the sink |")
    lines.append("|---|---|---|---|---|---|---|---|")
    for name, runs in figures.items():
        speeds = [run["per_second"] / 1e3 for run in runs]
        costs = [run["cpu_ns"] for run in runs]
        collecting = median_of(runs, "collecting_ns")
        kept = [run["kept"] for run in runs if run.get("kept") is not None]
        spans = median_of(runs, "spans")
        shown = "–" if spans is None else f"{int(spans)}"
        if kept:
            shown = f"{min(kept) * 100:.4g} %" if min(kept) == max(kept) else f"{min(kept) * 100:.4g}–{max(kept) * 100:.4g} %"
        lines.append(
            f"| {name} | {statistics.median(speeds):.0f} ({min(speeds):.0f}–{max(speeds):.0f})"
            f" | {ratio_by_round(figures, name, 'bare', 'per_second'):.2f} | {ratio_by_round(figures, name, floor, 'per_second'):.2f}"
            f" | {statistics.median(costs):.0f} ({min(costs):.0f}–{max(costs):.0f}) | {ratio_by_round(figures, name, floor, 'cpu_ns'):.2f}"
            f" | {'–' if collecting is None or not spans else f'{collecting:.0f}'} | {shown} |"
        )
    return "\n".join(lines) + "\n"


def latency_markdown(result):
    lines = [f"### {result['title']}", "", "| variant | p50 ns | p99 ns | p99.99 ns | ÷ bare: p50 | p99 | p99.99 |", "|---|---|---|---|---|---|---|"]

    def median(runs, quantile):
        return statistics.median(run["latency_ns"][quantile] for run in runs)

    bare = result["figures"]["bare"]
    for name, runs in result["figures"].items():
        values = {quantile: median(runs, quantile) for quantile in ("p50", "p99", "p99.99")}
        ratios = {
            quantile: statistics.median(mine["latency_ns"][quantile] / its["latency_ns"][quantile] for mine, its in zip(runs, bare))
            for quantile in values
        }
        lines.append(f"| {name} | " + " | ".join(f"{value:.0f}" for value in values.values()) + " | "
                     + " | ".join(f"{ratio:.2f}" for ratio in ratios.values()) + " |")
    return "\n".join(lines) + "\n"


def footprint_markdown(result):
    lines = [f"### What a host holds after this run ({result['title'].lower()})", "", "| variant | RSS MiB | ÷ bare | threads | file descriptors |",
             "|---|---|---|---|---|"]
    for name, runs in result["figures"].items():
        lines.append(
            f"| {name} | {median_of(runs, 'rss_kib') / 1024:.1f} | {ratio_by_round(result['figures'], name, 'bare', 'rss_kib'):.2f}"
            f" | {median_of(runs, 'threads'):.0f} | {median_of(runs, 'files'):.0f} |"
        )
    return "\n".join(lines) + "\n"
