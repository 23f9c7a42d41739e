"""How a context stands in the headers: W3C Trace Context, W3C Baggage, B3 in one header and in several."""

import json

import pytest
from doors import assert_books_balance, run_bare

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER_TRACE, OTHER_SPAN = "80f198ee56343ba864fe8b2a57d3eff7", "e457b5a2e4d86bd1"
PARENT = f"traceparent=00-{TRACE}-{SPAN}-01"
B3 = {
    "one header": [f"b3={TRACE}-{SPAN}-1"],
    "one header, with the parent's id": [f"b3={TRACE}-{SPAN}-1-05e3ac9a4f6e3b90"],
    "several headers": [f"X-B3-TraceId={TRACE}", f"X-B3-SpanId={SPAN}", "X-B3-Sampled=1"],
    "several headers in lower case": [f"x-b3-traceid={TRACE}", f"x-b3-spanid={SPAN}", "x-b3-sampled=1"],
    "debug": [f"X-B3-TraceId={TRACE}", f"X-B3-SpanId={SPAN}", "X-B3-Flags=1"],
    "the last of two": [f"b3={OTHER_TRACE}-{OTHER_SPAN}-1", f"b3={TRACE}-{SPAN}-1"],
    "one header before several": [f"b3={TRACE}-{SPAN}-1", f"X-B3-TraceId={OTHER_TRACE}", f"X-B3-SpanId={OTHER_SPAN}"],
    "several beside a broken one": ["b3=nonsense", f"X-B3-TraceId={TRACE}", f"X-B3-SpanId={SPAN}", "X-B3-Sampled=1"],
}


def with_headers(headers):
    return [option for header in headers for option in ("-H", header)]


def fill(kafka, topic, headers, text="hello\n"):
    filled = run_bare("kcat", "-b", kafka.address, "-P", "-t", topic, *with_headers(headers), input=text)
    assert filled.returncode == 0, filled.stderr


