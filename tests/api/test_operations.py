"""Operations that only the C++ API sees from begin to end: transactions, commits, and the sending of batches."""

import functools

import pytest
from doors import run_bare


@pytest.fixture
def run(run_beside_collector):
    """Runs a situation of operations.cpp."""
    return functools.partial(run_beside_collector, "api-operations")


def named(spans, operation):
    return [span for span in spans if span["attributes"]["messaging.operation.name"] == operation]


def outcomes(spans):
    return [span["attributes"]["waybill.kafka.transaction.outcome"] for span in named(spans, "transaction")]


def test_a_transaction_is_a_span_and_what_is_sent_in_it_are_its_children(run, sink):
    lines, (_, out), spans = run("committed", sink)
    assert lines == ["done", "_STATE"]
    (transaction,) = named(spans, "transaction")
    assert transaction["name"] == "transaction" and transaction["kind"] == "INTERNAL"
    assert transaction["parent_span_id"] == "" and transaction["status"] == "UNSET"
    assert outcomes(spans) == ["committed"]
    assert "messaging.operation.type" not in transaction["attributes"]
    sent = named(spans, "send")
    assert [span["name"] for span in sent] == [f"send {out}"] * 2
    assert [span["parent_span_id"] for span in sent] == [transaction["span_id"]] * 2
    assert [span["trace_id"] for span in sent] == [transaction["trace_id"]] * 2
    assert transaction["start_ns"] <= min(span["start_ns"] for span in sent)
    assert max(span["start_ns"] for span in sent) <= transaction["end_ns"]


def test_a_transaction_that_is_aborted_has_not_failed(run, sink):
    lines, _, spans = run("aborted", sink)
    assert lines == ["done"]
    assert outcomes(spans) == ["aborted", "aborted"]
    assert [span["status"] for span in named(spans, "transaction")] == ["UNSET"] * 2


def test_an_exception_that_leaves_a_transaction_is_its_error(run, sink):
    lines, _, spans = run("left_by_exception", sink)
    assert lines == ["caught no such customer"]
    (transaction,) = named(spans, "transaction")
    assert outcomes(spans) == ["aborted"]
    assert transaction["status"] == "ERROR" and transaction["attributes"]["error.type"] == "_OTHER"
    assert transaction["status_message"] == "an exception left the scope"


def test_a_commit_that_failed_says_why_the_transaction_was_aborted(run, sink):
    lines, _, spans = run("message_failed", sink)
    assert lines == ["not committed"]
    (transaction,) = named(spans, "transaction")
    assert outcomes(spans) == ["aborted"]
    assert transaction["status"] == "ERROR" and transaction["status_message"]
    (sent,) = named(spans, "send")
    assert sent["attributes"]["error.type"] == "_PURGE_QUEUE" and sent["parent_span_id"] == transaction["span_id"]


def test_of_a_producer_that_was_fenced_the_outcome_is_not_known(request, run, sink):
    if request.config.getoption("--kafka") != "real":
        pytest.skip("the mock cluster fences nobody")
    lines, _, spans = run("fenced", sink)
    assert lines == ["not committed"]
    (transaction,) = named(spans, "transaction")
    assert outcomes(spans) == ["unknown"]
    assert transaction["status"] == "ERROR"
    assert transaction["attributes"]["error.type"] in ("_FENCED", "INVALID_PRODUCER_EPOCH", "_FATAL")


def test_a_transaction_in_processing_is_its_child(run, sink):
    _, (_, out), spans = run("within_processing", sink)
    (transaction,), (processed,) = named(spans, "transaction"), named(spans, "process")
    assert transaction["parent_span_id"] == processed["span_id"]
    within, afterwards = [span for span in named(spans, "send") if span["name"] == f"send {out}"]
    assert within["parent_span_id"] == transaction["span_id"] and within["links"] == []
    assert afterwards["parent_span_id"] == "" and afterwards["links"] == []


def test_what_processing_in_a_transaction_sends_is_its_child_and_linked_to_the_transaction(run, sink):
    _, (_, out), spans = run("around_processing", sink)
    (transaction,), (processed,) = named(spans, "transaction"), named(spans, "process")
    assert transaction["parent_span_id"] == ""
    (sent,) = [span for span in named(spans, "send") if span["name"] == f"send {out}"]
    assert sent["parent_span_id"] == processed["span_id"]
    assert [link["span_id"] for link in sent["links"]] == [transaction["span_id"]]


