"""OTEL_CONFIG_FILE: the file in place of variables, for `waybill config` and for programs that are traced."""

import json
import os
import subprocess

import pytest
from doors import environment, run_bare
from rooms import as_nobody, let_others_enter

FILE = """\
file_format: "1.0"
resource:
  attributes:
    - name: service.name
      value: ${SERVICE:-of-the-file}
propagator:
  composite:
    - tracecontext:
tracer_provider:
  processors:
    - batch:
        schedule_delay: 0
        exporter:
          otlp_http:
            endpoint: SINK/v1/traces
            headers:
              - name: api-key
                value: hunter2
distribution:
  waybill:
    capture_key: false
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, **places):
        path = tmp_path / "otel.yaml"
        for place, value in places.items():
            text = text.replace(place, value)
        path.write_text(text)
        return str(path)

    return write_file


def test_config_shows_what_the_file_says_and_where(config, write):
    path = write(FILE, SINK="http://user:hunter2@localhost:1")
    result = config("--only-set", OTEL_CONFIG_FILE=path, OTEL_SERVICE_NAME="of-the-variable", SERVICE="payments")
    assert (result.returncode, result.stderr) == (0, "")
    assert f"  OTEL_RESOURCE_ATTRIBUTES = service.name=payments   [{path}:4:5]\n" in result.stdout
    assert f"  WAYBILL_CAPTURE_KEY = false   [{path}:21:18]\n" in result.stdout
    assert f"  OTEL_CONFIG_FILE = {path}   [environment]\n" in result.stdout
    assert result.stdout.endswith("\nNo problems.\n\nSet, but the configuration file takes their place\n\n  OTEL_SERVICE_NAME\n")
    assert "hunter2" not in result.stdout


def test_json_has_the_place_of_what_the_file_says(config, write):
    path = write(FILE + "    inject: sometimes\n", SINK="http://localhost:1")
    shown = json.loads(config("--json", OTEL_CONFIG_FILE=path, OTEL_TRACES_SAMPLER="always_off", WAYBILL_CAPTURE_KEY="true").stdout)
    assert (shown["file"], shown["replaced"]) == (path, ["OTEL_TRACES_SAMPLER"])
    settings = {setting["name"]: setting for setting in shown["settings"]}
    delay = settings["OTEL_BSP_SCHEDULE_DELAY"]
    assert (delay["value"], delay["source"], delay["file"], delay["line"], delay["column"]) == ("0", f"{path}:12:25", path, 12, 25)
    assert (settings["WAYBILL_CAPTURE_KEY"]["value"], settings["WAYBILL_CAPTURE_KEY"]["source"]) == ("true", "environment")
    assert (settings["OTEL_TRACES_SAMPLER"]["value"], settings["OTEL_TRACES_SAMPLER"]["source"]) == ("parentbased_always_on", "default")
    (problem,) = shown["problems"]
    assert (problem["setting"], problem["file"], problem["line"], problem["column"]) == ("distribution.waybill.inject", path, 22, 13)


def test_check_says_nothing_about_a_sound_file(config, write):
    result = config("check", write(FILE, SINK="http://localhost:1"))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_check_names_each_problem_with_its_place(config, write):
    path = write(FILE + "    inject: sometimes\n    nonsense: 1\ninstrumentation/development: {}\n", SINK="http://localhost:1")
    result = config("check", path, WAYBILL_INJECT="never")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        f'{path}:22:13: distribution.waybill.inject: "sometimes" is not one of always, sampled, never; always is used',
        f"{path}:23:15: distribution.waybill.nonsense: there is no such setting; it is ignored",
        f"{path}:24:30: instrumentation/development: it is not supported; it is ignored",
    ]


@pytest.mark.parametrize("text, said", [
    ("a: [", ":1:1: this is no YAML"),
    ("file_format: '1.0'\na: ${1}", ':2:4: "${1}" is no reference'),
    ("\x00", ":1:1: a byte stands here that is no UTF-8 text"),
    ("", ":1:1: it is empty"),
])
def test_check_refuses_what_is_no_configuration(config, write, text, said):
    path = write(text)
    result = config("check", path)
    assert result.returncode == 1
    assert result.stdout.startswith(path + said) and result.stdout.endswith("the file is not used\n")


def test_check_says_when_there_is_no_file(config, tmp_path):
    result = config("check", tmp_path / "none.yaml")
    assert result.returncode == 1
    assert result.stdout == f"{tmp_path}/none.yaml: cannot open it: No such file or directory; the file is not used\n"
    assert config("check").returncode == 2


def send(door, kafka, topic, **variables):
    return door.run(None, "kcat", "-b", kafka.address, "-P", "-t", topic, "-k", "key", *door.host_options, input="hello", **variables)


def test_a_program_exports_as_the_file_says_and_its_standard_variables_do_not_count(door, kafka, sink, write):
    topic = kafka.topic()
    path = write(FILE, SINK=sink.url)
    result = send(
        door, kafka, topic, OTEL_CONFIG_FILE=path, OTEL_TRACES_EXPORTER="console", OTEL_SERVICE_NAME="of-the-variable", OTEL_PROPAGATORS="none",
        OTEL_TRACES_SAMPLER="always_off", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://localhost:1/v1/traces",
    )
    assert (result.returncode, result.stderr) == (0, "")
    (span,) = sink.wait_for(1)
    assert span["resource"]["service.name"] == "of-the-file"
    assert "messaging.kafka.message.key" not in span["attributes"]
    (request,) = sink.requests()
    assert request["headers"]["api-key"] == "hunter2"
    headers = run_bare("kcat", "-b", kafka.address, "-C", "-t", topic, "-o", "beginning", "-e", "-f", "%h").stdout
    assert f"traceparent=00-{span['trace_id']}" in headers


def test_spans_go_to_every_receiver_that_the_file_names(preload, kafka, sink, write):
    second = """\
    - batch:
        schedule_delay: 0
        exporter:
          otlp_http:
            endpoint: SINK/v1/traces
            compression: gzip
