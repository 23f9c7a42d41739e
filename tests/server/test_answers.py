"""`waybill explain`, `trace`, `lag`, `flow` and `loss`: what they ask a server, what they print, and how they fail."""

import fcntl
import json
import os
import pty
import re
import socket
import struct
import subprocess
import termios

import answers
import pytest
from doors import environment
from fake_server import FakeServer
from waybill_server import WaybillServer, span, text

TRACE = answers.TRACE
ASKING = {
    "explain": ["explain", "orders/3@1234"],
    "trace": ["trace", TRACE],
    "lag": ["lag"],
    "flow": ["flow"],
    "loss": ["loss"],
}


def all_answers():
    return {
        "/api/v1/message": answers.message_way(),
        f"/api/v1/traces/{TRACE}": answers.trace(),
        "/api/v1/lag": answers.lag(),
        "/api/v1/flow": answers.flow(),
        "/api/v1/loss": answers.loss(),
    }


@pytest.fixture
def server():
    with FakeServer(all_answers()) as running:
        yield running


@pytest.fixture
def ask(waybill, server):
    """Asks the fake server; the answer must come."""

    def run(*arguments, **variables):
        result = waybill(*arguments, "--server", server.url, **variables)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    return run


# What is printed


def test_a_message_is_explained(ask, root):
    assert ask("explain", "orders/3@1234") == """\
orders/3@1234, key "customer-17"
trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7

failed, proved: Group billing: Its processing ended with ValueError. The group
went on: nobody will try it again.

Produced    by order-service, client producer-1, instance a1
            at 2026-11-26 14:03:22.123
            took 4.6 ms: 1.2 ms in the client's queue, 3.4 ms until the broker
            kafka-2:9092 answered
            acks=all, persisted, transaction committed
Log         begins with offset 1200, and ends before 5000, when a broker was
            asked at 14:04:22.123
            the message can be read

Group billing  failed, proved
            Its processing ended with ValueError.
            5.0 ms in the log, the group goes on from offset 1235
  steps     14:03:22.132 received by billing-service, 2.0 ms
            14:03:22.134 failed by billing-service, consumer-1, b2, 40.0 ms,
            ValueError: no such customer
  because   billing-service failed with ValueError
  missing   whether it was tried again

Group audit  unknown
            Nothing says that the group got it.
  missing   what the group has committed

Came from   payments/0@17
Led to      invoices, span 00f067aa0ba902b9 of trace
            4bf92f3577b34da6a3ce929d0e0e4736
"""


def test_a_message_of_which_little_is_known_is_explained(ask, server):
    server.answers["/api/v1/message"] = {
        "message": answers.name(), "verdict": answers.verdict("unknown", "Nothing that is known tells what became of it.", confidence="unknown"),
        "produced": None, "log": None, "groups": [], "came_from": [], "led_to": [],
    }
    assert ask("explain", "orders/3@1234") == """\
orders/3@1234
trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa0ba902b7

unknown: Nothing that is known tells what became of it.

Produced    no span of its send is known
Log         no broker was asked

Groups      none is known that reads the topic
"""


def test_a_trace_is_a_timeline(ask):
    assert ask("trace", TRACE) == """\
Trace 4bf92f3577b34da6a3ce929d0e0e4736
2026-11-26 14:03:22.123, 100 ms, 3 spans of billing-service, order-service

span                                      begins      takes
send orders · order-service                 0 ms    10.0 ms ██
    orders/3@1234
    → process orders · billing-service
  process orders · billing-service       50.0 ms    50.0 ms           ██████████
      failed with ValueError
      no such customer
      ← send orders · order-service
  commit orders · billing-service         100 ms    0.01 ms                    █
      ← span 0000000000000009 of trace 00000000000000000000000000000007, which
        nobody has seen

Critical path, 100 ms
part            takes  share  where
client queue  10.0 ms   10 %  in the client of order-service
log           40.0 ms   40 %  in the log of orders
processing    50.0 ms   50 %  process orders of billing-service

Missing
  nobody has seen the parent 000000000000004d of commit orders of
  billing-service
"""


