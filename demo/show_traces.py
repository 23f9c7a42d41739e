"""Prints the traces that an OTLP sink has received, read back from its file and joined by ids.

    show_traces.py SPANS.jsonl [--books BOOKS.json ...] [--most N]
"""

import argparse
import collections
import json
import sys

OPERATION = "messaging.operation.name"
TOPIC = "messaging.destination.name"
PARTITION = "messaging.destination.partition.id"
OFFSET = "messaging.kafka.offset"
QUEUE_MS = "waybill.kafka.queue_time_ms"
BROKER_MS = "waybill.kafka.broker_time_ms"
AGE_MS = "waybill.kafka.record_age_ms"


def read_spans(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def traces_of(spans):
    traces = collections.defaultdict(list)
    for span in spans:
        traces[span["trace_id"]].append(span)
    return sorted(traces.values(), key=lambda trace: min(span["start_ns"] for span in trace))


def describe(span, trace_start_ns):
    attributes = span["attributes"]
    service = span["resource"].get("service.name", "?")
    place = attributes.get(TOPIC, "?")
    if PARTITION in attributes:
        place += f"/{attributes[PARTITION]}"
    if OFFSET in attributes:
        place += f"@{attributes[OFFSET]}"
    start_ms = (span["start_ns"] - trace_start_ns) / 1e6
    duration_ms = (span["end_ns"] - span["start_ns"]) / 1e6
    text = f"{service:<10} {attributes.get(OPERATION, '?'):<8} {place:<18} +{start_ms:9.3f} ms {duration_ms:10.3f} ms"
    if QUEUE_MS in attributes:
        text += f"  (client queue {attributes[QUEUE_MS]:.3f} ms, broker {attributes[BROKER_MS]:.3f} ms)"
    if AGE_MS in attributes:
        text += f"  (record was {attributes[AGE_MS]:.1f} ms old)"
    if span["status"] == "ERROR":
        text += f"  failed: {span['status_message']} ({attributes.get('error.type', '?')})"
    return text


def print_tree(trace):
    by_parent = collections.defaultdict(list)
    ids = {span["span_id"] for span in trace}
    for span in sorted(trace, key=lambda one: one["start_ns"]):
        by_parent[span["parent_span_id"] if span["parent_span_id"] in ids else ""].append(span)
    start_ns = min(span["start_ns"] for span in trace)
    print(f"trace {trace[0]['trace_id']}")

    def print_below(parent, indent):
        for number, span in enumerate(by_parent[parent]):
            last = number == len(by_parent[parent]) - 1
            print(f"{indent}{'└─ ' if last else '├─ '}{describe(span, start_ns)}")
            print_below(span["span_id"], indent + ("   " if last else "│  "))

    print_below("", "  ")


def dropped_in(paths):
    dropped = 0
    for path in paths:
        with open(path, encoding="utf-8") as file:
            books = json.load(file)
        dropped += sum(sum(host["dropped"].values()) for host in books["hosts"])
        dropped += sum(books["exporters"]["dropped"].values())
    return dropped


def main():
    parser = argparse.ArgumentParser(description="Print the traces that an OTLP sink has received.")
    parser.add_argument("spans")
    parser.add_argument("--books", nargs="*", default=[])
    parser.add_argument("--most", type=int, default=1000, help="print at most so many traces")
    options = parser.parse_args()

    spans = read_spans(options.spans)
    traces = traces_of(spans)
    for trace in traces[: options.most]:
        print_tree(trace)
    if len(traces) > options.most:
        print(f"… and {len(traces) - options.most} traces more")
    sent = sum(1 for span in spans if span["attributes"].get(OPERATION) == "send")
    errors = sum(1 for span in spans if span["status"] == "ERROR")
    services = sorted({span["resource"].get("service.name", "?") for span in spans})
    print()
    print(f"services: {', '.join(services)}")
    print(f"traces: {len(traces)}   messages: {sent}   spans: {len(spans)}   errors: {errors}   dropped: {dropped_in(options.books)}")
    return 0 if spans else 1


if __name__ == "__main__":
    sys.exit(main())
