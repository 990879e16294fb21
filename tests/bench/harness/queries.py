# SPDX-License-Identifier: MIT
"""Nexmark's queries, what they are to come to, and gust's rows of them.

Every run has the rows of tests/bench/nexmark.c, and where there are few events
these are first compared with tests/topology/nexmark.py. A run of a rival makes
the same events up for itself, of which those that come before it is warm are not
timed. What a round of making them up costs is a workload of its own."""

import functools
import importlib.util
import json
import subprocess

import check
import gust
from contender import Contender, Workload
from place import BUILD, GUST, OUTPUT, SOURCE

QUERIES = {
    "q0": "every bid as it is",
    "q1": "every bid in another currency",
    "q2": "the bids for certain auctions",
    "q5": "the auctions with the most bids in 10 s, every 2 s",
    "q7": "the highest bids in 10 s",
    "q8": "who has registered and sold in the same 10 s",
}
GUARANTEES = (
    "gust tracks every event, and emits it again until all that came of it is "
    "done: at least once. Flink goes back to its last checkpoint, at least "
    "once, too: by hand one a second, in SQL one in three minutes, as Nexmark "
    "sets it, which no run lasts. All keep state in memory here, which goes "
    "with their process.")
DURABILITY = (
    "gust stores open windows in LMDB every 100 ms, synced, and acks an event "
    "then; Flink keeps them in RocksDB, and takes an incremental checkpoint to "
    "files each second. What is stored outlives a kill at any moment in both; "
    "of the generators Flink's keeps its place, too.")
DURABLE = ", durable state"
# Rows of Flink: the query in Java on the DataStream interface, and in SQL.
BY_HAND = "flink, by hand"
SQL = "flink SQL"
SQL_FORMS = (SQL, SQL + ", window join", SQL + ", top")
# Of more the reference in Python would take too long.
SMALL = 100_000
REFERENCE = str(BUILD / "tests" / "bench" / "nexmark")
STATE = OUTPUT / "nexmark-state"


@functools.cache
def python_rows(query, count):
    folder = SOURCE / "tests" / "topology"
    spec = importlib.util.spec_from_file_location("nexmark",
                                                  folder / "nexmark.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = subprocess.run(
        [GUST, "run", "--quiet", "-D", f"count={count}", "-D", "seed=1",
         str(folder / "nexmark_events.yaml")], check=True, capture_output=True)
    events = [json.loads(line) for line in printed.stdout.splitlines()]
    rows = getattr(module, query)(events)
    return sorted("\t".join(map(str, row)) for row in rows)


@functools.cache
def expected(query, count):
    said = subprocess.run([REFERENCE, query, str(count)], check=True,
                          capture_output=True, text=True)
    return sorted(said.stdout.splitlines())


def right(query, count):
    """Of q0, q1 and all events a row says how many there were and what they
    come to."""
    def rows_right(sample):
        check.ended(sample)
        rows = expected(query, count)
        if count <= SMALL and query in ("q2", "q5", "q7", "q8"):
            check.expect(rows == python_rows(query, count), True,
                         "both references say the same")
        found = sorted(sample.output.decode().splitlines())
        if found != rows:
            raise check.Wrong(
                f"{len(found)} rows of {count} events, beginning with "
                f"{found[:2]}, expected {len(rows)}, with {rows[:2]}")

    return rows_right


def alone(count):
    """The generator in C, which the reference has."""
    return Contender("in C", [REFERENCE, "events", str(count)],
                     right("events", count), count)


def query_row(query, count, durable=False):
    def balanced(sample):
        right(query, count)(sample)
        check.expect(sample.report["balanced"], True, "'balanced'")

    line = [GUST, "run", "--quiet", "--executors", "1", "--report", "{report}",
            "-D", f"count={count}",
            *(["-D", "sink=checksum"] if query in ("q0", "q1") else []),
            *(["--set", "topology.state.provider=lmdb", "--set",
               f"topology.state.dir={STATE}"] if durable else []),
            str(SOURCE / "topologies" / "nexmark" / f"{query}.yaml")]
    if durable:
        line = ["sh", "-c", 'rm -rf -- "$0" && exec "$@"', str(STATE), *line]
    return Contender(gust.name(1) + DURABLE * durable, line, balanced, count)


def workloads(plan):
    count = max(1000, round(plan.amount / 5))
    yield Workload("nexmark-events", "Nexmark: the events made up in a loop, "
                   "without anything else", "events",
                   [alone(count), *plan.of_rivals("events", count)])
    for query, title in QUERIES.items():
        yield Workload(
            f"nexmark-{query}", f"Nexmark {query}: {title}", "events",
            [query_row(query, count),
             *plan.of_rivals("nexmark", query, count)], note=GUARANTEES)
    if (BUILD / "tests" / "bench" / "state").exists():
        yield Workload(
            "nexmark-durable", "Nexmark q5 with state that outlives a crash",
            "events", [query_row("q5", count, True),
                       *plan.of_rivals("nexmark", "q5", count, True)],
            note=DURABILITY)
