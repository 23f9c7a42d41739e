"""A real Prometheus: it asks Waybill's page, and what its query language gives back is what was counted."""

import json
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
from collecting import wait_until
from doors import environment


class MetricSource:
    """tests/support/metric_source.cpp with its metrics on a page for Prometheus."""

    def __init__(self, build):
        self._process = subprocess.Popen(
            [build / "bin/metric-source"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**environment(None), "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": "0"},
        )
        self.url = re.search(r"http://\S+/metrics", self._process.stderr.readline())[0]

    @property
    def target(self):
        return urllib.parse.urlsplit(self.url).netloc

    def tell(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def page(self, accept="text/plain"):
        request = urllib.request.Request(self.url, headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    def close(self):
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


class Prometheus:
    def __init__(self, root, directory, target):
        self._command = [root / "bin/prometheus"]
        self._directory = directory
        started = subprocess.run(
            [*self._command, "start", "--dir", directory, "--target", target], stdout=subprocess.PIPE, text=True, check=True
        )
        self.url = started.stdout.strip()

    def query(self, expression):
        """Maps the labels of each series, without its name and scope, to the value."""
        question = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{question}", timeout=20) as answer:
            found = json.load(answer)
        assert found["status"] == "success"
        labels = lambda metric: frozenset((key, value) for key, value in metric.items() if not key.startswith(("__", "otel_scope")))
        return {labels(one["metric"]): float(one["value"][1]) for one in found["data"]["result"]}

    def wait_for(self, expression, value):
        """Waits until the expression, of one series, has the value."""
        has_value = lambda: list(self.query(expression).values()) == [value]
        wait_until(has_value, f"{expression} is {value}")

    def stop(self):
        subprocess.run([*self._command, "stop", "--dir", self._directory], check=True)


@pytest.fixture
def source(build):
    running = MetricSource(build)
    yield running
    running.close()


@pytest.fixture
def prometheus(root, tmp_path, source):
    server = Prometheus(root, tmp_path / "prometheus", source.target)
    yield server
    server.stop()


def test_the_query_language_gives_the_exact_numbers(source, prometheus):
    source.tell("send shop orders 1234 0.003")
    source.tell("send shop orders 6 0.5")
    source.tell("send shop payments 2 5")
    source.tell("send billing orders 10 0.05")
    prometheus.wait_for("sum(messaging_client_sent_messages_total)", 1252)
    assert prometheus.query("sum by (job) (messaging_client_sent_messages_total)") == {
        frozenset({("job", "shop")}): 1242, frozenset({("job", "billing")}): 10,
    }
    assert prometheus.query('messaging_client_operation_duration_seconds_bucket{job="shop",messaging_destination_name="orders"}') == {
        frozenset({("instance", "shop"), ("job", "shop"), ("messaging_destination_name", "orders"), ("le", le)}): count
        for le, count in {"0.005": 1234, "0.1": 1234, "1.0": 1240, "+Inf": 1240}.items()
    }
    prometheus.wait_for("sum(messaging_client_operation_duration_seconds_count)", 1252)
    prometheus.wait_for('messaging_client_operation_duration_seconds_sum{messaging_destination_name="payments"}', 10)
    prometheus.wait_for('example_topics{job="shop"}', 2)
    prometheus.wait_for('example_slow_share_ratio{messaging_destination_name="payments"}', 1)
    prometheus.wait_for('count(target_info{job="billing",instance="billing"})', 1)


def test_numbers_go_on_rising_and_the_last_ones_of_a_host_are_seen(source, prometheus):
    for count in (5, 12, 20):
        source.tell(f"send shop orders {count} 0.01")
    prometheus.wait_for("messaging_client_sent_messages_total", 37)
    source.tell("send shop orders 3 0.01")
    source.tell("end shop")
    prometheus.wait_for("messaging_client_sent_messages_total", 40)


def test_the_target_is_up_and_no_sample_is_refused(source, prometheus):
    source.tell("send shop orders 1 0.01")
    source.tell("send billing orders 1 0.01")
    prometheus.wait_for("sum(messaging_client_sent_messages_total)", 2)
    prometheus.wait_for("up", 1)
    with urllib.request.urlopen(prometheus.url + "/metrics", timeout=20) as answer:
        refused = re.findall(rb"(?m)^prometheus_target_scrapes_(?:sample|exemplar)\w+_total (\S+)", answer.read())
    assert refused and all(float(count) == 0 for count in refused)


def test_promtool_finds_nothing_wrong_with_a_page_of_all_instruments(source, root):
    source.tell("send shop orders 7 0.003")
    page = source.page()
    assert {line.split()[3] for line in page.splitlines() if line.startswith("# TYPE")} == {"counter", "gauge", "histogram"}
    checked = subprocess.run([root / "bin/prometheus", "check"], input=page, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("sampler", [("always_off", "0"), ("traceidratio", "0.01"), ("always_on", "1")], ids=lambda sampler: sampler[0])
def test_every_message_is_counted_whatever_is_sampled(sampler, collecting, kafka, build, root, tmp_path):
    collecting.start(OTEL_METRICS_EXPORTER="prometheus", OTEL_EXPORTER_PROMETHEUS_PORT="0", OTEL_TRACES_EXPORTER="none")
    page = re.search(r"http://\S+/metrics", collecting.said_at_start)[0]
    prometheus = Prometheus(root, tmp_path / "prometheus", urllib.parse.urlsplit(page).netloc)
    topic = kafka.topic()
    for count in (700, 300):
        subprocess.run(
            ["kcat", "-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}", "-b", kafka.address, "-P", "-t", topic],
            input="order\n" * count, text=True, check=True,
            env=environment(
                None, WAYBILL_RUNTIME_DIR=str(collecting.runtime), OTEL_SERVICE_NAME="shop",
                OTEL_TRACES_SAMPLER=sampler[0], OTEL_TRACES_SAMPLER_ARG=sampler[1],
            ),
        )
    prometheus.wait_for("sum by (job) (messaging_client_sent_messages_total)", 1000)
    # Two processes were one service.
    assert sorted(prometheus.query("messaging_client_sent_messages_total").values()) == [300, 700]
    prometheus.wait_for("sum(messaging_client_operation_duration_seconds_count)", 1000)
    prometheus.stop()
