"""`waybill collect` beside several programs with the plugin, and `waybill broker`."""

import pathlib
import signal
import subprocess

from confluent_kafka import Producer
from doors import assert_books_balance, environment


def test_one_daemon_serves_several_programs_each_with_its_own_settings(plugin, sink, kafka):
    topic = kafka.topic()
    kcat = ["kcat", *plugin.host_options, "-b", kafka.address, "-P", "-t", topic]
    plugin.run(sink, *kcat, input="one", OTEL_SERVICE_NAME="first", OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test%20bed")
    plugin.run(sink, *kcat, input="two", OTEL_SERVICE_NAME="second")
    plugin.run(sink, *kcat, input="three", OTEL_SERVICE_NAME="third", OTEL_TRACES_SAMPLER="always_off")
    spans = sink.wait_for(2)
    books = plugin.books()
    assert_books_balance(books)
    assert {span["resource"]["service.name"] for span in sink.spans()} == {"first", "second"}
    assert spans[0]["resource"]["deployment.environment.name"] == "test bed"
    assert len(books["hosts"]) == 3


def test_plugin_properties_are_settings_too(plugin, sink, kafka):
    topic = kafka.topic()
    kcat = ["kcat", *plugin.host_options, "-X", "waybill.inject=never", "-b", kafka.address, "-P", "-t", topic]
    assert plugin.run(sink, *kcat, input="one").returncode == 0
    (span,) = sink.wait_for(1)
    assert span["kind"] == "CLIENT"


def test_segments_of_programs_that_have_ended_are_taken_away(plugin, sink, kafka, tmp_path):
    plugin.run(sink, "kcat", *plugin.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), input="one")
    sink.wait_for(1)
    plugin.stop()
    assert [path.name for path in (tmp_path / "runtime").iterdir()] == []


def test_without_a_collector_a_program_adds_no_context(build, kafka, tmp_path):
    topic = kafka.topic()
    runtime = tmp_path / "empty"
    runtime.mkdir(mode=0o700)
    options = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]
    result = subprocess.run(["kcat", *options, "-b", kafka.address, "-P", "-t", topic], input="one", text=True, capture_output=True,
                            env=environment(None, WAYBILL_RUNTIME_DIR=str(runtime)), timeout=30)
    assert result.returncode == 0 and result.stderr == ""
    read = subprocess.run(["kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%h\n"], capture_output=True, text=True, timeout=30)
    assert read.stdout == "\n"


def test_a_second_collector_in_one_directory_is_refused(build, plugin, tmp_path):
    result = subprocess.run([build / "bin/waybill", "collect", "--runtime-dir", tmp_path / "runtime"], capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert "another waybill already collects" in result.stderr


def test_the_broker_prints_its_address_makes_topics_and_stops_on_a_signal(build):
    broker = subprocess.Popen([build / "bin/waybill", "broker", "--topic", "orders:4"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    address = broker.stdout.readline().strip()
    assert address.startswith("127.0.0.1:")
    assert "for development only" in broker.stderr.readline()
    metadata = Producer({"bootstrap.servers": address}).list_topics("orders", timeout=10)
    assert len(metadata.topics["orders"].partitions) == 4
    broker.send_signal(signal.SIGTERM)
    assert broker.wait(10) == 0
    broker.stdout.close()
    broker.stderr.close()
