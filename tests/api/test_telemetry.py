"""Where telemetry goes when the application says it in C++, and a thread of its own collects."""

import os
import subprocess

import pytest
from doors import environment


@pytest.fixture
def run(build, kafka, sink):
    """Runs a situation of telemetry.cpp; returns its lines, what it says on stderr, and the spans that have come."""

    def run_situation(situation, **variables):
        variables = environment(None, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, **variables)
        result = subprocess.run(
            [build / "hosts/api-telemetry", situation, kafka.address, kafka.topic(), sink.url],
            env=variables, capture_output=True, text=True, timeout=120,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.splitlines(), result.stderr, sink.spans()

    return run_situation


def test_the_environment_says_all_that_is_needed(run):
    _, said, spans = run("by_environment", OTEL_SERVICE_NAME="checkout")
    assert said == ""
    assert len(spans) == 3 and {span["resource"]["service.name"] for span in spans} == {"checkout"}


def test_a_builder_says_more_than_the_environment(run, sink):
    lines, said, spans = run("by_builder", OTEL_SERVICE_NAME="other", OTEL_PROPAGATORS="none", OTEL_TRACES_EXPORTER="zipkin")
    assert lines == ["flushed: yes", "shut down: yes", "again: yes"]
    assert said == ""
    assert len(spans) == 5  # and nothing of what was sent after the shutdown
    assert {span["resource"]["service.name"] for span in spans} == {"checkout"}
    assert {span["resource"]["deployment.environment.name"] for span in spans} == {"a, b=c"}
    for request in sink.requests():
        assert request["headers"]["x-team"] == "a, b"
    counted = sink.points("messaging.client.sent.messages")
    assert max(point["value"] for point in counted) == 5


def test_what_is_registered_ends_with_the_program(run):
    assert len(run("global")[2]) == 4


def test_rules_decide_in_process_too(run, sink):
    assert run("sampled")[2] == []
    assert max(point["value"] for point in sink.points("messaging.client.sent.messages")) == 4


def test_a_wrong_setting_is_an_error_that_names_it(run):
    lines, _, _ = run("wrong")
    for line, start in zip(lines, [
        'OTEL_TRACES_SAMPLER_ARG: "2" is not a number from 0 to 1', "OTEL_NO_SUCH_THING: there is no such setting",
        "otlp: there can be one exporter of a kind", 'WAYBILL_KEEP: "everything" is not one of',
        "the settings have 4", "made",
    ], strict=True):  # fmt: skip
        assert line.startswith(start), lines


def test_settings_have_their_room_beside_properties_of_the_plugin(run, build):
    lines, _, spans = run("with_plugin_properties", API_TELEMETRY_PLUGIN=str(build / "lib/libwaybill-plugin.so"))
    assert lines == ["made"]
    assert [len(span["resource"]["long"]) for span in spans] == [3100]


@pytest.mark.parametrize("is_there", [True, False], ids=["recorded", "not recorded"])
def test_telemetry_has_the_clients_that_are_made_after_it(run, tmp_path, is_there):
    runtime = tmp_path / "runtime"
    if is_there:
        runtime.mkdir(mode=0o700)
    lines, _, spans = run("after_clients", WAYBILL_RUNTIME_DIR=str(runtime))
    assert lines == ["made"] and len(spans) == 2


def test_a_flush_sends_all_of_a_burst(build, kafka, counting_sink):
    result = subprocess.run(
        [build / "hosts/api-telemetry", "burst", kafka.address, kafka.topic(), counting_sink.url],
        env=environment(None), capture_output=True, text=True, timeout=120,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "flushed: yes\n", "")
    assert counting_sink.received() == 50_000


@pytest.mark.skipif(os.environ.get("WAYBILL_SANITIZE", "") != "", reason="sanitizers take threads of a forked child for those of its parent")
def test_a_childs_clients_are_collected_by_its_parent(run):
    lines, said, spans = run("forked")
    assert lines == ["child flushes: no", "child ended with 0"] and said == ""
    assert len(spans) == 4


def test_what_cannot_be_sent_in_time_is_told(run):
    lines, said, _ = run("unreachable")
    assert lines == ["flushed: no", "shut down: no"]
    assert "3 of 3 spans for http://127.0.0.1:1/v1/traces were lost" in said


def test_where_another_process_collects_no_thread_does(build, plugin, kafka, sink):
    result = plugin.run(sink, build / "hosts/api-telemetry", "by_builder", kafka.address, kafka.topic(), sink.url)
    assert result.stdout.splitlines() == ["flushed: yes", "shut down: yes", "again: yes"]
    assert plugin.books()["exporters"]["exported"] == 10  # nothing was shut down
    assert {span["resource"]["service.name"] for span in sink.spans()} == {"checkout"}


def test_a_program_without_waybills_libraries_beside_it_runs_untraced(build, kafka, sink, tmp_path):
    for name in ("libwaybill.so.0",):
        (tmp_path / name).write_bytes((build / "lib" / name).read_bytes())
    result = subprocess.run(
        [build / "hosts/api-telemetry", "after_clients", kafka.address, kafka.topic(), sink.url],
        env=environment(sink, LD_LIBRARY_PATH=str(tmp_path)), capture_output=True, text=True, timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"libwaybill-plugin.so is not beside libwaybill.so in {tmp_path}"), result.stdout
    assert "a Kafka client is not traced" in result.stderr
