"""Programs that make and destroy clients for ever: their memory stays what it is without Waybill, and spans keep coming."""

from doors import check_books, run_both


def test_one_client_after_another_is_one_program(door, sink, kafka, host):
    """Between them librdkafka unloads the plugin, which must keep what it knows."""
    result = run_both(door, sink, host("two_clients"), kafka.address, kafka.topic())
    assert len(check_books(door, result)["hosts"]) == 1
    assert len(sink.wait_for(20)) == 20


def test_five_thousand_clients_come_and_go(door, sink, kafka, host, tmp_path):
    topic = kafka.topic()
    bare_memory, memory = tmp_path / "bare", tmp_path / "traced"
    result = run_both(
        door, sink, host("many_clients"), kafka.address, topic, bare_variables={"HOST_MEMORY": str(bare_memory)}, HOST_MEMORY=str(memory)
    )
    assert result.stdout == "flush 0\n"
    spans = sink.wait_for(5002, operation="send")
    (books,) = check_books(door, result)["hosts"]
    assert len(spans) == 5002

    # 256 bytes more for each of the 4,000 clients would be 1 MiB; that is also what librdkafka's own figure varies by.
    bare_growth, growth = (int(last) - int(first) for first, last in (path.read_text().split() for path in (bare_memory, memory)))
    assert growth <= max(bare_growth, 0) + 1024

    # The names of so many clients do not fit. What is left out is that name, nothing else, and it is counted.
    names = [span["attributes"].get("messaging.client.id") for span in spans]
    unnamed = names.count(None)
    assert names[0] == names[-1] == "rdkafka"
    named = len(names) - 1 - unnamed
    assert named > 1000
    assert names[1:named] == [f"a-client-of-its-own-{number}" for number in range(1, named)]
    assert books["definitions_dropped"] == unnamed > 0
    assert {span["attributes"]["server.address"] for span in spans} == {"127.0.0.1"}
    assert {span["attributes"]["messaging.destination.name"] for span in spans[:-1]} == {topic}
    assert spans[-1]["attributes"]["messaging.destination.name"] == f"{topic}-new"
