"""Trap 52: where there is no room for a segment the program runs on, and one line says why there is no telemetry."""

import subprocess

import pytest
from doors import environment, run_bare
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


@pytest.mark.parametrize("limit, reason", [
    ("segment_space", "ulimit -v"), ("room_space", "ulimit -v"), ("file_size", "ulimit -f"),
])
def test_a_program_with_tight_limits(run_in, tmp_path, limit, reason):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    size = "1GiB" if limit == "segment_space" else "16MiB"
    assert_said_once(run_in(runtime, "limited", HOST_LIMIT=limit, WAYBILL_SEGMENT_SIZE=size), reason)


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
