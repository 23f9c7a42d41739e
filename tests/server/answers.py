"""Answers of a server, as waybill/server/openapi.yaml describes them."""

T0 = 1_795_701_802_123.0  # 2026-11-26 14:03:22.123 UTC
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = "00f067aa0ba902b7"
WINDOW = {"from_ms": T0 - 3_600_000, "to_ms": T0}


def name(topic="orders", partition=3, offset=1234, key=None, span=SENT):
    return {"topic": topic, "partition": partition, "offset": offset, "key": key, "trace_id": TRACE if span else None, "span_id": span}


def verdict(state, text, cause="", confidence="proved", evidence=(), missing=()):
    return {
        "state": state, "cause": cause, "confidence": confidence, "text": text, "evidence": [{"text": one, "span": None} for one in evidence],
        "missing": list(missing),
    }


def message_way():
    return {
        "message": name(key="customer-17"),
        "verdict": verdict("failed", "Group billing: Its processing ended with ValueError. The group went on: nobody will try it again."),
        "produced": {
            "service": "order-service", "instance": "a1", "client_id": "producer-1", "acks": -1, "start_ms": T0, "duration_ms": 4.6, "queue_ms": 1.2,
            "broker_ms": 3.4, "broker": "kafka-2:9092", "persistence": "persisted", "error": None, "error_text": None, "transaction": "committed",
            "span": {"trace_id": TRACE, "span_id": SENT},
        },
        "log": {"start": 1200, "end": 5000, "asked_ms": T0 + 60_000, "presence": "readable"},
        "groups": [
            {
                "group": "billing", "waited_ms": 5.0, "end_to_end_ms": None, "committed": 1235,
                "verdict": verdict(
                    "failed", "Its processing ended with ValueError.", evidence=["billing-service failed with ValueError"], missing=["whether it was tried again"]
                ),
                "steps": [
                    {
                        "step": "received", "service": "billing-service", "instance": "", "client_id": "", "start_ms": T0 + 9.6, "duration_ms": 2.0,
                        "error": None, "error_text": None, "span": None,
                    },
                    {
                        "step": "failed", "service": "billing-service", "instance": "b2", "client_id": "consumer-1", "start_ms": T0 + 11.6,
                        "duration_ms": 40.0, "error": "ValueError", "error_text": "no such customer", "span": None,
                    },
                ],
            },
            {
                "group": "audit", "waited_ms": None, "end_to_end_ms": None, "committed": None, "steps": [],
                "verdict": verdict("unknown", "Nothing says that the group got it.", confidence="unknown", missing=["what the group has committed"]),
            },
        ],
        "came_from": [name("payments", 0, 17)],
        "led_to": [name("invoices", None, None, span="00f067aa0ba902b9")],
    }


def span(index, name_, service, depth, start, duration, **more):
    return {
        "trace_id": TRACE, "span_id": f"{index:016x}", "parent_id": None, "depth": depth, "name": name_, "service": service, "kind": "CONSUMER",
        "operation": "process", "start_ms": T0 + start, "duration_ms": duration, "error": None, "message": name(offset=None, span=None), "attributes": {},
        "resource": {}, "events": [], "logs": [], "links": [], "linked_by": [],
    } | more


def linked(index, name_, service, trace=TRACE):
    return {"trace_id": trace, "span_id": f"{index:016x}", "name": name_, "service": service}


def trace():
    return {
        "trace_id": TRACE, "start_ms": T0, "duration_ms": 100.0, "services": ["billing-service", "order-service"], "is_cut": False,
        "spans": [
            span(1, "send orders", "order-service", 0, 0, 10.0, message=name(), linked_by=[linked(2, "process orders", "billing-service")]),
            span(
                2, "process orders", "billing-service", 1, 50.0, 50.0, error="ValueError", links=[linked(1, "send orders", "order-service")],
                logs=[{"event": "exception", "severity": 17, "time_ms": T0, "text": "no such customer"}],
            ),
            span(3, "commit orders", "billing-service", 1, 100.0, 0.01, links=[linked(9, None, None, "0" * 31 + "7")]),
        ],
        "critical_path": [
            {"part": "client_queue", "from_ms": T0, "to_ms": T0 + 10, "span": None, "text": "in the client of order-service"},
            {"part": "log", "from_ms": T0 + 10, "to_ms": T0 + 50, "span": None, "text": "in the log of orders"},
            {"part": "processing", "from_ms": T0 + 50, "to_ms": T0 + 100, "span": None, "text": "process orders of billing-service"},
        ],
        "missing": ["nobody has seen the parent 000000000000004d of commit orders of billing-service"],
    }


