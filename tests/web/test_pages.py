"""The web pages in a real browser, from a real server with what real programs told it. The pages' own tests (web/tests) are run."""

import subprocess

from shop_story import tell_the_story
from waybill_server import WaybillServer, span, text

TRACE_OF_MANY = 0xB16
HOSTILE = ["<img src=x onerror=\"document.title='pwned'\">", "\"><script>document.title='pwned'</script>", "javascript:document.title='pwned'"]


def test_units_of_the_pages(pages):
    result = subprocess.run(["npm", "test", "--silent"], cwd=pages.folder, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_page_with_what_a_pipeline_told(pages, build, root, kafka, tmp_path, preload):
    """Not all orders are paid, so there is a peak of lag to click on; some messages cannot be sent."""
    orders, payments = kafka.topic(), kafka.topic()
    with WaybillServer(build, tmp_path / "store") as server:
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_METRIC_EXPORT_INTERVAL": "500", "OTEL_TRACES_EXPORTER": "otlp"}
        sent = preload.run(None, build / "bin/demo-orders", kafka.address, orders, "150", OTEL_SERVICE_NAME="orders", **told)
        assert sent.returncode == 0, sent.stderr
        paying = ["/usr/bin/python3", root / "demo/payments.py", kafka.address, orders, payments, "100"]
        paid = preload.run(None, *paying, OTEL_SERVICE_NAME="payments", **told)
        assert paid.returncode == 0, paid.stderr
        shipping = ["kcat", "-q", "-b", kafka.address, "-G", "shipping", "-X", "auto.offset.reset=earliest", "-c", "100", payments]
        shipped = preload.run(None, *shipping, OTEL_SERVICE_NAME="shipping", **told)
        assert shipped.returncode == 0, shipped.stderr
        failing = ["kcat", "-b", kafka.address, "-P", "-t", orders, "-p", "99", "-X", "message.timeout.ms=2000"]
        preload.run(None, *failing, input="for no partition", OTEL_SERVICE_NAME="orders", **told)
        server.wait_for("/messages", lambda answer: answer["messages"], topic=orders, error="true")
        group = [text("messaging.consumer.group.name", "payments")]
        steps = [
            span(0xE1, 1, topic=orders, offset=1000),
            span(0xE1, 2, "process", topic=orders, offset=1000, parent=f"{1:016x}", attributes=group),
            span(0xE1, 3, topic=payments, parent=f"{2:016x}", status={"code": 2, "message": "no"}),
            span(0xE1, 4, topic=payments, offset=1000, parent=f"{2:016x}"),
        ]
        assert server.send(steps, service="payments")[0] == 200
        server.wait_for("/lag", lambda answer: any(group["group"] == "payments" for group in answer["groups"]))
        server.wait_for("/messages", lambda answer: answer["messages"], topic=payments)
        pages.run(WAYBILL_WEB_URL=server.url)


def test_an_empty_store(pages, build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        pages.run("tests/states.spec.ts", WAYBILL_WEB_EMPTY_URL=server.url)


def test_hostile_names(pages, build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        for number, name in enumerate(HOSTILE):
            more = [text("messaging.kafka.message.key", name), text("error.type", name), text("messaging.consumer.group.name", name)]
            spans = [
                span(number + 1, 1, topic=name, offset=number, attributes=more[:1]),
                span(number + 1, 3, topic=name, attributes=[*more[:2], text("waybill.kafka.persistence", "not_persisted")], status={"code": 2, "message": name}),
                span(number + 1, 2, "process", topic=name, offset=number, parent=f"{1:016x}", attributes=more, name=name),
            ]
            assert server.send(spans, service=name)[0] == 200
            assert server.send_gauge("kafka.consumer.lag", 7, group=name, topic=name, service=name)[0] == 200
        pages.run("tests/hostile.spec.ts", WAYBILL_WEB_HOSTILE_URL=server.url)


def test_a_trace_of_a_hundred_thousand_spans(pages, build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        for first in range(1, 100_001, 5_000):
            many = [span(TRACE_OF_MANY, number, offset=number, parent=f"{1:016x}" if number > 1 else "") for number in range(first, first + 5_000)]
            for failed in many[::50]:
                failed["status"] = {"code": 2, "message": "no"}
            assert server.send(many)[0] == 200
        assert server.ask("/status")["store"]["spans"] == 100_000
        pages.run("tests/big_trace.spec.ts", WAYBILL_WEB_BIG_URL=server.url)


def test_from_a_peak_of_lag_to_who_suffers(pages, build, tmp_path):
    with WaybillServer(build, tmp_path / "store") as server:
        tell_the_story(server)
        pages.run_with_pictures(tmp_path / "pictures", "tests/incident.spec.ts", WAYBILL_WEB_STORY_URL=server.url)
