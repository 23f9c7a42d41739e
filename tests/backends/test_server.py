"""A producer in Java with OpenTelemetry's agent, a C++ service under Waybill and a consumer in Python tell one `waybill server`, which
asks their broker, too: it shows one picture of all three, and each order's whole way."""

import pytest
from doors import PreloadDoor
from pipeline import ORDERS
from waybill_server import WaybillServer


@pytest.fixture(scope="module")
def server(build, pipeline, real_kafka, tmp_path_factory):
    """It has been told of all orders."""
    directory = tmp_path_factory.mktemp("told")
    topics = real_kafka.topic(name="orders"), real_kafka.topic(name="payments")
    with WaybillServer(build, directory / "store", "--kafka", real_kafka.address) as server, PreloadDoor(build, directory) as door:
        printed = pipeline.run(door, real_kafka, server.url, "tracecontext,baggage", topics=topics)
        assert len(printed.splitlines()) == ORDERS
        server.wait_for("/status", lambda answer: answer["store"]["spans"] == ORDERS * 4)
        yield server


@pytest.fixture
def trace(server):
    """Of the order that was sent last."""
    (found, *others) = server.ask("/traces", service="orders")["traces"]
    assert len(others) == ORDERS - 1
    return server.ask(f"/traces/{found['trace_id']}")


def place_of(message):
    return {name: message[name] for name in ("topic", "partition", "offset")}


def test_flow_has_all_three_and_both_topics_in_one_picture(server):
    """OpenTelemetry for Python does not say of which group it is a member."""
    edges = {(edge["from"], edge["to"]): edge["messages"] for edge in server.ask("/flow")["edges"]}
    assert edges == {
        ("service:orders", "topic:orders"): ORDERS,
        ("topic:orders", "group:billing"): ORDERS,
        ("group:billing", "service:billing"): ORDERS,
        ("service:billing", "topic:payments"): ORDERS,
        ("topic:payments", "service:shipping"): ORDERS,
    }


def test_the_way_of_a_message_from_java_leads_through_the_group_to_python(server, trace):
    order = server.ask("/message", **place_of(trace["spans"][0]["message"]))
    assert (order["produced"]["service"], order["log"]["presence"]) == ("orders", "readable")
    (billing,) = order["groups"]
    assert (billing["group"], billing["verdict"]["state"], billing["verdict"]["confidence"]) == ("billing", "processed", "proved")
    assert [(step["step"], step["service"]) for step in billing["steps"]] == [("processed", "billing")]
    assert billing["committed"] > order["message"]["offset"]
    (led_to,) = order["led_to"]
    payment = server.ask("/message", **place_of(led_to))
    assert payment["came_from"] == [order["message"]]
    (shipping,) = payment["groups"]
    assert [(step["step"], step["service"]) for step in shipping["steps"]] == [("processed", "shipping")]


def test_the_trace_of_an_order_has_a_critical_path_through_kafka(trace):
    assert [(span["service"], span["kind"]) for span in trace["spans"]] == [
        ("orders", "PRODUCER"), ("billing", "CONSUMER"), ("billing", "PRODUCER"), ("shipping", "CONSUMER"),
    ]
    assert [span["resource"]["telemetry.sdk.language"] for span in trace["spans"]] == ["java", "cpp", "cpp", "python"]
    parts = [(part["part"], part["text"]) for part in trace["critical_path"]]
    assert [part for part in parts if part[0] == "log"] == [("log", "in the log of orders"), ("log", "in the log of payments")]
    assert trace["missing"] == []


def test_the_pages_show_all_of_it(server, pages, tmp_path):
    pages.run_with_pictures(tmp_path, "tests/languages.spec.ts", WAYBILL_WEB_LANGUAGES_URL=server.url)
