"""The same program with and without Waybill: same output, same exit code, and the spans tell what happened."""

import socket

import pytest
from doors import assert_books_balance, check_books, run_bare, run_both


def test_a_message_that_librdkafka_refuses_ends_exactly_one_span_or_none(door, sink, kafka, host):
    """Queue full and too large call no interceptor; an unknown partition is acknowledged inside the call."""
    result = run_both(door, sink, host("enqueue_fails"), kafka.address, kafka.topic())
    assert "unknown partition -1 _UNKNOWN_PARTITION" in result.stdout
    assert result.stdout.count("_QUEUE_FULL") == 1
    spans = sink.wait_for(4, operation="send")
    check_books(door, result)
    assert len(sink.spans()) == 4  # one of them the warm-up
    assert sorted(span["attributes"].get("error.type", "") for span in spans) == ["", "", "", "_UNKNOWN_PARTITION"]
    failed = next(span for span in spans if span["status"] == "ERROR")
    assert "messaging.kafka.offset" not in failed["attributes"]
    assert failed["attributes"]["waybill.kafka.persistence"] == "not_persisted"


@pytest.fixture
def closed_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{unused.getsockname()[1]}"


def test_messages_that_were_never_acknowledged_end_when_their_producer_is_destroyed(door, sink, closed_port, host):
    """The topic is never resolved, so librdkafka drops the messages without an acknowledgement."""
    result = run_both(door, sink, host("destroy_with_queued"), closed_port, "never-resolved")
    spans = sink.wait_for(5, operation="send")
    check_books(door, result)
    assert len(spans) == 5
    assert {span["attributes"]["error.type"] for span in spans} == {"_DESTROY"}
    assert {span["status"] for span in spans} == {"ERROR"}
    assert all(span["end_ns"] >= span["start_ns"] for span in spans)
    assert all("messaging.destination.partition.id" not in span["attributes"] for span in spans)


def test_messages_that_wait_in_a_known_partition_end_when_their_producer_is_destroyed(door, sink, kafka, host):
    """Their acknowledgement comes after on_destroy."""
    result = run_both(door, sink, host("destroy_with_queued"), kafka.address, kafka.topic())
    spans = sink.wait_for(5, operation="send")
    check_books(door, result)
    assert len(spans) == 5
    assert {span["attributes"]["error.type"] for span in spans} == {"_DESTROY"}


def test_an_applications_own_header_list_is_never_replaced_and_gets_one_context(door, sink, kafka, host):
    """A failed call gives the list back; the repeated call replaces our own context in it."""
    topic = kafka.topic()
    result = run_both(door, sink, host("own_header_list"), kafka.address, topic)
    spans = sink.wait_for(5, operation="send")
    check_books(door, result)
    assert [span["attributes"].get("error.type") for span in spans].count("_UNKNOWN_PARTITION") == 3
    good = [span for span in spans if span["status"] != "ERROR"][1]  # the first is the warm-up
    assert good["kind"] == "PRODUCER" and not good["links"]
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%h\n")
    traced = [line for line in read.stdout.splitlines() if "mine" in line and "traceparent" in line]
    assert traced == [f"mine=1,traceparent=00-{good['trace_id']}-{good['span_id']}-03"]


def test_no_size_of_message_makes_librdkafka_abort(door, sink, kafka, host):
    """What is too close to message.max.bytes goes without a context, counted."""
    result = run_both(door, sink, host("near_message_max_bytes"), kafka.address, kafka.topic())
    taken = int(result.stdout.split()[1])
    spans = sink.wait_for(taken, operation="send")
    books = result.books if result.books is not None else door.books()
    assert_books_balance(books)
    assert len(spans) == taken
    skipped = books["hosts"][0]["injections_skipped"]
    assert skipped > 0
    # A span whose context did not go out is a CLIENT, not a PRODUCER.
    assert sum(1 for span in spans if span["kind"] == "CLIENT") == skipped


