"""`waybill run`: the program keeps its exit code, signals, stdin, stdout and stderr."""

import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from doors import assert_books_balance, environment, wait_until


@pytest.fixture
def waybill(build):
    return build / "bin/waybill"


def run(waybill, *arguments, **options):
    return subprocess.run([waybill, *arguments], capture_output=True, text=True, timeout=60, env=environment(None), **options)


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_the_exit_code_is_the_programs(waybill, code):
    assert run(waybill, "run", "--", "sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("name", ["TERM", "KILL", "ABRT", "INT", "USR1"])
def test_the_signal_that_ended_the_program_ends_waybill(waybill, name):
    assert run(waybill, "run", "--", "sh", "-c", f"kill -{name} $$").returncode == -getattr(signal, f"SIG{name}")


def test_stdin_stdout_and_stderr_are_the_programs(waybill):
    result = run(waybill, "run", "--", "sh", "-c", "cat; echo err >&2", input="through\nit\n")
    assert (result.stdout, result.stderr, result.returncode) == ("through\nit\n", "err\n", 0)


def test_arguments_are_passed_as_they_are(waybill):
    result = run(waybill, "run", "-e", "A=b c", "-e", "D=", "--", "sh", "-c", 'printf "%s|" "$A" "$D" "$@"', "x", "--help", "-e", "a b", "")
    assert result.stdout == "b c||--help|-e|a b||"


def test_a_program_that_does_not_exist_is_told_as_a_shell_does(waybill, tmp_path):
    missing = run(waybill, "run", "--", "/no/such/program")
    assert missing.returncode == 127
    assert missing.stderr == "waybill run: cannot run /no/such/program: No such file or directory\n"
    plain = tmp_path / "plain"
    plain.write_text("text")
    assert run(waybill, "run", "--", plain).returncode == 126


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT", "USR2"])
def test_signals_reach_the_program(waybill, name):
    script = f'trap "echo got {name}; exit 5" {name}; echo ready; while :; do sleep 0.05; done'
    process = subprocess.Popen([waybill, "run", "--", "bash", "-c", script], stdout=subprocess.PIPE, text=True, env=environment(None))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert process.communicate(timeout=20)[0] == f"got {name}\n"
    assert process.returncode == 5


@pytest.mark.parametrize("arguments, said", [
    ([], "subcommand is required"),
    (["fly"], "fly"),
    (["run"], "the command is missing"),
    (["run", "--no-such-option", "--", "true"], "--no-such-option"),
    (["run", "-e", "NOVALUE", "--", "true"], "KEY=VALUE is expected"),
    (["broker", "--topic", "orders:none"], "the number of partitions must be from 1 to 1000"),
    (["collect", "extra"], "extra"),
])
def test_wrong_usage_gets_a_clear_message_and_exit_code_2(waybill, arguments, said):
    result = run(waybill, *arguments)
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_help_and_version(waybill):
    for arguments in (["--help"], ["help"], ["help", "run"], ["run", "--help"], ["help", "broker"], ["help", "collect"], ["help", "config"]):
        result = run(waybill, *arguments)
        assert (result.returncode, result.stderr) == (0, "")
        assert "Usage:" in result.stdout
    assert run(waybill, "--version").stdout.startswith("waybill 0.")
    assert "waybill run [OPTIONS] -- COMMAND" in run(waybill, "help", "run").stdout


def test_a_receiver_that_is_away_is_not_noticed_by_the_program_and_the_loss_is_said_once(preload, kafka):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    text = "\n".join(map(str, range(2000)))
    result = preload.run(
        None, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input=text,
        OTEL_EXPORTER_OTLP_ENDPOINT=url, OTEL_EXPORTER_OTLP_TIMEOUT="500",
    )
    assert result.returncode == 0
    lines = [line for line in result.stderr.splitlines() if line.startswith("waybill:")]
    assert len([line for line in lines if "no spans get to" in line]) == 1
    assert len([line for line in lines if "2000 of 2000 spans" in line and "were lost" in line]) == 1
    assert_books_balance(result.books)
    assert result.books["exporters"]["dropped"]["unreachable"] == 2000


def test_a_slow_receiver_does_not_keep_the_program_but_gets_everything(build, kafka, sink, tmp_path):
    sink.answer_next({"delay_ms": 4000})
    books = tmp_path / "books"
    started = time.monotonic()
    result = subprocess.run(
        [build / "bin/waybill", "run", "--books", books, "--", "kcat", "-b", kafka.address, "-P", "-t", kafka.topic()],
        input="hello", env=environment(sink), capture_output=True, text=True, timeout=30,
    )
    left_behind = time.monotonic() - started
    assert result.returncode == 0
    assert "still on its way" in result.stderr
    assert left_behind < 20  # a hang, not a speed: the receiver alone takes four seconds
    assert len(sink.wait_for(1)) == 1
    wait_until(lambda: books.exists() and books.read_text().endswith("}\n"))
    assert_books_balance(json.loads(books.read_text()))


def test_the_console_exporter_writes_one_line_for_each_span(preload, kafka):
    topic = kafka.topic()
    result = preload.run(
        None, "kcat", "-b", kafka.address, "-P", "-t", topic, "-p", "1", input="hello", OTEL_TRACES_EXPORTER="console",
        OTEL_METRICS_EXPORTER="none",
    )
    (line,) = result.stderr.splitlines()
    assert f'kcat PRODUCER "send {topic}"' in line
    assert "partition=1 offset=0 trace=" in line


def test_settings_that_are_wrong_are_said_and_the_default_is_used(preload, kafka, sink):
    result = preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello",
        OTEL_TRACES_SAMPLER="sometimes", OTEL_EXPORTER_OTLP_TIMEOUT="soon",
    )
    assert result.returncode == 0
    assert 'OTEL_TRACES_SAMPLER: "sometimes" is not one of always_on' in result.stderr
    assert 'OTEL_EXPORTER_OTLP_TIMEOUT: "soon" is not a whole number' in result.stderr
    sink.wait_for(1)


