"""Counts instructions and allocations in each hook, for each message, and compares them with the committed table.

It does not time, so a busy machine changes nothing: bin/test runs it. `bin/bench guard --approve` writes the table anew."""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from other_side import Collecting, clean_environment

ROOT = pathlib.Path(__file__).resolve().parents[1]
TABLE = ROOT / "bench/guard.tsv"
MESSAGES = 4_000
MOST_PERCENT = 3

ARGUMENTS = "(rd_kafka_s*, rd_kafka_message_s*, void*)"
RATIO = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}
PRODUCE = ["produce", "--messages", str(MESSAGES), "--flush-every", "100"]
CONSUME = ["consume", "--messages", "20000"]  # so many fill the mock cluster's topic
HOOKS = {name: f"waybill::kafka::(anonymous namespace)::{name}{ARGUMENTS}" for name in ("on_send", "on_acknowledgement", "on_consume")}

# What is run, and which hooks are looked at: name, client's arguments, environment, hooks.
CASES = [
    ("produce 100 %", PRODUCE, {}, ["on_send", "on_acknowledgement"]),
    ("produce 1 %, always injected", PRODUCE, RATIO, ["on_send", "on_acknowledgement"]),
    ("produce 1 %, only sampled injected", PRODUCE, RATIO | {"WAYBILL_INJECT": "sampled"}, ["on_send", "on_acknowledgement"]),
    ("produce, off", PRODUCE, {"WAYBILL_ENABLED": "false"}, []),
    ("consume 100 %", CONSUME, {}, ["on_consume"]),
    ("consume, no context and not sampled", [*CONSUME, "--sampled", "0", "--sampled-only"], RATIO, ["on_consume"]),
]


def run(build, collecting, command, variables):
    """Runs a client under Waybill; returns what it says."""
    environment = clean_environment(
        LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(collecting.runtime),
        OTEL_EXPORTER_OTLP_ENDPOINT=collecting.url, **variables,
    )
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"bench guard: {result.stderr}")
    return json.loads(result.stdout)


def instructions(build, collecting, hook, arguments, variables):
    """Within the hook, with all that it calls, for each message; of on_consume what is our own, because librdkafka allocates in
    there, and what that takes depends on other threads."""
    with tempfile.TemporaryDirectory() as folder:
        # The file of each thread apart: while one is in the hook, valgrind may let another run, and counts that, too.
        command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--separate-threads=yes",
                   "--collect-atstart=no", f"--toggle-collect={HOOKS[hook]}", build / "bin/bench-client", *arguments]
        messages = run(build, collecting, command, variables)["messages_in_all"]
        threads = [file.read_text() for file in pathlib.Path(folder).glob("out-*")]
    of_thread = own_instructions if hook == "on_consume" else all_instructions
    return max(of_thread(text) for text in threads if f") {HOOKS[hook]}" in text) / messages


def all_instructions(text):
    return int(re.search(r"^(?:totals|summary): (\d+)", text, re.M).group(1))


def own_instructions(text):
    """Those of libwaybill-plugin.so, by the callgrind format: a line of costs after `calls=` is the callee's."""
    names, total, ours, callee = {}, 0, False, False
    for line in text.splitlines():
        if match := re.match(r"(c?)ob=\((\d+)\)(?: (.*))?", line):
            names.setdefault(match.group(2), match.group(3))
            if not match.group(1):
                ours = "libwaybill-plugin" in names[match.group(2)]
        elif line.startswith("calls="):
            callee = True
        elif match := re.match(r"[+\-*\d]+ (\d+)$", line):
            total += int(match.group(1)) if ours and not callee else 0
            callee = False
    return total


def measure(build):
    rows = {}
    for name, arguments, variables, hooks in CASES:
        collecting = Collecting(build)
        try:
            # librdkafka's own included: of the whole process for a producer, of the polling thread for a consumer, because
            # those for a fetch depend on its size.
            runs = [run(build, collecting, [build / "bin/bench-allocations", *arguments], variables) for _ in range(5)]
            rows[f"{name}: allocations"] = statistics.median(one["allocations"] for one in runs)
            for hook in hooks:
                rows[f"{name}: {hook}"] = instructions(build, collecting, hook, arguments, variables)
        finally:
            collecting.stop()
    return rows


def read_table():
    return {name: float(number) for name, number in (line.split("\t") for line in TABLE.read_text().splitlines()[1:])}


def main():
    parser = argparse.ArgumentParser(prog="bin/bench guard", description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help=argparse.SUPPRESS)
    parser.add_argument("--approve", action="store_true", help="write the table anew; say in the commit why it changed")
    options = parser.parse_args()
    rows = measure(options.build.resolve())
    if options.approve:
        lines = ["# For each message: instructions within a hook, or allocations; bin/bench guard --approve"]
        TABLE.write_text("\n".join(lines + [f"{name}\t{number:.3f}" for name, number in rows.items()]) + "\n")
    table = read_table()
    wrong = [name for name in rows.keys() | table.keys()
             if abs(rows.get(name, 0) - table.get(name, 0)) > table.get(name, 0) * MOST_PERCENT / 100]
    for name, number in rows.items():
        print(f"{'DIFFERS' if name in wrong else 'ok':8} {name:55} {number:10.3f}   table: {table.get(name, 0):10.3f}")
    if wrong:
        sys.exit(f"bench guard: {len(wrong)} rows are more than {MOST_PERCENT} % away from {TABLE.relative_to(ROOT)}; "
                 "if that is meant: bin/bench guard --approve")
    print(f"{len(rows)} passed, 0 failed")


if __name__ == "__main__":
    main()
