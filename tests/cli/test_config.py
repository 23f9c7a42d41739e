"""`waybill config`: what the settings are, where they come from, and what is wrong with them."""

import json
import subprocess

import pytest
from doors import environment


def settings(result):
    assert (result.returncode, result.stderr) == (0, "")
    return {setting["name"]: setting for setting in json.loads(result.stdout)["settings"]}


def test_every_setting_is_shown_with_its_value_its_source_and_its_meaning(config):
    result = config(WAYBILL_INJECT="sampled")
    assert (result.returncode, result.stderr) == (0, "")
    assert "  WAYBILL_INJECT = sampled   [environment]\n      Which messages get the context:" in result.stdout
    assert "  OTEL_TRACES_SAMPLER = parentbased_always_on   [default]\n" in result.stdout
    assert result.stdout.endswith("\nNo problems.\n")


def test_only_what_is_set_is_shown_when_that_is_asked_for(config):
    assert "OTEL_TRACES_SAMPLER" not in config("--only-set", WAYBILL_INJECT="sampled").stdout
    assert list(settings(config("--only-set", "--json", WAYBILL_INJECT="sampled"))) == ["WAYBILL_INJECT"]
    assert config("--only-set").stdout == "No problems.\n"


def test_json_has_stable_keys(config):
    shown = settings(config("--json", OTEL_SERVICE_NAME="orders"))
    service = shown["OTEL_SERVICE_NAME"]
    assert (service["value"], service["default"], service["source"], service["secret"]) == ("orders", None, "environment", False)
    assert service["group"] and service["meaning"]
    sampler = shown["OTEL_TRACES_SAMPLER"]
    assert (sampler["value"], sampler["default"], sampler["source"]) == ("parentbased_always_on", "parentbased_always_on", "default")


def test_problems_and_unknown_names_are_told(config):
    result = config(OTEL_TRACES_SAMPLER="sometimes", WAYBILL_INJET="never", OTEL_FOR_OTHERS="1")
    assert 'OTEL_TRACES_SAMPLER: "sometimes" is not one of always_on' in result.stdout
    assert "WAYBILL_INJET: there is no such setting" in result.stdout
    assert result.stdout.endswith("of no meaning to Waybill\n\n  OTEL_FOR_OTHERS\n")
    shown = json.loads(config("--json", OTEL_TRACES_SAMPLER="sometimes", OTEL_FOR_OTHERS="1").stdout)
    assert [problem["setting"] for problem in shown["problems"]] == ["OTEL_TRACES_SAMPLER"]
    assert shown["unknown"] == ["OTEL_FOR_OTHERS"]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_secrets_are_not_printed(config, arguments):
    result = config(
        *arguments, OTEL_EXPORTER_OTLP_HEADERS="authorization=hunter2", OTEL_EXPORTER_OTLP_TRACES_HEADERS="hunter2",
        OTEL_EXPORTER_OTLP_ENDPOINT="https://user:hunter2@collector:4318", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="ftp://user:hunter2@collector",
    )
    assert result.returncode == 0
    assert "collector" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_control_characters_do_not_reach_the_terminal(config):
    assert "\x1b" not in config(OTEL_SERVICE_NAME="a\x1b[31mb").stdout


def test_another_process_is_looked_at_by_its_number(config):
    with subprocess.Popen(["sleep", "60"], env=environment(None, WAYBILL_INJECT="never")) as sleeper:
        shown = settings(config("--json", "--only-set", "--pid", str(sleeper.pid), WAYBILL_PROCESS="none"))
        sleeper.kill()
    assert {name: setting["value"] for name, setting in shown.items()} == {"WAYBILL_INJECT": "never"}
    assert shown["WAYBILL_INJECT"]["source"] == f"environment of process {sleeper.pid}"
    gone = config("--pid", str(sleeper.pid))
    assert (gone.returncode, gone.stdout) == (1, "")
    assert f"cannot read /proc/{sleeper.pid}/environ" in gone.stderr
    assert config("--pid", "none").returncode == 2
