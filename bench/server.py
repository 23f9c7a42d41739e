"""Measures `waybill server`: how fast it takes spans, what that costs, and how long questions take when they are all there.

Called by bin/bench server. `bench-spans` makes an hour of telemetry and sends it; messages out of it are asked for afterwards."""

import argparse
import http.client
import json
import os
import pathlib
import platform
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import progress
from other_side import clean_environment, cpu_ns_of

ROOT = pathlib.Path(__file__).resolve().parents[1]
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
MOST_SECONDS = 30  # of one kind of question


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bin/bench server", description=__doc__.split("\n")[0])
    parser.add_argument("--spans", type=int, default=5_000_000, metavar="N", help="how many are sent (default 5,000,000)")
    parser.add_argument("--connections", type=int, default=4, metavar="N", help="over which they are sent (default 4)")
    parser.add_argument("--questions", type=int, default=300, metavar="N", help="of each kind; a tenth of those about the whole hour (default 300)")
    parser.add_argument("--max-size", default="16GB", metavar="SIZE", help="of the store; above what the spans take, so that none goes (default 16GB)")
    parser.add_argument("--dir", default="/var/tmp", metavar="DIR", help="where the store's folder is made, on a disk (default /var/tmp)")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables there, too")
    return parser.parse_args()


class Server:
    """A waybill-server of this build, on a port of its own."""

    def __init__(self, build, folder, max_size):
        began = time.monotonic()
        self._process = subprocess.Popen(
            [build / "bin/waybill-server", "--port", "0", "--grpc-port", "-1", "--store", folder, "--max-size", max_size],
            stdout=subprocess.PIPE, text=True, env=clean_environment(),
        )
        self.url = self._process.stdout.readline().strip()
        self.start_seconds = time.monotonic() - began
        self.address = urllib.parse.urlparse(self.url).netloc

    def cpu_seconds(self):
        return cpu_ns_of(self._process.pid) / 1e9

    def memory_mib(self):
        """All, what is its own, its share of files (which the kernel takes back when it needs room), and the most there was."""
        lines = pathlib.Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon", "RssFile", "VmHWM")}

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


class Ask:
    """One connection, as a page has it."""

    def __init__(self, address):
        self._http = http.client.HTTPConnection(address, timeout=120)

    def __call__(self, path, **parameters):
        """The milliseconds until the whole answer is there, and the answer."""
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        began = time.perf_counter()
        self._http.request("GET", "/api/v1" + path + query)
        response = self._http.getresponse()
        body = response.read()
        took = (time.perf_counter() - began) * 1e3
        if response.status != 200:
            raise SystemExit(f"{path}{query} was answered with {response.status}: {body[:200]!r}")
        return took, json.loads(body)


class Questions:
    """What is asked, by kind: a function of one sent message, which complains when the answer does not know it."""

    def __init__(self, ask, begin_ms):
        self._ask, self._hour = ask, {"from": begin_ms, "to": begin_ms + HOUR_MS}
        self.look_ups = {
            "/message by place": self.message_by_place,
            "/message by context": self.message_by_context,
            "/messages by place": self.messages_by_place,
            "/messages by topic and key": self.messages_by_key,
            "/messages by key alone": self.messages_by_key_alone,
            "/messages by trace": self.messages_by_trace,
            "/messages of a topic": self.messages_of_topic,
            "/messages failed, of a topic": self.failed_messages,
            "/traces/ID": self.trace,
        }
        self.of_the_hour = {
            "/traces, newest of a topic": self.traces,
            "/flow": lambda _: self._whole_hour("/flow", "nodes"),
            "/overview": lambda _: self._whole_hour("/overview", "topics"),
            "/lag": lambda _: self._whole_hour("/lag", "groups"),
            "/loss": lambda _: self._whole_hour("/loss", "topics"),
        }

    def message_by_place(self, one):
        return self._message(one, **place_of(one))

    def message_by_context(self, one):
        return self._message(one, trace=one["trace"], span=one["span"])

    def _message(self, one, **parameters):
        took, answer = self._ask("/message", **parameters)
        check(answer["message"]["key"] == one["key"] and answer["produced"], "/message", one)
        return took

    def messages_by_place(self, one):
        return self._messages(one, **place_of(one))

    def messages_by_key(self, one):
        return self._messages(one, topic=one["topic"], key=one["key"])

    def messages_by_key_alone(self, one):
        return self._messages(one, key=one["key"])

    def messages_by_trace(self, one):
        return self._messages(one, trace=one["trace"])

    def _messages(self, one, **parameters):
        took, answer = self._ask("/messages", **self._hour, **parameters)
        check(any(message["message"]["span_id"] == one["span"] for message in answer["messages"]), "/messages", one)
        return took

    def messages_of_topic(self, one):
        took, answer = self._ask("/messages", **self._hour, topic=one["topic"])
        check(len(answer["messages"]) > 0, "/messages", one)
        return took

    def failed_messages(self, one):
        return self._ask("/messages", **self._hour, topic=one["topic"], error="true")[0]

    def trace(self, one):
        took, answer = self._ask("/traces/" + one["trace"])
        check(any(span["span_id"] == one["span"] for span in answer["spans"]), "/traces", one)
        return took

    def traces(self, one):
        took, answer = self._ask("/traces", **self._hour, topic=one["topic"])
        check(len(answer["traces"]) > 0, "/traces", one)
        return took

    def _whole_hour(self, path, member):
        took, answer = self._ask(path, **self._hour)
        check(len(answer[member]) > 0, path, self._hour)
        return took


