"""A real gRPC server that takes OTLP and hands it on to the OTLP receiver of the test, which reads them."""

import concurrent.futures
import threading
import urllib.request

import grpc

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
PATHS = {TRACES: "/v1/traces", METRICS: "/v1/metrics", LOGS: "/v1/logs"}  # of OTLP over HTTP


class GrpcReceiver(grpc.GenericRpcHandler):
    """Serves while the `with` block lasts. `credentials`: with TLS. `port`: 0 for any."""

    def __init__(self, sink, credentials=None, port=0):
        self._sink = sink
        self._lock = threading.Lock()
        self._answers = []
        self.calls = []  # those with spans: the metadata of each, with its time-out as "timeout"
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4), handlers=[self], options=[("grpc.so_reuseport", 0)])
        address = f"127.0.0.1:{port}"
        self.port = self._server.add_secure_port(address, credentials) if credentials else self._server.add_insecure_port(address)
        self._server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.stop(grace=5).wait()

    def answer_next(self, *answers):
        """Scripts the next answers to spans: a grpc.StatusCode, or the bytes of a response."""
        self._answers.extend(answers)

    def service(self, details):
        exports = {TRACES: self._export_spans, METRICS: self._export_metrics, LOGS: self._export_logs}
        return grpc.unary_unary_rpc_method_handler(exports[details.method]) if details.method in exports else None

    def _export_metrics(self, request, _):
        self._hand_on(METRICS, request)
        return b""

    def _export_logs(self, request, _):
        self._hand_on(LOGS, request)
        return b""

    def _export_spans(self, request, context):
        with self._lock:
            self.calls.append({**dict(context.invocation_metadata()), "timeout": context.time_remaining()})
            answer = self._answers.pop(0) if self._answers else b""
        if isinstance(answer, grpc.StatusCode):
            context.abort(answer, "so the test wants it")
        self._hand_on(TRACES, request)
        return answer

    def _hand_on(self, method, request):
        headers = {"Content-Type": "application/x-protobuf"}
        post = urllib.request.Request(self._sink.url + PATHS[method], request, headers, method="POST")
        urllib.request.urlopen(post, timeout=20).close()
