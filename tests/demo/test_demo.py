"""The demo, as the README tells it."""

import re
import subprocess


def test_the_demo_shows_each_order_as_one_trace_through_three_services(root):
    result = subprocess.run([root / "bin/demo", "--orders", "4"], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    traces = result.stdout.split("trace ")[1:]
    assert len(traces) == 4
    for trace in traces:
        lines = [line for line in trace.splitlines() if "─ " in line]
        steps = [re.sub(r"^[ │├└─]*", "", line).split()[:2] for line in lines]
        assert steps == [["orders", "send"], ["payments", "process"], ["payments", "send"], ["shipping", "process"]]
        depths = [line.index("─ ") for line in lines]
        assert depths == sorted(set(depths))  # each is the child of the one before
        assert "client queue" in lines[0]
    assert "services: orders, payments, shipping" in result.stdout
    assert "traces: 4   messages: 8   spans: 16   errors: 0   dropped: 0" in result.stdout


def test_wrong_usage_is_told(root):
    result = subprocess.run([root / "bin/demo", "--orders", "many"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 2
    assert "--orders many" in result.stderr
