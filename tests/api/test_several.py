"""Several Telemetry objects in one process: each has its clients, its settings, and its receiver."""

import os
import subprocess

import pytest
from doors import environment
from sink import Sink

SANITIZED = os.environ.get("WAYBILL_SANITIZE", "") != ""
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def audit_sink(build, tmp_path):
    folder = tmp_path / "audit"
    folder.mkdir()
    with Sink(build, folder) as running:
        yield running


@pytest.fixture
def run(build, kafka, sink, audit_sink):
    """Runs a situation of several.cpp; returns its lines, and the spans that have come to either receiver."""

    def run_situation(situation, **variables):
        command = [build / "hosts/api-several", situation, kafka.address, kafka.topic(), kafka.topic(), sink.url, audit_sink.url]
        result = subprocess.run(command, env=environment(None, **variables), capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stdout + result.stderr
        assert result.stderr == ""
        return result.stdout.splitlines(), sink.spans(), audit_sink.spans()

    return run_situation


def services(spans):
    return {span["resource"]["service.name"] for span in spans}


def named(spans, operation):
    return [span for span in spans if span["attributes"]["messaging.operation.name"] == operation]


def sent(sink):
    return max((point["value"] for point in sink.points("messaging.client.sent.messages")), default=0)


def instances(*lists_of_spans):
    return {span["resource"]["service.instance.id"] for spans in lists_of_spans for span in spans}


def test_each_client_is_traced_for_the_telemetry_that_it_was_made_for(run):
    lines, shop, audit = run("services")
    assert lines == ["traced: yes"]
    assert services(shop) == {"shop"} and len(shop) == 3
    assert services(audit) == {"audit"} and len(audit) == 7
    assert len(instances(shop, audit)) == 2


def test_one_samples_and_the_other_does_not(run, sink, audit_sink):
    _, shop, audit = run("one_samples")
    assert len(shop) == 200 and audit == []
    assert sent(sink) == sent(audit_sink) == 200


def test_what_one_processes_is_the_parent_of_what_the_other_sends(run):
    (first, names, last), shop, audit = run("parent")
    (process,) = named(shop, "process")
    assert process["trace_id"] == TRACE
    assert first == f"{process['span_id']} eu" and last == "none"
    assert names.split() == ["traceparent", "baggage"]  # as the telemetry says whose scope it is
    within, after = named(audit, "send")[:-1], named(audit, "send")[-1]
    children = within + named(audit, "create")
    assert len(within) == 2 and len(children) == 4
    assert {span["trace_id"] for span in children} == {TRACE}
    assert {span["parent_span_id"] for span in children} == {process["span_id"]}
    assert after["trace_id"] != TRACE and after["parent_span_id"] == ""


def test_scopes_of_several_nest_and_end_in_any_order(run):
    (inner, context, last), shop, audit = run("nested")
    (outer_span,) = named(shop, "process")
    (inner_span,) = named(audit, "process")
    assert inner_span["parent_span_id"] == outer_span["span_id"] and inner_span["trace_id"] == TRACE
    assert inner == inner_span["span_id"] and context == "00f067aa0ba902b7" and last == "none"
    assert [span["parent_span_id"] for span in named(shop, "send")] == [inner_span["span_id"]] * 2 + [context]
    assert inner_span["attributes"]["error.type"] == "late" and outer_span["status"] == "UNSET"


def test_one_comes_after_the_other_as_often_as_one_likes(run):
    lines, spans, _ = run("one_after_the_other")
    assert lines == ["0 copies"]
    assert len(spans) == 40 and services(spans) == {f"service-{number}" for number in range(20)}


def test_a_client_stays_with_its_telemetry_though_that_has_ended(run):
    lines, shop, audit = run("clients_stay")
    assert lines == ["1 copies"]
    assert len(shop) == 1 and len(audit) == 3


def test_they_and_their_clients_go_in_any_order(run):
    lines, shop, audit = run("lifetimes")
    assert lines == ["shut down: yes", "flushed: yes"]
    assert len(shop) == 1 and len(audit) == 3


@pytest.mark.skipif(SANITIZED, reason="sanitizers' libraries leave another room for thread-local storage")
def test_there_is_room_for_a_few_at_once_and_then_an_error(run):
    lines, shop, audit = run("too_many")
    made = lines.index("made" if lines[0] != "made" else next(line for line in lines if line != "made"))
    assert made >= 4
    assert lines[made].startswith(f"there is no room for one more Telemetry beside the {made} that are there, or whose clients are: ")
    assert "cannot allocate memory in static TLS block" in lines[made] and "GLIBC_TUNABLES" in lines[made]
    assert lines[made + 1 :] == ["made"]
    assert len(shop) == made and len(audit) == 1


@pytest.mark.skipif(SANITIZED, reason="sanitizers' libraries leave another room for thread-local storage")
def test_the_linker_can_be_told_to_leave_room_for_more(run):
    lines, shop, audit = run("too_many", GLIBC_TUNABLES="glibc.rtld.optional_static_tls=8192")
    assert lines[:16] == ["made"] * 16
    assert lines[16] == "there is no room for one more Telemetry beside the 16 that are there, or whose clients are: that is the most"
    assert lines[17:] == ["made"]
    assert len(shop) == 16 and len(audit) == 1


def test_the_default_is_the_first_until_another_is_registered(run):
    _, shop, audit = run("global")
    assert len(shop) == 1 and len(audit) == 2


def test_a_configuration_belongs_to_one(run):
    lines, shop, audit = run("claimed")
    another = "the clients of its configuration are traced already, for another Telemetry"
    assert lines == ["made", another, "made", "made", "made", another]
    assert len(audit) == 2 and len(shop) == 3


def test_code_of_the_applications_is_called_by_its_own(run):
    lines, shop, audit = run("own_code")
    assert lines == ["asked 2 and 2, exported 2 and 0"]
    assert [span["attributes"]["app.name"] for span in shop] == ["one"] * 2
    assert [span["attributes"]["app.name"] for span in audit] == ["three"] * 3


@pytest.mark.skipif(SANITIZED, reason="sanitizers take threads of a forked child for those of its parent")
def test_a_childs_clients_are_collected_by_their_telemetry_in_the_parent(run):
    lines, shop, audit = run("forked")
    assert lines == ["child ended with 0"]
    assert len(shop) == 2 and len(audit) == 5
    assert len(instances(shop, audit)) == 3


def test_spans_of_the_applications_are_parents_in_all_of_them(run):
    _, shop, audit = run("application_spans")
    assert [span["parent_span_id"] for span in shop] == ["2" * 16]
    assert sorted(span["parent_span_id"] for span in audit) == ["", "2" * 16]


def test_a_context_counts_for_whichever_telemetry_has_the_first_client(run):
    _, _, (sent_by_audit,) = run("context_for_the_second")
    assert sent_by_audit["parent_span_id"] == "00f067aa0ba902b7"


def test_several_are_made_and_ended_while_clients_come_and_go(run):
    (line,), shop, audit = run("all_at_once")
    assert [len(shop), len(audit)] == [int(number) for number in line.split()]
    assert {span["parent_span_id"] for span in shop + audit} == {"00f067aa0ba902b7"}


@pytest.fixture(params=[pytest.param("preload", marks=pytest.mark.skipif(SANITIZED, reason="a sanitizer must be loaded before all others")), "plugin"])
def outside(request):
    return request.getfixturevalue(request.param)


def test_where_another_process_collects_each_message_has_one_span(outside, build, kafka, sink, audit_sink):
    """`waybill run` sees every client that is made, too; the plugin stands for `waybill collect`."""
    outside.checks_sinks = False
    command = [build / "hosts/api-several", "services", kafka.address, kafka.topic(), kafka.topic(), sink.url, audit_sink.url]
    result = outside.run(sink, *command)
    assert (result.returncode, result.stdout) == (0, "traced: yes\n"), result.stderr
    assert outside.books()["exporters"]["exported"] == 10
    assert services(sink.spans()) == {"shop"} and len(sink.spans()) == 3
    assert services(audit_sink.spans()) == {"audit"} and len(audit_sink.spans()) == 7


def test_a_message_has_the_right_parent_where_another_process_collects(outside, build, kafka, sink, audit_sink):
    outside.checks_sinks = False
    command = [build / "hosts/api-several", "nested", kafka.address, kafka.topic(), kafka.topic(), sink.url, audit_sink.url]
    result = outside.run(sink, *command)
    assert result.returncode == 0, result.stdout + result.stderr
    outside.books()  # so that all has come
    (outer,) = named(sink.spans(), "process")
    (inner,) = named(audit_sink.spans(), "process")
    assert inner["parent_span_id"] == outer["span_id"]
    assert len(named(sink.spans(service="shop"), "send")) == 3
