# SPDX-License-Identifier: MIT
"""Runs gust and looks at what came of it.

A test is a function with @test; it fails by an exception, best one of expect().
No test waits for a time to pass: it polls for what it waits for, with a
deadline.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("GUST_SOURCE") or HERE.parent.parent)
BUILD = pathlib.Path(os.environ.get("GUST_BUILD") or SOURCE / "build")
GUST = os.environ.get("GUST") or str(BUILD / "gust")
FULL = bool(os.environ.get("FULL"))
SANITIZE = os.environ.get("SANITIZE", "")
# What takes a second takes longer under a sanitizer.
PATIENCE = 20 if SANITIZE else 1
LIMIT = (300 if FULL else 150) * (3 if SANITIZE else 1)

TESTS = []


class Failed(Exception):
    """A test's expectation was not met."""


class Skipped(Exception):
    """What this machine, or this build, cannot do."""


def test(function):
    TESTS.append(function)
    return function


def each(**ways):
    """@each(name=[...]): the test once for each value, by keyword."""
    def wrap(function):
        (name, values), = ways.items()
        for value in values:
            def one(value=value):
                function(**{name: value})
            one.__name__ = f"{function.__name__}[{value}]"
            one.__module__ = function.__module__
            TESTS.append(one)
        return function
    return wrap


class Run:
    """A run of gust that has ended."""

    def __init__(self, args, code, out, err, report):
        self.args = args
        self.code = code
        self.out = out
        self.err = err
        self.report = report

    @property
    def lines(self):
        return sorted(self.out.split(b"\n")[:-1])

    @property
    def folder(self):
        """The folder it ran in."""
        return pathlib.Path(self.args[self.args.index("--report") + 1]).parent

    def component(self, name):
        """What the report says of a component."""
        for found in self.report["components"]:
            if found["id"] == name:
                return found
        raise KeyError(name)

    def counts(self, component=None):
        found = self.report if component is None else self.component(component)
        return found["counts"]

    def show(self):
        err = self.err.decode(errors="replace")[-3000:]
        return f"{' '.join(map(str, self.args))}\nexit code {self.code}\n{err}"


def expect(run, found, expected, what):
    if found != expected:
        raise Failed(f"{what} is {short(found)}, expected {short(expected)}\n"
                     + run.show())


def short(value):
    text = repr(value)
    return text if len(text) < 400 else text[:400] + "..."


def expect_code(run, code):
    expect(run, run.code, code, "the exit code")


def expect_in(run, part, text, what):
    if part not in text:
        raise Failed(f"{what} lacks {part!r}\n" + run.show())


def expect_balance(run):
    """The two equations of every end, and nothing left open."""
    if run.report is None:
        raise Failed("there is no report\n" + run.show())
    c = run.counts()
    sums = {"roots": c["trees_acked"] + c["dead_lettered"] + c["rejected"]
            + c["lost"] + c["aborted"],
            "attempts": c["trees_acked"] + c["trees_failed"]}
    expect(run, c["roots"], sums["roots"], "roots")
    # An aborted tree's last attempt has no end.
    if c["aborted"] == 0:
        expect(run, c["attempts"], sums["attempts"], "attempts")
    expect(run, run.report["balanced"], True, "'balanced'")
    expect(run, (c["open_trees"], c["held_trees"]), (0, 0), "what is open")


