# SPDX-License-Identifier: MIT
"""Spouts that read files: follow-log.yaml, and csv and json_lines."""

import csv
import gzip
import io
import json
import os
import pathlib
import random
import signal
import tempfile

from harness import (FULL, HERE, SOURCE, Gust, dead_letters, expect,
                     expect_balance, expect_code, expect_in, gust, slowly,
                     so_far, test, ways)

FOLLOW = SOURCE / "topologies" / "follow-log.yaml"
ROTATIONS = 1000
ROWS = 200_000 if FULL else 50_000


class Log:
    """A log that is written to and rotated, and what should be found in it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.path = self.folder / "log"
        self.file = self.path.open("ab", buffering=0)
        self.random = random.Random(5)
        self.number = 0
        self.expected = []

    def write(self, lines):
        """Writes in one piece, or, now and then, in two."""
        data = b""
        for _ in range(lines):
            self.number += 1
            line = b"%d some %s" % (self.number, self.random.choice(
                [b"ERROR here", b"success", b"\xff\xfe", b"error", b""]))
            if b"error" in line.lower():
                self.expected.append(line)
            data += line + b"\n"
        cut = self.random.randrange(len(data))
        self.file.write(data[:cut])
        self.file.write(data[cut:])

    def rotate(self, kept):
        """As logrotate does with `create`: who writes notices later."""
        for n in range(kept - 1, 0, -1):
            if (self.folder / f"log.{n}").exists():
                os.rename(self.folder / f"log.{n}", self.folder / f"log.{n + 1}")
        os.rename(self.path, self.folder / "log.1")
        self.path.touch()
        self.write(self.random.randrange(3) + 1)
        self.file.close()
        self.file = self.path.open("ab", buffering=0)

    def cut(self):
        """As logrotate does with `copytruncate`."""
        os.truncate(self.path, 0)


def printed(run):
    """The lines that a run has written so far."""
    return so_far(run.out).split(b"\n")[:-1]


def follow(log, *args):
    return Gust(FOLLOW, *args, log=log.path, pattern="(?i)error")


def begin(log, *args):
    """A first run: what was rotated before it looks is not its affair."""
    log.write(20)
    run = follow(log, *args)
    wait_for(run, log)
    return run


def wait_for(run, log):
    run.poll(lambda: len(printed(run)) >= len(log.expected),
             f"{len(log.expected)} lines")


@test
def nothing_is_lost_in_a_thousand_rotations():
    log = Log()
    run = begin(log)
    for n in range(ROTATIONS):
        log.write(log.random.randrange(5) + 1)
        log.rotate(10)
        # No file is deleted before anybody can have seen it.
        if n % 8 == 7:
            wait_for(run, log)
    wait_for(run, log)
    run.signal(signal.SIGTERM)
    run = run.wait()
    expect_code(run, 0)
    expect_balance(run)
    # What is written to a rotated file, late, may come after the next one's.
    expect(run, run.lines, sorted(log.expected), "what was printed")


@test
def a_log_is_followed_that_is_cut_and_rotated():
    log = Log()
    run = begin(log, "--set", "topology.credit.bytes=1", "--executors", "2")
    for n in range(20):
        log.write(50)
        wait_for(run, log)
        if n % 3 == 2:
            log.cut()
            log.write(1)
            wait_for(run, log)
        if n % 7 == 6:
            log.rotate(3)
    wait_for(run, log)
    run.signal(signal.SIGINT)
    run = run.wait()
    expect_code(run, 0)
    expect(run, run.lines, sorted(log.expected), "what was printed")


@test
def a_killed_run_goes_on_and_loses_nothing():
    log = Log()
    state = log.folder / "state"
    found = set()
    for n in range(8):
        start = follow if n > 0 else begin
        run = start(log, "--set", f"topology.state.dir={state}")
        # Without any position a run does not know that there was another.
        run.poll(lambda: any(b"inode" in path.read_bytes()
                             for path in state.glob("*.json")), "a position")
        for _ in range(5):
            log.write(200)
            if n % 2 == 0:
                log.rotate(100)
        before = len(printed(run))
        run.poll(lambda: len(printed(run)) > before or
                 found | set(printed(run)) >= set(log.expected), "a line")
        run.signal(signal.SIGKILL)
        run.process.wait()
        found |= set(printed(run))
        # Nobody looks, and the log is rotated several times.
        for _ in range(n % 4):
            log.write(20)
            log.rotate(100)
    run = follow(log, "--set", f"topology.state.dir={state}")
    run.poll(lambda: found | set(printed(run)) >= set(log.expected),
             "the rest")
    run.signal(signal.SIGTERM)
    run = run.wait()
    expect_code(run, 0)
    found |= set(run.lines)
    expect(run, sorted(found), sorted(log.expected), "what was printed")
    # What is complete is not read again.
    last = follow(log, "--set", f"topology.state.dir={state}")
    log.write(100)
    new = log.expected[-len([l for l in log.expected
                             if int(l.split()[0]) > log.number - 100]):]
    last.poll(lambda: len(printed(last)) >= len(new), "what is new")
    last.signal(signal.SIGTERM)
    last = last.wait()
    expect(last, last.out.split(b"\n")[:-1], new, "what was printed last")


def table(rows):
    """Rows of all kinds, in parts: some plain, some compressed."""
    rng = random.Random(7)
    folder = pathlib.Path(tempfile.mkdtemp())
    names = ["plain", "with, comma", 'with "quotes"', "two\nlines", "crlf\r\n",
             "", " spaces ", "ünïcode", "'"]
    expected, bad = [], 0
    for part in range(6):
        text = io.StringIO(newline="")
        out = csv.writer(text, lineterminator="\r\n" if part % 2 else "\n")
        order = rng.sample(["id", "share", "name", "more"], 4)
        out.writerow(order)
        for n in range(rows // 6):
            row = {"id": part * rows + n, "share": n / 8,
                   "name": f"{rng.choice(names)}{n}", "more": "x"}
            if rng.random() < 0.01:
                out.writerow([row[c] for c in order[:3]])
                bad += 1
                continue
            if rng.random() < 0.01:
                row["id"] = "none"
                bad += 1
            else:
                expected.append(row)
            out.writerow([row[c] for c in order])
        data = text.getvalue().encode()
        if part % 3 == 1:
            half = len(data) // 2
            data = gzip.compress(data[:half]) + gzip.compress(data[half:])
        (folder / f"part{part}.csv").write_bytes(data)
    return folder, expected, bad


@test
def rows_are_those_that_python_reads():
    for way in ways():
        rows_are_right(ROWS // 10 if "--set" in way else ROWS, way)


def rows_are_right(count, way):
    folder, expected, bad = table(count)
    text = sorted(b"%d\t%s\t%s" % (
        row["id"], repr(row["share"]).removesuffix(".0").encode(),
        row["name"].encode()) for row in expected)
    text = sorted(line for row in text for line in row.split(b"\n"))
    run = gust("intake", *way, input=folder, tasks=3)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.lines, text, "the rows")
    expect(run, run.counts()["rejected"], bad, "'rejected'")
    letters = dead_letters(run)
    expect(run, len(letters), bad, "the number of dead letters")
    expect_in(run, ".csv', line ", json.dumps(letters[0]), "a reason")
    expect(run, {pathlib.Path(letter["source"]).parent for letter in letters},
           {folder}, "the folder of their files")


@test
def objects_are_those_that_python_reads():
    folder = pathlib.Path(tempfile.mkdtemp())
    rng = random.Random(3)
    expected, bad, data = [], 0, []
    for n in range(ROWS):
        kind = rng.randrange(100)
        if kind == 0:
            data.append(b'{"id": %d, "name"\n' % n)
            bad += 1
        elif kind == 1:
            data.append(b'{"id": "%d"}\n' % n)
            bad += 1
        else:
            name = rng.choice(["a", "b c", "é\u2028", 'q"'])
            line = json.dumps({"name": name, "x": [n], "id": n},
                              ensure_ascii=kind < 50)
            data.append(line.encode() + b"\n")
            expected.append(b"%d\t%s" % (n, name.encode()))
    (folder / "events.gz").write_bytes(gzip.compress(b"".join(data)))
    run = gust("intake_json", input=folder / "*.gz")
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.lines, sorted(expected), "the objects")
    expect(run, run.counts()["rejected"], bad, "'rejected'")


@test
def a_truncated_archive_fails_after_what_it_holds():
    folder = pathlib.Path(tempfile.mkdtemp())
    data = b"id,name,share\n" + b"".join(b"%d,x,1\n" % n for n in range(ROWS))
    path = folder / "rows.csv.gz"
    path.write_bytes(gzip.compress(data)[:-1000])
    run = gust("intake", input=path)
    expect_code(run, 1)
    expect_balance(run)
    expect_in(run, b"rows.csv.gz': the gzip data end too early, at byte ",
              run.err, "the error")
    lines = run.out.split(b"\n")[:-1]
    expect(run, lines, [b"%d\t1\tx" % n for n in range(len(lines))], "the rows")
    expect(run, len(lines) > ROWS // 2, True, "that most rows are there")


@test
def a_run_that_was_killed_reads_every_row_at_least_once():
    folder, expected, _ = table(ROWS)
    state = ["--set", f"topology.state.dir={folder / '.state'}"]
    topology = slowly(HERE / "intake.yaml", "rows", "print", 30000)
    ids = set()
    for n in range(3):
        run = Gust(topology, *state, input=folder, tasks=2)
        run.poll(lambda: len(printed(run)) > (n + 1) * 1000, "some rows")
        run.signal(signal.SIGKILL)
        run.process.wait()
        ids |= {line.split(b"\t")[0] for line in printed(run)}
    run = gust("intake", *state, input=folder, tasks=2)
    expect_code(run, 0)
    expect_balance(run)
    ids |= {line.split(b"\t")[0] for line in run.lines}
    wanted = {b"%d" % row["id"] for row in expected}
    expect(run, len(wanted - ids), 0, "how many rows are missing")
    again = gust("intake", *state, input=folder, tasks=2)
    expect(again, again.out, b"", "what a run after the end prints")