def produce(door, sink, kafka, topic, propagators, text="hello", headers=(), **variables):
    result = door.run(
        sink, "kcat", *door.host_options, "-b", kafka.address, "-P", "-t", topic, *with_headers(headers),
        input=text, OTEL_PROPAGATORS=propagators, **variables,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result


def consume(door, sink, kafka, topic, propagators, **variables):
    result = door.run(
        sink, "kcat", "-q", *door.host_options, "-b", kafka.address, "-C", "-t", topic, "-o", "beginning", "-e",
        OTEL_PROPAGATORS=propagators, **variables,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result


def read_headers(kafka, topic):
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%h\n")
    return [line.split(",") for line in read.stdout.splitlines()]


def headers_for(propagator, span):
    return {
        "tracecontext": [f"traceparent=00-{span['trace_id']}-{span['span_id']}-03"],
        "b3": [f"b3={span['trace_id']}-{span['span_id']}-1"],
        "b3multi": [f"X-B3-TraceId={span['trace_id']}", f"X-B3-SpanId={span['span_id']}", "X-B3-Sampled=1"],
        "jaeger": [f"uber-trace-id={span['trace_id']}:{span['span_id']}:0:1"],
    }[propagator]


@pytest.mark.parametrize("propagators", ["b3", "b3multi", "jaeger", "tracecontext,b3", "b3multi,baggage,tracecontext", "jaeger,b3,tracecontext,baggage,b3multi"])
def test_each_propagator_writes_its_headers(door, sink, kafka, propagators):
    topic = kafka.topic()
    produce(door, sink, kafka, topic, propagators)
    (span,) = sink.wait_for(1)
    assert span["kind"] == "PRODUCER"
    expected = [header for one in propagators.split(",") if one != "baggage" for header in headers_for(one, span)]
    assert read_headers(kafka, topic) == [expected]


@pytest.mark.parametrize("propagators", ["b3", "b3multi", "jaeger"])
def test_each_of_many_messages_carries_its_own_context(door, sink, kafka, propagators):
    """Lists of headers are used again."""
    topic = kafka.topic()
    messages = 3000
    produce(door, sink, kafka, topic, propagators, "\n".join(map(str, range(messages))))
    spans = sink.wait_for(messages)
    expected = [headers_for(propagators, span) for span in spans]
    assert sorted(read_headers(kafka, topic)) == sorted(expected)


@pytest.mark.parametrize("form", B3)
@pytest.mark.parametrize("propagators", ["b3", "b3multi"])
def test_both_forms_of_b3_are_read_whichever_is_written(preload, sink, kafka, form, propagators):
    topic = kafka.topic()
    fill(kafka, topic, B3[form])
    result = consume(preload, sink, kafka, topic, propagators)
    (span,) = sink.wait_for(1)
    assert (span["trace_id"], span["parent_span_id"]) == (TRACE, SPAN)
    assert [link["span_id"] for link in span["links"]] == [SPAN]
    assert_books_balance(result.books)


@pytest.mark.parametrize(
    "headers",
    [
        [f"uber-trace-id={TRACE}:{SPAN}:0:1"],
        [f"uber-trace-id={TRACE}%3A{SPAN}%3A05e3ac9a4f6e3b90%3A01"],
        [f"uber-trace-id={OTHER_TRACE}:{OTHER_SPAN}:0:1", f"uber-trace-id={TRACE}:{SPAN}:0:3"],
    ],
    ids=["plain", "encoded", "the last of two"],
)
def test_jaegers_header_is_read(preload, sink, kafka, headers):
    topic = kafka.topic()
    fill(kafka, topic, headers)
    consume(preload, sink, kafka, topic, "jaeger")
    (span,) = sink.wait_for(1)
    assert (span["trace_id"], span["parent_span_id"]) == (TRACE, SPAN)
    assert [link["span_id"] for link in span["links"]] == [SPAN]


def test_a_jaeger_context_is_replaced_by_request_and_its_baggage_stays(door, sink, kafka):
    topic = kafka.topic()
    headers = ["uber-trace-id=stale", f"uber-trace-id={TRACE}:{SPAN}:0:1", "uberctx-user=alice"]
    produce(door, sink, kafka, topic, "jaeger", headers=headers, WAYBILL_EXISTING_CONTEXT="replace")
    (span,) = sink.wait_for(1)
    assert read_headers(kafka, topic) == [["uberctx-user=alice", *headers_for("jaeger", span)]]


def test_a_trace_id_of_64_bits_is_filled_with_zeros(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, [f"b3={TRACE[16:]}-{SPAN}-1"])
    consume(preload, sink, kafka, topic, "b3")
    (span,) = sink.wait_for(1)
    assert span["trace_id"] == "0" * 16 + TRACE[16:]


@pytest.mark.parametrize("headers", [[f"b3={TRACE}-{SPAN}-0"], [f"b3={TRACE}-{SPAN}"], [f"X-B3-TraceId={TRACE}", f"X-B3-SpanId={SPAN}"]])
def test_a_b3_sender_that_did_not_sample_is_followed(preload, sink, kafka, headers):
    topic = kafka.topic()
    fill(kafka, topic, headers)
    assert consume(preload, sink, kafka, topic, "b3").books["exporters"]["submitted"] == 0


@pytest.mark.parametrize("headers", [["b3=0"], [f"b3={TRACE.upper()}-{SPAN}-1"], [f"X-B3-TraceId={TRACE}"], [f"b3={TRACE}-{SPAN}-1 "]])
def test_what_is_no_b3_context_is_as_if_it_were_absent(preload, sink, kafka, headers):
    topic = kafka.topic()
    fill(kafka, topic, headers)
    result = consume(preload, sink, kafka, topic, "b3")
    (span,) = sink.wait_for(1)
    assert span["parent_span_id"] == "" and span["links"] == [] and span["trace_id"] != TRACE
    malformed = 0 if headers == ["b3=0"] else 1
    assert [host["contexts_malformed"] for host in result.books["hosts"]] == [malformed]


@pytest.mark.parametrize("propagators, trace_id", [("tracecontext,b3", OTHER_TRACE), ("b3,tracecontext", TRACE)])
def test_of_two_contexts_the_one_named_last_counts(preload, sink, kafka, propagators, trace_id):
    topic = kafka.topic()
    fill(kafka, topic, [PARENT, f"b3={OTHER_TRACE}-{OTHER_SPAN}-1"])
    consume(preload, sink, kafka, topic, propagators)
    (span,) = sink.wait_for(1)
    assert span["trace_id"] == trace_id


def test_a_context_of_another_propagator_is_not_looked_at(preload, sink, kafka):
    topic = kafka.topic()
    fill(kafka, topic, [PARENT])
    consume(preload, sink, kafka, topic, "b3")
    (span,) = sink.wait_for(1)
    assert span["trace_id"] != TRACE and span["links"] == []


def test_a_users_own_b3_context_stays_and_is_linked_to(door, sink, kafka):
    topic = kafka.topic()
    produce(door, sink, kafka, topic, "b3", headers=B3["several headers"])
    (span,) = sink.wait_for(1)
    assert span["kind"] == "CLIENT"
    assert [(link["trace_id"], link["span_id"]) for link in span["links"]] == [(TRACE, SPAN)]
    assert read_headers(kafka, topic) == [B3["several headers"]]


def test_a_users_own_b3_context_is_replaced_by_request_and_none_of_it_is_left(door, sink, kafka):
    topic = kafka.topic()
    headers = [*B3["several headers in lower case"], "X-B3-ParentSpanId=05e3ac9a4f6e3b90", "mine=1", f"b3={TRACE}-{SPAN}-d"]
    produce(door, sink, kafka, topic, "b3", headers=headers, WAYBILL_EXISTING_CONTEXT="replace")
    (span,) = sink.wait_for(1)
    assert read_headers(kafka, topic) == [["mine=1", *headers_for("b3", span)]]


def relayed_headers(kafka, topic):
    read = run_bare("kcat", "-q", "-b", kafka.address, "-C", "-t", topic, "-e", "-f", "%s %h\n").stdout.splitlines()
    inside = [line.split(" ", 1)[1].split(",") for line in read if not line.startswith("between")]
    between = [line.split(" ", 1)[1].split(",") for line in read if line.startswith("between")]
    return inside, between


def test_a_debug_trace_travels_on_as_one(relaying, sink, kafka):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, B3["debug"])
    relaying.run(sink, kafka, source, target, 1, OTEL_PROPAGATORS="b3")
    (inside,), _ = relayed_headers(kafka, target)
    assert inside[0].startswith(f"b3={TRACE}-") and inside[0].endswith("-d")
    (span,) = [span for span in sink.wait_for(2, operation="send") if span["trace_id"] == TRACE]
    assert span["flags"] & 0xFF == 1  # B3's flag is no W3C flag


@pytest.mark.parametrize("mode", [[], ["forward"]])
@pytest.mark.parametrize("propagators", ["tracecontext,baggage", "baggage", "b3,baggage", "jaeger,baggage"])
def test_baggage_travels_to_what_is_sent_while_its_message_is_processed(relaying, sink, kafka, propagators, mode):
    """The old one goes, and none stands there twice."""
    source, target = kafka.topic(), kafka.topic()
    baggage = "baggage=userId=alice;ttl=1"
    fill(kafka, source, [PARENT, baggage])
    result = relaying.run(sink, kafka, source, target, 1, *mode, OTEL_PROPAGATORS=propagators)
    assert result.returncode == 0, result.stderr
    (inside,), (between,) = relayed_headers(kafka, target)
    assert inside.count(baggage) == 1
    assert not any(header.startswith("baggage") for header in between)
    assert_books_balance(result.books)


def test_a_messages_own_baggage_stays(door, sink, kafka):
    topic = kafka.topic()
    produce(door, sink, kafka, topic, "tracecontext,baggage", headers=["baggage=mine=1"])
    (span,) = sink.wait_for(1)
    assert read_headers(kafka, topic) == [["baggage=mine=1", *headers_for("tracecontext", span)]]


@pytest.mark.parametrize("baggage", ["no list", "a=\u00fc", "a=b," + "c" * 9000 + "=d"])
def test_baggage_that_a_receiver_could_not_read_goes_no_further(relaying, sink, kafka, baggage):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, [PARENT, f"baggage={baggage}"])
    relaying.run(sink, kafka, source, target, 1)
    (inside,), _ = relayed_headers(kafka, target)
    assert len(inside) == 1 and inside[0].startswith(f"traceparent=00-{TRACE}-")


