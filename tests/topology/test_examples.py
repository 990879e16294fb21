# SPDX-License-Identifier: MIT
"""The other topologies that everybody reads first."""

import collections

import text as texts
from harness import (SOURCE, expect, expect_balance, expect_code, gust, store,
                     test, ways)

TOPOLOGIES = SOURCE / "topologies"


@test
def exclamation():
    names = (b"nathan", b"mike", b"jackson", b"golda", b"bertels")
    first = None
    for way in ways():
        run = gust(TOPOLOGIES / "exclamation.yaml", *way, count=1000)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, len(run.lines), 1000, "the number of lines")
        expect(run, set(run.lines), {n + b"!!!!!!" for n in names},
               "the set of lines")
        first = first or run.lines
        expect(run, run.lines, first, "the multiset of lines")


@test
def exclamation_at_a_rate():
    run = gust(TOPOLOGIES / "exclamation.yaml", count=200, rate=500)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, len(run.lines), 200, "the number of lines")
    # The last one is due 199 / 500 s after the first.
    expect(run, run.report["run_ns"] >= 398_000_000, True,
           f"{run.report['run_ns']} ns, expected at least 0.398 s")


def of(run, prefix):
    return sorted(line.split(b" ", 1)[1] for line in run.lines
                  if line.startswith(prefix + b" "))


def diamond_is_right(run, data):
    words = collections.Counter(data.split())
    expect_code(run, 0)
    expect_balance(run)
    counts = [b"%s%s %d" % (word, mark, n) for word, n in words.items()
              for mark in (b"?", b"!")]
    expect(run, of(run, b"count"), sorted(counts), "'count'")
    often = collections.Counter(words.values())
    expect(run, of(run, b"often"),
           sorted(b"%d %d" % (n, 2 * often[n]) for n in often), "'often'")
    parts = collections.Counter()
    tasks = collections.Counter()
    for line in of(run, b"busy"):
        word, n = line.split()
        parts[word] += int(n)
        tasks[word] += 1
    expect(run, parts, words, "the sum of 'busy'")
    expect(run, max(tasks.values()) <= 2, True, "at most two tasks a word")
    total = b"%d" % sum(words.values())
    expect(run, of(run, b"every"), [total] * 3, "'every'")
    expect(run, of(run, b"total"), [total], "'total'")


@test
def diamond():
    data = b"".join(texts.text(100_000, 5, "plain"))
    path = store(data)
    for way in ways():
        diamond_is_right(gust(TOPOLOGIES / "diamond.yaml", *way, input=path),
                         data)
