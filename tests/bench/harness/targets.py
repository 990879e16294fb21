# SPDX-License-Identifier: MIT
"""What gust is to reach: how many times as good as another row of the same
workload it is, in the median of the rounds. Where several rows are named the
best of them counts."""

import statistics

import gust
import queries
import state

ONE, TWO = gust.name(1), gust.name(2)
CROSSING = gust.name(2, more=", crossing")
BOTH = gust.name(2, more=", a spout each")
WORKERS = gust.name(1, more=", 2 workers")
# Of these less is better.
LESS = ("p50", "p99", "p999", "first_ms", "peak_bytes")
STORM_ACKED = ("storm, batches of 1", "storm, batches of 100")
STORM_PLAIN = tuple(name + ", no acks" for name in STORM_ACKED)
FLINK = tuple(f"flink, parallelism {number}{more}" for number in (1, 2)
              for more in ("", ", no checkpoints"))

# Workload, row of gust, rows it is compared with, by what, at least.
TARGETS = (
    ("wordcount-storm", ONE, ("limit.c",), "per_core_second", 0.75),
    ("wordcount-zipf", ONE, ("limit.c",), "per_core_second", 0.75),
    ("wordcount-storm", ONE, STORM_ACKED, "per_core_second", 50),
    ("wordcount-storm", ONE, FLINK, "per_core_second", 7),
    ("wordcount-storm", ONE, ("timely, 1 worker, compact",), "per_second",
     0.9),
    ("wordcount-storm", BOTH, ("timely, 2 workers, compact",), "per_second",
     1),
    ("scale-local", BOTH, ("gust, two runs of 1 executor",), "per_second",
     0.95),
    ("scale-fields", BOTH, ("gust, two runs of 1 executor",), "per_second",
     0.55),
    ("scale-work", BOTH, ("gust, two runs of 1 executor",), "per_second", 0.9),
    ("null-null", ONE, STORM_ACKED, "per_second", 40),
    ("null-null", CROSSING, STORM_ACKED, "per_second", 12),
    ("null-null", gust.name(1, False), STORM_PLAIN, "per_second", 7),
    ("null-null", gust.name(2, False, ", crossing"), STORM_PLAIN, "per_second",
     3),
    ("wordcount-storm", ONE, (gust.name(1, False),), "per_core_second", 0.95),
    ("null-null", CROSSING, (gust.name(2, False, ", crossing"),),
     "per_second", 0.8),
    ("rate-100k", ONE, ("jet", *FLINK), "p50", 2),
    ("rate-100k", ONE, ("jet", *FLINK), "p99", 3),
    ("rate-100k", ONE, STORM_ACKED, "p99", 30),
    ("rate-100k", TWO, ("jet", *FLINK), "p50", 2),
    ("rate-100k", TWO, ("jet", *FLINK), "p99", 3),
    ("rate-100k", TWO, STORM_ACKED, "p99", 30),
    ("retain", "gust, 10,000 kept", ("gust, 1 kept",), "per_core_second",
     0.8),
    ("workers-32", "gust, 2 workers, ipc", ("nanomsg alone, ipc",),
     "per_second", 0.4),
    ("workers-1024", "gust, 2 workers, ipc", ("nanomsg alone, ipc",),
     "per_second", 0.7),
    ("workers-32", "gust, 2 hosts, tcp", ("nanomsg alone, tcp",),
     "per_second", 0.4),
    ("workers-1024", "gust, 2 hosts, tcp", ("nanomsg alone, tcp",),
     "per_second", 0.7),
    ("wordcount-storm", WORKERS, STORM_ACKED, "per_second", 15),
    ("start", TWO, ("storm",), "first_ms", 300),
    ("wordcount-storm", TWO, STORM_ACKED, "peak_bytes", 50),
    *((f"nexmark-{query}", ONE, rows, "per_core_second", 5)
      for rows in (queries.SQL_FORMS, (queries.BY_HAND,))
      for query in queries.QUERIES),
    *(("nexmark-durable", ONE + queries.DURABLE, (name + ", RocksDB",),
       "per_core_second", 5) for name in (queries.SQL, queries.BY_HAND)),
    ("windows-100", state.SLIDING, (state.TUMBLING,), "per_core_second", 0.5),
    ("state-count", state.TABLE, ("limit.c",), "per_core_second", 1 / 1.3),
    ("state-10k", state.LMDB, (state.MEMORY,), "per_core_second", 0.3),
    ("state-10m", state.LMDB, (state.BARE,), "per_core_second", 0.7),
)


def rounds_of(row, metric):
    return [one[metric] if one is not None else None for one in row["rounds"]]


def median(values):
    return statistics.median(value for value in values if value is not None)


def times(mine, theirs, metric):
    """How many times as good, round by round."""
    pairs = [(a, b) for a, b in zip(mine, theirs)
             if a is not None and b is not None]
    found = [b / a if metric in LESS else a / b for a, b in pairs]
    if not found:
        return None
    return {"median": statistics.median(found), "min": min(found),
            "max": max(found)}


def judged(result):
    """The targets whose rows are all there."""
    tables = {workload["name"]: {row["name"]: row for row in workload["rows"]}
              for workload in result["workloads"]}
    for workload, name, others, metric, least in TARGETS:
        rows = tables.get(workload, {})
        against = [rows[other] for other in others if other in rows]
        if name not in rows or not against:
            continue
        best = (min if metric in LESS else max)(
            against, key=lambda row, by=metric: median(rounds_of(row, by)))
        found = times(rounds_of(rows[name], metric), rounds_of(best, metric),
                      metric)
        if found is not None:
            yield {"what": f"{name}: {best['name']}", "workload": workload,
                   "metric": metric, "times": found, "least": least,
                   "met": found["median"] >= least}
