"""Two servers that get the same telemetry: one that may ask the brokers, and one that may not."""

import http.server
import json
import threading

from waybill_server import WaybillServer


class Fork:
    """Takes OTLP over HTTP and posts each request to several servers; the sender gets the answer of the last one."""

    def __init__(self, servers):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name: self.headers[name] for name in ("Content-Type", "Content-Encoding") if name in self.headers}
                for server in servers:
                    status, _, answer = server.request(self.path, body, **headers)
                    if status != 200:
                        break
                self.send_response(status)
                self.send_header("Content-Type", headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Servers:
    """The two, and where telemetry goes so that both get it."""

    def __init__(self, build, directory, brokers):
        self.asking = WaybillServer(build, directory / "asking", "--kafka", brokers).start()
        self.alone = WaybillServer(build, directory / "alone").start()
        self._fork = Fork((self.asking, self.alone))
        self.url = self._fork.url

    def stop(self):
        self._fork.stop()
        for server in (self.asking, self.alone):
            assert server.process.poll() is None, "the server has ended by itself"
            server.stop()


def way_of(server, **name):
    """What the server says of one message; None where it knows nothing of it."""
    parameters = "&".join(f"{key}={value}" for key, value in name.items())
    status, _, body = server.request(f"/api/v1/message?{parameters}")
    assert status in (200, 404), body
    return json.loads(body) if status == 200 else None
