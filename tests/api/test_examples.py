"""The examples do what docs/cpp-api.md says, and show no other code than theirs."""

import json
import re
import subprocess

import pytest
from doors import environment, run_bare


@pytest.fixture
def run(build, kafka, sink):
    def run_example(name, *arguments, **variables):
        result = subprocess.run(
            [build / "examples" / name, kafka.address, *map(str, arguments)],
            capture_output=True, text=True, timeout=120, env=environment(sink, **variables),
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run_example


def fill(kafka, topic, *lines):
    assert run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, input="\n".join(lines) + "\n").returncode == 0


def named(sink, operation):
    return sink.spans(operation=operation)


def test_quickstart(run, kafka, sink):
    assert re.fullmatch(r"sent to partition \d, offset 0\nbilling 2 apples\n", run("quickstart", kafka.topic()))
    (sent,), (processed,) = named(sink, "send"), named(sink, "process")
    assert processed["parent_span_id"] == sent["span_id"]


def test_one_line_of_c(run, kafka, sink, plugin):
    topic = kafka.topic()
    printed = run("one_line", topic, **plugin.variables())
    plugin.stop()
    (processed,) = named(sink, "process")
    assert processed["attributes"]["error.type"] == "not_understood"
    assert printed == f"handling 2 apples?\ntraceparent: 00-{processed['trace_id']}-{processed['span_id']}-03\n"


def test_rdkafkacpp(run, kafka, sink, plugin):
    printed = run("rdkafkacpp", kafka.topic(), **plugin.variables())
    plugin.stop()
    assert len(named(sink, "send")) == 1
    assert [line.startswith("not seen: ") for line in printed.splitlines()] == [True] * 3


def test_transform(run, kafka, sink):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, "one", "two", "three")
    run("transform", source, target, 3)
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", target, "-e", "-X", "isolation.level=read_committed")
    assert sorted(read.stdout.split()) == ["ONE", "THREE", "TWO"]
    parents = {span["span_id"] for span in named(sink, "process")}
    transactions = {span["span_id"] for span in named(sink, "transaction")}
    assert transactions and transactions == {span["parent_span_id"] for span in named(sink, "commit")}
    assert {link["span_id"] for span in named(sink, "send") for link in span["links"]} == transactions
    assert len(parents) == 3 and {span["parent_span_id"] for span in named(sink, "send")} == parents


def test_batch(run, kafka, sink):
    topic = kafka.topic()
    fill(kafka, topic, "one", "two", "three")
    run("batch", topic, kafka.topic(), 3)
    batches = [span for span in named(sink, "process")]
    assert sum(span["attributes"].get("messaging.batch.message_count", 1) for span in batches) == 3
    assert {span["parent_span_id"] for span in named(sink, "send") + named(sink, "create")} == {span["span_id"] for span in batches}
    assert len(named(sink, "create")) == 3
    assert sum(len(span["links"]) for span in named(sink, "send")) == 3


def test_builder(build, kafka):
    topic = kafka.topic()
    result = subprocess.run(
        [build / "examples/builder", kafka.address, topic], capture_output=True, text=True, timeout=60, env=environment(None)
    )
    assert result.returncode == 0
    assert re.search(rf'checkout PRODUCER "send {topic}" ', result.stderr), result.stderr


def test_custom_sampler(build, kafka):
    sampled, other = kafka.topic(), kafka.topic()
    result = subprocess.run(
        [build / "examples/custom_sampler", kafka.address, sampled, other],
        capture_output=True, text=True, timeout=60, env=environment(None),
    )
    assert result.returncode == 0
    assert f'PRODUCER "send {sampled}" ' in result.stderr and f"send {other}" not in result.stderr, result.stderr


def test_custom_exporter(build, kafka):
    topic = kafka.topic()
    result = subprocess.run(
        [build / "examples/custom_exporter", kafka.address, topic],
        capture_output=True, text=True, timeout=60, env=environment(None),
    )
    assert result.returncode == 0
    assert re.fullmatch(rf"send {topic}, \d+ attributes\n", result.stdout), result.stdout
    assert f'PRODUCER "send {topic}" ' in result.stderr, result.stderr


def test_attributes(build, kafka):
    result = subprocess.run(
        [build / "examples/attributes", kafka.address, kafka.topic()],
        capture_output=True, text=True, timeout=60, env=environment(None),
    )
    assert result.returncode == 0
    (line,) = [line for line in result.stdout.splitlines() if "resourceSpans" in line]
    (span,) = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    values = {one["key"]: one["value"] for one in span["attributes"]}
    assert values["app.tenant"] == {"stringValue": "eu"} and values["app.order.length"] == {"intValue": "8"}


def test_several(build, kafka, sink):
    orders, audit = kafka.topic(), kafka.topic()
    fill(kafka, orders, "2 apples")
    result = subprocess.run(
        [build / "examples/several", kafka.address, orders, audit],
        capture_output=True, text=True, timeout=60, env=environment(sink),
    )
    assert result.returncode == 0
    (sent,) = sink.spans()
    assert sent["name"] == f"send {audit}" and sent["resource"]["service.name"] == "audit"
    assert re.search(rf'shop CONSUMER "process {orders}" .*span={sent["parent_span_id"]}', result.stderr), result.stderr


@pytest.mark.parametrize("document", ["README.md", "docs/cpp-api.md"])
def test_all_code_in_the_documents_stands_in_an_example(root, document):
    blocks = re.findall(r"^```(?:cpp|c)\n(.*?)^```$", (root / document).read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    sources = [plain(path.read_text()) for ending in ("*.cpp", "*.c") for path in (root / "examples").glob(ending)]
    for block in blocks:
        assert any(plain(block) in source for source in sources), block


def plain(code):
    """However it is indented and broken into lines."""
    return re.sub(r"\s+", "", code)