"""
    path = write(FILE.replace("distribution:", second + "distribution:"), SINK=sink.url)
    # The file takes the place of the second variable, which tells the door how many get each span.
    result = send(preload, kafka, kafka.topic(), OTEL_CONFIG_FILE=path, OTEL_TRACES_EXPORTER="otlp,otlp")
    assert (result.returncode, result.stderr) == (0, "")
    first, other = sink.wait_for(2)
    assert first == other
    assert sorted(request["headers"].get("api-key", "none") for request in sink.requests()) == ["hunter2", "none"]


def test_config_shows_a_second_receiver_without_its_secrets(config, write):
    second = """\
    - simple:
        exporter:
          otlp_http:
            endpoint: http://second/v1/traces
            headers: [{name: api-key, value: hunter2}]
"""
    path = write(FILE.replace("distribution:", second + "distribution:"), SINK="http://first")
    shown = config("--only-set", OTEL_CONFIG_FILE=path).stdout
    more = shown[shown.index("One more exporter") :]
    assert f"  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = http://second/v1/traces   [{path}:22:23]\n" in more
    assert "OTEL_EXPORTER_OTLP_TRACES_HEADERS = (not shown)" in more and "hunter2" not in shown
    (exporter,) = json.loads(config("--json", OTEL_CONFIG_FILE=path).stdout)["more_exporters"]
    assert {one["name"]: one["value"] for one in exporter}["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] is None


def test_waybills_own_variables_win_over_the_file(preload, kafka, sink, write):
    path = write(FILE, SINK=sink.url)
    send(preload, kafka, kafka.topic(), OTEL_CONFIG_FILE=path, WAYBILL_CAPTURE_KEY="true")
    (span,) = sink.wait_for(1)
    assert span["attributes"]["messaging.kafka.message.key"] == "key"


def test_a_problem_in_the_file_is_said_with_its_place_and_the_rest_counts(preload, kafka, sink, write):
    path = write(FILE + "    inject: sometimes\n", SINK=sink.url)
    result = send(preload, kafka, kafka.topic(), OTEL_CONFIG_FILE=path)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"waybill: warning: {path}:22:13: distribution.waybill.inject: ")
    assert sink.wait_for(1)[0]["resource"]["service.name"] == "of-the-file"


def test_the_variables_count_when_the_file_cannot_be_used(preload, kafka, sink, write):
    path = write("a: [")
    result = preload.run(sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="hello", OTEL_CONFIG_FILE=path, OTEL_SERVICE_NAME="orders")
    assert result.returncode == 0
    assert f"{path}:1:1: this is no YAML" in result.stderr
    assert sink.wait_for(1)[0]["resource"]["service.name"] == "orders"


def test_a_file_that_another_users_program_names_is_not_read(plugin, kafka, sink, write, tmp_path):
    path = write(FILE, SINK=sink.url)
    os.chmod(path, 0o600)
    let_others_enter(tmp_path)
    result = plugin.run(
        sink, *as_nobody("/usr/bin/kcat"), "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), *plugin.host_options, input="hello",
        OTEL_CONFIG_FILE=path, OTEL_SERVICE_NAME="anothers",
    )
    assert result.returncode == 0
    (span,) = sink.wait_for(1)
    assert span["resource"]["service.name"] == "anothers"
    assert plugin.stop().count(f"OTEL_CONFIG_FILE: {path} is not read, because the program is another user's") == 1