def test_a_batch_whose_messages_are_never_librdkafkas_own_does_not_crash(door, sink, kafka, host):
    """The acknowledgement names an element of the application's array."""
    result = run_both(door, sink, host("produce_batch"), kafka.address, kafka.topic())
    assert "failing partitioner: 0 taken" in result.stdout
    books = result.books if result.books is not None else door.books()
    assert_books_balance(books)
    spans = sink.wait_for(42, operation="send")
    assert len(spans) == 42
    errors = [span["attributes"].get("error.type") for span in spans]
    # Two warm-ups and the ten of the second batch that go to partition 0 arrive. Those of the first batch are refused; the
    # other ten of the second are never acknowledged, and the program ends without destroying its client.
    assert (errors.count(None), errors.count("_UNKNOWN_PARTITION"), errors.count("_OTHER")) == (12, 20, 10)
    assert books["hosts"][0]["in_flight"] == 0


def test_an_address_that_is_used_again_belongs_to_the_new_message(door, sink, kafka, host):
    """No two spans share an offset, none is paired wrongly."""
    result = run_both(door, sink, host("address_reuse"), kafka.address, kafka.topic())
    assert "delivered 20000" in result.stdout
    spans = sink.wait_for(20000, operation="send")
    check_books(door, result)
    assert len(spans) == 20000
    keys = {span["attributes"]["messaging.kafka.message.key"] for span in spans}
    assert keys == {str(number) for number in range(1, 20001)}
    places = set()
    for span in spans:
        attributes = span["attributes"]
        number = int(attributes["messaging.kafka.message.key"])
        assert attributes["messaging.destination.partition.id"] == str(number % 4)
        places.add((attributes["messaging.destination.partition.id"], attributes["messaging.kafka.offset"]))
    assert len(places) == 20000


def test_exceptions_and_jumps_of_the_applications_callbacks_pass_through(preload, sink, kafka, host):
    """No wrapper is noexcept, and none keeps a pointer into a stack that is gone."""
    result = run_both(preload, sink, host("exceptions"), kafka.address, kafka.topic())
    assert result.stdout.count("caught from the callback") == 2
    check_books(preload, result)


def test_a_cancelled_thread_unwinds_through_a_poll(preload, sink, kafka, host):
    """Cancellation is a forced unwinding, which must not meet a noexcept function."""
    result = run_both(preload, sink, host("cancelled_thread"), kafka.address, kafka.topic())
    assert "consumer cancelled" in result.stdout
    check_books(preload, result)


def test_clients_and_configurations_come_and_go(door, sink, kafka, host):
    """librdkafka unloads the plugin with each configuration."""
    result = run_both(door, sink, host("plugin_unloaded"), kafka.address, kafka.topic())
    spans = sink.wait_for(21, operation="send")
    check_books(door, result)
    assert len(spans) == 21


def test_the_plugin_in_a_preloaded_program_makes_no_second_span(preload, build, sink, kafka, host):
    """Both doors in one process."""
    result = preload.run(
        sink, host("plugin_unloaded"), kafka.address, kafka.topic(), "-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"
    )
    assert result.returncode == 0, result.stderr
    sink.wait_for(21, operation="send")
    check_books(preload, result)
    assert len(sink.spans()) == 21


def test_valgrind_finds_no_error_in_a_traced_program(preload, sink, kafka, host):
    """Ours are the hooks; librdkafka itself is clean under valgrind with this program."""
    valgrind = ["valgrind", "-q", "--error-exitcode=77", "--leak-check=no", "--child-silent-after-fork=yes"]
    result = preload.run(sink, *valgrind, host("plugin_unloaded"), kafka.address, kafka.topic(), timeout=300)
    assert result.returncode == 0, result.stderr
    assert len(sink.wait_for(21, operation="send")) == 21


def test_a_client_that_cannot_be_made_leaves_its_configuration_to_the_application(preload, sink, kafka, host):
    """librdkafka 2.0.2 frees interceptors twice then, unless they stand on a copy; and 1,100 failures use up no slot.

    (Through the plugin door librdkafka itself crashes here, with any plugin.)"""
    result = run_both(preload, sink, host("failing_new"), kafka.address, kafka.topic())
    assert result.stdout == "flush 0\n"
    assert len(sink.wait_for(1)) == 1
    check_books(preload, result)


def test_a_call_that_seems_to_come_from_elsewhere_reaches_librdkafka_all_the_same(preload, sink, kafka, host):
    """librdkafka is loaded late and RTLD_LOCAL, and called by a jump out of the extension."""
    result = run_both(preload, sink, host("tail_call"), kafka.address, kafka.topic())
    assert result.stdout == "send 0\nflush 0\n"
    (span,) = sink.wait_for(1)
    assert span["status"] == "UNSET"  # the flush reached librdkafka
