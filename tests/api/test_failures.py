"""What the C++ API sees and no interceptor does: messages that are not taken, and how processing ends."""

import functools

import pytest


@pytest.fixture
def run(run_beside_collector):
    """Runs a situation of failures.cpp."""
    return functools.partial(run_beside_collector, "api-failures")


def of(spans, operation):
    return [span for span in spans if span["attributes"].get("messaging.operation.type") == operation]


def test_a_full_queue_gives_a_span_of_its_own_to_the_message_that_found_no_place(run, sink):
    lines, (topic, _), spans = run("queue_full", sink)
    assert lines == ["done", "_QUEUE_FULL", "1 report"]
    (taken,) = [span for span in spans if span["status"] != "ERROR"]
    (refused,) = [span for span in spans if span["status"] == "ERROR"]
    assert taken["kind"] == "PRODUCER" and refused["kind"] == "CLIENT"  # its context went nowhere
    assert refused["name"] == f"send {topic}"
    assert refused["attributes"]["error.type"] == "_QUEUE_FULL"
    assert refused["attributes"]["messaging.kafka.message.key"] == "key"
    assert refused["attributes"]["waybill.kafka.persistence"] == "not_persisted"
    assert "messaging.kafka.offset" not in refused["attributes"]
    assert "messaging.destination.partition.id" not in refused["attributes"]


@pytest.mark.parametrize("situation, error", [
    ("too_large", "MSG_SIZE_TOO_LARGE"), ("unknown_partition", "_UNKNOWN_PARTITION"),
    ("purged", "_PURGE_QUEUE"), ("destroyed", "_PURGE_QUEUE"),
])  # fmt: skip
def test_what_is_refused_or_given_up_ends_one_span_with_its_reason(run, sink, situation, error):
    lines, _, spans = run(situation, sink)
    assert lines == [error]
    failed = [span for span in spans if span["status"] == "ERROR"]
    assert [span["attributes"]["error.type"] for span in failed] == [error]
    assert len(spans) == (2 if situation == "unknown_partition" else 1)


def test_refused_messages_are_counted_as_attempts_with_their_error(build, plugin, kafka, sink):
    topic = kafka.topic()
    plugin.run(sink, build / "hosts/api-failures", "queue_full", kafka.address, topic, topic, OTEL_TRACES_SAMPLER="always_off")
    plugin.stop()
    points = sink.points("messaging.client.sent.messages", messaging__destination__name=topic)
    assert sorted((point["attributes"].get("error.type", ""), point["value"]) for point in points) == [("", 1), ("_QUEUE_FULL", 1)]


def test_an_exception_of_a_callback_leaves_the_call_that_served_it(run, sink):
    lines, _, spans = run("throwing_callback", sink)
    assert lines == ["3 reports, thrown: yes"]
    assert len(spans) == 3


def test_an_exception_of_a_callback_leaves_the_end_of_its_transaction(run, sink):
    lines, _, spans = run("throwing_in_transaction", sink)
    assert lines == ["commit: thrown", "after it: it has ended", "abort: thrown", "destructor: nothing", "poll: thrown"]
    assert len(of(spans, "send")) == 6


def test_an_exception_passes_through_and_makes_its_processing_fail(run, sink):
    lines, (topic, _), spans = run("throwing_handler", sink)
    assert lines == ["caught no such customer", "caught 42"]
    (sent,) = of(spans, "send")
    processed = sorted(of(spans, "process"), key=lambda span: span["start_ns"])
    assert [span["parent_span_id"] for span in processed] == [sent["span_id"]] * 4
    assert [span["attributes"]["error.type"].rsplit("::")[-1] for span in processed] == ["Refused", "_OTHER", "_OTHER", "card_declined"]
    assert [span["status"] for span in processed] == ["ERROR"] * 4
    assert [span["status_message"] for span in processed] == [
        "no such customer", "an exception left the scope", "", "card 4711 was declined",
    ]  # fmt: skip
    records = {record["span_id"]: record for record in sink.logs(topic=topic)}
    assert records.keys() == {span["span_id"] for span in processed} and len(sink.logs(topic=topic)) == 4
    for span in processed:
        record = records[span["span_id"]]
        assert (record["event"], record["severity"]) == ("messaging.process.exception", "ERROR")
        assert (record["trace_id"], record["time_ns"]) == (span["trace_id"], span["end_ns"])
        assert record["attributes"]["exception.type"] == span["attributes"]["error.type"]
        assert record["attributes"].get("exception.message", "") == span["status_message"]
    points = sink.points("messaging.process.duration", messaging__destination__name=topic)
    counts = {point["attributes"]["error.type"].rsplit("::")[-1]: point["count"] for point in points}
    assert counts == {"Refused": 1, "_OTHER": 2, "card_declined": 1}


def test_a_place_without_a_message_is_passed_over(run, sink):
    lines, _, spans = run("moved_away", sink)
    assert lines == ["processed"]
    (processed,) = of(spans, "process")
    assert len(processed["links"]) == 1


