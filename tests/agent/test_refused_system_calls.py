"""A seccomp filter answers EPERM to one system call. The program runs on; without telemetry one line says why."""

import pytest
from doors import check_books, run_both
from rooms import assert_said_once, said

# What the line says when the call is refused before the first client. None: telemetry comes all the same.
REASONS = {
    "openat": "a system call was refused",
    "mmap": "a system call was refused",
    "madvise": "seccomp filter forbids madvise",
    "getrandom": "no random bytes",
    "renameat2": None,
    "ftruncate": "a system call was refused",
    "fallocate": "a system call was refused",
    "newfstatat": "a system call was refused",
    "memfd_create": None,
    "getdents64": None,
    "nanosleep": None,
    "readlink": None,
}


# Where the doors differ, and one call that both make.
THROUGH_THE_PLUGIN = ("openat", "mmap", "newfstatat", "fallocate")


def run(door, sink, host, kafka, call, when):
    variables = {"HOST_FORBIDS": call, "HOST_FORBIDS_WHEN": when}
    result = run_both(door, sink, host("filtered"), kafka.address, kafka.topic(), bare_variables=variables, **variables)
    assert result.stdout == "flush 0\nflush 0\n"
    return result


def check_before(door, sink, host, kafka, call):
    result = run(door, sink, host, kafka, call, "before")
    if REASONS[call] is None:
        assert said(result) == []
        assert len(sink.wait_for(100)) == 100
    else:
        # The shim cannot load the core then, which it says in the dynamic linker's words.
        not_loaded = door.name == "preload" and call in ("openat", "mmap", "newfstatat")
        assert_said_once(result, "cannot load" if not_loaded else REASONS[call])


@pytest.mark.parametrize("call", REASONS)
def test_a_call_that_is_refused_before_the_first_client(preload, sink, kafka, host, call):
    check_before(preload, sink, host, kafka, call)


@pytest.mark.parametrize("call", THROUGH_THE_PLUGIN)
def test_a_call_that_is_refused_to_a_program_with_the_plugin(plugin, sink, kafka, host, call):
    check_before(plugin, sink, host, kafka, call)


@pytest.mark.parametrize("call", ["openat", "mmap", "madvise", "getrandom"])
def test_a_call_that_is_refused_once_telemetry_flows(preload, sink, kafka, host, call):
    result = run(preload, sink, host, kafka, call, "after")
    assert said(result) == []
    check_books(preload, result)
    spans = sink.wait_for(100, operation="send")
    assert len(spans) == 100
    # Each message was sent on a thread of its own, at a place in memory that many threads had.
    assert len({span["trace_id"] for span in spans}) == len({span["span_id"] for span in spans}) == 100
