"""The console exporter: trees for a person at a terminal, lines for files and pipes."""

import os
import pty
import subprocess

import pytest
from doors import environment, run_bare
from rooms import as_nobody, let_others_enter

# Nothing is exported before the end, so that all spans of a trace are exported at once.
AT_THE_END = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "3600000"}


def on_terminal(command, **variables):
    """What the command writes to its stderr, which is a terminal."""
    terminal, side_of_program = pty.openpty()
    program = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=side_of_program, env=environment(None, **variables)
    )
    os.close(side_of_program)
    written = b""
    try:
        while more := os.read(terminal, 65536):
            written += more
    except OSError:  # the last writer has ended
        pass
    os.close(terminal)
    assert program.wait(60) == 0, written
    return written.decode().replace("\r\n", "\n")


@pytest.fixture
def relay(build, kafka):
    """A program that processes one message of a trace, and sends another while it does."""
    source, target = kafka.topic(), kafka.topic()
    headers = ["-H", "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
    assert run_bare("kcat", "-b", kafka.address, "-P", "-t", source, *headers, input="hello").returncode == 0
    return [build / "hosts/relay", kafka.address, source, target, 1]


def tree_of(text):
    """The lines of the trace's tree."""
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines) if " trace 0af7651916cd43dd8448eb211c80319c " in line)
    return lines[first : first + 3]


def test_a_terminal_shows_trees(preload, relay):
    text = on_terminal(preload.command(*relay), TERM="xterm", NO_COLOR="1", **AT_THE_END)
    headline, process, send = tree_of(text)
    assert " 2 spans " in headline
    assert process.startswith("  relay process ") and process.count("parent=b7ad6b7169203331") == 1
    assert send.startswith("  └─ relay send ") and "partition=" in send
    assert "\x1b" not in text


def test_a_terminal_that_has_colours_gets_them(preload, relay):
    assert "\x1b[1m" in on_terminal(preload.command(*relay), TERM="xterm", **AT_THE_END)


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}])
def test_no_colours_reach_a_terminal_that_shall_have_none(preload, relay, variables):
    text = on_terminal(preload.command(*relay), **variables, **AT_THE_END)
    assert " trace " in text and "\x1b" not in text


def test_lines_are_shown_on_a_terminal_by_request(preload, relay):
    text = on_terminal(preload.command(*relay), TERM="dumb", WAYBILL_CONSOLE_FORMAT="lines", **AT_THE_END)
    assert text.count(" trace=0af7651916cd43dd8448eb211c80319c ") == 2 and "└─" not in text


def test_a_pipe_gets_lines_and_trees_by_request(preload, relay):
    lines = preload.run(None, *relay, TERM="xterm", **AT_THE_END).stderr
    assert " trace=" in lines and "└─" not in lines and "\x1b" not in lines


def test_trees_go_to_a_pipe_by_request(preload, relay):
    text = preload.run(None, *relay, TERM="xterm", WAYBILL_CONSOLE_FORMAT="tree", **AT_THE_END).stderr
    assert tree_of(text)[2].startswith("  └─ relay send ") and "\x1b" not in text


def test_the_console_may_be_a_file_that_others_cannot_read(preload, relay, tmp_path):
    path = tmp_path / "spans.txt"
    result = preload.run(None, *relay, WAYBILL_CONSOLE=str(path), **AT_THE_END)
    assert result.stderr == ""
    assert path.read_text().count(" trace=0af7651916cd43dd8448eb211c80319c ") == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_users_program_cannot_choose_a_file_for_the_console(plugin, kafka, tmp_path):
    let_others_enter(tmp_path)
    path = tmp_path / "spans.txt"
    result = plugin.run(
        None, *as_nobody("/usr/bin/kcat"), "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), *plugin.host_options, input="hello",
        OTEL_TRACES_EXPORTER="console", WAYBILL_CONSOLE=str(path),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert ' "send ' in plugin.stop()  # to the collecting process's own stderr
    assert not path.exists()


def test_a_name_cannot_control_the_terminal(preload, kafka):
    text = on_terminal(
        preload.command("kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), "/etc/hostname"),
        TERM="dumb", OTEL_SERVICE_NAME="evil\x1b[2J\x07\u009b\u202e", OTEL_TRACES_EXPORTER="console",
    )  # fmt: skip
    assert "evil\\x1b[2J\\x07\\xc2\\x9b\\xe2\\x80\\xae" in text and "\x1b" not in text
