"""Who may put segments where, and whose are read."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from doors import environment

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run programs as another user")


def as_nobody(*command):
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *map(str, command)]


class Collector:
    """`waybill collect` over `runtime`; stop() returns all that it said."""

    def __init__(self, build, runtime, *options, command=lambda *words: list(words)):
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(command(build / "bin/waybill", "collect", "--runtime-dir", runtime, *options), stderr=self._said,
                                         env=environment(None))
        give_up = time.monotonic() + 20
        while "reading in" not in self._text() and self._process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.01)

    def _text(self):
        return os.pread(self._said.fileno(), 1 << 20, 0).decode()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(20)
        return self._text()


@pytest.fixture
def open_folder():
    """A folder that every user can reach, unlike pytest's own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="waybill-permissions-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def kcat(build, kafka, runtime, sink=None, command=lambda *words: list(words), library=None):
    options = ["-X", f"plugin.library.paths={library or build / 'lib/libwaybill-plugin.so'}"]
    return subprocess.run(command("kcat", *options, "-b", kafka.address, "-P", "-t", kafka.topic()), input="one", text=True, capture_output=True,
                          timeout=30, env=environment(sink, WAYBILL_RUNTIME_DIR=str(runtime)))


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_directory_in_which_others_may_replace_files_is_refused_by_both_sides(build, kafka, tmp_path, mode):
    runtime = tmp_path / "unsafe"
    runtime.mkdir()
    runtime.chmod(mode)
    collector = subprocess.run([build / "bin/waybill", "collect", "--runtime-dir", runtime], capture_output=True, text=True, timeout=30)
    assert collector.returncode == 1
    assert "others may replace files in the runtime directory" in collector.stderr
    host = kcat(build, kafka, runtime)
    assert host.returncode == 0
    assert "no telemetry from this program" in host.stderr
    assert list(runtime.iterdir()) == []


def test_segments_are_their_owners_alone(build, kafka, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    assert kcat(build, kafka, runtime).returncode == 0
    (segment,) = runtime.glob("*.segment")
    assert segment.stat().st_mode & 0o7777 == 0o600


@pytest.mark.parametrize("spoil, why", [
    (lambda segment: segment.chmod(0o644), "others may read or write"),
    (lambda segment: os.link(segment, segment.with_name("0" * 24 + ".segment")), "has a second name"),
    (lambda segment: (segment.rename(segment.with_suffix(".aside")), segment.symlink_to(segment.with_suffix(".aside"))), "cannot open"),
])
def test_a_segment_that_is_not_its_owners_alone_is_refused(build, kafka, tmp_path, spoil, why):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    kcat(build, kafka, runtime)
    (segment,) = runtime.glob("*.segment")
    spoil(segment)
    collector = Collector(build, runtime)
    assert why in collector.stop()
    assert os.path.lexists(segment)


@needs_root
def test_root_reads_all_users_segments_where_all_may_write(build, kafka, sink, open_folder):
    library = open_folder / "libwaybill-plugin.so"
    library.write_bytes((build / "lib/libwaybill-plugin.so").read_bytes())
    library.chmod(0o755)
    collector = Collector(build, open_folder / "runtime")
    assert (open_folder / "runtime").stat().st_mode & 0o7777 == 0o1733
    kcat(build, kafka, open_folder / "runtime", sink, as_nobody, library)
    sink.wait_for(1)
    collector.stop()


@needs_root
@pytest.mark.parametrize("mode, options", [(0o700, []), (0o1733, ["--own-only"])])
def test_root_refuses_a_foreign_segment_in_a_private_directory_and_with_own_only(build, kafka, tmp_path, mode, options):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    kcat(build, kafka, runtime)
    (segment,) = runtime.glob("*.segment")
    os.chown(segment, NOBODY, NOBODY)
    runtime.chmod(mode)
    said = Collector(build, runtime, *options).stop()
    assert f"the segment {segment.name} belongs to another user" in said
    assert segment.exists()


@needs_root
def test_another_user_cannot_read_roots_segment(build, kafka, tmp_path, open_folder):
    private = tmp_path / "runtime"
    private.mkdir(mode=0o700)
    kcat(build, kafka, private)
    (segment,) = private.glob("*.segment")
    runtime = open_folder / "runtime"
    runtime.mkdir(mode=0o700)
    (runtime / segment.name).write_bytes(segment.read_bytes())
    (runtime / segment.name).chmod(0o600)
    os.chown(runtime, NOBODY, NOBODY)
    program = open_folder / "bin"
    program.mkdir()
    (program / "waybill").write_bytes((build / "bin/waybill").read_bytes())
    (program / "waybill").chmod(0o755)
    said = Collector(open_folder, runtime, command=as_nobody).stop()
    assert f"cannot open the segment {segment.name}" in said