def group_lag(group, state, **more):
    return {
        "group": group, "topic": "orders", "state": state, "text": "", "advice": None, "lag": 0, "lag_time_ms": 0, "is_lower_bound": False,
        "trend_per_s": 0, "arriving_per_s": 12.5, "processing_per_s": 12.5, "catch_up_s": None, "busy_partitions": 0, "services": [],
        "series": {"start_ms": 0, "step_ms": 1, "lag": [], "lag_time_ms": []}, "partitions": [],
    } | more


def lag():
    return {
        "window": WINDOW,
        "groups": [
            group_lag(
                "billing", "falling_behind", text="More arrives than is processed.", lag=12_345, lag_time_ms=125_000, trend_per_s=60, arriving_per_s=180,
                processing_per_s=120, advice="2 of 4 partitions busy; processing 120/s, arriving 180/s: needs one more consumer",
            ),
            group_lag("audit", "stopped", text="Nothing is got.", lag=3, lag_time_ms=None, is_lower_bound=True, trend_per_s=None, processing_per_s=0),
            group_lag("search", "up_to_date", text="Nothing waits."),
        ],
    }


def edge(source, target, per_s, errors, p50, parts):
    all_parts = {"client_queue_ms": None, "broker_ms": None, "log_ms": None, "processing_ms": None}
    return {
        "from": source, "to": target, "messages": per_s * 3_600, "per_s": per_s, "errors": errors, "parts": all_parts | parts,
        "latency": {"p50_ms": p50, "p95_ms": 2 * p50, "p99_ms": 3 * p50, "count": 10},
    }


def flow():
    return {
        "window": WINDOW, "source": "spans (unscaled)", "nodes": [],
        "edges": [
            edge("service:order-service", "topic:orders", 180.0, 0, 4.6, {"client_queue_ms": 1.2, "broker_ms": 3.4}),
            edge("topic:orders", "group:billing", 120.0, 0, 125_000, {"log_ms": 125_000}),
            edge("group:billing", "service:billing-service", 120.0, 7, 8.0, {"processing_ms": 8.0}),
        ],
        "bottleneck": {"node": "group:billing", "text": "Messages wait 2 min 5 s for it."},
        "impact": [
            {
                "node": "group:billing", "state": "slow", "text": "It processes 120/s of 180/s.",
                "waiting": [{"node": "topic:invoices", "wait_ms": 125_000, "messages": 12_345}, {"node": "group:mail", "wait_ms": None, "messages": 1}],
            }
        ],
    }


def loss():
    return {
        "window": WINDOW, "source": "metrics",
        "topics": [
            {
                "topic": "orders",
                "produced": {
                    "attempted": 1_000, "rejected": 2, "acknowledged": 990, "failed": 3, "possibly_persisted": 5, "in_flight": None,
                    "errors": [{"error": "_TIMED_OUT", "messages": 5}, {"error": "_QUEUE_FULL", "messages": 2}],
                },
                "groups": [
                    {
                        "group": "billing", "acknowledged": 990, "processed": 980, "pending": 5, "skipped": 2, "lost": 3, "unknown": 0, "failed": 4,
                        "duplicated": 1,
                    }
                ],
            }
        ],
        "named": [
            {
                "message": name(), "last_offset": 1240, "group": "billing", "time_ms": T0, "service": "billing-service",
                "verdict": verdict("skipped", "The group went past it and never got it.", cause="reset"),
            },
            {
                "message": name(partition=None, offset=None), "last_offset": None, "group": None, "time_ms": T0, "service": "order-service",
                "verdict": verdict("never_sent", "It never left the client of order-service.", cause="queue_full"),
            },
        ],
        "reasons_for_unknown": ["spans tell of 5 of 50 messages"],
    }
