# SPDX-License-Identifier: MIT
"""Runs whose rows are known: on one machine, and on three hosts."""

import pathlib
import subprocess
import tempfile
import time

import trouble
from harness import GUST, Failed, expect, expect_code
from rows import WORDS_MAX, Rows, Sink
from trouble import AFTERWARDS, Topology, note, wait_for

HERE = pathlib.Path(__file__).resolve().parent
PENDING = 400   # topology.max.spout.pending of the topologies here
RATE = 4000     # words a second, about half of what the sync allows
RECOVERY = 5    # seconds until something new passes


class World:
    """Rows, the sink that they go to, and what must hold of both."""

    def __init__(self, seconds, spout=".", sink="."):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        for name in {spout, sink}:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        count = int(seconds * trouble.STRETCH * RATE / ((1 + WORDS_MAX) / 2))
        self.rows = Rows(self.folder / "rows.txt", count,
                         trouble.DRAW.getrandbits(32))
        self.sink = Sink(self.rows, self.folder / sink, "words-*.txt")
        self.positions = (self.folder / spout / "state"
                          / "conserve.positions.json")

    def ended(self):
        """Whether nothing runs any more; fails if that was no good end."""
        raise NotImplementedError

    def acked(self):
        """Up to where the file is processed; all of that is in the sink."""
        return self.sink.expect_acked(self.positions)

    def expect_new(self, before, limit=RECOVERY):
        """Something that was not acked yet is acked soon; after what time."""
        begun = time.monotonic()
        wait_for(lambda: self.acked() > before or self.ended(),
                 "the ack of a fresh record", limit)
        return time.monotonic() - begun

    def expect_progress(self):
        """The trouble did not come after the end."""
        if self.ended():
            raise trouble.TooEarly("it ended before the trouble did")

    def judge(self, most):
        """After the end: all is there, and not more than can be."""
        self.sink.expect_all()
        if self.sink.duplicates > most:
            raise Failed(f"{self.sink.duplicates} duplicates, expected at "
                         f"most {most}")
        note(f"{self.sink.duplicates} duplicates of {self.rows.total} words")

    def expect_duplicates(self):
        """The trouble has hit something that was under way."""
        if self.sink.duplicates == 0:
            raise Failed("there are no duplicates: nothing was hit")


class Machine(World):
    """conserve.yaml on this machine, its components in workers 1, 2 and 3."""

    def __init__(self, seconds, *args, **values):
        super().__init__(seconds, sink=values.get("sink", "."))
        self.args = args
        self.values = {"rate": RATE, **values}
        self.run = None
        self.start()

    def start(self):
        """Starts it, or starts it again."""
        self.run = Topology(HERE / "conserve.yaml", *self.args,
                            folder=self.folder, input=self.rows.path,
                            **self.values)

    def ended(self):
        code = self.run.process.poll()
        if code:
            raise Failed("it has ended\n" + self.run.wait().show())
        return code is not None

    def finish(self, kills, limit=120):
        """Lets it end and judges; the Run."""
        run = self.run.wait(limit)
        expect_code(run, 0)
        # Each may be written, and come again from two of the survivors.
        self.judge(2 * kills * PENDING * WORDS_MAX)
        return run


class Host:
    """One host's part of a run: `gust worker` in its namespace."""

    def __init__(self, world, name):
        self.folder = world.folder / name
        self.folder.mkdir(exist_ok=True)
        self.args = [*world.net.inside(name), GUST, "worker",
                     HERE / "conserve_hosts.yaml", "--hosts",
                     world.folder / "hosts.yaml", "--host", name, "--key",
                     world.folder / "key", "-D", f"input={world.rows.path}",
                     "-D", f"rate={RATE}", "-D", f"timeout={world.timeout}"]
        self.process = None
        self.log = (self.folder / "log").open("ab")
        AFTERWARDS.append(self.kill)
        self.start()

    def start(self):
        """Starts it, or starts it again."""
        self.process = subprocess.Popen(
            list(map(str, self.args)), cwd=self.folder, stderr=self.log,
            stdout=self.log, stdin=subprocess.DEVNULL)

    def kill(self):
        """Ends it at once, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self):
        """The end of its log."""
        text = (self.folder / "log").read_text(errors="replace")
        return f"--- {self.folder.name}\n{text[-2000:]}"


class Hosts(World):
    """conserve_hosts.yaml on the hosts a, b and c of a Net."""

    def __init__(self, net, seconds, timeout=30):
        super().__init__(seconds, spout="a", sink="c")
        self.net = net
        self.timeout = timeout
        (self.folder / "hosts.yaml").write_text("".join(
            f"- {{name: {name}, address: {net.address(name)}, "
            f"port: {net.port(name)}}}\n" for name in net.names))
        subprocess.run([GUST, "keygen", self.folder / "key"], check=True,
                       capture_output=True)
        self.parts = {name: Host(self, name) for name in net.names}

    def ended(self):
        codes = [part.process.poll() for part in self.parts.values()]
        if any(codes):
            raise Failed(f"they exit {codes}, expected 0\n{self.logs()}")
        return 0 in codes

    def logs(self):
        """What all have said."""
        return "\n".join(part.said() for part in self.parts.values())

    def finish(self, most, limit=120):
        """Lets all end and judges."""
        for name, part in self.parts.items():
            try:
                code = part.process.wait(limit)
            except subprocess.TimeoutExpired as why:
                raise Failed(f"host {name} did not end\n{self.logs()}") \
                    from why
            if code != 0:
                raise Failed(f"host {name} exits {code}, expected 0\n"
                             f"{self.logs()}")
        self.judge(most)
