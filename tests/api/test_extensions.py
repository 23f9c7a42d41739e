"""Code of the application's that telemetry calls: a sampler."""

import re
import subprocess

import pytest
from doors import environment


@pytest.fixture
def run(build, kafka, sink):
    """Runs a situation of extensions.cpp, where a thread of the program collects; returns its lines, what it says, and the spans."""

    def run_situation(situation, **variables):
        result = subprocess.run(
            [build / "hosts/api-extensions", situation, kafka.address, kafka.topic()],
            env=environment(sink, **variables), capture_output=True, text=True, timeout=120,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.splitlines(), result.stderr, sink.spans()

    return run_situation


def without_topic(lines):
    return [re.sub(r"group-\S+", "group", line) for line in lines]


def test_a_sampler_of_the_application_decides_until_the_shutdown(run):
    lines, said, spans = run("sampler")
    assert lines == ["asked 1000 times"] * 2 and said == ""
    assert len(spans) == 500


def test_a_sampler_sees_what_begins(run):
    lines, _, spans = run("sampler_sees")
    assert without_topic(lines) == ["send checkout-1 - root", "receive rdkafka group root", "process rdkafka group child of a message"]
    assert len(spans) == 3


def test_a_sampler_of_roots_is_not_asked_about_children(run):
    lines, _, spans = run("sampler_of_roots")
    assert without_topic(lines) == ["send checkout-1 - root", "receive rdkafka group root"]
    assert len(spans) == 3


def test_what_a_throwing_sampler_is_asked_about_is_sampled(run):
    lines, said, spans = run("sampler_throws")
    assert lines == [] and len(spans) == 20
    assert said == "waybill: warning: the application's sampler threw: no idea\n"


def test_a_sampler_decides_where_another_process_collects(build, plugin, kafka, sink):
    result = plugin.run(sink, build / "hosts/api-extensions", "sampler", kafka.address, kafka.topic())
    assert result.stdout.splitlines() == ["asked 1000 times", "asked 1010 times"], result.stderr  # nothing was shut down
    assert plugin.books()["exporters"]["exported"] == 505
    assert len(sink.spans()) == 505


def test_a_sampler_that_nobody_gave_samples_everything(build, plugin, kafka, sink):
    result = plugin.run(
        sink, build / "hosts/api-telemetry", "by_environment", kafka.address, kafka.topic(), sink.url,
        OTEL_TRACES_SAMPLER="application",
    )  # fmt: skip
    assert result.returncode == 0 and plugin.books()["exporters"]["exported"] == 3