def place_of(one):
    return {name: one[name] for name in ("topic", "partition", "offset")}


def check(is_right, path, about):
    if not is_right:
        raise SystemExit(f"{path} does not know {about}")


class Sending:
    """bench-spans at work. What it says is kept: how much was answered, and messages that may be asked for."""

    def __init__(self, build, server, options, begin_ms):
        self._server, self._wanted = server, options.spans
        self._began = time.monotonic()
        self.messages, self.spans, self.bytes, self.milliseconds = [], 0, 0, []
        self.tenths = []  # spans/s of each tenth of the way
        self.summary = None
        self._process = subprocess.Popen(
            [build / "bin/bench-spans", "--url", server.url, "--spans", str(options.spans), "--connections", str(options.connections),
             "--begin", str(begin_ms)],
            stdout=subprocess.PIPE, text=True,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        told = tenth_began = time.monotonic()
        spans_before = 0
        for line in self._process.stdout:
            said = json.loads(line)
            if "all" in said:
                self.summary = said
                continue
            self.spans += said["spans"]
            self.bytes += said["bytes"]
            self.milliseconds.append(said["ms"])
            if said["message"]:
                self.messages.append(said["message"])
            now = time.monotonic()
            if self.spans - spans_before >= self._wanted / 10:
                self.tenths.append((self.spans - spans_before) / (now - tenth_began))
                spans_before, tenth_began = self.spans, now
            if now - told > 1:
                told = now
                progress.show(f"{self.spans:,} of {self._wanted:,} spans, {self.spans / (now - self._began):,.0f}/s, "
                         f"{self._server.memory_mib()['VmRSS']:.0f} MiB")

    def is_running(self):
        return self._process.poll() is None

    def wait(self):
        self._thread.join()
        if self._process.wait() != 0:
            raise SystemExit("bench-spans failed")


def ask_while(sending, questions, choose):
    """One question every tenth of a second, in turn, until everything is sent."""
    kinds = ["/message by place", "/messages by place", "/messages by topic and key", "/traces/ID"]
    times = {kind: [] for kind in [*kinds, "/flow"]}
    while sending.is_running():
        time.sleep(0.1)
        if not sending.messages:
            continue
        kind = choose.choice(list(times))
        one = choose.choice(sending.messages)
        times[kind].append((questions.look_ups.get(kind) or questions.of_the_hour[kind])(one))
    return times


def ask_all(server, questions, messages, count, choose, title, cpu):
    """The times of each kind; `cpu` gets the milliseconds of the server's CPU a question, which a busy machine changes less."""
    times = {}
    for kinds, so_many in ((questions.look_ups, count), (questions.of_the_hour, max(1, count // 10))):
        for kind, question in kinds.items():
            until, times[kind], used = time.monotonic() + MOST_SECONDS, [], server.cpu_seconds()
            for one in choose.choices(messages, k=so_many):
                times[kind].append(question(one))
                if time.monotonic() > until:
                    break
                progress.show(f"{title}: {kind}: {len(times[kind])} of {so_many}")
            cpu[kind] = (server.cpu_seconds() - used) / len(times[kind]) * 1e3
    return times


def evict(folder):
    """The kernel forgets what it has of these files."""
    for file in folder.iterdir():
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def run(options, build, folder):
    choose = random.Random(1)
    begin_ms = int(time.time() * 1e3) // MINUTE_MS * MINUTE_MS - HOUR_MS - MINUTE_MS
    result = {"cpu ms": {}}
    server = Server(build, folder, options.max_size)
    try:
        sending = Sending(build, server, options, begin_ms)
        result["while ingesting"] = ask_while(sending, Questions(Ask(server.address), begin_ms), choose)
        sending.wait()
        result["ingest"] = ingest_figures(sending, server, folder)
        result["warm"] = ask_all(server, Questions(Ask(server.address), begin_ms), sending.messages, options.questions, choose, "warm", result["cpu ms"])
        result["memory after questions"] = server.memory_mib()
    finally:
        server.stop()
    result["bytes"] = sum(file.stat().st_size for file in folder.iterdir())
    evict(folder)
    server = Server(build, folder, options.max_size)
    try:
        result["start seconds"] = server.start_seconds
        result["cold"] = ask_all(server, Questions(Ask(server.address), begin_ms), sending.messages, options.questions, choose, "cold", {})
    finally:
        server.stop()
    progress.clear()
    return result


def ingest_figures(sending, server, folder):
    return {
        "spans": sending.summary["all"],
        "per_second": sending.summary["all"] / sending.summary["seconds"],
        "slowest tenth": min(sending.tenths),
        "cpu_seconds": server.cpu_seconds(),
        "request_ms": sending.milliseconds,
        "sent bytes": sending.bytes,
        "memory": server.memory_mib(),
        "files": len(list(folder.glob("*.sqlite"))),
    }


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def ingest_markdown(result):
    ingest, memory = result["ingest"], result["ingest"]["memory"]
    after = result["memory after questions"]
    rows = [
        ("spans", f"{ingest['spans']:,}, in {ingest['files']} files"),
        ("taken", f"{ingest['per_second']:,.0f} spans/s; in the slowest tenth {ingest['slowest tenth']:,.0f}"),
        ("a request of 512, p50 / p95 / max", " / ".join(f"{quantile(ingest['request_ms'], part):.0f}" for part in (0.5, 0.95, 1)) + " ms"),
        ("server's CPU", f"{ingest['cpu_seconds'] / ingest['spans'] * 1e6:.1f} s for a million spans"),
        ("memory at the end of sending", f"{memory['VmRSS']:.0f} MiB, of it its own {memory['RssAnon']:.0f}"),
        ("memory after the questions", f"{after['VmRSS']:.0f} MiB, of it its own {after['RssAnon']:.0f}, the rest the files'; the most {after['VmHWM']:.0f}"),
        ("on disk", f"{result['bytes'] / ingest['spans']:.0f} bytes a span; as OTLP it was {ingest['sent bytes'] / ingest['spans']:.0f}"),
        ("start on that store, cold", f"{result['start seconds']:.1f} s"),
    ]
    return "\n".join(["### Taking spans", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]) + "\n"


def questions_markdown(result):
    phases = ("warm", "cold", "while ingesting")
    lines = ["### Questions: p50 / p95 / max, ms", "", "| question | asked | " + " | ".join(phases) + " | server's CPU, warm, mean |", "|---|---|---|---|---|---|"]
    for kind, times in result["warm"].items():
        cells = []
        for phase in phases:
            values = result[phase].get(kind)
            cells.append(" / ".join(f"{quantile(values, part):.1f}" for part in (0.5, 0.95, 1)) if values else "–")
        lines.append(f"| {kind} | {len(times)} | " + " | ".join(cells) + f" | {result['cpu ms'][kind]:.1f} |")
    return "\n".join(lines) + "\n"


def main():
    options = parse_arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="waybill-bench-", dir=options.dir))
    try:
        result = run(options, ROOT / "build", folder)
    finally:
        shutil.rmtree(folder)
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}; {options.connections} connections, requests of 512 spans.\n"
    text = "\n".join([machine, ingest_markdown(result), questions_markdown(result)])
    print(text)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=1))
    if options.markdown:
        pathlib.Path(options.markdown).write_text(text)


if __name__ == "__main__":
    main()
