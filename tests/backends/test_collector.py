"""A real OpenTelemetry Collector: what it took and wrote down is, span by span, what Waybill wrote to a file of its own."""

import json
import pathlib
import subprocess

import pytest
from collecting import wait_until
from go_servers import GoServer, skip_unless_built
from otlp_lines import logs_in_file, spans_in_file
from traffic import every_shape_of_span


@pytest.fixture(scope="session", autouse=True)
def collector_is_built(root):
    skip_unless_built(root, "collector")


class Certificates:
    """An authority, a certificate for the server and one for a client."""

    def __init__(self, directory):
        self._directory = directory
        self.authority = directory / "authority.crt"
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self._openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.crt")
        (directory / "names").write_text("subjectAltName=IP:127.0.0.1")
        for who in "server", "client":
            self._openssl(*new, "-subj", f"/CN={who}", "-keyout", f"{who}.key", "-out", f"{who}.request")
            self._openssl(
                "x509", "-req", "-in", f"{who}.request", "-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial",
                "-days", "2", "-extfile", "names", "-out", f"{who}.crt",
            )

    def of(self, who):
        return self._directory / f"{who}.crt", self._directory / f"{who}.key"

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self._directory, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def collector(root, tmp_path):
    """Starts the Collector, with settings for TLS or with a receiver from Kafka, and stops it after the test."""
    servers = []

    def start(tls=None, kafka=None):
        configuration = tmp_path / "more.yaml"
        receivers = {}
        if tls:
            receivers["otlp"] = {"protocols": {"http": {"tls": tls}, "grpc": {"tls": tls}}}
        if kafka:
            receivers["kafka"] = kafka
        traces = {"receivers": ["otlp", *(["kafka"] if kafka else [])]}
        configuration.write_text(json.dumps({"receivers": receivers, "service": {"pipelines": {"traces": traces}}}))  # YAML, too
        servers.append(GoServer(root, "collector", tmp_path / "collector", "--config", configuration))
        return servers[0]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def assert_everything_arrives(preload, kafka, build, tmp_path):
    """Runs programs whose spans go to the Collector, in the way that the variables say, and to a file: both get the same."""
    own = tmp_path / "own.jsonl"

    def run_all(collector, exporter="otlp", **variables):
        def run(service, *command, **options):
            result = preload.run(
                None, *command, OTEL_SERVICE_NAME=service, OTEL_TRACES_EXPORTER=f"{exporter},otlp_file", WAYBILL_OTLP_FILE=str(own),
                **variables, **options,
            )
            assert result.returncode == 0, result.stderr
            assert result.books["exporters"]["exported"] == result.books["exporters"]["submitted"], result.stderr

        every_shape_of_span(run, kafka, build)
        wanted = spans_in_file(own)
        assert {span["status"][0] for span in wanted.values()} == {0, 2}  # some have failed
        assert max(len(span["links"]) for span in wanted.values()) > 1  # a batch
        read_back = lambda: spans_in_file(traces_of(collector))
        wait_until(lambda: read_back().keys() >= wanted.keys(), "the Collector has written everything")
        assert read_back() == wanted

    return run_all


PROTOCOLS = ["http/protobuf", "http/json", "grpc"]


def address(collector, protocol):
    return collector.places["otlp_grpc" if protocol == "grpc" else "otlp_http"]


def traces_of(collector):
    return pathlib.Path(collector.places["traces"])


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_collector_gets_every_span_as_it_is(collector, assert_everything_arrives, protocol, compression):
    running = collector()
    assert_everything_arrives(
        running, OTEL_EXPORTER_OTLP_ENDPOINT="http://" + address(running, protocol),
        OTEL_EXPORTER_OTLP_PROTOCOL=protocol, OTEL_EXPORTER_OTLP_COMPRESSION=compression,
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_collector_gets_every_log_record_as_it_is(collector, build, preload, tmp_path, protocol):
    running = collector()
    own = tmp_path / "own-logs.jsonl"
    result = preload.run(
        None, build / "hosts/host-destroy_with_queued", "127.0.0.1:1", "orders",
        OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="otlp,otlp_file", WAYBILL_OTLP_FILE=str(own),
        OTEL_EXPORTER_OTLP_ENDPOINT="http://" + address(running, protocol), OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
    )
    assert result.books["log_exporters"]["exported"] == result.books["log_exporters"]["submitted"] == 10, result.stderr
    wanted = logs_in_file(own)
    assert len(wanted) == 5
    written = pathlib.Path(running.places["logs"])
    wait_until(lambda: logs_in_file(written).keys() >= wanted.keys(), "the Collector has written everything")
    assert logs_in_file(written) == wanted


def test_what_the_collector_reads_from_a_topic_of_kafka_is_every_span_as_it_is(collector, assert_everything_arrives, real_kafka):
    topic = real_kafka.topic()
    running = collector(kafka={
        "brokers": [real_kafka.address], "initial_offset": "earliest", "traces": {"topics": [topic], "encoding": "otlp_proto"},
    })
    assert_everything_arrives(
        running, exporter="kafka", WAYBILL_KAFKA_CONFIG=f"bootstrap.servers={real_kafka.address}", WAYBILL_KAFKA_TOPIC_TRACES=topic,
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_tls_with_an_authority_of_ones_own(collector, assert_everything_arrives, certificates, protocol):
    certificate, key = certificates.of("server")
    running = collector({"cert_file": str(certificate), "key_file": str(key)})
    assert_everything_arrives(
        running, OTEL_EXPORTER_OTLP_ENDPOINT="https://" + address(running, protocol), OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
        OTEL_EXPORTER_OTLP_CERTIFICATE=str(certificates.authority),
    )


@pytest.fixture
def asking_collector(collector, certificates):
    """A Collector that takes spans only from clients with a certificate of the authority."""
    certificate, key = certificates.of("server")
    return collector({"cert_file": str(certificate), "key_file": str(key), "client_ca_file": str(certificates.authority)})


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_collector_that_asks_for_a_certificate_is_shown_one(asking_collector, assert_everything_arrives, certificates, protocol):
    certificate, key = certificates.of("client")
    assert_everything_arrives(
        asking_collector, OTEL_EXPORTER_OTLP_ENDPOINT="https://" + address(asking_collector, protocol),
        OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
        OTEL_EXPORTER_OTLP_CERTIFICATE=str(certificates.authority),
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(certificate), OTEL_EXPORTER_OTLP_CLIENT_KEY=str(key),
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_without_its_certificate_a_client_is_refused_and_its_spans_are_counted(
    asking_collector, preload, kafka, certificates, protocol
):
    result = preload.run(
        None, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * 5,
        OTEL_EXPORTER_OTLP_ENDPOINT="https://" + address(asking_collector, protocol), OTEL_EXPORTER_OTLP_TIMEOUT="500",
        OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
        OTEL_EXPORTER_OTLP_CERTIFICATE=str(certificates.authority),
    )
    assert result.returncode == 0
    exporters = result.books["exporters"]
    assert (exporters["exported"], sum(exporters["dropped"].values())) == (0, 5)
    assert spans_in_file(traces_of(asking_collector)) == {}
