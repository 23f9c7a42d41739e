"""Reads OTLP in JSON, whoever wrote it, into plain dicts that can be compared."""

import json

KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]


def spans_in_file(path):
    """The spans of all requests in a file with one on each line, by their id."""
    return spans_in_lines(path.read_text(encoding="utf-8") if path.exists() else "")


def names_in_lines(text):
    """The names of their spans by the ids."""
    return {span_id: span["name"] for span_id, span in spans_in_lines(text).items()}


def spans_in_lines(text):
    whole = text[: text.rfind("\n") + 1]  # the last line may be half written
    spans = {}
    for line in whole.splitlines():
        spans |= spans_of(json.loads(line))
    return spans


def spans_of(request):
    """The spans of one request by their id, each with all that it says and with its resource and scope."""
    return {
        span["spanId"]: plain_span(span) | {"resource": attributes_of(group.get("resource", {})), "scope": scope_of(scope)}
        for group in request["resourceSpans"] for scope in group["scopeSpans"] for span in scope["spans"]
    }


def logs_in_file(path):
    """The log records of all requests in such a file by the ids of their spans, each with its resource and scope."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    records = {}
    for line in text[: text.rfind("\n") + 1].splitlines():
        for group in json.loads(line).get("resourceLogs", []):
            for scope in group["scopeLogs"]:
                for record in scope["logRecords"]:
                    plain = {name: value for name, value in record.items() if name != "attributes"} | {"attributes": attributes_of(record)}
                    if plain.get("body") == {}:  # the Collector writes a body where there is none
                        del plain["body"]
                    assert record["spanId"] not in records
                    records[record["spanId"]] = plain | {"resource": attributes_of(group["resource"]), "scope": scope_of(scope)}
    return records


def plain_span(span):
    return {
        "trace_id": span["traceId"], "parent": span.get("parentSpanId", ""), "name": span["name"], "kind": KINDS[span["kind"]],
        "start": int(span["startTimeUnixNano"]), "end": int(span["endTimeUnixNano"]),
        "trace_state": span.get("traceState", ""), "flags": span.get("flags", 0), "attributes": attributes_of(span),
        "links": [plain_link(link) for link in span.get("links", [])], "links_dropped": span.get("droppedLinksCount", 0),
        "status": (span.get("status", {}).get("code", 0), span.get("status", {}).get("message", "")),
    }


def plain_link(link):
    return (link["traceId"], link["spanId"], link.get("traceState", ""), link.get("flags", 0), attributes_of(link))


def scope_of(scope):
    return (scope["scope"]["name"], scope["scope"].get("version", ""), scope.get("schemaUrl", ""))


def attributes_of(owner):
    return {attribute["key"]: value_of(attribute["value"]) for attribute in owner.get("attributes", [])}


def value_of(value):
    """The value with its type, because 1, 1.0, true and "1" are different ones."""
    ((kind, content),) = value.items()
    if kind == "intValue":
        return (kind, int(content))
    if kind == "arrayValue":
        return (kind, tuple(value_of(one) for one in content.get("values", [])))
    return (kind, content)
