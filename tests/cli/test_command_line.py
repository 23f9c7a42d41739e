"""The man pages and the completion know every command and option that --help tells, and no other."""

import re
import subprocess

import pytest
from doors import environment

QUESTIONS = ["explain", "trace", "lag", "flow", "loss"]
COMMANDS = ["run", "collect", "config", "tune", "broker", "server", *QUESTIONS]


@pytest.fixture
def help_of(build):
    def read(*command):
        return subprocess.run([build / "bin/waybill", *command, "--help"], capture_output=True, text=True, check=True, timeout=60, env=environment(None)).stdout

    return read


def options_in(text):
    """Those that begin a line: "  -h,--help …"."""
    return {option for line in text.splitlines() for option in re.findall(r"--?[a-z][a-z-]*", (re.match(r"  (-\S+)", line) or [""])[0])}


def commands_in(text):
    return set(re.findall(r"^  ([a-z]+) ", text.partition("Subcommands:\n")[2].partition("\n\n")[0], re.MULTILINE))


def completions(root, *words):
    """What bash offers for the last of the words."""
    script = f'source "{root}/share/bash-completion/waybill"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _waybill; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return set(subprocess.run(["bash", "-c", script, "bash", "waybill", *words], capture_output=True, text=True, check=True, timeout=60).stdout.split())


def manual(root, page):
    """The page's text without its markup: as man shows it, and in one line."""
    return re.sub(r"\\f.|\\|\n\.\S+|\"", "", (root / "share/man" / page).read_text().replace("\\-", "-"))


def test_help_knows_these_commands(help_of):
    assert commands_in(help_of()) == set(COMMANDS)
    assert commands_in(help_of("config")) == {"check"}


def test_completion_offers_every_command(root):
    assert completions(root, "") == {*COMMANDS, "help", "--help", "--version"}
    assert completions(root, "co") == {"collect", "config"}
    assert completions(root, "help", "") == set(COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "config check"])
def test_completion_offers_every_option(root, help_of, command):
    told = options_in(help_of(*command.split()))
    offered = completions(root, *command.split(), "-")
    assert "--help" in told
    assert offered - {"--"} == told - {"-h"}


def test_completion_of_run_ends_where_the_program_begins(root):
    assert "--wait" not in completions(root, "run", "--wait", "--", "--w")
    assert "--wait" not in completions(root, "run", "ls", "--w")
    assert completions(root, "run", "-e", "A=1", "--w") == {"--wait"}


@pytest.mark.parametrize("command", ["", "run", "collect", "config", "tune", *QUESTIONS])
def test_the_man_page_explains_every_option_and_no_other(root, help_of, command):
    page = manual(root, f"waybill-{command}.1" if command else "waybill.1")
    for option in options_in(help_of(*command.split())):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", page), option
    known = options_in(help_of(*command.split())) | (set() if command else options_in(help_of("broker")))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page)) <= known


@pytest.mark.parametrize("page", ["waybill.1", "waybill-run.1", "waybill-collect.1", "waybill-config.1", "waybill-tune.1", "waybill-server.1", "waybill-settings.7", *(f"waybill-{name}.1" for name in QUESTIONS)])
def test_man_pages_are_sound(root, page):
    """Every page begins with its header and its name, and has no request that troff does not know."""
    lines = [line for line in (root / "share/man" / page).read_text().splitlines() if not line.startswith('.\\"')]
    assert lines[0].startswith(".TH ") and lines[1] == ".SH NAME"
    requests = {line.split()[0] for line in lines if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".BR", ".RI", ".IR", ".BI", ".br", ".EX", ".EE"}
