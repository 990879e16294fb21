# SPDX-License-Identifier: MIT
"""Topologies that rank, slow down, gather and send again."""

import collections
import csv
import json
import pathlib
import re
import signal
import subprocess
import tempfile

import logs
import text as texts
from harness import (SOURCE, Gust, dead_letters, expect, expect_balance,
                     expect_code, gust, lines_of, number, store, test, ways)

TOPOLOGIES = SOURCE / "topologies"


def write_text(words):
    return store(b"".join(texts.text(words, 7, "plain")))


def ranked(path, n):
    """The oracle: cut by tr, counted and ordered by sort and uniq."""
    script = (r"tr -s ' \t\n\v\f\r' '\n' <$0 | grep -a . | sort | uniq -c | "
              r"sort -k1,1rn -k2,2 | head -n $1 | awk '{print NR, $2, $1}'")
    out = subprocess.run(["sh", "-c", script, path, str(n)], check=True,
                         capture_output=True,
                         env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    return out.replace(b" ", b"\t")


@test
def top_words():
    path = write_text(200_000)
    for n in 1, 10, 500:
        expected = ranked(path, n)
        for way in ways():
            run = gust(TOPOLOGIES / "top-words.yaml", *way, input=path, n=n)
            expect_code(run, 0)
            expect_balance(run)
            expect(run, run.out, expected, "the ranking")


@test
def top_words_of_the_licence():
    path = "/usr/share/common-licenses/GPL-3"
    run = gust(TOPOLOGIES / "top-words.yaml")
    expect_code(run, 0)
    expect(run, run.out, ranked(path, 10), "the ranking")


@test
def top_words_while_they_come():
    """With ticks as fast as they come, and a window that holds them all."""
    path = write_text(200_000)
    run = gust(TOPOLOGIES / "top-words.yaml", input=path, tick=0.01, n=5,
               window=1000)
    expect_code(run, 0)
    expect_balance(run)
    rankings = []
    for line in run.out.splitlines():
        rank, word, count = line.split(b"\t")
        if rank == b"1":
            rankings.append([])
        rankings[-1].append((-int(count), word))
        expect(run, int(rank), len(rankings[-1]), "the rank")
    for ranking in rankings:
        expect(run, ranking, sorted(ranking), "a ranking")
    last = b"".join(run.out.splitlines(keepends=True)[-5:])
    expect(run, last, ranked(path, 5), "the last ranking")


def repaired(line):
    """The oracle: what becomes of a row, None if it stays a dead letter."""
    quoted = re.sub(r'"[^"]*"', "", line)
    if '"' in quoted and ";" not in quoted[quoted.index('"'):]:
        at = line.rindex('"')
        line = line[:at] + line[at + 1:]
    try:
        row = next(csv.reader([line], delimiter=";", strict=True), [""])
    except csv.Error:
        return None
    order, email, product, quantity, total, status = \
        row + [""] * (6 - len(row)) if len(row) <= 6 else (None,) * 6
    try:
        if order:
            order = int(order)
        if quantity:
            quantity = int(quantity)
        if total:
            total = number(float(total))
    except (TypeError, ValueError):
        return None
    return None if order is None else \
        f"{order}\t{product}\t{quantity}\t{total}\t{status}"


def again_is_right(run, lines):
    found = collections.Counter(run.out.decode().splitlines())
    rows = [repaired(line) for line in lines]
    expect(run, found, collections.Counter(row for row in rows
                                           if row is not None),
           "what goes through")
    expect(run, run.counts()["rejected"], rows.count(None), "rejected")
    expect_code(run, 0)
    expect_balance(run)


def put_aside(folder, name, **values):
    """Runs bad-records.yaml, and returns the rows it has put aside."""
    run = gust(TOPOLOGIES / "bad-records.yaml", folder=folder, input=name,
               invalid="invalid", quantity="0..", **values)
    expect_code(run, 3)
    return [letter["fields"]["line"] for letter in dead_letters(run)]


@test
def dead_letters_go_through_again():
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "input").write_bytes(b"".join(logs.orders(20_000, 17)))
    lines = put_aside(folder, "input")
    for way in ways():
        run = gust(TOPOLOGIES / "dead-letters-again.yaml", *way,
                   folder=pathlib.Path(tempfile.mkdtemp()),
                   letters=folder / "bad-records.dead-letters.jsonl")
        expect(run, len(lines) > 100, True, "there are some")
        again_is_right(run, lines)


@test
def dead_letters_go_through_once():
    folder = pathlib.Path(tempfile.mkdtemp())
    values = {"folder": folder, "letters": "bad-records.dead-letters.jsonl"}
    state = ("--set", "topology.state.dir=state")
    seen = 0
    for seed in 1, 2:
        (folder / "input").write_bytes(b"".join(logs.orders(2_000, seed)))
        lines = put_aside(folder, "input")
        run = gust(TOPOLOGIES / "dead-letters-again.yaml", *state, **values)
        again_is_right(run, lines[seen:])
        seen = len(lines)
        run = gust(TOPOLOGIES / "dead-letters-again.yaml", *state, **values)
        again_is_right(run, [])


@test
def dead_letters_of_the_sample():
    folder = pathlib.Path(tempfile.mkdtemp())
    sample = TOPOLOGIES / "data" / "orders.csv"
    run = gust(TOPOLOGIES / "dead-letters-again.yaml", folder=folder, letters=
               TOPOLOGIES / "data" / "orders.dead-letters.jsonl")
    again_is_right(run, put_aside(folder, sample))


def gathered(run):
    """The numbers in the batches that were printed."""
    numbers = []
    for line in run.lines:
        count, records = line.split(b" ", 1)
        records = json.loads(records)
        expect(run, int(count), len(records), "the size of a batch")
        expect(run, 1 <= len(records) <= 7, True, "no more than was said")
        numbers += [record["n"] for record in records]
    return sorted(numbers)


@test
def nothing_is_late_for_being_slowed_down():
    """Longer than a tree may take, and with few of them at a time."""
    for way in ways():
        run = gust("paced", *way, "--set", "topology.max.spout.pending=150",
                   count=300, rate=1000, by="500ms")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, gathered(run), list(range(300)), "the numbers")
        c = run.counts()
        expect(run, (c["trees_failed"], c["timed_out"]), (0, 0), "failures")
        # 10 come at once, and 290 at 1000 a second.
        expect(run, run.report["run_ns"] >= (290 - 2 + 500) * 1_000_000, True,
               f"{run.report['run_ns']} ns, expected 0.788 s")


@test
def what_fails_later_is_not_slowed_down_again():
    for way in ways():
        run = gust("paced", *way, count=100, rate=100_000, by="300ms",
                   every=10)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, gathered(run), list(range(100)), "the numbers")
        c = run.counts("delay")
        expect(run, (c["executed"], c["replayed"] > 0), (100, True),
               "what delay does")


@test
def a_stop_does_not_wait_for_what_is_delayed():
    running = Gust("paced", "--set", "topology.drain.timeout.secs=0.2",
                   count=100, rate=100_000, by="1h")
    out = running.folder / "out"
    running.poll(lambda: lines_of(out) >= 100, "the numbers have come")
    running.signal(signal.SIGTERM)
    run = running.wait()
    expect_balance(run)
    expect(run, (gathered(run), run.counts()["aborted"]), ([], 100),
           "what is printed, and what is aborted")
