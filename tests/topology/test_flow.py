# SPDX-License-Identifier: MIT
"""Backpressure, fairness and memory under load."""

import collections
import os
import subprocess
import time

from harness import (EXECUTORS, FULL, SANITIZE, TIGHT, Failed, Gust, each,
                     expect, expect_balance, expect_code, gust, test)

MIB = 1 << 20


def numbers(values):
    return sorted(b"%d" % n for n in values)


@each(polite=["true", "false"])
def two_executors_fill_each_others_inboxes(polite):
    for tight in TIGHT:
        run = gust("boxes", "--executors", "2", *tight, count=5, factor=100,
                   polite=polite)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, sorted(b"%d\t%d" % (n, 20000)
                                      for n in range(5)), "the counts")


@each(tasks=[64])
def many_executors(tasks):
    for tight in TIGHT:
        run = gust("wide", "--executors", "64", *tight, count=20000,
                   tasks=tasks, dedicated="false")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(20000)), "the output")
        expect(run, len(run.report["executors"]), 64, "executors")


@test
def many_dedicated_tasks():
    for tight in TIGHT:
        run = gust("wide", "--executors", "2", *tight, count=20000, tasks=64,
                   dedicated="true")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(20000)), "the output")
        expect(run, len(run.report["executors"]), 66, "executors")


@test
def two_explosions_in_a_row_without_room():
    first = 1000 if FULL else 20
    for executors in EXECUTORS:
        for tight in TIGHT:
            run = gust("ticks", "--executors", str(executors), *tight,
                       first=first)
            expect_code(run, 0)
            expect_balance(run)
            expect(run, run.counts("ticker")["executed"], first * 10000,
                   "tuples")


@each(executors=["1", "2"])
def ticks_come_in_time_beside_explosions(executors):
    """The ticker leaves out what its thread waited for a core."""
    first = 10000 if FULL else 1000
    longest = []
    for _ in range(3):
        run = gust("ticks", "--executors", executors, first=first)
        expect_code(run, 0)
        expect_balance(run)
        lines = (os.path.join(os.path.dirname(
            run.args[run.args.index("--report") + 1]), "ticks"))
        rows = [list(map(int, line.split())) for line in open(lines)]
        expect(run, sum(row[2] for row in rows), first * 10000, "tuples")
        if not SANITIZE:
            expect(run, run.report["peak_rss_bytes"] <= 128 * MIB, True,
                   f"{run.report['peak_rss_bytes']} bytes at most 128 MiB")
        longest.append(max(row[1] for row in rows) / 1e6)
        if longest[-1] <= 20:
            return
    if not SANITIZE:
        raise Failed(f"between two ticks of 10 ms lie {longest} ms, "
                     "expected at most 20\n" + run.show())


def rate(count, slow, bound):
    """Tuples a second while the spout still has some: its last ones, which
    wait for the slow task, are not counted."""
    running = Gust("uneven", "--set", f"topology.{bound}", count=count,
                   slow=slow, stdout=subprocess.PIPE)
    times = []
    for _ in running.process.stdout:
        times.append(time.monotonic())
    run = running.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, len(times), count, "the number of lines")
    begin, end = count // 10, count * 3 // 4
    return run, (end - begin) / (times[end] - times[begin])


@each(bound=["credit.bytes=16KiB", "max.spout.pending=400"])
def a_slow_task_gets_less(bound):
    """Nine tenths of what the four can do together."""
    shares = []
    for _ in range(8):
        _, even = rate(4000, -1, bound)
        run, uneven = rate(6000, 0, bound)
        # A task alone does a quarter of `even`; the slow one, a tenth of it.
        shares.append(uneven / (even * 3.1 / 4))
        if shares[-1] >= 0.9:
            return
    raise Failed(f"{shares} of what the tasks can do, expected 0.9\n"
                 + run.show())


@test
def shuffle_is_even():
    run = gust("wide", "--executors", "2", count=20000, tasks=8,
               dedicated="false")
    found = collections.Counter()
    for component in run.report["components"]:
        for task in component["by_task"]:
            if component["id"] == "first":
                found[task["index"]] = task["counts"]["executed"]
    expect(run, sum(found.values()), 20000, "executed")
    # 2500 each, unless one of them has a backlog.
    expect(run, min(found.values()) > 1000, True, f"even shares: {found}")