def test_lag_is_a_table_with_advice(ask):
    assert ask("lag") == """\
2026-11-26 13:03 to 14:03 UTC
group    topic      lag     oldest  trend/s  in/s  out/s  state
billing  orders  12,345  2 min 5 s    +60.0   180    120  falling behind
    More arrives than is processed.
    Advice: 2 of 4 partitions busy; processing 120/s, arriving 180/s: needs one
    more consumer
audit    orders     ≥ 3          –        –  12.5      0  stopped
    Nothing is got.
search   orders       0       0 ms        0  12.5   12.5  up to date
"""


def test_flow_is_a_table_of_edges(ask):
    assert ask("flow") == """\
2026-11-26 13:03 to 14:03 UTC, from spans (unscaled)
from            to              per s  errors        p50         p95         p99
service:order…  topic:orders      180             4.6 ms      9.2 ms     13.8 ms
    mean: client queue 1.2 ms, broker 3.4 ms
topic:orders    group:billing     120          2 min 5 s  4 min 10 s  6 min 15 s
group:billing   service:billi…    120       7     8.0 ms     16.0 ms     24.0 ms

Bottleneck  group:billing: Messages wait 2 min 5 s for it.

Who waits
  group:billing, slow: It processes 120/s of 180/s.
    topic:invoices waits 2 min 5 s, 12,345 messages
    group:mail waits, 1 message
"""


def test_losses_are_balances_and_names(ask):
    assert ask("loss") == """\
2026-11-26 13:03 to 14:03 UTC, from metrics

Topic orders
  sent     1,000 attempted = 2 rejected + 990 acknowledged + 3 failed + 5
           possibly persisted
           errors: 5 _TIMED_OUT, 2 _QUEUE_FULL
  billing  990 acknowledged = 980 processed + 5 pending + 2 skipped + 3 lost + 0
           unknown
           of the processed ones: 4 failed, 1 duplicated

By name
  2026-11-26 14:03:22.123  orders/3@1234 to 1240  group billing  billing-service
    skipped (reset), proved: The group went past it and never got it.
  2026-11-26 14:03:22.123  orders  order-service
    never sent (queue full), proved: It never left the client of order-service.

Why some are unknown
  spans tell of 5 of 50 messages
"""


def test_what_is_empty_is_said(ask, server):
    for question, empty in {"lag": {"groups": []}, "flow": {"edges": []}, "loss": {"topics": [], "named": []}}.items():
        server.answers[f"/api/v1/{question}"] = {"window": answers.WINDOW} | empty
        assert re.fullmatch(r"Nothing tells of .*, 2026-11-26 13:03 to 14:03 UTC\n", ask(question))


def test_balances_balance_as_they_are_printed(ask):
    sums = re.findall(r"([\d,]+) \w+ = ([^\n]*(?:\n {8,}\d[^\n]*| \+[^\n]*)*)", ask("loss", COLUMNS="200"))
    assert len(sums) == 2
    for whole, parts in sums:
        assert int(whole.replace(",", "")) == sum(int(number.replace(",", "")) for number in re.findall(r"(?<![\w])[\d,]+", parts))


# What is asked


def test_a_message_is_named_by_its_place_or_by_its_context(ask, server):
    ask("explain", "a/b/3@1234")
    ask("explain", "--trace", TRACE, "--span", answers.SENT)
    assert server.asked == [
        ("/api/v1/message", {"topic": "a/b", "partition": "3", "offset": "1234"}), ("/api/v1/message", {"trace": TRACE, "span": answers.SENT})
    ]


