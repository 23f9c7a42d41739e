"""A real gRPC server gets by OTLP/gRPC what is written to a file, and what it answers is obeyed."""

import subprocess

import grpc
import pytest
from grpc_receiver import GrpcReceiver
from otlp_lines import names_in_lines

PARTIAL_SUCCESS = b"\x0a\x02\x08\x02"  # two spans were not taken


@pytest.fixture
def receiver(sink):
    with GrpcReceiver(sink) as running:
        yield running


@pytest.fixture
def send(preload, sink, kafka):
    """Sends this many messages, with the given settings, and returns the finished run."""

    def run(count, **variables):
        result = preload.run(
            sink, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), input="order\n" * count,
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc", **variables,
        )
        assert result.returncode == 0, result.stderr
        return result

    return run


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """PEM files of a receiver and of a client, each its own authority: {name: (certificate, key)}."""
    directory = tmp_path_factory.mktemp("certificates")
    files = {}
    for name in ("receiver", "client"):
        files[name] = directory / f"{name}.pem", directory / f"{name}.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[name][1], "-out", files[name][0]],
            check=True, stderr=subprocess.DEVNULL,
        )
    return files


def names_at(sink):
    return {span["span_id"]: span["name"] for span in sink.spans()}


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_what_a_grpc_receiver_gets_is_what_a_file_gets(send, receiver, sink, tmp_path, compression):
    path = tmp_path / "lines.jsonl"
    send(
        50, OTEL_TRACES_EXPORTER="otlp,otlp_file", WAYBILL_OTLP_FILE=str(path), OTEL_EXPORTER_OTLP_COMPRESSION=compression,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}", OTEL_EXPORTER_OTLP_HEADERS="api-key=a%20b",
        OTEL_EXPORTER_OTLP_TIMEOUT="7000",
    )
    assert names_in_lines(path.read_text()) == names_at(sink)
    assert len(names_at(sink)) == 50
    for call in receiver.calls:
        assert call["api-key"] == "a b"
        assert call["user-agent"].startswith("OTel-OTLP-Exporter-Waybill/")
        assert 0 < call["timeout"] <= 7


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_metrics_go_the_same_way(send, receiver, sink, compression):
    send(
        50, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}", OTEL_EXPORTER_OTLP_COMPRESSION=compression,
        OTEL_TRACES_EXPORTER="none",
    )
    assert sink.points("messaging.client.sent.messages")[-1]["value"] == 50
    assert not receiver.calls


def test_an_endpoint_without_a_scheme_is_plain_when_that_is_asked_for(send, receiver, sink):
    result = send(5, OTEL_EXPORTER_OTLP_ENDPOINT=f"127.0.0.1:{receiver.port}", OTEL_EXPORTER_OTLP_INSECURE="true")
    assert result.books["exporters"]["exported"] == len(names_at(sink)) == 5


def test_the_general_endpoint_of_grpc_has_no_path(send, receiver, sink):
    send(5, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}/v1/traces/")
    assert len(names_at(sink)) == 5


def test_what_may_be_tried_again_is_and_what_was_refused_is_counted(send, receiver, sink):
    receiver.answer_next(grpc.StatusCode.UNAVAILABLE, PARTIAL_SUCCESS)
    exporters = send(5, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}").books["exporters"]
    assert (exporters["exported"], exporters["dropped"]["rejected"], exporters["retries"]) == (3, 2, 1)
    receiver.answer_next(grpc.StatusCode.INVALID_ARGUMENT)
    result = send(5, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}")
    assert result.books["exporters"]["dropped"]["rejected"] == 5
    assert "it answered INVALID_ARGUMENT: so the test wants it" in result.stderr


def test_a_batch_that_is_larger_than_grpc_servers_take_goes_in_parts(send, receiver, sink):
    result = send(
        30_000, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="100000",
        OTEL_BSP_SCHEDULE_DELAY="5000",
    )
    assert result.books["exporters"]["exported"] == sink.received() == 30_000
    assert len(receiver.calls) > 1


def test_a_receiver_behind_tls_that_asks_for_a_certificate(send, sink, certificates):
    (receiver_certificate, receiver_key), (client_certificate, client_key) = certificates["receiver"], certificates["client"]
    credentials = grpc.ssl_server_credentials(
        [(receiver_key.read_bytes(), receiver_certificate.read_bytes())],
        root_certificates=client_certificate.read_bytes(), require_client_auth=True,
    )
    with GrpcReceiver(sink, credentials) as receiver:
        trusted = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://127.0.0.1:{receiver.port}", "OTEL_EXPORTER_OTLP_CERTIFICATE": str(receiver_certificate),
        }
        known = {
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(client_certificate), "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(client_key),
        }
        assert send(5, **trusted, **known).books["exporters"]["exported"] == 5
        stranger = send(5, **trusted, OTEL_EXPORTER_OTLP_TIMEOUT="500").books["exporters"]
        assert (stranger["exported"], stranger["dropped"]["unreachable"]) == (0, 5)
        # Without a scheme the connection is a safe one.
        without_scheme = {**trusted, "OTEL_EXPORTER_OTLP_ENDPOINT": f"127.0.0.1:{receiver.port}"}
        assert send(5, **without_scheme, **known).books["exporters"]["exported"] == 5
    assert len(names_at(sink)) == 10


def test_a_receiver_that_goes_away_and_comes_back_gets_everything(plugin, sink, kafka):
    def send_five(port):
        topic = kafka.topic()
        result = plugin.run(
            sink, "kcat", *plugin.host_options, "-b", kafka.address, "-P", "-t", topic, input="order\n" * 5,
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}",
        )
        assert result.returncode == 0, result.stderr
        sink.wait_for(5, topic=topic)

    with GrpcReceiver(sink) as first:
        send_five(first.port)
    with GrpcReceiver(sink, port=first.port) as second:
        send_five(second.port)
        assert second.calls
