"""The server as clients and readers meet it: OTLP in, questions, pages, and what it refuses."""

import concurrent.futures
import contextlib
import gzip
import http.client
import json
import socket
import subprocess
import threading
import time
import urllib.parse

import grpc
import pytest
from waybill_server import WaybillServer, span, text


@pytest.fixture
def server(build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as running:
        yield running


def run_server(build, *options):
    return subprocess.run([build / "bin/waybill", "server", *options], capture_output=True, text=True, timeout=30)


def test_a_killed_server_has_all_that_it_acknowledged(build, tmp_path):
    acknowledged = []
    with WaybillServer(build, tmp_path / "store") as server:
        def send(first):
            for number in range(first, first + 100_000):
                try:
                    if server.send([span(number, number)])[0] == 200:
                        acknowledged.append(number)
                except OSError:  # it is gone
                    return

        senders = [threading.Thread(target=send, args=(1_000_000 * (one + 1),)) for one in range(4)]
        for sender in senders:
            sender.start()
        while len(acknowledged) < 400:
            pass
        server.kill()
        for sender in senders:
            sender.join()
        server.start()
        lost = [number for number in acknowledged if server.request(f"/api/v1/traces/{number:032x}")[0] != 200]
        assert lost == []
        assert len(acknowledged) <= server.ask("/status")["store"]["spans"] <= len(acknowledged) + len(senders)


def test_every_way_of_sending_otlp_leads_into_the_store(server):
    assert server.send([span(1, 1)])[0] == 200
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span(2, 2)]}]}]}).encode()
    headers = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    assert server.request("/v1/traces", gzip.compress(body), **headers)[0] == 200
    lag = {"name": "kafka.consumer.lag", "gauge": {"dataPoints": [{"asInt": "3", "timeUnixNano": "1"}]}}
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [lag]}]}]}
    assert server.request("/v1/metrics", json.dumps(metrics).encode(), Content_Type="application/json")[0] == 200
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1", "body": {"stringValue": "x"}}]}]}]}
    assert server.request("/v1/logs", json.dumps(logs).encode(), Content_Type="application/json")[0] == 200
    store = server.ask("/status")["store"]
    assert (store["spans"], store["metric_points"], store["log_records"]) == (2, 1, 1)


def test_programs_send_over_http_and_grpc(preload, server, kafka, build):
    for number, (protocol, endpoint) in enumerate([("http/protobuf", server.url), ("grpc", f"http://{server.grpc}")]):
        topic = kafka.topic()
        result = preload.run(
            None, "kcat", "-b", kafka.address, "-P", "-t", topic, "-p", "0", input=f"value {number}",
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_PROTOCOL=protocol, OTEL_TRACES_EXPORTER="otlp",
            OTEL_SERVICE_NAME="orders",
        )
        assert result.returncode == 0, result.stderr
        way = server.wait_for("/messages", lambda answer: answer["messages"], topic=topic)
        assert way["messages"][0]["message"]["offset"] == 0
        found = server.ask("/message", topic=topic, partition=0, offset=0)
        assert found["produced"]["service"] == "orders"
        assert found["produced"]["persistence"] == "persisted"
        assert found["verdict"]["state"] == "acknowledged"


def of_protobuf(number, value):
    """A field of a message: bytes, or a fixed number of 64 bits."""
    if isinstance(value, int):
        return bytes([number << 3 | 1]) + value.to_bytes(8, "little")
    length, rest = b"", len(value)
    while rest >= 128:
        length += bytes([rest & 127 | 128])
        rest >>= 7
    return bytes([number << 3 | 2]) + length + bytes([rest]) + value


def test_many_calls_over_grpc_at_once_are_all_taken(server):
    """A client need not send again what is refused because there is no thread for it (RESOURCE_EXHAUSTED)."""
    calls, spans = 200, 500
    requests = []
    for call in range(calls):
        each = [
            of_protobuf(1, (call + 1).to_bytes(16, "big")) + of_protobuf(2, (number + 1).to_bytes(8, "big")) + of_protobuf(5, b"send orders")
            + of_protobuf(7, time.time_ns()) + of_protobuf(8, time.time_ns())
            for number in range(spans)
        ]
        scope = b"".join(of_protobuf(2, one) for one in each)
        requests.append(of_protobuf(1, of_protobuf(2, scope)))
    with contextlib.ExitStack() as stack:
        # A pool of connections for each, so that the calls do not go through one.
        channels = [stack.enter_context(grpc.insecure_channel(server.grpc, [("grpc.use_local_subchannel_pool", 1)])) for _ in range(10)]
        exports = [channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export") for channel in channels]
        answers = [exports[number % len(exports)].future(request, timeout=60) for number, request in enumerate(requests)]
        assert [answer.code() for answer in answers] == [grpc.StatusCode.OK] * calls
    assert server.ask("/status")["store"]["spans"] == calls * spans


def test_many_questions_at_once_are_all_answered(server):
    server.send([span(1, number, offset=number) for number in range(1, 500)])
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: server.request("/api/v1/overview"), range(128)))
    assert [status for status, _, _ in answers] == [200] * 128


