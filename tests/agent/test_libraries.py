"""Several librdkafkas in a process, loaded late and RTLD_LOCAL. Calls go to the one that the caller uses."""

from doors import check_books, run_bare, run_both


def test_two_versions_by_turns(door, sink, kafka, wheel, build, root):
    program = [wheel, root / "tests/agent/two_versions/program.py", kafka.address]
    extension = build / "hosts/libtwo_versions_extension.so"
    plugin = [option.removeprefix("plugin.library.paths=") for option in door.host_options if option != "-X"]
    topic = kafka.topic()
    bare = run_bare(*program, kafka.topic(), extension)
    assert bare.stdout == "versions differ: True\nother: 3\nother: 3\nflush: 0\n", bare.stderr
    result = door.run(sink, *program, topic, extension, *plugin)
    assert (result.returncode, result.stdout) == (bare.returncode, bare.stdout), result.stderr
    check_books(door, result)
    consumed = "process" if door.sees_processing else "poll"
    for name, sends, receives in ((topic, 3, 2), (f"{topic}-other", 6, 6)):
        assert len(sink.wait_for(sends, operation="send", topic=name)) == sends
        assert len(sink.wait_for(receives, operation=consumed, topic=name)) == receives
    assert {span["status"] for span in sink.spans()} == {"UNSET"}


def test_a_call_that_seems_to_come_from_elsewhere_reaches_the_library_that_made_the_client(preload, sink, kafka, wheel, build, root):
    topic = kafka.topic()
    program = [wheel, root / "tests/agent/two_versions/jumps.py", kafka.address, topic, build / "hosts/libtail_call_extension.so"]
    bare = run_bare(*program)
    assert bare.stdout == "wheel: 0 0\nother: 0 0 0\n" * 2, bare.stderr
    result = preload.run(sink, *program)
    assert (result.returncode, result.stdout) == (bare.returncode, bare.stdout), result.stderr
    check_books(preload, result)
    assert [span["status"] for span in sink.wait_for(4, operation="send")] == ["UNSET"] * 4


def test_a_signal_handler_that_produces_in_the_middle_of_a_hook(door, sink, kafka, host):
    """It is not observed there, and neither it nor what it interrupted is harmed."""
    topic = kafka.topic()
    result = run_both(door, sink, host("sending_handler"), kafka.address, topic)
    assert result.stdout == "flush 0\nflush of the handler's 0, handled\n"
    check_books(door, result)
    handled = int(result.stderr.split()[-1])
    assert len(sink.wait_for(51, operation="send", topic=topic)) == 51
    of_handler = sink.spans(operation="send", topic=f"{topic}-of-handler")
    assert 0 < len(of_handler) < handled
    assert len({span["span_id"] for span in sink.spans()}) == 51 + len(of_handler)
