"""What is compared: bench-client bare, with the least that any instrumentation must do, and under Waybill."""

import json
import subprocess
import sys

from other_side import clean_environment


class Variant:
    """One row of a table: how the client is run. `spans`: the part of the messages that should become spans; None: no Waybill."""

    def __init__(self, name, headers=None, spans=None, client=None, options=(), **variables):
        self.name, self.headers, self.spans, self.variables = name, headers, spans, variables
        self.client, self.options = client or "bench-client", list(options)

    def on_topic(self, topic):
        return Variant(self.name, self.headers, self.spans, self.client, ["--topic", topic], **self.variables)

    def run(self, build, collecting, arguments):
        command = [build / "bin" / self.client, *arguments, *self.options]
        if self.headers:
            command += ["--headers", self.headers]
        environment = clean_environment()
        if self.client == "bench-api":
            environment = clean_environment(WAYBILL_RUNTIME_DIR=str(collecting.runtime), OTEL_EXPORTER_OTLP_ENDPOINT=collecting.url)
        elif self.client != "bench-client":
            environment = clean_environment(OTEL_EXPORTER_OTLP_ENDPOINT=collecting.url)
        elif self.spans is not None:
            environment = clean_environment(
                LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(collecting.runtime),
                OTEL_EXPORTER_OTLP_ENDPOINT=collecting.url, **self.variables,
            )
        spans_before, cpu_before = collecting.spans(), collecting.cpu_ns()
        result = subprocess.run(command, env=environment, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"bin/bench: {self.name}: {result.stderr or result.returncode}")
        figures = json.loads(result.stdout)
        if self.spans is not None:
            expected = figures.get("spans_expected", figures["messages"]) * self.spans
            spans = collecting.wait_for(spans_before + expected) - spans_before
            figures["spans"] = spans
            figures["kept"] = spans / expected if self.spans == 1 else None
            if self.client != "bench-peer":
                figures["collecting_ns"] = (collecting.cpu_ns() - cpu_before) / max(spans, 1)
        return figures


RATIO = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}

PRODUCE = [
    Variant("bare"),
    Variant("constant header, allocated", headers="allocate"),
    Variant("constant header, recycled: the floor", headers="recycle"),
    Variant("Waybill 100 %", spans=1),
    Variant("Waybill 1 %, always injected", spans=0.01, **RATIO),
    Variant("Waybill 1 %, only sampled injected", spans=0.01, WAYBILL_INJECT="sampled", **RATIO),
    Variant("Waybill off (WAYBILL_ENABLED=false)", spans=0, WAYBILL_ENABLED="false"),
]
PEER = Variant("opentelemetry-cpp by hand, 100 %", spans=1, client="bench-peer")

CONSUME = [
    Variant("bare"),
    Variant("one header read: the floor", headers="read"),
    Variant("Waybill 100 %", spans=1),
    Variant("Waybill 1 %, every message has a header", spans=0.01, options=["--sampled", "1"]),
    Variant("Waybill 1 %, only sampled messages have one", spans=0.01, options=["--sampled", "1", "--sampled-only"],
            WAYBILL_INJECT="sampled", **RATIO),
    Variant("Waybill off (WAYBILL_ENABLED=false)", spans=0, WAYBILL_ENABLED="false"),
]


def through_api(name, door, spans=None):
    return Variant(name, spans=spans, client="bench-api", options=["--door", door])


API_PRODUCE = [
    through_api("bare", "none"),
    through_api("waybill::instrument()", "interceptors", spans=1),
    through_api("waybill::Producer::send()", "wrappers", spans=1),
]
API_CONSUME = [
    through_api("bare", "none"),
    through_api("waybill::instrument(): poll spans only", "interceptors", spans=1),
    through_api("the same with waybill::ProcessScope", "scopes", spans=2),
    through_api("waybill::Consumer::poll() and process()", "wrappers", spans=2),
]
