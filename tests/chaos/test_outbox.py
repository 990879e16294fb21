# SPDX-License-Identifier: MIT
"""kill -9 while bolts with durable state emit on their own.

Windows, ticks, and tuples that are held: what comes of them is summed up by
another bolt with durable state, and with topology.state.dedupe the sums are
those of an oracle, whatever was killed.
"""

import collections
import pathlib
import tempfile
import time

import trouble
from harness import FULL, Failed, each, expect_code, short
from trouble import Topology, note

KILLS = 20 if FULL else 4
ROWS = 40000 if FULL else 8000
RATE = 3000  # rows a second

TOPOLOGY = """
name: outbox
config:
  topology.workers: 1
  topology.executors: 1
  topology.state.dir: state
  topology.state.provider: lmdb
  topology.state.commit.ms: 30
  topology.state.dedupe: true
spouts:
  - id: rows
    plugin: csv
    isolate: true
    options: {files: rows.csv, header: false, follow: "${follow:-false}"}
    outputs: {default: {word: string, kind: string, t: int}}
    %(timestamp)s
bolts:
  - {id: stage, parallelism: %(tasks)d, isolate: true, %(stage)s}
  - {id: total, plugin: keyed, parallelism: %(totals)d, isolate: true, options: {%(total)s}}
  - {id: sink, plugin: write_lines, options: {path: "total-{task}.txt", template: "{word} {count}"}}
%(more)s
streams:
  - {from: %(before)s, to: stage, grouping: {type: fields, args: [word]}}
  - {from: stage, to: total, grouping: {type: fields, args: [word]}}
  - {from: total, to: sink}
%(streams)s
"""

SLOWLY = f"""
  - {{id: slowly, plugin: throttle, options: {{rate: {RATE}}}}}
"""

SLOWLY_STREAMS = """
  - {from: rows, to: slowly}
"""

AGAIN = """
  - {id: again, plugin: keyed, isolate: true}
  - {id: other, plugin: write_lines, options: {path: "again-{task}.txt", template: "{word} {count}"}}
"""

AGAIN_STREAMS = """
  - {from: stage, name: duplicates, to: again, grouping: {type: fields, args: [word]}}
  - {from: again, to: other}
"""


def count(rows):
    return collections.Counter(word for word, _, _ in rows)


def first(rows):
    return collections.Counter({word for word, _, _ in rows})


def followed(rows):
    """How often an `a` was followed by a `b`, which uses up those before."""
    waiting, found = set(), collections.Counter()
    for word, kind, _ in sorted(rows, key=lambda row: row[2]):
        if kind == "b" and word in waiting:
            waiting.discard(word)
            found[word] += 1
        if kind == "a":
            waiting.add(word)
    return found


STAGES = {
    "windows": ("plugin: tally, window: {type: tumbling, length: 50ms, "
                "keys: [word]}", "amount: count", count),
    "sliding": ("plugin: tally, window: {type: sliding, length: 200s, "
                "slide: 100s, keys: [word]}", "amount: count",
                lambda rows: count(rows) + count(rows)),
    "sessions": ("plugin: tally, window: {type: session, gap: 200s, "
                 "keys: [word]}", "amount: count", count),
    "ticks": ("plugin: rate, options: {by: [word]}, "
              "config: {topology.tick.tuple.freq.secs: 0.05}",
              "amount: count", count),
    "dedupe": ("plugin: dedupe, options: {by: [word], within: 10d}", "",
               first),
    "sequence": ("plugin: sequence, options: {by: [word], within: 10d, "
                 "first: 'kind == \"a\"', then: 'kind == \"b\"'}", "",
                 followed),
}
TIMED = ("sliding", "sessions", "sequence")