def test_nothing_is_exported_with_exporter_none(preload, kafka, sink):
    result = preload.run(sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello", OTEL_TRACES_EXPORTER="none")
    assert result.returncode == 0 and result.stderr == ""
    assert sink.requests() == []


def test_headers_and_compression_reach_the_receiver(preload, kafka, sink):
    preload.run(
        sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello",
        OTEL_EXPORTER_OTLP_HEADERS="x-token=a%20b, x-other = 2", OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
    )
    sink.wait_for(1)
    (request,) = sink.requests()
    assert request["path"] == "/v1/traces"
    assert request["headers"]["x-token"] == "a b"
    assert request["headers"]["x-other"] == "2"
    assert request["headers"]["Content-Encoding"] == "gzip"
    assert request["headers"]["Content-Type"] == "application/x-protobuf"


def test_children_of_the_program_are_traced_too(preload, kafka, sink):
    topic = kafka.topic()
    script = f"echo a | OTEL_SERVICE_NAME=first kcat -b {kafka.address} -P -t {topic}; echo b | OTEL_SERVICE_NAME=second kcat -b {kafka.address} -P -t {topic}"
    result = preload.run(sink, "sh", "-c", script)
    assert result.returncode == 0, result.stderr
    assert {span["resource"]["service.name"] for span in sink.wait_for(2)} == {"first", "second"}
    assert_books_balance(result.books)


def test_a_killed_program_leaves_what_it_had_recorded(preload, kafka, sink):
    topic = kafka.topic()
    script = (
        "import os, signal, sys; from confluent_kafka import Producer\n"
        "p = Producer({'bootstrap.servers': sys.argv[1], 'linger.ms': 60000}); p.produce(sys.argv[2], b'answered', partition=0); p.flush(10)\n"
        "p.produce(sys.argv[2], b'never sent', partition=0); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    result = preload.run(sink, "/usr/bin/python3", "-c", script, kafka.address, topic)
    assert result.returncode == -signal.SIGKILL
    answered, unanswered = sink.wait_for(2)
    assert answered["status"] == "UNSET"
    assert unanswered["attributes"]["waybill.unfinished"] is True
    assert unanswered["status_message"] == "the process ended before the broker answered"
    assert_books_balance(result.books)


def test_nothing_stays_behind(preload, kafka, sink, waybill):
    script = 'echo "$WAYBILL_RUNTIME_DIR"; test -d "$WAYBILL_RUNTIME_DIR" && exec kcat "$@"'
    result = preload.run(sink, "sh", "-c", script, "sh", "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("/") and not pathlib.Path(result.stdout.strip()).exists()


def test_what_a_killed_process_left_in_memory_is_taken_away_by_the_next(waybill, tmp_path):
    """Old and of nobody: a directory of one that lives is locked, and a young one may be about to be."""
    left = [pathlib.Path(tempfile.mkdtemp(prefix="waybill-run-", dir="/dev/shm")) for _ in range(3)]
    try:
        for directory in left:
            (directory / "collector").write_bytes(b"")
            (directory / "x.segment").write_bytes(bytes(4096))
            os.utime(directory / "collector", (0, 0))
        old, locked, young = left
        os.utime(young / "collector")
        with open(locked / "collector", "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert run(waybill, "run", "--wait", "--", "true").returncode == 0
            assert [directory.exists() for directory in (old, locked, young)] == [False, True, True]
    finally:
        for directory in left:
            shutil.rmtree(directory, ignore_errors=True)


def test_a_program_without_kafka_gets_no_segment(waybill, tmp_path):
    result = run(waybill, "run", "--", "sh", "-c", "ls $WAYBILL_RUNTIME_DIR; cat /proc/self/maps | grep -c libwaybill-plugin")
    assert result.stdout == "collector\n0\n"
