"""Lists of headers that Waybill uses again: never the application's, and never one for two messages."""

import collections

from doors import assert_books_balance, run_bare

ROUNDS, MESSAGES = 5, 4000


def contexts_in(kafka, topic):
    """The value of `traceparent` of every message in the topic; fails if one has two."""
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-p", "0", "-e", "-f", "%s %h\n")
    contexts = {}
    for line in read.stdout.splitlines():
        value, _, headers = line.partition(" ")
        found = [header[12:] for header in headers.split(",") if header.startswith("traceparent=")]
        assert len(found) == 1, line
        contexts[value] = found[0]
    return contexts


def test_every_message_has_a_context_of_its_own_and_delivery_reports_are_the_applications(door, sink, kafka, build):
    program = build / "hosts/host-recycled_lists"
    bare = run_bare(program, kafka.address, kafka.topic())
    topic = kafka.topic()
    traced = door.run(sink, program, kafka.address, topic, *door.host_options, timeout=120)
    # The warm-up message of the second part has no number.
    assert traced.stdout == bare.stdout, traced.stderr
    assert f"delivered {ROUNDS * MESSAGES}," in traced.stdout and "wrong 0" in traced.stdout
    assert traced.returncode == bare.returncode == 0
    spans = sink.wait_for(ROUNDS * MESSAGES + 1001, operation="send")
    assert_books_balance(traced.books if traced.books is not None else door.books())

    sent = {f"00-{span['trace_id']}-{span['span_id']}-03" for span in spans}
    assert len(sent) == len(spans) == ROUNDS * MESSAGES + 1001
    contexts = contexts_in(kafka, topic)
    assert collections.Counter(contexts.values()).most_common(1)[0][1] == 1
    assert set(contexts.values()) <= sent
    assert {str(number) for number in range(1, ROUNDS * MESSAGES + 1)} <= set(contexts)


def test_valgrind_finds_neither_an_error_nor_a_lost_list(preload, sink, kafka, build):
    valgrind = ["valgrind", "-q", "--error-exitcode=77", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                "--child-silent-after-fork=yes"]
    result = preload.run(sink, *valgrind, build / "hosts/host-recycled_lists", kafka.address, kafka.topic(), timeout=300)
    assert result.returncode == 0, result.stderr
    assert "wrong 0" in result.stdout
