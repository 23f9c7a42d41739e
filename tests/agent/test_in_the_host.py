"""What belongs to the program and its threads is as it would be without Waybill."""

import shutil

import pytest
from doors import check_books, run_bare, run_both
from rooms import assert_said_once, said


def test_a_thread_is_cancelled_inside_produce(door, sink, kafka, host):
    """Only deferred cancellation: asynchronous cancellation inside librdkafka is undefined without Waybill already."""
    result = run_both(door, sink, host("cancelled_produce"), kafka.address, kafka.topic())
    assert result.stdout == "cancelled after 1 calls of the partitioner\nflush 0\n"
    check_books(door, result)
    # The warm-up, the other client's, and the one whose call never returned: it was handed to librdkafka all the same.
    assert [span["attributes"].get("waybill.unfinished") for span in sink.wait_for(3)].count(True) == 1


def test_eleven_thousand_short_threads(preload, sink, kafka, host):
    result = run_both(preload, sink, host("short_threads"), kafka.address, kafka.topic(), same_topic=False)
    (books,) = check_books(preload, result)["hosts"]
    sent = sink.wait_for(10000, operation="send")
    processed = sink.wait_for(1000, operation="process")
    assert (len(sent), len(processed), books["in_flight"]) == (10000, 1000, 0)
    assert {span["attributes"]["messaging.kafka.message.key"] for span in sent} == {str(number) for number in range(10000)}
    assert len({span["trace_id"] for span in sent}) == 10000
    assert len({span["span_id"] for span in sent + processed}) == 11000


def test_errno_signal_mask_locale_and_rounding_are_as_before(door, sink, kafka, host):
    """After each call that is seen, and inside each callback."""
    result = run_both(door, sink, host("as_before"), kafka.address, kafka.topic(), same_topic=False)
    assert "destroy: 2 signals blocked, sum 40, rounding 1024, exceptions 32, codeset UTF-8" in result.stdout
    check_books(door, result)
    sink.wait_for(3, operation="send")


@pytest.mark.parametrize("missing", ["runtime directory", "libwaybill-plugin.so"])
def test_errno_and_signal_mask_are_as_before_when_a_line_is_said(build, kafka, host, tmp_path, missing):
    """On the ways on which something is tried in vain."""
    topic, library = kafka.topic(), build / "lib/libwaybill-preload.so"
    if missing == "libwaybill-plugin.so":
        library = shutil.copy(library, tmp_path)
    bare = run_bare(host("as_before"), kafka.address, topic + "-bare")
    traced = run_bare(host("as_before"), kafka.address, topic, LD_PRELOAD=str(library), WAYBILL_RUNTIME_DIR=str(tmp_path / "nowhere"))
    assert (traced.returncode, traced.stdout) == (bare.returncode, bare.stdout)
    assert_said_once(traced, missing)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("move", ["close", "chdir", "chroot", "setuid"])
def test_a_program_that_changes_its_surroundings(preload, sink, kafka, host, tmp_path, move, when):
    """Before its first client it may have moved out of Waybill's reach, which one line says; afterwards nothing changes."""
    (tmp_path / "root").mkdir()
    variables = {"HOST_MOVES": move, "HOST_MOVES_WHEN": when, "HOST_ROOT": str(tmp_path / "root")}
    result = run_both(preload, sink, host("moved"), kafka.address, kafka.topic(), bare_variables=variables, **variables)
    assert result.stdout == "flush 0\nflush 0\n"
    if (move, when) == ("chroot", "before"):
        assert_said_once(result, "cannot load libwaybill-plugin.so", "No such file")
    elif (move, when) == ("setuid", "before"):
        assert_said_once(result, "this user may not use the runtime directory")
    else:
        assert said(result) == []
        check_books(preload, result)
        assert len(sink.wait_for(2, operation="send")) == 2


def test_an_enormous_environment(door, sink, kafka, host):
    """More than a segment takes: the program is traced all the same, and told which variable is not handed on."""
    result = door.run(
        sink, host("two_clients"), kafka.address, kafka.topic(), *door.host_options,
        OTEL_RESOURCE_ATTRIBUTES="huge=" + "x" * 100_000, OTEL_SERVICE_NAME="small",
    )
    assert (result.returncode, result.stdout) == (0, "flush 0\nflush 0\n")
    spans = sink.wait_for(20)
    assert {span["resource"]["service.name"] for span in spans} == {"small"}
    (line,) = said(result)
    assert "OTEL_RESOURCE_ATTRIBUTES" in line and "32 KiB" in line


def test_valgrind_finds_no_error_and_no_leak(preload, sink, kafka, host):
    """Producing and consuming; librdkafka itself is clean under valgrind with this program."""
    valgrind = [
        "valgrind", "-q", "--error-exitcode=77", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
        "--child-silent-after-fork=yes",
    ]
    result = preload.run(sink, *valgrind, host("round_trip"), kafka.address, kafka.topic(), timeout=300)
    assert (result.returncode, result.stdout) == (0, "flush 0\nconsumed 20\n"), result.stderr
    assert (len(sink.wait_for(20, operation="send")), len(sink.wait_for(20, operation="process"))) == (20, 20)


def test_both_doors_at_once_make_one_span_for_each_operation(preload, build, sink, kafka, host):
    """The end of processing is seen, as with the preload door alone."""
    plugin = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]
    result = preload.run(sink, host("round_trip"), kafka.address, kafka.topic(), *plugin)
    assert (result.returncode, result.stdout) == (0, "flush 0\nconsumed 20\n"), result.stderr
    check_books(preload, result)
    spans = sink.wait_for(40)
    operations = [span["attributes"]["messaging.operation.name"] for span in spans]
    assert (operations.count("send"), operations.count("process"), len(operations)) == (20, 20, 40)