def test_without_its_kind_there_is_no_transaction(run, sink):
    _, _, spans = run("committed", sink, WAYBILL_SPANS="send,process")
    assert named(spans, "transaction") == []
    assert [span["parent_span_id"] for span in named(spans, "send")] == [""] * 2


def durations(sink, topic):
    """How many commits of each error are counted."""
    points = sink.points("messaging.client.operation.duration", messaging__operation__name="commit", messaging__destination__name=topic)
    assert all(point["attributes"]["messaging.operation.type"] == "settle" for point in points)
    return {point["attributes"].get("error.type", ""): point["count"] for point in points}


def test_a_commit_is_a_child_of_the_processing_that_it_settles(run, sink):
    lines, (topic, _), spans = run("commits", sink)
    assert lines == ["done"] * 3
    commits, processed = named(spans, "commit"), named(spans, "process")
    assert [span["parent_span_id"] for span in commits] == [span["span_id"] for span in processed]
    assert [span["trace_id"] for span in commits] == [span["trace_id"] for span in processed]
    assert {(span["name"], span["kind"], span["status"]) for span in commits} == {(f"commit {topic}", "CLIENT", "UNSET")}
    assert all(span["links"] == [] for span in commits)
    assert [span["attributes"].get("messaging.kafka.offset") for span in commits] == [None, 1, 2]
    for span in commits[1:]:
        attributes = span["attributes"]
        assert attributes["messaging.operation.type"] == "settle" and attributes["messaging.destination.name"] == topic
        assert attributes["messaging.destination.partition.id"] == "0"
        assert attributes["messaging.consumer.group.name"].startswith("situation-")
    assert durations(sink, topic) == {"": 3}


def test_a_commit_settles_what_was_stored(run, sink):
    lines, _, spans = run("stored", sink)
    assert lines == ["done", "_NO_OFFSET"]
    (processed,), (commit,) = named(spans, "process"), named(spans, "commit")
    assert commit["parent_span_id"] == processed["span_id"]


def test_a_commit_does_not_settle_what_was_stored_for_a_partition_that_is_gone(run, sink):
    lines, (_, out), spans = run("stored_and_revoked", sink)
    assert lines == ["done"]
    (commit,) = named(spans, "commit")
    (processed,) = [span for span in named(spans, "process") if span["name"] == f"process {out}"]
    assert commit["name"] == f"commit {out}" and commit["parent_span_id"] == processed["span_id"] and commit["links"] == []


def test_a_commit_of_a_batch_is_a_child_of_its_processing(run, sink):
    lines, _, spans = run("batch_committed", sink)
    assert lines == ["done"]
    (processed,), (commit,) = named(spans, "process"), named(spans, "commit")
    assert commit["parent_span_id"] == processed["span_id"] and commit["links"] == []


def test_a_commit_of_which_nobody_knows_the_processing_is_counted_and_has_no_span(run, sink):
    lines, (topic, _), spans = run("without_processing", sink)
    assert lines[0] == "done"
    assert named(spans, "commit") == []
    assert durations(sink, topic) == {"": lines.count("done")}


def test_a_commit_that_failed_says_why(run, sink):
    lines, (topic, _), spans = run("commit_failed", sink)
    (commit,), (error,) = named(spans, "commit"), lines
    assert error != "done"
    assert commit["status"] == "ERROR" and commit["attributes"]["error.type"] == error and commit["status_message"]
    assert durations(sink, topic) == {error: 1}


def test_offsets_that_go_into_a_transaction_are_a_commit_in_it(run, sink):
    lines, (topic, _), spans = run("offsets_in_transaction", sink)
    assert lines == ["done", "done"]
    (transaction,), (commit,), (processed,) = (named(spans, name) for name in ("transaction", "commit", "process"))
    assert commit["name"] == f"commit {topic}" and commit["parent_span_id"] == transaction["span_id"]
    assert [link["span_id"] for link in commit["links"]] == [processed["span_id"]]
    assert commit["attributes"]["messaging.consumer.group.name"].startswith("situation-")
    assert durations(sink, topic) == {"": 1}


def test_without_their_kind_commits_are_only_counted(run, sink):
    _, (topic, _), spans = run("commits", sink, WAYBILL_SPANS="send,process")
    assert named(spans, "commit") == []
    assert durations(sink, topic) == {"": 3}


def batch_of(spans):
    """The send span of the batch."""
    (batch,) = [span for span in named(spans, "send") if "messaging.batch.message_count" in span["attributes"]]
    return batch


