"""Segments that no host writes, beside an honest program: what is the honest one's arrives, whole."""

import contextlib
import os
import random
import struct
import subprocess
import threading

import pytest
from doors import assert_books_balance, environment

SIZE = 1 << 20
CHUNKS = 0x2000 + 2 * 0x1000 + 0x8000 + 0x40000  # of so large a segment: two pages, states, environment, definitions
SEND_STARTED, SEND_ENDED = 1, 2


@pytest.fixture
def template(build, kafka, tmp_path):
    """A segment as a host makes it; nobody reads it, so it stays."""
    runtime = tmp_path / "unread"
    runtime.mkdir(mode=0o700)
    options = ["-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}"]
    subprocess.run(["kcat", *options, "-b", kafka.address, "-P", "-t", kafka.topic()], input="one", text=True, check=True, timeout=30,
                   env=environment(None, WAYBILL_RUNTIME_DIR=str(runtime), WAYBILL_SEGMENT_SIZE="1MiB"))
    (segment,) = runtime.glob("*.segment")
    return segment.read_bytes()


def hostile(template, chance):
    """The template with records of both kinds, as a living process that names another's number, and some bytes turned."""
    segment = bytearray(template)
    segment[24:28] = struct.pack("<i", os.getpid())
    segment[32:40] = bytes(8)
    for chunk in range(4):
        at = CHUNKS + chunk * 0x10000
        state = 0x2000 + 64 * chunk
        position = 0
        while position + 152 <= 0x10000:
            for kind, size in ((SEND_STARTED, 88), (SEND_ENDED, 64)):
                header = struct.pack("<II", size << 8 | kind, position // 8 ^ 0x57425742)
                segment[at + position : at + position + size] = header + struct.pack("<QQ", 1, position) + bytes(size - 24)
                position += size
        segment[state : state + 8] = struct.pack("<Q", position)
    for _ in range(chance.randrange(200)):
        place = chance.choice([chance.randrange(0x3000), chance.randrange(len(segment))])
        segment[place] = chance.randrange(256)
    return bytes(segment)


def put(runtime, name, content):
    temporary = runtime / f"{name}.new"
    temporary.touch(mode=0o600)
    temporary.write_bytes(content)
    temporary.rename(runtime / f"{name}.segment")


def test_an_honest_program_loses_nothing_beside_hostile_ones(plugin, sink, kafka, tmp_path, template):
    runtime = tmp_path / "runtime"
    plugin.serves_others = True
    chance = random.Random(20)
    nowhere = template.replace(b"WAYBILL_SEGMENT_SIZE=1MiB\0", b"OTEL_TRACES_EXPORTER=none\0")
    assert nowhere != template
    for number in range(40):
        put(runtime, f"{number:024x}", hostile(nowhere, chance))
    stop = threading.Event()

    def go_on():
        """What a living host may do: it writes over its segment, and cuts it off and makes it long again."""
        while not stop.wait(0.001):
            name = f"{chance.randrange(40):024x}"
            path = runtime / f"{name}.segment"
            if not path.exists():  # it named a process that is gone
                put(runtime, name, hostile(nowhere, chance))
            with contextlib.suppress(FileNotFoundError), open(path, "r+b") as file:
                if chance.randrange(10) == 0:
                    file.truncate(chance.randrange(SIZE))
                file.seek(0)
                file.write(hostile(nowhere, chance))

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        topic = kafka.topic()
        text = "\n".join(str(number) for number in range(500))
        result = plugin.run(sink, "kcat", *plugin.host_options, "-b", kafka.address, "-P", "-t", topic, input=text)
        spans = sink.wait_for(500, topic=topic)
    finally:
        stop.set()
        writer.join()
    assert result.returncode == 0
    assert len(spans) == 500
    assert {span["resource"]["process.executable.name"] for span in spans} == {"kcat"}
    books = plugin.books()
    honest = [host for host in books["hosts"] if host["started"] == 500 and host["program"] == "kcat" and host["handed_on"] == 500]
    assert len(honest) >= 1
    assert len(sink.spans(topic=topic)) == 500


def test_the_collector_says_which_segments_it_does_not_use_and_goes_on(plugin, sink, kafka, tmp_path, template):
    runtime = tmp_path / "runtime"
    put(runtime, "0" * 24, b"")
    put(runtime, "1" * 24, os.urandom(SIZE))
    put(runtime, "2" * 24, template[:0x8000])
    (runtime / ("3" * 24 + ".segment")).mkdir()
    plugin.run(sink, "kcat", *plugin.host_options, "-b", kafka.address, "-P", "-t", kafka.topic(), input="one")
    sink.wait_for(1)
    said = plugin.stop()
    for digit, why in (("0", "cannot be read"), ("1", "not a segment"), ("2", "contradict"), ("3", "cannot open")):
        assert any(digit * 24 in line and why in line for line in said.splitlines()), (digit, said)
    assert_books_balance(plugin.books())