def test_without_a_propagator_of_contexts_the_send_is_a_client(door, sink, kafka):
    topic = kafka.topic()
    produce(door, sink, kafka, topic, "baggage")
    (span,) = sink.wait_for(1)
    assert span["kind"] == "CLIENT"
    assert read_headers(kafka, topic) == [[""]]


def fill_with_any(kafka, topic, headers):
    """A message whose headers kcat could not write: null values, and several of one name."""
    script = (
        "import json, sys\nfrom confluent_kafka import Producer\n"
        "producer = Producer({'bootstrap.servers': sys.argv[1]})\n"
        "producer.produce(sys.argv[2], b'hello', headers=[tuple(one) for one in json.loads(sys.argv[3])])\n"
        "assert producer.flush(10) == 0\n"
    )
    filled = run_bare("/usr/bin/python3", "-c", script, kafka.address, topic, json.dumps(headers))
    assert filled.returncode == 0, filled.stderr


@pytest.mark.parametrize("name", ["traceparent", "b3", "X-B3-TraceId", "baggage", "tracestate", "uber-trace-id"])
def test_a_header_without_a_value_is_as_if_it_were_absent(preload, sink, kafka, name):
    topic = kafka.topic()
    fill_with_any(kafka, topic, [[name, None]])
    consume(preload, sink, kafka, topic, "b3,b3multi,tracecontext,baggage,jaeger")
    (span,) = sink.wait_for(1)
    assert span["parent_span_id"] == "" and span["links"] == []


