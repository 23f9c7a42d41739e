"""Metrics when the collecting process dies and comes again."""

import subprocess

import pytest
from collecting import wait_until
from doors import environment


def sums_of(sink, name):
    return [(point["time_ns"], point["start_ns"], point["value"]) for point in sink.points(name)]


def counted(sink, temporality):
    values = [value for _, _, value in sums_of(sink, "messaging.client.sent.messages")]
    return sum(values) if temporality == "delta" else max(values, default=0)


@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_no_message_is_counted_twice_or_lost_when_the_collecting_process_is_killed(
    collecting, sink, kafka, build, host, temporality
):
    topic = kafka.topic()
    variables = environment(
        sink, WAYBILL_RUNTIME_DIR=str(collecting.runtime), OTEL_METRIC_EXPORT_INTERVAL="100", OTEL_TRACES_EXPORTER="none",
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=temporality,
    )
    collecting.start()
    program = subprocess.Popen(
        ["kcat", "-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}", "-b", kafka.address, "-P", "-t", topic, "-l", "/dev/stdin"],
        stdin=subprocess.PIPE, text=True, env=variables,
    )
    sent = told = 0
    for kill in range(4):
        lines = 250 + kill
        program.stdin.write("message\n" * lines)
        program.stdin.flush()
        sent += lines
        wait_until(lambda told=told: counted(sink, temporality) > told, "another export")
        # What was exported in the last moments before a kill would be told again: so after exports of nothing new.
        requests = len(sink.metric_requests())
        wait_until(lambda requests=requests: len(sink.metric_requests()) >= requests + 5, "more exports")
        told = counted(sink, temporality)
        collecting.kill()
        collecting.start()
    program.stdin.close()
    assert program.wait(30) == 0
    collecting.end()
    points = sums_of(sink, "messaging.client.sent.messages")
    values = [value for _, _, value in points]
    if temporality == "cumulative":
        assert len({start for _, start, _ in points}) == 1
        assert values == sorted(values)
        assert values[-1] == sent
    else:
        assert sum(values) == sent
        assert all(value >= 0 for value in values)
