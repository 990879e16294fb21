# SPDX-License-Identifier: MIT
"""State whose store is full, away or damaged, in whole runs."""

import collections
import pathlib
import random
import resource
import tempfile

from harness import (Failed, Gust, dead_letters, expect, expect_balance,
                     expect_code, expect_in, test)
from redis_server import Redis

TOPOLOGY = """
name: state
config:
  topology.executors: 2
  topology.state.dir: state
  topology.state.provider: "%s"
  topology.state.commit.ms: 5
  topology.max.spout.pending: 400
  topology.replay.backoff.ms: 1
  topology.replay.max.attempts: 2
  %s
spouts:
  - {id: rows, plugin: lines, options: {files: rows.txt}}
bolts:
  - {id: split, plugin: split}
  - {id: count, plugin: keyed, parallelism: 2, options: {spend: %d}}
  - {id: sink, plugin: print, options: {template: "{word} {count}"}}
streams:
  - {from: rows, to: split}
  - {from: split, to: count, grouping: {type: fields, args: [word]}}
  - {from: count, to: sink}
"""


class Counting:
    """Counts words of `count` kinds in a folder of its own."""

    def __init__(self, provider, count=20000, config="", spend=0):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        draw = random.Random(count)
        words = [f"word-{draw.randrange(count)}" for _ in range(2 * count)]
        self.expected = collections.Counter(words)
        rows = [" ".join(words[i:i + 5]) for i in range(0, len(words), 5)]
        (self.folder / "rows.txt").write_text("\n".join(rows) + "\n")
        self.topology = self.folder / "state.yaml"
        self.topology.write_text(TOPOLOGY % (provider, config, spend))

    def start(self, before=None):
        return Gust(self.topology, folder=self.folder, before=before)

    def stores(self):
        """The files of LMDB, when it runs no more."""
        return sorted((self.folder / "state").glob("**/count/*/data.mdb"))

    def judge(self, run):
        expect_code(run, 0)
        expect_balance(run)
        found = collections.Counter()
        for line in run.out.decode().splitlines():
            word, count = line.split()
            found[word] += int(count)
        if found != self.expected:
            raise Failed(f"{sum((found - self.expected).values())} words too "
                         f"many, {sum((self.expected - found).values())} "
                         "missing\n" + run.show())


@test
def a_full_disk_is_waited_for():
    """The limit of a file's size stands for the disk."""
    counting = Counting("lmdb")
    running = counting.start(lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY)))
    running.poll(lambda: running.waits("count"), "that the disk is full")
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    run = running.wait()
    counting.judge(run)
    expect(run, run.counts()["trees_failed"], 0, "trees_failed")
    expect(run, run.counts("count")["retries"] > 0, True, "that it waited")
    expect(run, max(path.stat().st_size for path in counting.stores()) >
           400_000, True, "that it would not have fitted")


@test
def a_server_that_dies_and_returns_costs_nothing_but_time():
    server = Redis()
    try:
        counting = Counting(server.where, spend=40)
        running = counting.start()
        for _ in range(3):
            before = server.written()
            # More than what the tasks write when they begin.
            running.poll(lambda: server.written() > before + 10000, "commits")
            server.stop()
            server.start()
        run = running.wait()
        counting.judge(run)
        expect(run, run.counts()["trees_failed"], 0, "trees_failed")
        expect(run, run.counts("count")["retries"] > 0, True,
               "that it waited")
    finally:
        server.stop()


@test
def a_damaged_store_is_refused_and_left_alone():
    counting = Counting("lmdb", count=2000)
    counting.judge(counting.start().wait())
    store = counting.stores()[1]
    store.write_bytes(store.read_bytes()[:12288])
    before = store.read_bytes()
    run = counting.start().wait()
    expect_code(run, 1)
    expect_in(run, b"count/1' is damaged", run.err, "what it says")
    expect(run, store.read_bytes() == before, True, "that it is as it was")


@test
def state_beyond_its_budget_is_a_failure_of_what_does_not_fit():
    counting = Counting("memory", count=5000,
                        config="topology.state.memory.max.bytes: 200KiB")
    run = counting.start().wait()
    expect_balance(run)
    expect_code(run, 3)
    letters = dead_letters(run)
    expect(run, len(letters) > 0, True, "that there are dead letters")
    expect_in(run, "the state is full: topology.state.memory.max.bytes is "
              "200 KiB", str(letters[0]), "their reason")
    # What fitted is counted; a line that failed comes again, once.
    found = dict(line.split() for line in run.out.decode().splitlines())
    expect(run, 1000 < len(found) < len(counting.expected), True,
           f"{len(found)} words")
    lacking = [word for word, count in found.items()
               if int(count) < counting.expected[word]]
    expect(run, lacking, [], "words that were counted too rarely")


RANKED = """
name: ranked
config:
  topology.state.dir: state
  topology.state.provider: lmdb
  topology.state.dedupe: true
spouts:
  - {id: rows, plugin: lines, options: {files: rows.txt}}
bolts:
  - {id: split, plugin: split}
  - {id: part, plugin: top, parallelism: %d, options: {by: [word]}}
  - {id: whole, plugin: top, options: {by: [word], of: count, take: last}}
  - {id: sink, plugin: print, options: {template: "{word} {count}"}}
streams:
  - {from: rows, to: split}
  - {from: split, to: part, grouping: {type: fields, args: [word]}}
  - {from: part, to: whole, grouping: {type: global}}
  - {from: whole, to: sink}
"""


@test
def rankings_go_on_with_what_was_stored():
    """Each run ranks what all runs so far have read, with more tasks or less."""
    folder = pathlib.Path(tempfile.mkdtemp())
    draw = random.Random(5)
    found = collections.Counter()
    for tasks in (2, 3, 1):
        words = [f"w{int(draw.triangular(0, 200, 0))}" for _ in range(5000)]
        found.update(words)
        with open(folder / "rows.txt", "a", encoding="ascii") as file:
            file.writelines(word + "\n" for word in words)
        (folder / "ranked.yaml").write_text(RANKED % tasks)
        run = Gust(folder / "ranked.yaml", folder=folder).wait()
        expect_code(run, 0)
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        expect(run, run.out.decode().splitlines(),
               [f"{word} {count}" for word, count in best[:10]],
               "the ranking")