def test_a_search_lists_what_it_finds_and_explains_the_newest(ask, server):
    found = [
        {"message": answers.name(offset=offset, span=None), "time_ms": answers.T0 + offset, "service": "order-service", "duration_ms": 1, "error": error}
        for offset, error in ((5, None), (7, "_TIMED_OUT"), (6, None))
    ]
    server.answers["/api/v1/messages"] = {"messages": found, "next": None}
    key = "a b&c=d/é"
    text = ask("explain", "--topic", "orders", "--key", key, "--last", "1d")
    assert text.startswith("""\
3 messages of topic orders with key "a b&c=d/é", newest first. The newest is
explained.
  2026-11-26 14:03:22.130  orders/3@7  order-service  failed with _TIMED_OUT
  2026-11-26 14:03:22.129  orders/3@6  order-service
  2026-11-26 14:03:22.128  orders/3@5  order-service

orders/3@1234, key "customer-17"
""")
    (search_path, search), (message_path, message) = server.asked
    assert (search_path, message_path) == ("/api/v1/messages", "/api/v1/message")
    assert (search["topic"], search["key"]) == ("orders", key) and "from" in search
    assert message == {"topic": "orders", "partition": "3", "offset": "7"}


def test_json_of_a_search_is_of_one_message_and_the_list_is_on_stderr(waybill, server):
    found = {"message": answers.name(), "time_ms": answers.T0, "service": "a", "duration_ms": 1, "error": None}
    server.answers["/api/v1/messages"] = {"messages": [found, found], "next": "s1.2.3"}
    result = waybill("explain", "--trace", TRACE, "--json", "--server", server.url)
    assert (result.returncode, json.loads(result.stdout)) == (0, answers.message_way())
    assert result.stderr.startswith(f"2 messages and more of trace {TRACE}, newest first.")
    assert server.asked[0] == ("/api/v1/messages", {"limit": "20", "trace": TRACE})


def test_one_hit_needs_no_list(ask, server):
    found = {"message": answers.name(), "time_ms": answers.T0, "service": "a", "duration_ms": 1, "error": None}
    server.answers["/api/v1/messages"] = {"messages": [found], "next": None}
    assert ask("explain", "--topic", "orders").startswith("orders/3@1234, key")
    assert server.asked[1][1] == {"topic": "orders", "partition": "3", "offset": "1234", "trace": TRACE, "span": answers.SENT}


def test_names_and_times_are_asked_for(ask, server):
    ask("lag", "--group", "billing", "--topic", "orders", "--from", "2026-11-26T14:00:00Z", "--to", "2026-11-26 16:00:30+01:00")
    ask("loss", "--from", "2026-11-26", "--to", "1795701802123")
    ask("flow", "--to", "2026-11-26 14:00", "--last", "90m", TZ="UTC-2")
    assert server.asked == [
        ("/api/v1/lag", {"group": "billing", "topic": "orders", "from": "1795701600000", "to": "1795705230000"}),
        ("/api/v1/loss", {"from": "1795651200000", "to": "1795701802123"}),
        ("/api/v1/flow", {"from": str(1795694400000 - 5_400_000), "to": "1795694400000"}),
    ]
    ask("flow")
    assert server.asked[-1] == ("/api/v1/flow", {})


# For programs


@pytest.mark.parametrize("command", ASKING)
def test_json_is_the_servers_own(ask, server, command):
    path, answer = next((path, answer) for path, answer in server.answers.items() if command in path or (command == "explain" and "message" in path))
    body = json.dumps(answer, indent=3, ensure_ascii=False).encode()
    server.answers[path] = body
    assert ask(*ASKING[command], "--json") == body.decode() + "\n"


# What goes wrong


