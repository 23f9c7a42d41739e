"""Where there is no room for a segment the program runs on, and one line says why there is no telemetry."""

import json
import os
import signal
import subprocess

import pytest
from doors import PluginDoor, PreloadDoor, assert_books_balance, environment, run_bare
from rooms import Mounts, as_nobody, assert_said_once, fill, let_others_enter, said, tmpfs

@pytest.fixture(params=["preload", "plugin"])
def run_in(request, build, host, kafka):
    """Runs a program whose runtime directory is `runtime`, and compares it with the bare program."""

    def run(runtime, situation="two_clients", before=(), around=(), **variables):
        program, topic = host(situation), kafka.topic()
        bare = run_bare(*around, *before, program, kafka.address, topic, **variables)
        command = [*before, program, kafka.address, topic]
        if request.param == "preload":
            command = [*around, build / "bin/waybill", "run", "-e", f"WAYBILL_RUNTIME_DIR={runtime}", "--", *command]
        else:
            command = [*around, *command, "-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]
        traced = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=60,
            env=environment(None, WAYBILL_RUNTIME_DIR=str(runtime), OTEL_TRACES_EXPORTER="none", **variables),
        )
        assert (traced.returncode, traced.stdout) == (bare.returncode, bare.stdout), traced.stderr
        return traced

    return run


@pytest.mark.parametrize("mounts, reason", [
    ("size=64k", "no room for a segment"),  # the head does not fit
    ("size=340k", "no room for a segment"),  # the head fits, no chunk does
    ("nr_inodes=1", "no room"),  # not even for an empty file
    ("size=1m,ro", "read-only"),
])
def test_a_runtime_directory_without_room(run_in, tmp_path, mounts, reason):
    runtime = tmp_path / "runtime"
    with Mounts(tmpfs(runtime, mounts)) as space:
        assert_said_once(run_in(runtime, around=space.prefix), reason)
        assert list(space.path(runtime).iterdir()) == []  # nothing half made stays there


def test_a_runtime_directory_that_is_full(run_in, tmp_path):
    runtime = tmp_path / "runtime"
    with Mounts(tmpfs(runtime, "size=1m")) as space:
        fill(space.path(runtime))
        assert_said_once(run_in(runtime, around=space.prefix), "no room for a segment", "WAYBILL_SEGMENT_SIZE")


def test_a_runtime_directory_that_is_missing(run_in, tmp_path):
    assert_said_once(run_in(tmp_path / "nowhere"), "does not exist", "waybill collect")


def test_a_runtime_directory_that_is_a_file(run_in, tmp_path):
    (tmp_path / "file").touch()
    assert_said_once(run_in(tmp_path / "file"), "is not a directory")


