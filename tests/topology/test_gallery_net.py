# SPDX-License-Identifier: MIT
"""Databases and servers: what goes there and what comes from there."""

import json
import pathlib
import signal
import sqlite3
import tempfile

from harness import (FULL, Gust, each, expect, expect_balance, expect_code,
                     gust, test, ways)


def ask(path, query):
    """The rows of a query; none while the file or the table is not there."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                             timeout=30) as peer:
            return peer.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def numbered(count_of_lines):
    path = pathlib.Path(tempfile.mkstemp()[1])
    path.write_text("".join(f"line {n}\n" for n in range(count_of_lines)))
    return path


def stored(folder):
    """How far the run has told that all is processed, in bytes."""
    path = folder / "state" / "rows.positions.json"
    found = json.loads(path.read_text())["positions"] if path.exists() else []
    return found[0]["offset"] if found else 0


def expect_acked(run, text, db, offset):
    """Every line below the position is a row."""
    acked = text.read_bytes()[:offset].decode().splitlines()
    there = {row[0] for row in ask(db, "SELECT line FROM rows")}
    lost = [line for line in acked if line not in there]
    expect(run, lost[:3], [], f"{len(lost)} of {len(acked)} lines acked")
    return len(acked)


@test
def sqlite_killed_again_and_again_loses_no_acked_row():
    total = 2_000_000 if FULL else 600_000
    text = numbered(total)
    folder = pathlib.Path(tempfile.mkdtemp())
    db = folder / "rows.db"
    args = ["--set", f"topology.state.dir={folder / 'state'}"]
    kills = 8 if FULL else 4
    for kill in range(1, kills + 1):
        running = Gust("rows", *args, folder=folder, input=text, db=db,
                       batch=5000)
        enough = text.stat().st_size * kill // (kills + 2)
        # Just when a new position is there, an ack that came too early would
        # have no time to become true.
        running.poll(lambda: stored(folder) > enough, f"byte {enough}")
        running.signal(signal.SIGKILL)
        run = running.wait()
        acked = expect_acked(run, text, db, stored(folder))
        expect(run, 0 < acked < total, True, f"{acked} lines were acked")
    run = gust("rows", *args, folder=folder, input=text, db=db, batch=5000)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["roots"] < total // 2, True,
           f"{run.counts()['roots']} of {total} lines in the last run")
    expect(run, ask(db, "SELECT count(*), count(DISTINCT line) FROM rows"),
           [(total, total)], "the rows")
    expect(run, ask(db, "PRAGMA integrity_check"), [("ok",)], "the file")


@test
def sqlite_tasks_that_contend_write_every_row():
    text = numbered(10_000)
    for way in ways():
        db = pathlib.Path(tempfile.mkdtemp()) / "rows.db"
        run = gust("rows", *way, input=text, db=db, tasks=3, batch=100)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.counts()["trees_failed"], 0, "what failed")
        expect(run, ask(db, "SELECT count(*) FROM rows"), [(10_000,)],
               "the rows")


@each(journal=["delete", "wal"])
def sqlite_reads_and_writes_one_file(journal):
    folder = pathlib.Path(tempfile.mkdtemp())
    db = folder / "copy.db"
    args = ["--set", f"topology.state.dir={folder / 'state'}"]
    with sqlite3.connect(db) as peer:
        peer.execute(f"PRAGMA journal_mode = {journal}")
        peer.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, word TEXT)")
        peer.executemany("INSERT INTO a VALUES (?, ?)",
                         ((3 * n, f"word {n}") for n in range(20_000)))
    peer.close()
    run = gust("copy", *args, folder=folder, db=db)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["roots"], 20_000, "rows read")
    with sqlite3.connect(db) as peer:
        peer.executemany("INSERT INTO a VALUES (?, ?)",
                         ((3 * n, None) for n in range(20_000, 20_010)))
    peer.close()
    run = gust("copy", *args, folder=folder, db=db)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["roots"], 10, "rows read by a second run")
    expect(run, ask(db, "SELECT * FROM b ORDER BY id"),
           ask(db, "SELECT * FROM a ORDER BY id"), "the copy")