def test_a_batch_has_a_span_for_each_message_and_one_that_is_linked_to_them(run, sink):
    lines, (topic, out), spans = run("batch", sink)
    assert lines == ["done"] * 3 + ["0", "1", "2"]
    created, batch = named(spans, "create"), batch_of(spans)
    assert {(span["name"], span["kind"], span["parent_span_id"], span["status"]) for span in created} == {(f"create {out}", "PRODUCER", "", "UNSET")}
    assert len({span["trace_id"] for span in spans}) == 5
    assert batch["name"] == f"send {out}" and batch["kind"] == "CLIENT" and batch["parent_span_id"] == ""
    assert batch["attributes"]["messaging.batch.message_count"] == 3
    assert [link["span_id"] for link in batch["links"]] == [span["span_id"] for span in created]
    assert [span["attributes"]["messaging.kafka.message.key"] for span in created] == ["one", "two", "three"]
    for span in created:
        attributes = span["attributes"]
        assert attributes["messaging.operation.type"] == "create" and attributes["messaging.destination.partition.id"] == "0"
        assert not {"messaging.kafka.offset", "messaging.client.id", "messaging.batch.message_count"} & attributes.keys()
        # Not their ends: librdkafka counts a message's time from before on_send, and its span's from there.
        assert batch["start_ns"] <= span["start_ns"]
    (alone,) = [span for span in named(spans, "send") if span is not batch]
    assert alone["name"] == f"send {topic}" and alone["kind"] == "PRODUCER"


def test_what_is_wrong_with_one_message_of_a_batch_is_said_of_that_message(run, sink):
    lines, (topic, out), spans = run("batch_in_part", sink)
    assert lines == ["done", "MSG_SIZE_TOO_LARGE", "_UNKNOWN_PARTITION", "done"]
    created, batch = named(spans, "create"), batch_of(spans)
    assert [span["attributes"].get("error.type") for span in created] == [None, "MSG_SIZE_TOO_LARGE", "_UNKNOWN_PARTITION", None]
    assert [span["name"] for span in created] == [f"create {out}"] * 3 + [f"create {topic}"]
    assert batch["name"] == "send" and "messaging.destination.name" not in batch["attributes"]
    assert batch["status"] == "ERROR" and batch["attributes"]["error.type"] == "MSG_SIZE_TOO_LARGE"
    assert batch["status_message"].startswith("2 of 4 messages failed, the first: ")


def test_what_becomes_of_a_batch_is_said_when_its_last_message_is_reported(run, sink):
    lines, _, spans = run("batch_purged", sink)
    assert lines == ["done"] * 2
    assert [span["attributes"]["error.type"] for span in named(spans, "create")] == ["_PURGE_QUEUE"] * 2
    assert batch_of(spans)["attributes"]["error.type"] == "_PURGE_QUEUE"


def test_a_batch_in_processing_is_its_child(run, sink):
    _, _, spans = run("batch_in_processing", sink)
    (processed,) = named(spans, "process")
    assert [span["parent_span_id"] for span in [*named(spans, "create"), batch_of(spans)]] == [processed["span_id"]] * 3


def test_a_batch_of_a_wrapped_producer_ends_with_the_call(run, sink):
    lines, _, spans = run("batch_wrapped", sink)
    assert lines == ["done", "done", "_INVALID_ARG"]
    assert len(named(spans, "create")) == 2 and batch_of(spans)["attributes"]["messaging.batch.message_count"] == 2


def test_a_batch_whose_context_went_out_with_no_message_is_of_a_client(run, sink):
    lines, _, spans = run("batch_without_context", sink, WAYBILL_SPANS="send")
    (batch,) = spans
    assert lines == ["done", "done"] and batch["kind"] == "CLIENT"
    assert [link["span_id"] for link in batch["links"]] == ["b" * 16]


def test_without_create_spans_the_context_of_the_send_goes_out(run, sink, kafka):
    _, (_, out), spans = run("batch_in_processing", sink, WAYBILL_SPANS="send,process")
    assert named(spans, "create") == []
    batch = batch_of(spans)
    assert batch["kind"] == "PRODUCER" and batch["links"] == []
    (processed,) = named(spans, "process")
    assert batch["parent_span_id"] == processed["span_id"]
    headers = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", out, "-e", "-f", "%h\n").stdout.split()
    assert len(headers) == 2 and all(f"-{batch['span_id']}-" in line for line in headers)