@pytest.mark.parametrize("command", ASKING)
def test_a_server_that_is_not_there_is_named(waybill, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        result = waybill(*ASKING[command], WAYBILL_SERVER=url)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"waybill {command}: cannot ask {url}: nobody listens there. Is `waybill server` running? --server URL says where\n"


def test_the_command_line_wins_over_the_variable(ask):
    assert ask("lag", WAYBILL_SERVER="http://127.0.0.1:1").startswith("2026-11-26")


def test_a_token_is_sent_from_a_file_or_the_variable(waybill, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef\n", encoding="utf-8")
    with FakeServer(all_answers(), token="0123456789abcdef") as server:
        arguments = ["lag", "--server", server.url]
        assert waybill(*arguments, "--token-file", tmp_path / "token", WAYBILL_SERVER_TOKEN="another").returncode == 0
        assert waybill(*arguments, WAYBILL_SERVER_TOKEN="0123456789abcdef").returncode == 0
        none = waybill(*arguments)
        wrong = waybill(*arguments, WAYBILL_SERVER_TOKEN="wrong")
    assert (none.returncode, none.stderr) == (1, f"waybill lag: {server.url} needs a token: --token-file FILE, or WAYBILL_SERVER_TOKEN\n")
    assert (wrong.returncode, wrong.stderr) == (1, f"waybill lag: {server.url} takes another token than this one\n")


def test_a_token_goes_to_no_other_server(waybill):
    class Redirecting(FakeServer):
        def _answer(self, handler):
            handler.send_response(302)
            handler.send_header("Location", other.url + "/api/v1/lag")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

    with FakeServer(all_answers()) as other, Redirecting({}) as server:
        result = waybill("lag", "--server", server.url, WAYBILL_SERVER_TOKEN="0123456789abcdef")
        assert (result.returncode, other.asked) == (1, [])


@pytest.mark.parametrize("answer, code, message", [
    ((404, {"error": "nothing is known of it"}), 3, "nothing is known of it"),
    ((400, {"error": "offset must be a whole number"}), 2, "offset must be a whole number\nTry 'waybill explain --help'."),
    ((503, {"error": "the disk is full"}), 1, "URL refuses to answer: the disk is full"),
    ((403, {"error": "this server answers to names of this machine only"}), 1, "URL refuses to answer: this server answers to names of this machine only"),
    ((404, b"404 page not found\n"), 1, "URL is no `waybill server`: its answer, with HTTP status 404, is none of such a server. --server URL says where it is"),
    ((200, b"<html>"), 1, "URL is no `waybill server`: its answer, with HTTP status 200, is none of such a server. --server URL says where it is"),
    ((200, b"[" * 1_000_000), 1, "URL is no `waybill server`: its answer, with HTTP status 200, is none of such a server. --server URL says where it is"),
])
def test_refusals_have_an_exit_code_and_say_why(waybill, server, answer, code, message):
    server.answers["/api/v1/message"] = answer
    result = waybill("explain", "orders/3@1234", "--server", server.url)
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr == "waybill explain: " + message.replace("URL", server.url, 1) + "\n"


def test_nothing_known_is_an_exit_code_of_its_own(waybill, server):
    server.answers["/api/v1/messages"] = {"messages": [], "next": None}
    search = waybill("explain", "--topic", "orders", "--key", "k", "--server", server.url)
    assert (search.returncode, search.stdout) == (3, "")
    assert search.stderr == 'waybill explain: no message is known of topic orders with key "k" in the last hour; --last 1d looks further back\n'
    assert waybill("trace", "f" * 32, "--server", server.url).returncode == 3


@pytest.mark.parametrize("arguments, message", [
    (["explain"], "a message is named in one way"),
    (["explain", "orders/3@1", "--topic", "orders"], "a message is named in one way"),
    (["explain", "orders"], 'a message is named TOPIC/PARTITION@OFFSET, as orders/3@1234, not "orders"'),
    (["explain", "orders/x@1"], "a message is named TOPIC/PARTITION@OFFSET"),
    (["explain", "/3@1"], "a message is named TOPIC/PARTITION@OFFSET"),
    (["explain", "--trace", "xyz"], "it must be 32 hexadecimal digits"),
    (["explain", "orders/3@1", "--span", answers.SENT], "--span goes with --trace"),
    (["explain", "orders/3@1", "--key", "k"], "--key goes with --topic"),
    (["explain", "orders/3@1", "--last", "1h"], "--from, --to and --last are for a search"),
    (["trace"], "ID is required"),
    (["trace", "../status"], "it must be 32 hexadecimal digits"),
    (["lag", "--last", "soon"], '--last must be a duration such as 15m, 2h or 1d, but is "soon"'),
    (["lag", "--last", "0h"], "--last must be a duration"),
    (["lag", "--last", "99999999999999999999d"], "--last must be a duration"),
    (["lag", "--from", "yesterday"], '--from must be a time such as 2026-11-26T14:05:00Z or 14:05, but is "yesterday"'),
    (["lag", "--to", "2026-11-26 14:05 sharp"], "--to must be a time"),
    (["lag", "--from", "2026-11-26", "--last", "1h"], "--last takes the place of --from"),
    (["lag", "--from", "2026-11-26", "--to", "2026-11-25"], "--from must be before --to"),
    (["flow", "--topic", "orders"], "--topic"),
    (["lag", "--server", "localhost:4318"], 'the server\'s address must be http://HOST:PORT or https://HOST:PORT, but is "localhost:4318"'),
    (["lag", "--server", "http://"], "the server's address must be"),
    (["lag", "--server", "http://user:password@host"], "the server's address must be"),
    (["lag", "--token-file", "/nonexistent"], "cannot read /nonexistent: No such file or directory"),
])
def test_a_wrong_command_line_is_said_before_anybody_is_asked(waybill, server, arguments, message):
    result = waybill(*arguments, WAYBILL_SERVER=server.url)
    assert (result.returncode, result.stdout, server.asked) == (2, "", [])
    assert message in result.stderr and result.stderr.endswith("--help'.\n")


def test_an_answer_of_another_version_does_no_harm(waybill, server):
    """Whatever stands where something else is expected."""
    for replacement in (None, 1, -1e308, True, "text", [], [[1], None, "x"], {}, {"a": {"b": []}}):
        for path, question in (("/api/v1/message", "explain"), (f"/api/v1/traces/{TRACE}", "trace"), ("/api/v1/loss", "loss"), ("/api/v1/lag", "lag"), ("/api/v1/flow", "flow")):
            whole = all_answers()[path]
            server.answers[path] = {name: replacement for name in whole}
            assert waybill(*ASKING[question], "--server", server.url).returncode == 0, (question, replacement)


def every_value_replaced(value, replacement):
    """`value` with its shape, and this in place of each number and text."""
    if isinstance(value, dict):
        return {name: every_value_replaced(one, replacement) for name, one in value.items()}
    if isinstance(value, list):
        return [every_value_replaced(one, replacement) for one in value]
    return replacement


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("replacement", [None, -1, 1e300, True, "", "x" * 5_000, "語" * 300])
def test_values_that_make_no_sense_do_no_harm(ask, server, command, replacement):
    for path, answer in all_answers().items():
        server.answers[path] = every_value_replaced(answer, replacement)
    ask(*ASKING[command])


# Terminals

HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\n\x00\x7f\x9b31m\u202egnp\u2066" + "<b>é語"


@pytest.mark.parametrize("command", ASKING)
def test_nothing_that_a_terminal_obeys_reaches_it(ask, server, command):
    for path, answer in all_answers().items():
        server.answers[path] = every_value_replaced(answer, HOSTILE)
    text = ask(*ASKING[command])
    assert "é語" in text and r"\x1b]0;owned\x07" in text.replace("\n", "").replace(" ", "")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)


def test_errors_of_a_hostile_server_are_escaped_too(waybill, server):
    server.answers["/api/v1/message"] = (503, {"error": HOSTILE})
    result = waybill("explain", "orders/3@1234", "--server", server.url)
    assert result.returncode == 1 and "\x1b" not in result.stderr and r"\x1b" in result.stderr


def columns(line):
    return sum(2 if "\u2e80" <= character <= "\uffdc" else 1 for character in line)


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_screen(ask, server, command, width):
    long = "a-very-long-name.of-a-thing.that-somebody-has-named-so." * 2 + "語" * 30
    for path, answer in all_answers().items():
        server.answers[path] = json.loads(json.dumps(answer).replace("order-service", long).replace('"orders"', f'"{long}"').replace("billing", long))
    assert max(columns(line) for line in ask(*ASKING[command], COLUMNS=str(width)).splitlines()) <= width


def on_a_terminal(command, width, **variables):
    """What a terminal of this width gets of a command."""
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    variables = {"TERM": "xterm", "TZ": "UTC"} | variables
    process = subprocess.Popen(command, stdout=writer, env=environment(None, **variables))
    os.close(writer)
    text = b""
    try:
        while chunk := os.read(reader, 65_536):
            text += chunk
    except OSError:  # how a terminal ends whose other side is gone
        pass
    os.close(reader)
    assert process.wait(timeout=60) == 0
    return text.decode().replace("\r\n", "\n")


def test_a_terminal_has_colours_unless_nobody_wants_them(build, server):
    command = [build / "bin/waybill", "lag", "--server", server.url]
    coloured = on_a_terminal(command, 100)
    plain = on_a_terminal(command, 100, NO_COLOR="1")
    assert "\x1b[31mfalling behind\x1b[0m" in coloured and "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b" not in on_a_terminal(command, 100, TERM="dumb")


def test_json_on_a_terminal_is_in_lines_and_obeyed_by_none(build, server):
    server.answers["/api/v1/lag"] = json.dumps({"groups": [HOSTILE]}, ensure_ascii=False).encode()
    text = on_a_terminal([build / "bin/waybill", "lag", "--json", "--server", server.url], 100)
    assert json.loads(text) == {"groups": [HOSTILE]}
    assert text.isascii() and "\x7f" not in text and text.count("\n") == 5


# A real server


def test_a_real_server_is_understood(waybill, build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        sent = span(7, 1, offset=5, attributes=[text("messaging.kafka.message.key", "customer-17")])
        start_ns = int(sent["endTimeUnixNano"]) + 40_000_000
        processed = span(
            8, 2, operation="process", offset=5, start_ns=start_ns, links=[{"traceId": sent["traceId"], "spanId": sent["spanId"]}],
            attributes=[text("messaging.consumer.group.name", "billing")],
        )
        assert server.send([sent], service="order-service")[0] == 200
        assert server.send([processed], service="billing-service")[0] == 200
        server.wait_for("/messages", lambda answer: answer["messages"], topic="orders")
        server.wait_for("/flow", lambda answer: len(answer["edges"]) == 3)

        def ask(*arguments):
            result = waybill(*arguments, "--server", server.url)
            assert (result.returncode, result.stderr) == (0, "")
            return result.stdout

        way = ask("explain", "orders/0@5")
        assert way.startswith('orders/0@5, key "customer-17"\n') and "Produced    by order-service\n" in way and "\nGroup billing  processed, proved\n" in way
        assert ask("explain", "--topic", "orders", "--key", "customer-17") == way
        assert ask("explain", "--trace", sent["traceId"]) == way
        assert ask("explain", "--trace", sent["traceId"], "--span", sent["spanId"]) == way
        timeline = ask("trace", sent["traceId"])
        assert "send orders · order-service" in timeline and "  process orders · billing-service" in timeline and "\nlog         40.0 ms" in timeline
        assert "topic:orders" in ask("flow") and "service:order" in ask("flow", "--last", "1d")
        assert "Topic orders\n" in ask("loss", "--topic", "orders")
        assert ask("lag", "--group", "nobody").startswith("Nothing tells of a group's lag")
        assert json.loads(ask("explain", "orders/0@5", "--json"))["message"]["offset"] == 5
        assert waybill("explain", "orders/0@6", "--server", server.url).returncode == 3
        assert waybill("trace", "f" * 32, "--server", server.url).returncode == 3
