"""The one line on stderr must not harm: it may not wait, end or stop the program, nor get into a file that is not stderr."""

import os
import pty
import subprocess

import pytest
from doors import environment, run_bare


@pytest.fixture
def without_telemetry(build, tmp_path):
    """Options and variables with which a program has something to say."""
    options = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]
    return options, environment(None, WAYBILL_RUNTIME_DIR=str(tmp_path / "nowhere"))


def run(without_telemetry, *command, **streams):
    options, variables = without_telemetry
    return subprocess.run([*map(str, command), *options], env=variables, stdout=subprocess.PIPE, text=True, timeout=60, **streams)


@pytest.mark.parametrize("pipe", ["closed", "full"])
def test_a_pipe_that_takes_nothing(without_telemetry, kafka, host, pipe):
    reading, writing = os.pipe()
    if pipe == "closed":
        os.close(reading)
    else:
        os.set_blocking(writing, False)
        try:
            while True:
                os.write(writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writing, True)
    result = run(without_telemetry, host("two_clients"), kafka.address, kafka.topic(), stderr=writing)
    os.close(writing)
    assert (result.returncode, result.stdout) == (0, "flush 0\nflush 0\n")


def test_a_file_that_may_not_grow(without_telemetry, kafka, host, tmp_path):
    """Beyond RLIMIT_FSIZE the kernel sends SIGXFSZ, which ends a program."""
    with open(tmp_path / "errors", "w", encoding="utf-8") as errors:
        result = run(without_telemetry, "prlimit", "--fsize=0", host("two_clients"), kafka.address, kafka.topic(), stderr=errors)
    assert (result.returncode, result.stdout) == (0, "flush 0\nflush 0\n")


def test_a_terminal_that_stops_writers_in_the_background(without_telemetry, kafka, host, tmp_path):
    """SIGTTOU: with `stty tostop` a program in the background stops when it writes to its terminal."""
    options, variables = without_telemetry
    script = 'set -m; stty tostop; "$@" >"$OUTPUT" & wait $!; echo "ended $?"'
    command = ["bash", "-c", script, "bash", str(host("two_clients")), kafka.address, kafka.topic(), *options]
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("bash", command, {**variables, "OUTPUT": str(tmp_path / "output")})
    seen = b""
    try:
        while piece := os.read(terminal, 4096):
            seen += piece
    except OSError:
        pass  # how a terminal ends
    os.close(terminal)
    os.waitpid(child, 0)
    assert b"ended 0" in seen, seen
    assert (tmp_path / "output").read_text() == "flush 0\nflush 0\n"
    assert seen.count(b"waybill: no telemetry from this program") == 1


def test_a_stderr_that_is_closed(without_telemetry, kafka, host):
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh"]
    result = run(without_telemetry, *closed, host("two_clients"), kafka.address, kafka.topic(), stderr=subprocess.PIPE)
    assert (result.returncode, result.stdout) == (0, "flush 0\nflush 0\n")


def test_a_file_of_the_program_that_got_the_number_of_stderr(without_telemetry, kafka, host, tmp_path):
    """Its close-on-exec flag tells that it was opened here: stderr was inherited, or put in place by dup2."""
    options, variables = without_telemetry
    command = [host("reused_stderr"), kafka.address, kafka.topic()]
    bare = run_bare(*command, HOST_FILE=str(tmp_path / "bare"))
    traced = subprocess.run(
        [*map(str, command), *options], env={**variables, "HOST_FILE": str(tmp_path / "traced")}, capture_output=True, text=True, timeout=60
    )
    assert bare.stdout == "number 2\ncontent: \n"
    assert (traced.returncode, traced.stdout) == (bare.returncode, bare.stdout)
