# SPDX-License-Identifier: MIT
"""Databases and servers: what goes there and what comes from there."""

import collections
import gzip
import json
import os
import pathlib
import random
import signal
import sqlite3
import ssl
import subprocess
import tempfile
import threading

from harness import (FULL, SOURCE, Failed, Gust, dead_letters, each, expect,
                     expect_balance, expect_code, expect_in, gust, lines_of,
                     position, store, test, ways)
from server import Server, hang_up, reply, reply_in_chunks

TOPOLOGIES = SOURCE / "topologies"


def ask(path, query):
    """The rows of a query; none while the file or the table is not there."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True,
                             timeout=30) as peer:
            return peer.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def numbered(count_of_lines):
    return store(b"".join(b"line %d\n" % n for n in range(count_of_lines)))


def stored(folder):
    """How far the run has told that all is processed, in bytes."""
    return position(folder / "state" / "rows.positions.json")


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


def quakes(number, seed):
    """A feed as that of the U.S. Geological Survey, and what is wanted of
    it."""
    rng = random.Random(seed)
    features, rows = [], []
    for n in range(number):
        row = {"id": f"us{seed}{n:06}", "ms": rng.randrange(1 << 41),
               "magnitude": rng.choice([None, round(rng.gauss(2, 1), 2), 3]),
               "place": rng.choice(["8 km N of Ferndale, \u00c5land \"x\"",
                                    None, "", "\U0001f30b\n\u0000\ttab"]),
               "longitude": round(rng.uniform(-180, 180), 4),
               "latitude": round(rng.uniform(-90, 90), 4)}
        rows.append(row)
        properties = {"mag": row["magnitude"], "place": row["place"],
                      "time": row["ms"], "url": "https://example.com/" * 5}
        if rng.random() < 0.1:
            del properties["place"]
            row["place"] = None
        features.append({"type": "Feature", "properties": properties,
                         "geometry": {"type": "Point", "coordinates": [
                             row["longitude"], row["latitude"], 10.0]},
                         "id": row["id"]})
    feed = {"type": "FeatureCollection", "metadata": {"count": number},
            "features": features}
    return json.dumps(feed, ensure_ascii=bool(seed % 2)).encode(), rows


def written(path):
    return [json.loads(line) for line in path.open(encoding="utf-8")]


@test
def http_to_file_over_all_obstacles():
    body, rows = quakes(20_000 if FULL else 8_000, 1)

    def answer(handler):
        if handler.number == 1:
            reply(handler, 500, b"not yet")
        elif handler.number == 2:
            hang_up(handler)
        elif handler.path == "/feed":
            reply(handler, 301, b"moved", Location="/new?a=b")
        else:
            reply_in_chunks(handler, body, 7777)

    output = pathlib.Path(tempfile.mkdtemp()) / "out.jsonl"
    with Server(answer) as server:
        run = gust(TOPOLOGIES / "http-to-file.yaml",
                   url=server.url("/feed"), output=output)
        expect(run, server.seen, 4, "requests")
    expect_code(run, 0)
    expect_balance(run)
    expect(run, written(output), rows, "the file")


@test
def http_to_file_in_every_way():
    body, rows = quakes(2_000, 2)
    for way in ways():
        output = pathlib.Path(tempfile.mkdtemp()) / "out.jsonl"
        with Server(lambda handler: reply(handler, 200, body)) as server:
            run = gust(TOPOLOGIES / "http-to-file.yaml", *way,
                       url=server.url(), output=output)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, sorted(written(output), key=lambda row: row["id"]), rows,
               "the file")


@test
def http_to_file_asks_on_and_takes_what_has_changed():
    first, second = quakes(500, 3), quakes(700, 4)
    state = {"feed": first, "unchanged": 0}

    def answer(handler):
        body, _ = state["feed"]
        tag = f'"{len(body)}"'
        if handler.headers.get("If-None-Match") == tag:
            state["unchanged"] += 1
            reply(handler, 304, ETag=tag)
        else:
            reply(handler, 200, body, ETag=tag)

    output = pathlib.Path(tempfile.mkdtemp()) / "out.jsonl"
    with Server(answer) as server:
        running = Gust(TOPOLOGIES / "http-to-file.yaml", url=server.url(),
                       output=output, interval="20ms")
        running.poll(lambda: state["unchanged"] >= 3, "three times 304")
        state["feed"] = second
        running.poll(lambda: lines_of(output) >= 1200, "1200 lines")
        running.signal(signal.SIGTERM)
        run = running.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, written(output), first[1] + second[1], "the file")


@test
def http_poll_killed_again_and_again_misses_no_record():
    """The server shows the last 500 records and gets 50 new ones a request."""
    total = 3_000
    state = {"last": 0}

    def answer(handler):
        state["last"] = last = min(total, state["last"] + 50)
        numbers = list(range(max(0, last - 500), last))
        random.Random(last).shuffle(numbers)
        reply(handler, 200, json.dumps(
            [{"id": n, "word": f"word {n}"} for n in numbers]).encode())

    folder = pathlib.Path(tempfile.mkdtemp())
    db = folder / "rows.db"
    args = ["--set", f"topology.state.dir={folder / 'state'}"]
    with Server(answer) as server:
        for kill in range(1, 4):
            running = Gust("poll", *args, folder=folder, url=server.url(),
                           db=db, interval="5ms")
            running.poll(lambda: state["last"] >= total * kill // 5, "records")
            running.signal(signal.SIGKILL)
            run = running.wait()
        expect(run, state["last"] < total, True, "records are left")
        running = Gust("poll", *args, folder=folder, url=server.url(), db=db,
                       interval="5ms")
        running.poll(lambda: len(ask(db, "SELECT id FROM rows")) == total,
                     "all records")
        running.signal(signal.SIGTERM)
        run = running.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, ask(db, "SELECT * FROM rows ORDER BY id"),
           [(n, f"word {n}") for n in range(total)], "the rows")
    expect(run, run.counts()["roots"] < total * 3 // 5, True,
           f"{run.counts()['roots']} records in the last run")


def failed_poll(server, text, **values):
    db = pathlib.Path(tempfile.mkdtemp()) / "rows.db"
    run = gust("poll", url=server.url("/hidden?key=hidden", "me:hidden@127.0.0.1"
                                      if "user" in values else "127.0.0.1"),
               db=db, **{k: v for k, v in values.items() if k != "user"})
    expect(run, run.code != 0, True, "it fails")
    expect_in(run, text, run.err, "what it says")
    expect(run, b"hidden" in run.err + json.dumps(run.report).encode(), False,
           "a secret is shown")
    expect(run, ask(db, "SELECT * FROM rows"), [], "rows")


@test
def http_poll_tells_what_is_wrong_and_no_secrets():
    with Server(lambda handler: reply(handler, 403, b"hidden")) as server:
        failed_poll(server, b"/: the answer is 403", user=1)
    with Server(lambda handler: reply(handler, 200, b" " * 200_000)) as server:
        failed_poll(server, b"/: the answer is longer than 100000 bytes",
                    max="100000")
    bomb = gzip.compress(b" " * 50_000_000)
    with Server(lambda handler: reply(handler, 200, bomb,
                                      Content_Encoding="gzip")) as server:
        failed_poll(server, b"/: the answer is longer than 100000 bytes",
                    max="100000")
    with Server(lambda handler: threading.Event().wait(20)) as server:
        failed_poll(server, b"/: no answer within 0.2 s", retries=0,
                    timeout="200ms")
    with Server(hang_up) as server:
        failed_poll(server, b"/: ", retries=1)
        expect_seen = server.seen
    if expect_seen != 2:
        raise Failed(f"{expect_seen} requests, expected 2")
    failed_poll(server, b"/: Couldn't connect to server", retries=0)


@test
def http_poll_puts_bad_answers_aside():
    bodies = [b'[{"id": 1, "word": "a"}', b'{"items": 7}',
              b'[{"id": 1, "word": 2}, {"id": 2}, {"word": "x"}, 3]']
    for number, body in enumerate(bodies):
        db = pathlib.Path(tempfile.mkdtemp()) / "rows.db"
        with Server(lambda handler: reply(handler, 200, body)) as server:
            run = gust("poll", url=server.url("/?key=hidden"), db=db)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.counts()["rejected"], (1, 1, 2)[number], "rejected")
        expect(run, b"hidden" in json.dumps(dead_letters(run)).encode(), False,
               "a secret in the dead letters")
    expect(run, ask(db, "SELECT * FROM rows ORDER BY id"),
           [(1, "2"), (2, None)], "rows")


def certificate():
    folder = pathlib.Path(tempfile.mkdtemp())
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


@test
def https_is_refused_unless_it_is_trusted():
    context, path = certificate()
    _, other = certificate()
    body = json.dumps([{"id": 1, "word": "a"}]).encode()
    with Server(lambda handler: reply(handler, 200, body), context) as server:
        db = pathlib.Path(tempfile.mkdtemp()) / "rows.db"
        failed_poll(server, b"certificate", ca=other)
        output = db.parent / "out.jsonl"
        run = gust(TOPOLOGIES / "http-to-file.yaml", url=server.url(),
                   output=output)
        expect(run, run.code != 0, True, "it fails")
        expect_in(run, b"self-signed certificate", run.err, "what it says")
        expect(run, server.seen, 0, "requests")
        run = gust("poll", url=server.url(), db=db, ca=path)
        expect_code(run, 0)
        expect(run, ask(db, "SELECT * FROM rows"), [(1, "a")], "rows")


@test
def http_poll_keeps_nobody_waiting():
    text = numbered(1000)
    gone = threading.Event()
    with Server(lambda handler: gone.wait(30)) as server:
        running = Gust("aside", url=server.url(), input=text)
        running.poll(lambda: os.fstat(running.out.fileno()).st_size
                     == text.stat().st_size, "all lines")
        expect_in(running, None, [running.process.poll()], "the run")
        run = running.wait()
        gone.set()
    expect_in(run, b"no answer within 2 s", run.err, "what it says")


@test
def http_post_delivers_over_all_obstacles():
    total = 20_000 if FULL else 3_000
    text = numbered(total)
    poison = {f"line {n}" for n in range(17, total, 597)}
    taken, state = collections.Counter(), {"busy": 0, "most": 0}
    lock = threading.Lock()

    def answer(handler):
        with lock:
            state["busy"] += 1
            state["most"] = max(state["most"], state["busy"])
        lines = json.loads(handler.body)
        trouble = random.Random(handler.number).random()
        if trouble < 0.05:
            reply(handler, 503, b"busy")
        elif trouble < 0.1:
            hang_up(handler)
        elif trouble < 0.12:
            reply(handler, 429, b"slowly", Retry_After="0")
        elif poison & set(lines):
            reply(handler, 422, b"hidden poison")
        else:
            with lock:
                taken.update(lines)
            # An answer that is lost does not make it undone.
            if trouble < 0.15:
                hang_up(handler)
            else:
                reply(handler, 204 if trouble < 0.5 else 200)
        with lock:
            state["busy"] -= 1

    with Server(answer) as server:
        run = gust("post", url=server.url("/in?key=hidden"), input=text)
    expect_code(run, 3)
    expect_balance(run)
    expect(run, state["most"] <= 4, True, f"{state['most']} requests at once")
    expect(run, set(taken), {f"line {n}" for n in range(total)} - poison,
           "what the server has taken")
    counts = run.counts()
    expect(run, (counts["trees_acked"], counts["dead_lettered"]),
           (total - len(poison), len(poison)), "acked and dead-lettered")
    letters = dead_letters(run)
    expect(run, len(letters), len(poison), "dead letters")
    expect(run, {letter["reason"] for letter in letters},
           {server.url("/") + ": the answer is 422"}, "the reasons")
    expect(run, b"hidden" in run.err + json.dumps(letters).encode(), False,
           "a secret is shown")


@test
def http_post_waits_for_a_server_that_comes_later():
    text = numbered(500)
    taken = []
    with Server(lambda handler: None) as nobody:
        port = nobody.port
    running = Gust("post", url=f"http://127.0.0.1:{port}/", input=text,
                   requests=1)
    running.poll(lambda: os.fstat(running.err.fileno()).st_size > 0,
                 "the first complaint")

    def answer(handler):
        taken.extend(json.loads(handler.body))
        reply(handler, 200, b"thanks")

    with Server(answer, port=port):
        run = running.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["trees_failed"], 0, "what failed")
    expect_in(run, b"Couldn't connect to server; it is tried again", run.err,
              "what it says")
    # With one request at a time, all is in its order.
    expect(run, taken, [f"line {n}" for n in range(500)], "what was taken")


@test
def sqlite_waits_for_a_lock():
    text = numbered(5_000)
    folder = pathlib.Path(tempfile.mkdtemp())
    db = folder / "rows.db"
    peer = sqlite3.connect(db, isolation_level=None)
    peer.execute("PRAGMA journal_mode = wal")
    peer.execute("CREATE TABLE rows (line TEXT PRIMARY KEY)")
    peer.execute("BEGIN IMMEDIATE")
    running = Gust("rows", folder=folder, input=text, db=db)
    running.poll(lambda: running.waits("table"), "that it is refused")
    peer.execute("COMMIT")
    peer.close()
    run = running.wait()
    expect(run, run.counts("table")["retries"] > 0, True, "it was refused")
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["trees_failed"], 0, "what failed")
    expect(run, ask(db, "SELECT count(*) FROM rows"), [(5_000,)], "the rows")


@test
def sqlite_puts_refused_rows_aside():
    text = numbered(3_000)
    db = pathlib.Path(tempfile.mkdtemp()) / "rows.db"
    with sqlite3.connect(db) as peer:
        peer.execute("CREATE TABLE rows (line TEXT PRIMARY KEY "
                     "CHECK (line NOT LIKE '%99'))")
    peer.close()
    for way in ways():
        run = gust("rows", *way, input=text, db=db, batch=100)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.counts()["rejected"], 30, "rejected")
        expect(run, ask(db, "SELECT line FROM rows ORDER BY rowid"),
               [(f"line {n}",) for n in range(3_000) if n % 100 != 99],
               "the rows")
        expect(run, {letter["reason"] for letter in dead_letters(run)},
               {"table 'rows': CHECK constraint failed: "
                "line NOT LIKE '%99'"}, "the reasons")


@test
def https_is_not_left_for_http():
    context, path = certificate()
    with Server(lambda handler: reply(handler, 200, b"[]")) as plain:
        with Server(lambda handler: reply(handler, 302, Location=plain.url()),
                    context) as secure:
            failed_poll(secure, b"/: it redirects from https to http",
                        ca=path)
        if plain.seen != 0:
            raise Failed("it went there")
