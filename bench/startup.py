"""What starting a program under the preload shim costs, with and without Kafka."""

import statistics
import subprocess
import time

import progress
from other_side import Collecting, clean_environment


def programs(brokers):
    return {
        "/bin/true": ["/bin/true"],
        "python3 -c pass": ["/usr/bin/python3", "-c", "pass"],
        "kcat -V (librdkafka, no client)": ["kcat", "-V"],
        "kcat, one message": ["sh", "-c", f"echo x | kcat -q -b {brokers} -P -t start -p 0"],
    }


def elapsed_ms(command, environment):
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1e3


def measure(build, rounds):
    broker = subprocess.Popen([build / "bin/waybill", "broker"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = broker.stdout.readline().strip()
    collecting = Collecting(build)
    traced = clean_environment(
        LD_PRELOAD=str(build / "lib/libwaybill-preload.so"), WAYBILL_RUNTIME_DIR=str(collecting.runtime),
        OTEL_EXPORTER_OTLP_ENDPOINT=collecting.url,
    )
    try:
        figures = {}
        for name, command in programs(address).items():
            progress.show(f"start: {name}")
            pairs = [(elapsed_ms(command, clean_environment()), elapsed_ms(command, traced)) for _ in range(rounds)]
            figures[name] = {"bare_ms": [pair[0] for pair in pairs], "traced_ms": [pair[1] for pair in pairs]}
        return {"name": "start", "title": "Start-up, from fork to exit", "figures": figures}
    finally:
        collecting.stop()
        broker.terminate()
        broker.wait(10)
        progress.clear()


def markdown(result):
    lines = [f"### {result['title']}", "", "| program | bare ms, median (least) | with the shim ms, median (least) | difference of the least, ms | ratio, median of pairs |",
             "|---|---|---|---|---|"]
    for name, figures in result["figures"].items():
        bare, traced = figures["bare_ms"], figures["traced_ms"]
        ratio = statistics.median(with_it / without for without, with_it in zip(bare, traced))
        lines.append(
            f"| {name} | {statistics.median(bare):.2f} ({min(bare):.2f}) | {statistics.median(traced):.2f} ({min(traced):.2f})"
            f" | {min(traced) - min(bare):+.2f} | {ratio:.2f} |"
        )
    return "\n".join(lines) + "\n"
