"""Measures what Waybill costs: the same client bare, with the floors, and under Waybill, in turn; medians and ranges.

Called by bin/bench. A figure counts only beside the others of its run."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

import startup  # noqa: E402
from tables import Table, footprint_markdown, latency_markdown, markdown  # noqa: E402
from variants import API_CONSUME, API_PRODUCE, CONSUME, PEER, PRODUCE  # noqa: E402

NAMES = ["produce", "paced-100k", "paced-10k", "latency", "consume", "api-produce", "api-consume", "broker-produce", "broker-consume", "start"]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="how often each variant runs, in turn (default 7)")
    parser.add_argument("--messages", type=int, default=1_000_000, metavar="N", help="messages of a run at full speed (default 1,000,000)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, metavar="TABLE", help="of: " + ", ".join(NAMES))
    parser.add_argument("--json", metavar="FILE", help="write all figures of all rounds there")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables there, too")
    return parser.parse_args()


def mock_tables(build, messages):
    produce = PRODUCE + ([PEER] if (build / "bin/bench-peer").exists() else [])
    floor, reading = PRODUCE[2].name, CONSUME[1].name
    paced = [variant for variant in produce if "off" not in variant.name and "allocated" not in variant.name]
    timed = ["produce", "--rate", "100000", "--messages", "200000", "--latency"]
    return [
        Table("produce", "Produce, mock cluster, full speed", produce, ["produce", "--messages", str(messages)], floor),
        Table("paced-100k", "Produce, mock cluster, 100,000 messages/s", paced, ["produce", "--messages", "200000", "--rate", "100000"], floor),
        Table("paced-10k", "Produce, mock cluster, 10,000 messages/s", paced, ["produce", "--messages", "20000", "--rate", "10000"], floor),
        Table("latency", "Time of one rd_kafka_produce call, 100,000 messages/s", paced, timed, floor),
        Table("consume", "Consume, mock cluster, full speed", CONSUME, ["consume", "--messages", str(messages)], reading),
        # What the wrappers cost beside the interceptors: these are the floor.
        Table("api-produce", "The C++ API: produce, mock cluster, full speed", API_PRODUCE, ["produce", "--messages", str(messages)], API_PRODUCE[1].name),
        Table("api-consume", "The C++ API: consume, mock cluster, full speed", API_CONSUME, ["consume", "--messages", str(messages)], API_CONSUME[2].name),
    ]


def broker_tables(build, broker, messages):
    """Their topics are made and filled first."""
    produce = PRODUCE
    sent, read = broker.topic(1), [broker.topic(1) for _ in range(3)]
    at = ["--brokers", broker.address, "--messages", str(messages)]
    forms = [[], ["--sampled", "1"], ["--sampled", "1", "--sampled-only"]]
    for topic, form in zip(read, forms):
        subprocess.run([build / "bin/bench-client", "fill", *at[:2], "--messages", str(messages + 1000), "--topic", topic, *form], check=True)
    consume = [variant.on_topic(read[forms.index(variant.options)]) for variant in CONSUME]
    return [
        Table("broker-produce", "Produce, Apache Kafka broker, full speed", produce, ["produce", *at, "--topic", sent], PRODUCE[2].name),
        Table("broker-consume", "Consume, Apache Kafka broker, full speed", consume, ["consume", *at], CONSUME[1].name),
    ]


class Report:
    """Prints tables as they come, and keeps them for the files."""

    def __init__(self, options):
        self._options = options
        self.results, self.texts = [], []

    def add(self, result, *texts):
        self.results.append(result)
        for text in texts:
            self.say(text)

    def say(self, text):
        print(text, flush=True)
        self.texts.append(text)

    def write(self):
        if self._options.json:
            pathlib.Path(self._options.json).write_text(json.dumps(self.results, indent=1))
        if self._options.markdown:
            pathlib.Path(self._options.markdown).write_text("\n".join(self.texts) + "\n")


def run_tables(tables, build, options, report):
    for table in tables:
        if table.name not in options.only:
            continue
        result = table.run(build, options.rounds)
        if table.name == "latency":
            report.add(result, latency_markdown(result))
        elif table.name == "produce":
            report.add(result, markdown(result), footprint_markdown(result))
        else:
            report.add(result, markdown(result))


def main():
    options = parse_arguments()
    build = ROOT / "build"
    report = Report(options)
    report.say(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}; 100-byte messages, delivery reports on; "
               f"medians of {options.rounds} rounds in turn; ÷ is the median of the ratios within a round.\n")
    run_tables(mock_tables(build, options.messages), build, options, report)
    if any(name.startswith("broker") for name in options.only):
        from brokers import RealBroker

        with tempfile.TemporaryDirectory() as folder:
            broker = RealBroker(ROOT, folder)
            try:
                run_tables(broker_tables(build, broker, options.messages // 2), build, options, report)
            finally:
                broker.stop()
    if "start" in options.only:
        result = startup.measure(build, options.rounds * 5)
        report.add(result, startup.markdown(result))
    report.write()


if __name__ == "__main__":
    main()
