"""A server that gives the answers it was given, in place of `waybill server`."""

import http.server
import json
import threading
import urllib.parse


class FakeServer:
    """`answers`: by path, a dict, or raw bytes, or a status with either. It refuses whoever does not know its token."""

    def __init__(self, answers, token=None):
        self.answers = answers
        self.token = token
        self.asked = []  # path and parameters of each question

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                self._answer(handler)

            def log_message(handler, *arguments):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _answer(self, handler):
        address = urllib.parse.urlsplit(handler.path)
        self.asked.append((address.path, dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))))
        if self.token is not None and handler.headers.get("Authorization") != f"Bearer {self.token}":
            status, body = 401, {"error": "this server needs a token"}
        else:
            answer = self.answers.get(address.path, (404, {"error": "there is no such question"}))
            status, body = answer if isinstance(answer, tuple) else (200, answer)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