class Gust:
    """A run of gust that goes on; the folder it runs in is its own."""

    COMMAND = "run"

    def __init__(self, topology, *args, folder=None, stdin=None, stdout=None,
                 closed=None, before=None, **values):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp())
        path = pathlib.Path(topology)
        if path.suffix == "":
            path = HERE / f"{topology}.yaml"
        # Several runs of one folder have a report each.
        self.report = pathlib.Path(tempfile.mkstemp(dir=self.folder)[1])
        self.args = [GUST, self.COMMAND, path, "--report", self.report]
        for name, value in values.items():
            self.args += ["-D", f"{name}={value}"]
        self.args += args
        environment = dict(os.environ, GUST_PLUGIN_PATH=str(
            BUILD / "tests" / "plugins"))
        self.err = tempfile.TemporaryFile()
        self.out = tempfile.TemporaryFile() if stdout is None else None
        self.process = subprocess.Popen(
            self.args, cwd=self.folder, env=environment, stderr=self.err,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=self.out if stdout is None else stdout,
            preexec_fn=before if closed is None else lambda: os.close(closed))

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, limit=None):
        """Waits for its end and returns a Run."""
        try:
            code = self.process.wait(limit or LIMIT)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            raise Failed("it did not end\n" + Run(
                self.args, None, b"", self.read(self.err), None).show())
        text = self.report.read_bytes()
        return Run(self.args, code if code >= 0 else 128 - code,
                   self.read(self.out), self.read(self.err),
                   json.loads(text) if text else None)

    def status(self, component):
        """What `gust status` says of a component; None: nothing yet."""
        said = subprocess.run([GUST, "status", "--json"], check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
        for run in json.loads(said or "[]"):
            for found in run["components"]:
                if (run["pid"], found["id"]) == (self.process.pid, component):
                    return found
        return None

    def waits(self, component):
        """Whether a component has said "not now" by now."""
        found = self.status(component)
        return found is not None and found["counts"]["retries"] > 0

    def poll(self, condition, what, limit=90):
        """Waits until `condition` holds while it runs."""
        end = time.monotonic() + limit * PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise Failed(f"it ended before {what}\n" + self.wait().show())
            if time.monotonic() > end:
                self.process.kill()
                raise Failed(f"{what} did not come about\n"
                             + self.wait().show())
            time.sleep(0.002)

    @staticmethod
    def read(file):
        if file is None:
            return b""
        file.seek(0)
        data = file.read()
        file.close()
        return data


def gust(topology, *args, **values):
    """Runs a topology to its end; options after its name, then -D values."""
    return Gust(topology, *args, **values).wait()


def dead_letters(run):
    """The dead letters of a run, in the folder it ran in."""
    path = run.folder / run.report["dead_letters"]
    if not path.exists():
        return []
    return [json.loads(line) for line in path.open()]


def store(data):
    """The path of a new file with these bytes."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(data)
    return pathlib.Path(file.name)


def slowly(path, first, then, rate):
    """A copy of a topology in which what goes from one component to another
    does so at a rate: it does not end before it is killed."""
    text, count = re.subn(
        f"^streams:(.*){{from: {first}, +to: {then}}}",
        "  - {id: slowly, plugin: throttle, options: {rate: %d}}\n"
        "streams:\\1{from: %s, to: slowly}\n  - {from: slowly, to: %s}"
        % (rate, first, then), path.read_text(), flags=re.M | re.S)
    if count != 1:
        raise Failed(f"{path}: nothing goes from '{first}' to '{then}'")
    copy = store(text.encode())
    return copy.rename(copy.with_suffix(".yaml"))


def lines_of(path):
    """How many lines a file has; none while it is not there."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def so_far(file):
    """What a run has written to its `out` or `err`; where it writes stays."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def position(path):
    """The offset of the first source in a file of positions; all before it
    is processed."""
    found = json.loads(path.read_text())["positions"] if path.exists() else []
    return found[0]["offset"] if found else 0


def number(value):
    """A float as gust writes it: the fewest digits that read back."""
    return next(text for text in (f"{value:.{n}g}" for n in (15, 16, 17))
                if float(text) == value or value != value)


def lives(pid):
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


# Every topology must work when no more than one batch may be on its way.
TIGHT = [(), ("--set", "topology.credit.bytes=1")]
EXECUTORS = [1, 2, 4]


def ways():
    """The ways to run a topology: executors, and one batch of credit; in a
    quick run some of their pairs."""
    for executors in EXECUTORS:
        for tight in TIGHT:
            if FULL or executors == 2 or (executors == 4) == bool(tight):
                yield ["--executors", str(executors), *tight]
