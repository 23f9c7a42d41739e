"""Polls that fail, as the C++ API sees them."""

import functools

import pytest


@pytest.fixture
def run(run_beside_collector):
    """Runs a situation of polls.cpp."""
    return functools.partial(run_beside_collector, "api-polls")


def durations(sink):
    points = sink.points("messaging.client.operation.duration", messaging__operation__name="poll")
    assert all(point["attributes"]["messaging.operation.type"] == "receive" for point in points)
    return [(point["attributes"].get("messaging.destination.name"), point["attributes"].get("error.type"), point["count"]) for point in points]


@pytest.mark.parametrize("situation", ["no_offset", "no_offset_in_batch"])
def test_a_poll_that_fails_is_a_span_and_a_log_record(run, sink, situation):
    lines, (topic, _), spans = run(situation, sink)
    (poll,), (error,) = spans, lines  # the polls before it got nothing
    assert (poll["name"], poll["kind"], poll["status"]) == (f"poll {topic}", "CLIENT", "ERROR")
    assert poll["parent_span_id"] == "" and poll["links"] == [] and poll["end_ns"] > poll["start_ns"]
    assert poll["status_message"].startswith("no previously committed offset available")
    attributes = poll["attributes"]
    assert attributes["messaging.operation.type"] == "receive" and attributes["error.type"] == error == "_AUTO_OFFSET_RESET"
    assert attributes["messaging.destination.name"] == topic and attributes["messaging.destination.partition.id"] == "0"
    assert attributes["messaging.consumer.group.name"].startswith("situation-")
    assert not {"messaging.kafka.offset", "messaging.batch.message_count"} & attributes.keys()
    (record,) = sink.logs()
    assert (record["event"], record["severity"], record["span_id"]) == ("messaging.receive.exception", "WARN", poll["span_id"])
    assert record["attributes"]["exception.type"] == error and record["attributes"]["exception.message"] == poll["status_message"]
    assert durations(sink) == [(topic, error, 1)]
    assert sink.points("messaging.client.consumed.messages") == []


def test_a_poll_that_fails_for_no_partition_names_none(request, run, sink):
    if request.config.getoption("--kafka") != "real":
        pytest.skip("the mock cluster makes every topic that it is asked for")
    lines, (topic, _), (poll,) = run("unknown_topic", sink)
    assert lines == ["UNKNOWN_TOPIC_OR_PART"]
    assert poll["name"] == f"poll {topic}-missing" and "messaging.destination.partition.id" not in poll["attributes"]


def test_a_poll_that_fails_for_no_topic_names_none(run, sink):
    lines, _, (poll,) = run("no_group", sink)
    assert lines == ["_UNKNOWN_GROUP"]
    assert poll["name"] == "poll" and poll["attributes"]["error.type"] == "_UNKNOWN_GROUP"
    assert not [name for name in poll["attributes"] if name.startswith("messaging.destination.")]
    assert durations(sink) == [(None, "_UNKNOWN_GROUP", 1)]


def test_a_failed_poll_is_counted_where_it_has_no_span(run, sink):
    _, (topic, _), spans = run("no_offset", sink, WAYBILL_SPANS="send,process")
    assert spans == [] and durations(sink) == [(topic, "_AUTO_OFFSET_RESET", 1)]