def test_scopes_within_a_batch_are_its_children(run, sink):
    _, (topic, out), spans = run("nested", sink)
    batch = next(span for span in of(spans, "process") if "messaging.batch.message_count" in span["attributes"])
    single = [span for span in of(spans, "process") if span is not batch]
    sent = [span for span in of(spans, "send") if span["name"] == f"send {topic}"]
    assert batch["parent_span_id"] == "" and batch["attributes"]["messaging.batch.message_count"] == 2
    assert sorted(link["span_id"] for link in batch["links"]) == sorted(span["span_id"] for span in sent)
    assert [span["parent_span_id"] for span in single] == [batch["span_id"]] * 2
    assert all(span["flags"] & 0x300 == 0x100 for span in single)  # the parent is of this process
    assert sorted(link["span_id"] for span in single for link in span["links"]) == sorted(span["span_id"] for span in sent)
    sent_out = [span for span in of(spans, "send") if span["name"] == f"send {out}"]
    expected = [span["span_id"] for span in single] + [batch["span_id"], ""]
    assert sorted(span["parent_span_id"] for span in sent_out) == sorted(expected)


def test_processing_on_another_thread_is_current_there_and_nowhere_else(run, sink):
    lines, (_, out), spans = run("other_thread", sink)
    assert lines == ["1 headers there", "0 headers here"]
    (processed,) = of(spans, "process")
    sent_out = [span["parent_span_id"] for span in of(spans, "send") if span["name"] == f"send {out}"]
    assert sorted(sent_out) == sorted(["", processed["span_id"]])


def test_what_is_current_is_the_innermost_scope_that_has_not_ended(run, sink):
    lines, _, spans = run("any_order", sink)
    ids = [line.rsplit(" ", 1)[1] for line in lines]
    outermost, inner = ids[:2]
    assert ids == [outermost, inner, inner, outermost, "none"] and outermost != inner
    processed = {span["span_id"]: span for span in of(spans, "process")}
    middle = processed[inner]["parent_span_id"]
    assert set(processed) == {outermost, middle, inner}
    assert processed[middle]["parent_span_id"] == outermost


def test_a_context_that_came_by_another_way_is_the_parent_of_what_happens_within_it(run, sink):
    _, (_, out), spans = run("other_way", sink)
    (processed,) = of(spans, "process")
    assert (processed["trace_id"], processed["parent_span_id"]) == ("a" * 32, "b" * 16)
    assert processed["flags"] & 0x300 == 0x300  # the parent is of another process
    (first,) = [span for span in of(spans, "send") if span["name"] != f"send {out}"]
    assert [link["span_id"] for link in processed["links"]] == [first["span_id"]]
    sent_out = [span for span in of(spans, "send") if span["name"] == f"send {out}"]
    assert sorted(span["parent_span_id"] for span in sent_out) == sorted(["b" * 16, processed["span_id"], ""])
    assert all(span["trace_id"] == "a" * 32 for span in sent_out if span["parent_span_id"])


def test_baggage_can_be_read_within_the_scope_of_its_message(run, sink):
    lines, _, _ = run("baggage", sink)
    assert lines == [
        "tenant: none", "tenant: acme & sons", "user: alice", "ttl: none", "long: 700",
        "tenant: other", "user: none", "broken: 3", "5 oth", "-1 .", "5", "tenant: none",
    ]  # fmt: skip


def test_baggage_is_not_read_where_it_is_not_among_the_propagators(run, sink):
    lines, _, _ = run("baggage", sink, OTEL_PROPAGATORS="tracecontext")
    assert {line for line in lines if line.startswith(("tenant", "user"))} == {"tenant: none", "user: none"}


def test_scopes_and_clients_may_end_in_any_order(run, sink):
    lines, (_, out), spans = run("lifetimes", sink)
    assert lines == ["done"]
    assert len(of(spans, "process")) == 5
    inner = next(span for span in of(spans, "process") if span["parent_span_id"] in {one["span_id"] for one in of(spans, "process")})
    sent_out = {span["parent_span_id"] for span in of(spans, "send") if span["name"] == f"send {out}"}
    assert sent_out == {"", inner["span_id"]}


def test_two_threads_send_with_one_producer(run, sink):
    lines, _, spans = run("two_threads", sink)
    assert lines == ["1000 reports"]
    assert len({span["span_id"] for span in spans}) == 1000


def test_a_property_that_librdkafka_does_not_know_is_named(run, sink):
    lines, _, _ = run("wrong_property", sink)
    assert lines == ['no.such.property: No such configuration property: "no.such.property"']


def test_a_client_that_librdkafka_refuses_late_harms_nothing(run, sink):
    lines, _, spans = run("late_failure", sink)
    assert lines == ["not made"] * 3
    assert len(spans) == 1


def test_every_message_has_its_report_where_it_can_have_one(run, sink):
    lines, _, _ = run("reports_of_errors_only", sink)
    assert lines == ["reported", "_INVALID_ARG"]