class Summing:
    """A run with one of the stages, killed and started again. The rows are
    there when it starts, and a bolt slows them down; or it is fed with them,
    and no bolt stands between the spout and the stage. If it is `moving` each
    start has other numbers of tasks."""

    def __init__(self, stage, fed, moving):
        self.moving = moving
        self.fed = fed
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.stage = stage
        self.rows = [(f"w{trouble.DRAW.randrange(300)}",
                      trouble.DRAW.choice("aabbc"), 1000 * n)
                     for n in range(ROWS * trouble.STRETCH)]
        # Up to 20 places out of order, and the lag is more than that.
        mixed = sorted(self.rows,
                       key=lambda row: row[2] + trouble.DRAW.randrange(20000))
        self.lines = [f"{word},{kind},{t}\n" for word, kind, t in mixed]
        self.feed(1 if fed else len(self.lines))
        self.path = self.folder / "outbox.yaml"
        self.start(follow=fed)

    def start(self, follow=False):
        options, total, _ = STAGES[self.stage]
        again = self.stage == "dedupe"
        self.path.write_text(TOPOLOGY % {
            "stage": options, "total": total,
            "tasks": trouble.DRAW.randint(1, 4) if self.moving else 2,
            "totals": trouble.DRAW.randint(1, 4) if self.moving else 2,
            "before": "rows" if self.fed else "slowly",
            "timestamp": "timestamp: {field: t, format: ms, lag: 25s}"
                         if self.stage in TIMED else "",
            "more": (AGAIN if again else "")
                    + ("" if self.fed else SLOWLY),
            "streams": (AGAIN_STREAMS if again else "")
                       + ("" if self.fed else SLOWLY_STREAMS)})
        self.run = Topology(self.path, folder=self.folder,
                            follow=str(follow).lower())

    def feed(self, count):
        """Writes some more of the rows."""
        with (self.folder / "rows.csv").open("a", encoding="ascii") as file:
            file.write("".join(self.lines[:count]))
        del self.lines[:count]

    def let_pass(self, pause):
        """Lets it work for a while."""
        end = time.monotonic() + pause
        while time.monotonic() < end:
            self.feed(RATE // 100)
            time.sleep(0.01)

    def found(self, name):
        sums = collections.Counter()
        for path in self.folder.glob(f"{name}-*.txt"):
            for line in path.read_text().splitlines():
                word, number = line.split()
                # What finish() emits comes again when a worker dies then.
                sums[word] = max(sums[word], int(number))
        return sums

    def compare(self, name, expected):
        found = self.found(name)
        more, less = found - expected, expected - found
        if more or less:
            raise Failed(f"'{name}': {sum(less.values())} are missing, "
                         f"{sum(more.values())} too many of "
                         f"{sum(expected.values())}: {short(dict(less))} and "
                         f"{short(dict(more))}")

    def judge(self):
        """After the end: the sums are those of the oracle."""
        run = self.run.wait(120)
        expect_code(run, 0)
        expected = STAGES[self.stage][2](self.rows)
        self.compare("total", expected)
        if self.stage == "dedupe":
            self.compare("again", count(self.rows) - expected)
        note(f"{sum(expected.values())} of {len(self.rows)} rows")


@each(way=[f"{stage}, {victims}" for stage in STAGES
           for victims in ("a worker", "all", "all and other tasks")])
def what_comes_of_state_is_exact(way):
    stage, victims = way.split(", ")
    # A bolt that lives on tells a new stage behind it the time that it has
    # reached, so what comes again is late there, and follows what it finds.
    fed = stage in TIMED and victims == "a worker"
    summing = Summing(stage, fed, victims == "all and other tasks")
    kills = 0
    for pause in trouble.pauses(0.1, 0.5):
        summing.let_pass(pause)
        if kills == KILLS or summing.run.process.poll() is not None:
            break
        if victims != "a worker":
            summing.run.kill_all()
            summing.start()
        else:
            summing.run.kill(trouble.DRAW.choice([0, 1, 2, 3]))
        kills += 1
    note(f"{kills} kills")
    if kills < 3:
        raise trouble.TooEarly("it ended before the trouble did")
    if fed:
        summing.run.kill_all()
        summing.feed(len(summing.lines))
        summing.start()
    summing.judge()
