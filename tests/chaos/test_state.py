# SPDX-License-Identifier: MIT
"""kill -9 while words are counted in durable state.

With topology.state.dedupe each word is counted once, whatever was killed;
without it no word that was acked is missing. A line has words that stand there
several times, so that one record comes to several tuples for one task.
"""

import collections
import pathlib
import subprocess
import tempfile
import time

import trouble
from harness import FULL, GUST, Failed, each, expect_code
from redis_server import Redis
from trouble import AFTERWARDS, Topology, note, wait_for

HERE = pathlib.Path(__file__).resolve().parent
KILLS = 30 if FULL else 5
LINES = 60000 if FULL else 8000


class Counting:
    """A run of state.yaml, killed and started again in its folder."""

    def __init__(self, dedupe, provider="lmdb"):
        self.provider = provider
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.dedupe = dedupe
        self.expected = collections.Counter()
        lines = []
        for _ in range(LINES * trouble.STRETCH):
            known = 1 + int(300 * trouble.DRAW.random() ** 2)
            words = [f"w{trouble.DRAW.randrange(known)}"
                     for _ in range(trouble.DRAW.randint(1, 8))]
            self.expected.update(words)
            lines.append(" ".join(words) + "\n")
        (self.folder / "rows.txt").write_text("".join(lines))
        self.run = None
        self.start()

    def start(self):
        """Starts it, or starts it again."""
        self.run = Topology(HERE / "state.yaml", folder=self.folder,
                            input="rows.txt", provider=self.provider,
                            dedupe="true" if self.dedupe else "false")

    def judge(self):
        """After the end: the counts are right."""
        run = self.run.wait(120)
        expect_code(run, 0)
        found = collections.Counter()
        for path in self.folder.glob("counts-*.txt"):
            for line in path.read_text().splitlines():
                word, count = line.split()
                # What finish() emits comes again when a worker dies then.
                found[word] = max(found[word], int(count))
        more = sum((found - self.expected).values())
        less = sum((self.expected - found).values())
        note(f"{sum(self.expected.values())} words, {more} counted again")
        if less > 0:
            raise Failed(f"{less} words are missing")
        if self.dedupe and more > 0:
            raise Failed(f"{more} words are counted twice")


def harass(counting, victims):
    """Kills workers, or all at once, which is then started again."""
    kills = 0
    for pause in trouble.pauses(0.1, 0.5):
        time.sleep(pause)
        if kills == KILLS or counting.run.process.poll() is not None:
            break
        if "all" in victims:
            counting.run.kill_all()
            counting.start()
        else:
            # The spout's, split's, or one that counts.
            counting.run.kill(trouble.DRAW.choice([1, 2, 3]))
        kills += 1
    note(f"{kills} kills")
    if kills < 3:
        raise trouble.TooEarly("it ended before the trouble did")


@each(victims=["a worker", "a worker, dedupe", "all", "all, dedupe"])
def what_is_counted_is_there(victims):
    counting = Counting("dedupe" in victims)
    harass(counting, victims)
    counting.judge()


class Wordcount(Counting):
    """The same with `count` itself, on another number of tasks at each
    start."""

    def start(self):
        self.values = {"input": "rows.txt", "dedupe": str(self.dedupe).lower(),
                       "tasks": trouble.DRAW.randint(1, 4)}
        self.run = Topology(HERE / "count.yaml", folder=self.folder,
                            **self.values)

    def shown(self):
        """What `gust state` prints: once each word."""
        line = [GUST, "state", HERE / "count.yaml", "--component", "count"]
        for name, value in self.values.items():
            line += ["-D", f"{name}={value}"]
        said = subprocess.run(line, cwd=self.folder, check=True,
                              capture_output=True, text=True).stdout
        found = {}
        for line in said.splitlines():
            name, word, count = line.split("\t")
            if name != "counts" or word in found:
                raise Failed(f"gust state prints '{line}'")
            found[word] = int(count)
        return collections.Counter(found)

    def judge(self):
        super().judge()
        found = self.shown()
        if (self.expected - found).total() > 0 or \
                self.dedupe and found != self.expected:
            raise Failed("gust state does not print what was counted")


@each(victims=["a worker", "a worker, dedupe", "all", "all, dedupe"])
def what_count_has_counted_is_there(victims):
    counting = Wordcount("dedupe" in victims)
    harass(counting, victims)
    counting.judge()


@each(victims=["redis", "redis and a worker, dedupe", "redis and all, dedupe"])
def what_is_counted_is_there_in_redis(victims):
    """As above, and the server that keeps the state is killed, too."""
    server = Redis()
    AFTERWARDS.append(server.stop)
    counting = Counting("dedupe" in victims, server.where)
    kills = 0
    for pause in trouble.pauses(0.1, 0.5):
        time.sleep(pause)
        if kills == KILLS or counting.run.process.poll() is not None:
            break
        # While the server is away a run does not begin.
        wait_for(lambda: counting.run.worker(3), "its last worker", 20,
                 counting.run)
        server.stop()
        time.sleep(trouble.DRAW.uniform(0, 0.3))
        if "all" in victims:
            counting.run.kill_all()
        elif "worker" in victims:
            counting.run.kill(trouble.DRAW.choice([1, 2, 3]))
        time.sleep(trouble.DRAW.uniform(0, 0.3))
        server.start()
        if "all" in victims:
            counting.start()
        kills += 1
    note(f"{kills} kills")
    counting.judge()
    if kills < 3:
        raise trouble.TooEarly("it ended before the trouble did")
