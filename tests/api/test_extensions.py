"""Code of the application's that telemetry calls: a sampler, what gives attributes, and exporters."""

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


def test_a_sampler_goes_with_its_telemetry(run):
    lines, said, _ = run("sampler_goes")
    assert lines == ["asked 10 times, held 1 times"] * 3 and said == ""


def test_a_sampler_sees_what_begins(run):
    lines, _, spans = run("sampler_sees")
    assert without_topic(lines) == ["send checkout-1 - root", "receive rdkafka group root", "process rdkafka group child of a message"]
    assert len(spans) == 3


def test_a_sampler_is_asked_about_a_batch_and_each_of_its_messages(run):
    lines, _, spans = run("sampler_sees_batch")
    assert lines == ["send checkout-1 - root"] * 3
    assert sorted(span["attributes"]["messaging.operation.name"] for span in spans) == ["create", "create", "send"]


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


def own(span):
    return {name: value for name, value in span["attributes"].items() if name.startswith("app.")}


def test_attributes_of_the_application_stand_on_the_spans_of_its_messages(run, kafka):
    _, said, spans = run("attributes")
    assert said == ""
    whole, bare = [span for span in spans if span["name"].startswith("send")]
    topic = whole["attributes"]["messaging.destination.name"]
    given = {
        "app.topic": topic, "app.key": "key", "app.value": "2 apples", "app.tenant": "eu", "app.outgoing": True,
        "app.literal": "text", "app.count": 7, "app.share": 0.5,
    }  # fmt: skip
    assert own(whole) == given and whole["attributes"]["messaging.system"] == "kafka"
    assert own(bare) == {**given, "app.key": "none", "app.value": "none"}
    incoming = [span for span in spans if not span["name"].startswith("send")]
    assert len(incoming) == 2
    for span in incoming:
        assert own(span)["app.outgoing"] is False and own(span)["app.tenant"] == "eu"
    assert [span["dropped_attributes_count"] for span in spans] == [1] * 4  # messaging.system


def test_a_message_that_is_refused_has_them_too(run):
    lines, _, spans = run("attributes_of_refused")
    assert lines == ["_QUEUE_FULL"]
    (refused,) = [span for span in spans if span["attributes"].get("error.type") == "_QUEUE_FULL"]
    assert own(refused)["app.value"] == "3 pears" and own(refused)["app.tenant"] == "eu"


def test_what_throws_keeps_what_it_gave_and_is_not_called_after_the_shutdown(run):
    lines, said, spans = run("attributes_throw")
    assert lines == ["called 200 times"]
    assert {span["attributes"]["app.call"] for span in spans} == set(range(200))
    assert said == "waybill: warning: the application's extractor of attributes threw: no idea\n"


def test_what_does_not_fit_is_counted(run):
    (span,) = run("many_attributes")[2]
    assert own(span) == {f"app.{number}": number for number in range(32)}
    assert span["dropped_attributes_count"] == 8


def test_they_come_before_captured_headers_and_count_among_the_limits(run):
    for limits, dropped in [({}, 1), ({"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "2"}, 1)]:
        _, _, spans = run("attributes", WAYBILL_CAPTURE_HEADERS_INCLUDE="*", **limits)
        span = [span for span in spans if span["name"].startswith("se")][-2]
        assert span["attributes"]["messaging.header.tenant"] == ["us", "eu"]
        assert own(span)["app.literal"] == ("te" if limits else "text")
        assert span["dropped_attributes_count"] == dropped


def test_a_message_that_is_not_recorded_is_not_shown(run):
    lines, _, spans = run("attributes_of_unsampled")
    assert lines == ["called 0 times"] and spans == []


def test_attributes_come_where_another_process_collects(build, plugin, kafka, sink):
    result = plugin.run(sink, build / "hosts/api-extensions", "many_attributes", kafka.address, kafka.topic())
    assert result.returncode == 0, result.stderr
    plugin.stop()
    assert own(sink.spans()[0])["app.31"] == 31


def test_an_exporter_of_the_application_gets_what_others_get(run):
    lines, said, spans = run("exporter", WAYBILL_CAPTURE_HEADERS_INCLUDE="tenant", OTEL_TRACES_EXPORTER="zipkin")
    assert said == "" and lines[-3:] == ["flushed: yes", "shut down", "shut down: yes"]
    assert len(spans) == 3
    heads = {line.split()[1]: line for line in lines if line[0] != " " and " status=" in line}
    kinds = {"CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
    for span in spans:
        parent = span["parent_span_id"] or "0" * 16
        remote = " (of a message)" if span["name"].startswith("process") else ""
        assert heads[span["span_id"]] == (
            f"{span['trace_id']} {span['span_id']} {kinds[span['kind']]} parent={parent}{remote}"
            f" links={len(span['links'])} lasted status=0 flags=3"
        )
    sent = next(span for span in spans if span["kind"] == "PRODUCER")
    at = lines.index(heads[sent["span_id"]])
    assert lines[at + 1 : at + 3] == ["  messaging.system=kafka", "  messaging.kafka.offset=0"]
    assert float(lines[at + 3].split("=")[1]) >= 0
    assert lines[at + 4 : at + 7] == ["  messaging.header.tenant=[us][eu]", "  app.outgoing=true", "  checkout waybill.kafka versioned"]


def test_several_exporters_are_enough_and_end_with_the_telemetry(run):
    lines, said, spans = run("exporters_alone")
    assert lines == ["flushed: yes", "1000 and 1000 spans", "shut down: yes", "1000 and 1000 spans, 1 and 1 ends"]
    assert said == "" and spans == []


def test_what_an_exporter_does_not_take_is_lost_for_it_alone(run):
    lines, said, spans = run("exporter_fails", OTEL_BSP_SCHEDULE_DELAY="60000")
    assert lines == ["flushed: no"] * 3 + ["got 15"]
    assert "no spans get to the application's exporter: it threw no idea; they are dropped and counted" in said
    assert "15 of 15 spans for the application's exporter were lost: 0 not answered, 15 refused, 0 beyond the queue" in said
    assert len(spans) == 15


def test_an_exporter_that_hangs_holds_nobody_up(run):
    lines, said, spans = run("exporter_hangs")
    assert lines == ["flushed: no", "shut down: no", "got 1, told the end 0 times"]
    assert "1001 of 1001 spans for the application's exporter were lost: 1001 not answered" in said
    assert len(spans) == 1001


def test_an_exporter_cannot_be_where_another_process_collects(run):
    lines, _, _ = run("exporter_outside")
    assert lines == [
        "an exporter that the application wrote gets spans only where a thread of this process collects; collect_in_process() asks for one",
        "the application's exporter: there is none, only a null pointer",
    ]