def test_a_state_without_a_value_leaves_the_context_as_it_is(preload, sink, kafka):
    topic = kafka.topic()
    fill_with_any(kafka, topic, [["traceparent", PARENT.split("=")[1]], ["tracestate", None]])
    consume(preload, sink, kafka, topic, "tracecontext")
    (span,) = sink.wait_for(1)
    assert (span["trace_id"], span["parent_span_id"]) == (TRACE, SPAN)


@pytest.mark.parametrize("value, valid", [
    (f"00-{TRACE}-{SPAN}-01", True),
    (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", True),
    (f"00-{TRACE}-{SPAN}-01-more", False),
    (f"ff-{TRACE}-{SPAN}-01", False),
    (f"00-{TRACE.upper()}-{SPAN}-01", False),
    (f"00-{TRACE}-{SPAN}-0", False),
    (f"00-{TRACE}-{SPAN}", False),
    (f"cc-{TRACE}-{SPAN}-01-" + "x" * 10_000, False),
    ("", False),
])
def test_a_consumer_continues_only_what_is_well_formed(preload, sink, kafka, value, valid):
    topic = kafka.topic()
    fill_with_any(kafka, topic, [["traceparent", value]])
    result = consume(preload, sink, kafka, topic, "tracecontext")
    (span,) = sink.wait_for(1)
    assert span["parent_span_id"] == (SPAN if valid else "") and (span["trace_id"] == TRACE) == valid
    assert len(span["links"]) == (1 if valid else 0)
    assert [host["contexts_malformed"] for host in result.books["hosts"]] == [0 if valid else 1]


def test_of_two_headers_of_one_name_the_last_is_read_and_one_is_written(relaying, sink, kafka):
    source, target = kafka.topic(), kafka.topic()
    other = f"00-{OTHER_TRACE}-{OTHER_SPAN}-01"
    fill_with_any(kafka, source, [["traceparent", other], ["tracestate", "old=1"], ["traceparent", PARENT.split("=")[1]], ["tracestate", "new=1"]])
    result = relaying.run(sink, kafka, source, target, 1, "forward", OTEL_PROPAGATORS="tracecontext")
    assert result.returncode == 0, result.stderr
    (inside,), _ = relayed_headers(kafka, target)
    (process,) = sink.wait_for(1, operation="process")
    assert (process["trace_id"], process["parent_span_id"]) == (TRACE, SPAN)
    assert sorted(header.split("=")[0] for header in inside) == ["traceparent", "tracestate"]
    assert "tracestate=new=1" in inside and inside[0].startswith(f"traceparent=00-{TRACE}-")


def test_no_old_state_stands_beside_a_context_of_a_new_trace(relaying, sink, kafka):
    source, target = kafka.topic(), kafka.topic()
    fill(kafka, source, [PARENT, "tracestate=old=1", "mine=1"])
    relaying.run(sink, kafka, source, target, 1, "forward", WAYBILL_CONSUMER_RELATION="link")
    (inside,), _ = relayed_headers(kafka, target)
    (process,) = sink.wait_for(1, operation="process")
    assert process["trace_id"] != TRACE and [link["trace_id"] for link in process["links"]] == [TRACE]
    assert [header.split("=")[0] for header in inside] == ["mine", "traceparent"]
    assert inside[1].startswith(f"traceparent=00-{process['trace_id']}-")


@pytest.mark.parametrize("mode", [[], ["forward"]])
@pytest.mark.parametrize("variable", [{"OTEL_PROPAGATORS": "none"}, {"WAYBILL_INJECT": "never", "OTEL_PROPAGATORS": "tracecontext"}, {"WAYBILL_ENABLED": "false"}])
def test_switched_off_no_header_is_written_or_lost_wherever_a_message_comes_from(relaying, sink, kafka, variable, mode):
    source, target = kafka.topic(), kafka.topic()
    headers = [PARENT, "tracestate=old=1", "mine=1"]
    fill(kafka, source, headers)
    variables = {**variable, **({"WAYBILL_EXISTING_CONTEXT": "keep"} if mode else {})}
    relaying.run(sink, kafka, source, target, 1, *mode, **variables)
    (inside,), (between,) = relayed_headers(kafka, target)
    assert between == [""]
    assert inside == (headers if mode else [""])