def test_a_runtime_directory_of_another_user(run_in, host, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    let_others_enter(tmp_path)
    said_so = run_in(runtime, before=as_nobody(host("two_clients")))
    assert_said_once(said_so, "this user may not use the runtime directory")


def test_a_runtime_directory_into_which_anyone_may_write(run_in, tmp_path):
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime").chmod(0o777)
    assert_said_once(run_in(tmp_path / "runtime"), "others may write into it")


def test_a_fifo_in_place_of_the_collectors_file_holds_nobody_up(run_in, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    os.mkfifo(runtime / "collector")
    assert said(run_in(runtime)) == []


def test_segments_do_not_pile_up_while_nobody_collects(run_in, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    for number in range(64):
        (runtime / f"{number}.segment").touch(mode=0o600)
    assert_said_once(run_in(runtime), "nobody collects in the runtime directory", "waybill collect")
    assert len(list(runtime.iterdir())) == 64


@pytest.mark.parametrize("limit, reason", [
    ("segment_space", "ulimit -v"), ("room_space", "ulimit -v"), ("file_size", "ulimit -f"),
])
def test_a_program_with_tight_limits(run_in, tmp_path, limit, reason):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    size = "1GiB" if limit == "segment_space" else "16MiB"
    assert_said_once(run_in(runtime, "limited", HOST_LIMIT=limit, WAYBILL_SEGMENT_SIZE=size), reason)


def test_a_file_size_limit_for_waybill_run_itself(build, kafka, host):
    """`ulimit -f` before `waybill run`: the collecting side cannot write its files, and the program runs all the same."""
    command = ["prlimit", "--fsize=0", build / "bin/waybill", "run", "--", host("two_clients"), kafka.address, kafka.topic()]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(None))
    assert (result.returncode, result.stdout) == (0, "flush 0\nflush 0\n"), result.stderr
    assert_said_once(result, "ulimit -f")
    ends_as_bare = subprocess.run(
        ["prlimit", "--fsize=0", build / "bin/waybill", "run", "--", "sh", "-c", "kill -XFSZ $$"], env=environment(None), timeout=60
    )
    assert ends_as_bare.returncode == -signal.SIGXFSZ  # the program's own signals are not changed


def test_a_program_with_few_descriptors(run_in, tmp_path):
    """Whatever number is free: with Waybill the program gets as far as without, and at worst a line is said."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    reasons = set()
    for files in range(3, 8):
        result = run_in(runtime, "limited", HOST_LIMIT=f"files={files}")
        reasons.update(said(result))
        assert len(said(result)) <= 1
    assert any("ulimit -n" in reason for reason in reasons), reasons


@pytest.mark.parametrize("kind", [PreloadDoor, PluginDoor])
def test_a_runtime_directory_that_fills_up_while_the_program_runs(kind, build, sink, kafka, host, tmp_path):
    """What has no memory yet when another file takes the rest becomes counted drops, never a SIGBUS."""
    folder = "/dev/shm" if kind is PreloadDoor else tmp_path / "runtime"
    books = tmp_path / "books.json"
    with Mounts(tmpfs(folder, "size=3m")) as space, kind(build, tmp_path, space.prefix) as door:
        options = {"options": ("--books", books)} if kind is PreloadDoor else {}
        program = subprocess.Popen(
            door.command(host("fills_up"), kafka.address, kafka.topic(), *door.host_options, **options),
            env=environment(sink, **door.variables()), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        assert program.stdout.readline() == "sent 1, flush 0\n"
        fill(space.path(folder))
        assert program.communicate("go\n", timeout=60)[0] == "sent 20000, flush 0\n"
        assert program.returncode == 0
        all_books = json.loads(books.read_text()) if kind is PreloadDoor else door.books()
    assert_books_balance(all_books)
    (counted,) = all_books["hosts"]
    if kind is PreloadDoor:
        assert counted["started"] == 20001  # a spool in the same tmpfs takes nothing more: the last chunk waits for room
    assert counted["dropped"]["no_room"] > 0
    assert len(sink.wait_for(counted["handed_on"])) == counted["handed_on"]


@pytest.mark.parametrize("kind", [PreloadDoor, PluginDoor])
def test_a_runtime_directory_from_which_nothing_may_be_executed(kind, build, sink, kafka, host, tmp_path):
    folder = "/dev/shm" if kind is PreloadDoor else tmp_path / "runtime"
    with Mounts(tmpfs(folder, "size=32m,noexec,nosuid,nodev")) as space, kind(build, tmp_path, space.prefix) as door:
        result = door.run(sink, host("two_clients"), kafka.address, kafka.topic(), *door.host_options)
        assert (result.returncode, result.stdout, said(result)) == (0, "flush 0\nflush 0\n", [])
        assert len(sink.wait_for(20)) == 20


@pytest.mark.parametrize("kind", [PreloadDoor, PluginDoor])
def test_a_machine_without_proc(kind, build, sink, kafka, host, tmp_path):
    """The host does not know its start time then, and the collecting side must not take it for dead."""
    folder = "/dev/shm" if kind is PreloadDoor else tmp_path / "runtime"
    with Mounts(f"{tmpfs(folder, 'size=32m')} && mount -t tmpfs none /proc") as space:
        with kind(build, tmp_path, space.prefix) as door:
            program = subprocess.Popen(
                door.command(host("fills_up"), kafka.address, kafka.topic(), *door.host_options), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(sink, **door.variables()),
            )
            door.checks_sinks = False  # that program's books are not read
            sink.wait_for(1)
            # Meanwhile the collecting process looks many times whether the first program still lives.
            for _ in range(3):
                door.run(sink, host("two_clients"), kafka.address, kafka.topic(), *door.host_options)
            output, errors = program.communicate("go\n", timeout=60)
            assert (program.returncode, output, errors) == (0, "sent 1, flush 0\nsent 20000, flush 0\n", "")
            spans = sink.wait_for(20061)
    assert {span["resource"]["service.name"] for span in spans} == {"host-fills_up", "host-two_clients"}
    assert {span["status"] for span in spans} == {"UNSET"}