def test_one_bad_span_is_refused_and_the_others_are_kept(server):
    status, _, body = server.send([span(1, 1), {**span(1, 2), "spanId": ""}, span(1, 3)])
    assert status == 200
    assert json.loads(body)["partialSuccess"]["rejectedSpans"] == "1"
    assert len(server.ask(f"/traces/{1:032x}")["spans"]) == 2
    assert server.ask("/status")["received"]["rejected_items"] == 1


@pytest.mark.parametrize(
    "body, headers, status",
    [
        (b"{", {"Content_Type": "application/json"}, 400),
        (b"\xff\xff", {"Content_Type": "application/x-protobuf"}, 400),
        (b"{}", {"Content_Type": "text/plain"}, 415),
        (b" " * (21 << 20), {"Content_Type": "application/json"}, 413),
        (gzip.compress(b" " * (64 << 20)), {"Content_Type": "application/json", "Content_Encoding": "gzip"}, 413),
    ],
    ids=["broken JSON", "broken protobuf", "another type", "too large", "too large when unpacked"],
)
def test_what_is_no_export_is_refused(server, body, headers, status):
    try:
        assert server.request("/v1/traces", body, **headers)[0] == status
    except (ConnectionError, http.client.HTTPException, OSError):
        assert status == 413  # it may hang up before all of it was sent
    assert server.send([span(1, 1)])[0] == 200
    assert server.ask("/status")["store"]["spans"] == 1


def test_only_names_of_this_machine_are_answered_without_a_token(server):
    for host, status in [("localhost:1", 200), ("127.0.0.1", 200), ("[::1]:9", 200), ("evil.example", 403), ("evil.example:4318", 403), ("127.evil.example", 403)]:
        connection = http.client.HTTPConnection(urllib.parse.urlparse(server.url).netloc)
        connection.request("GET", "/api/v1/status", headers={"Host": host})
        assert connection.getresponse().status == status, host


def test_no_request_hides_in_the_body_of_one_that_is_refused(server):
    hidden = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    address = urllib.parse.urlparse(server.url)
    for path, host in [("/", "evil.example"), ("/v1/other", "localhost"), ("/api/v1/status", "localhost")]:
        with socket.create_connection((address.hostname, address.port)) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(hidden)}\r\n\r\n"
            connection.sendall(head.encode() + hidden)
            answered = b""
            try:
                while more := connection.recv(65536):
                    answered += more
            except ConnectionResetError:
                pass
        assert answered.count(b"HTTP/1.1 ") == 1, answered
        assert b"\r\nConnection: close\r\n" in answered


def test_a_large_body_at_another_path_takes_no_memory(server):
    packed = gzip.compress(b" " * (300 << 20))
    try:
        server.request("/x", packed, Content_Encoding="gzip")
    except OSError:  # it hangs up
        pass
    with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as status:
        peak_kib = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    assert peak_kib < 200 << 10


def test_what_is_sent_again_counts_once(server):
    for _ in range(3):
        assert server.send([span(1, 1, offset=5)])[0] == 200
    assert server.ask("/flow")["edges"][0]["messages"] == 1


def test_a_token_is_asked_of_who_sends_and_who_asks(build, tmp_path):
    token = "a token of many characters"
    file = tmp_path / "token"
    file.write_text(token.replace(" ", "-") + "\n")
    with WaybillServer(build, tmp_path / "store", "--token-file", file, token=token.replace(" ", "-")) as server:
        assert server.request("/api/v1/status")[0] == 200
        assert server.send([span(1, 1)])[0] == 200
        status, headers, _ = server.request("/api/v1/status", Authorization="Bearer wrong")
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert server.send([span(1, 2)], Authorization="")[0] == 401
        assert server.request("/", Authorization="")[0] == 200  # the page asks for it
        assert server.ask("/status")["store"]["spans"] == 1


