# SPDX-License-Identifier: MIT
"""One topology on several workers: the same results, also when they die."""

import contextlib
import os
import pathlib
import random
import signal
import time

import text as texts
from harness import (FULL, SOURCE, Failed, Gust, each, expect, expect_balance,
                     expect_code, gust, store, test)
from test_wordcount import TOPOLOGY, count, same_words

TOPOLOGIES = SOURCE / "topologies"
MANY = ("--workers", "3")


def workers(run):
    """The processes of the workers of a run, by number."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")
            parent = int(fields[2].split()[1])
            name = (process / "comm").read_text().strip()
        except (OSError, IndexError):
            continue
        if parent == run.process.pid and name.startswith("gust-worker-"):
            found[int(name.rpartition("-")[2])] = int(process.name)
    return found


@each(way=[("--executors", "1"), ("--executors", "2"),
           ("--executors", "2", "--set", "topology.credit.bytes=1")])
def words_of_several_workers(way):
    data = b"".join(texts.text(3_000_000, 5, "plain"))
    path = store(data)
    for number in "2", "3":
        run = gust("tasks", "--workers", number, *way, input=path, tasks=6)
        same_words(run, count(data))


@test
def the_wordcount_of_one_process_and_of_three():
    path = "/usr/share/common-licenses/GPL-3"
    one = gust(TOPOLOGY, input=path)
    three = gust(TOPOLOGY, *MANY, input=path)
    expect_code(three, 0)
    expect(three, three.lines, one.lines, "the counts")
    expect_balance(three)


@test
def a_task_that_others_keep_busy_gets_less():
    """What is sent from here is little, so that only the other worker's word
    tells that its task has seconds of work in its queue."""
    flood = 3000
    run = gust("loaded", "--workers", "2", "--executors", "1", flood=flood,
               trickle=200, rate=100)
    expect_code(run, 0)
    expect_balance(run)
    busy, idle = [task["counts"]["executed"] for component in
                  run.report["components"] if component["id"] == "work"
                  for task in component["by_task"]]
    expect(run, busy + idle, flood + 200, "executed")
    # Half of what the trickle's task on the other worker emits would be 50.
    expect(run, busy - flood <= 25, True,
           f"{busy - flood} tuples for the busy task, 25 at most:")


@each(name=["top-words", "exclamation", "fraud-rules",
            "clean-log", "web-log"])
def the_gallery(name):
    """What has one order only, or none that matters."""
    one = gust(TOPOLOGIES / f"{name}.yaml")
    three = gust(TOPOLOGIES / f"{name}.yaml", *MANY)
    expect(three, three.code, one.code, "the exit code")
    expect(three, three.lines, one.lines, "the output")
    expect_balance(three)


@test
def tuples_longer_than_a_frame():
    """A batch of its own, which travels in several frames."""
    lines = [b"%d" % i + b"x" * (i * 4093) for i in range(240)]
    run = gust(TOPOLOGY, *MANY, input=store(b"\n".join(lines)))
    same_words(run, sorted(b"%s\t1" % line for line in lines))


def kill_one(run, number, seed, limit=30):
    """Kills a worker, and waits for the one that takes its place."""
    pid = workers(run).get(number)
    if pid is None:
        raise Failed(f"seed {seed}: worker {number} is not there\n")
    os.kill(pid, signal.SIGKILL)
    run.poll(lambda: workers(run).get(number, pid) != pid,
             f"worker {number} started anew", limit)


@each(victims=[(0,), (1,), (2,), (0, 1, 2)])
def what_is_killed_comes_again_and_nothing_is_lost(victims):
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    words = [b"w%d" % i for i in range(60_000)]
    run = Gust("workers", "--quiet", input=store(b"\n".join(words)),
               rate=20000)
    out = pathlib.Path(f"/proc/{run.process.pid}/fd/1")
    run.poll(lambda: len(workers(run)) == 3, "three workers")
    for kill in range(1, 6):
        run.poll(lambda kill=kill: os.stat(out).st_size > kill * 40_000,
                 f"the output before kill {kill}")
        kill_one(run, dice.choice(victims), seed)
    ended = run.wait()
    expect_code(ended, 0)
    missing = set(words) - set(ended.out.split(b"\n"))
    expect(ended, len(missing), 0, f"(seed {seed}) words that are missing")
    strange = set(ended.lines) - set(words)
    expect(ended, sorted(strange)[:3], [], "words that nobody wrote")


@test
def a_signal_stops_all_workers():
    run = Gust("workers", "--set", "topology.max.spout.pending=500",
               input=store(b"a word\n" * 1_000_000), rate=1000)
    out = pathlib.Path(f"/proc/{run.process.pid}/fd/1")
    run.poll(lambda: os.stat(out).st_size > 1000, "output")
    run.signal(signal.SIGINT)
    ended = run.wait()
    expect_code(ended, 0)
    expect_balance(ended)
    expect(ended, ended.counts()["aborted"], 0, "aborted")


@test
def a_death_at_any_time_of_a_short_run_ends_it_all_the_same():
    """In the beginning, in the middle, and while the workers say goodbye."""
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    words = [b"w%d" % i for i in range(20_000)]
    path = store(b"\n".join(words))
    for _ in range(40 if FULL else 12):
        run = Gust("workers", "--quiet", input=path, rate=200_000)
        victims, end = [], time.monotonic() + dice.random() * 0.2
        while time.monotonic() < end:
            victims = list(workers(run).values())
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(victims), signal.SIGKILL)
        ended = run.wait()
        expect_code(ended, 0)
        missing = set(words) - set(ended.out.split(b"\n"))
        expect(ended, len(missing), 0, f"(seed {seed}) missing words")
