"""Programs start, crash, fork and become others at random, under one collecting process that is killed and restarted at random.

At the end every record that a program has committed must be at the receiver, or counted as dropped. `bin/bench --soak MINUTES`."""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from brokers import MockBroker  # noqa: E402
from collecting import CollectingSide  # noqa: E402
from counters import new_counters, read_counters  # noqa: E402
from doors import environment  # noqa: E402
from sink import CountingSink  # noqa: E402

import progress  # noqa: E402

DEATHS = ["exit", "_exit", "quick_exit", "abort", "SIGTERM", "SIGKILL", "exec", "main_thread_first"]
FORKS = [("fork", "producing"), ("daemon", "producing"), ("_Fork", "resting"), ("clone", "resting"), ("vfork", "before")]
PRODUCERS = 3  # threads of a dying program: so many calls may be under way
AT_ONCE = 2
RUNS_OF_A_BROKER = 50  # the mock cluster keeps its topics


class Gate:
    """Programs run only while it is open; shut() waits until none runs."""

    def __init__(self):
        self._changed = threading.Condition()
        self._running, self._shut = 0, False

    def __enter__(self):
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._running += 1

    def __exit__(self, *_):
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def shut(self):
        with self._changed:
            self._shut = True
            self._changed.wait_for(lambda: self._running == 0)

    def open(self):
        with self._changed:
            self._shut = False
            self._changed.notify_all()


class Program:
    """One run, and what it proves to have committed: bounds of the spans that must be there, by service and operation."""

    def __init__(self, name, folder, choose):
        self.service, self._folder = name, folder
        self.way = choose.choice(DEATHS) if choose.random() < 0.75 else choose.choice(FORKS)
        self._records = choose.randrange(2_000, 36_000)
        self._files = [folder / name, folder / f"{name}-after"]

    def arguments(self, build, broker, plugin):
        if isinstance(self.way, str):
            for file in self._files:
                new_counters(file)
            arguments = [build / "hosts/host-ways_to_die", self.way, self._records, *self._files]
        else:
            self._files[0].touch()
            arguments = [build / "hosts/host-forks", *self.way, self._files[0]]
        return [*map(str, arguments), broker.address, broker.topic(), "-X", f"plugin.library.paths={plugin}"]

    def committed(self):
        """[(service, operation, at least, at most)]"""
        if not isinstance(self.way, str):
            sent = sum(int(line.split()[1]) for line in self._files[0].read_text().splitlines())
            return [(self.service, "send", sent, sent)]
        counted = read_counters(self._files[0])
        rows = [(self.service, "send", counted.produced, counted.produced + PRODUCERS),
                (self.service, "poll", counted.handed_over, counted.handed_over + 1)]
        if self.way == "exec":
            after = read_counters(self._files[1]).produced
            rows.append(("after-exec", "send", after, after))
        return rows


class Soak:
    def __init__(self, build, folder, seed):
        self._build, self._folder = build, folder
        self._choose = random.Random(seed)
        self._gate, self._lock = Gate(), threading.Lock()
        self._programs, self._failures = [], []
        self._drops = 0
        self.kills = self.ends = 0
        self._until = 0.0

    def run(self, minutes):
        self._until = time.monotonic() + minutes * 60
        with CountingSink(self._build) as sink, CollectingSide(self._build, self._folder) as collecting:
            collecting.start()
            threads = [threading.Thread(target=self._run_programs, args=(sink, collecting, number)) for number in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            while time.monotonic() < self._until:
                self._show()
                time.sleep(self._choose.uniform(0.2, 3))
                self._restart(collecting)
            for thread in threads:
                thread.join()
            self._end(collecting)
            return self._judge(sink)

    def _run_programs(self, sink, collecting, number):
        choose = random.Random(self._choose.random())
        runs = 0
        broker = MockBroker(self._build)
        while time.monotonic() < self._until and not self._failures:
            runs += 1
            if runs % RUNS_OF_A_BROKER == 0:
                broker.stop()
                broker = MockBroker(self._build)
            program = Program(f"soak-{number}-{runs}", self._folder, choose)
            with self._gate:
                variables = {"OTEL_SERVICE_NAME": program.service, "WAYBILL_RUNTIME_DIR": str(collecting.runtime),
                             "WAYBILL_SEGMENT_SIZE": "64MiB"}
                try:
                    subprocess.run(program.arguments(self._build, broker, self._build / "lib/libwaybill-plugin.so"), timeout=120,
                                   env=environment(sink, **variables), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                except subprocess.TimeoutExpired:
                    self._failures.append(f"{program.way} did not end")
            with self._lock:
                self._programs.append(program)
        broker.stop()

    # A collecting process that is killed leaves its heartbeat, and new programs trust it for five seconds. One that
    # ends in good order says so, and programs that start without one are not traced: so none may start then.
    def _restart(self, collecting):
        if self._choose.random() < 0.9:
            collecting.kill()
            self.kills += 1
            collecting.start()
            return
        self._gate.shut()
        self._end(collecting)
        collecting.start()
        self._gate.open()

    def _end(self, collecting):
        code, said = collecting.end()
        self.ends += 1
        if code != 0:
            self._failures.append(f"waybill collect ended with {code}: {said}")
        books = collecting.books()
        self._drops += sum(sum(host["dropped"].values()) for host in books["hosts"]) + sum(books["exporters"]["dropped"].values())

    def _show(self):
        left = max(0, self._until - time.monotonic())
        progress.show(f"soak: {left / 60:4.1f} minutes left, {len(self._programs)} programs, collecting process killed {self.kills} times, "
                      f"ended {self.ends} times")

    def _judge(self, sink):
        progress.clear()
        expected = {}
        for program in self._programs:
            for service, operation, least, most in program.committed():
                known = expected.get((service, operation), (0, 0))
                expected[service, operation] = (known[0] + least, known[1] + most)
        exported, repeated = {}, 0
        for host in sink.counts()["hosts"]:
            for operation, numbers in host["operations"].items():
                key = host["service"], operation
                exported[key] = exported.get(key, 0) + numbers["distinct"]
                repeated += numbers["repeated"]
        missing = sum(max(0, least - exported.get(key, 0)) for key, (least, _) in expected.items())
        wrong = [f"{key}: {exported.get(key, 0)} spans of {least} to {most}" for key, (least, most) in expected.items()
                 if exported.get(key, 0) > most or exported.get(key, 0) < least - self._drops]
        committed = sum(least for least, _ in expected.values())
        print(f"{len(self._programs)} programs, collecting process killed {self.kills} times and ended {self.ends} times; "
              f"{committed} records committed, {committed - missing} exported, {missing} missing, {self._drops} counted as dropped, "
              f"{repeated} sent again with the same id")
        for line in self._failures + wrong:
            print(f"soak: {line}")
        good = not self._failures and not wrong and missing <= self._drops and self._programs
        print(f"{int(bool(good))} passed, {int(not good)} failed")
        return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(prog="bin/bench --soak", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help=argparse.SUPPRESS)
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="waybill-soak-", dir="/dev/shm") as folder:
        sys.exit(Soak(options.build.resolve(), pathlib.Path(folder), options.seed).run(options.minutes))


if __name__ == "__main__":
    main()