def test_what_cannot_be_served_is_told(build, tmp_path):
    result = run_server(build, "--host", "0.0.0.0", "--port", "0", "--store", tmp_path / "a")
    assert (result.returncode, "--token-file" in result.stderr) == (1, True), result.stderr
    short = tmp_path / "short"
    short.write_text("short")
    result = run_server(build, "--token-file", short)
    assert (result.returncode, "at least 16 characters" in result.stderr) == (2, True), result.stderr
    assert "--max-size" in run_server(build, "--max-size", "1KB").stderr
    assert run_server(build, "--port", "wrong").returncode == 2
    with WaybillServer(build, tmp_path / "store") as server:
        result = run_server(build, "--port", "0", "--grpc-port", "-1", "--store", tmp_path / "store")
        assert (result.returncode, "another server uses" in result.stderr) == (1, True), result.stderr
        port = server.url.rsplit(":", 1)[1]
        result = run_server(build, "--port", port, "--grpc-port", "-1", "--store", tmp_path / "other")
        assert (result.returncode, "cannot listen on 127.0.0.1:" + port in result.stderr) == (1, True), result.stderr


def test_files_of_otlp_lines_are_imported(build, tmp_path):
    lines = tmp_path / "spans.jsonl"
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span(7, 7)]}]}]}
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [{"asInt": "3", "timeUnixNano": "1"}]}}]}]}]}
    lines.write_text(f"{json.dumps(body)}\nno line\n\n{json.dumps(metrics)}\n")
    with WaybillServer(build, tmp_path / "store", "--import", lines) as server:
        assert server.ask(f"/traces/{7:032x}")["spans"][0]["name"] == "send orders"
        assert server.ask("/status")["store"]["metric_points"] == 1
        server.process.terminate()
        assert "spans.jsonl:2" in server.process.stderr.read()
    result = run_server(build, "--port", "0", "--grpc-port", "-1", "--store", tmp_path / "other", "--import", tmp_path / "none")
    assert (result.returncode, "cannot read" in result.stderr) == (1, True), result.stderr


def test_everything_is_there_after_a_restart(build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        server.send([span(1, 1, offset=5), span(1, 2, "process", offset=5, parent=f"{1:016x}", attributes=[text("messaging.consumer.group.name", "g")])])
        before = [server.ask(path)["edges" if path == "/flow" else "topics"] for path in ("/flow", "/overview")]
        server.stop()
        server.start()
        after = [server.ask(path)["edges" if path == "/flow" else "topics"] for path in ("/flow", "/overview")]
        assert [len(one) for one in before] == [len(one) for one in after] == [3, 1]
        assert server.ask("/message", topic="orders", partition=0, offset=5)["groups"][0]["verdict"]["state"] == "processed"


def test_pages_and_the_description_are_given_out_safely(server):
    status, headers, body = server.request("/")
    assert status == 200
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"waybill" in body.lower()
    assert server.request("/api/v1/openapi.yaml")[2].startswith(b"openapi: 3")
    assert server.request("/../../etc/passwd")[0] in (400, 404)
    assert server.request("/api/v1/nothing")[0] == 404
    assert server.request("/v1/nothing", b"")[0] == 404


def test_the_help_says_how_to_begin(build):
    result = run_server(build, "--help")
    assert result.returncode == 0
    assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318" in result.stdout


def test_views_that_speak_jaegers_api_find_services_and_traces(server):
    assert server.send([span(1, 1, offset=5)], service="orders")[0] == 200
    group = [text("messaging.consumer.group.name", "g")]
    failed = span(1, 2, "process", offset=5, parent=f"{1:016x}", attributes=group, status={"code": 2, "message": "no"})
    assert server.send([failed], service="billing")[0] == 200
    ask = lambda path: json.loads(server.request(path)[2])["data"]  # noqa: E731
    assert ask("/api/services") == ["billing", "orders"]
    assert ask("/api/services/orders/operations") == ["send orders"]
    assert ask("/api/operations?service=billing") == [{"name": "process orders", "spanKind": "consumer"}]
    (trace,) = ask("/api/traces/1")  # zeros on the left may be missing
    assert ask("/api/traces?service=orders&limit=5") == [trace]
    assert ask("/api/traces?service=orders&operation=other") == []
    sent, processed = sorted(trace["spans"], key=lambda one: one["spanID"])
    assert trace["processes"][sent["processID"]]["serviceName"] == "orders"
    assert processed["references"] == [{"refType": "CHILD_OF", "traceID": f"{1:032x}", "spanID": f"{1:016x}"}]
    tags = {tag["key"]: tag["value"] for tag in processed["tags"]}
    assert (tags["span.kind"], tags["error"], tags["messaging.kafka.offset"]) == ("consumer", True, 5)
    assert ask("/api/dependencies") == [{"parent": "orders", "child": "billing", "callCount": 1}]
    assert server.request("/api/traces/77")[0] == 404
