# SPDX-License-Identifier: MIT
"""Event time from texts: formats, zones, what is no time, and who assigns it."""

import collections
import datetime
import pathlib
import random
import zoneinfo

from harness import (dead_letters, each, expect, expect_balance, expect_code,
                     expect_in, gust, store, test, Failed)

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 2000
LAG = 30  # seconds
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
# A day of 25 hours follows.
BEGIN = datetime.datetime(2026, 10, 24, 21, tzinfo=datetime.timezone.utc)
BAD = {100: "soon", 777: "", 1500: "2026-13-01T00:00:00Z"}

TOPOLOGY = """
name: times
config: {topology.dead.letters: letters.jsonl%(config)s}
spouts:
  - id: rows
    plugin: csv
    options: {files: "%(file)s", header: false}
    outputs: {default: {n: int, k: string, at: string}}
    %(spout)s
bolts:
  - id: flaky
    plugin: select
    parallelism: %(tasks)d
    options: {keep: [n, k, at]}
  - id: hours
    plugin: aggregate
    parallelism: 2
    %(bolt)s
    window: {type: tumbling, length: %(length)s, keys: [k]}
    options: {aggregates: {count: count, sum: sum(n)}}
  - {id: print, plugin: print, options: {template: "{k} {window_start} {count} {sum}"}}
streams:
  - {from: rows, to: flaky}
  - {from: flaky, to: hours, grouping: {type: fields, args: [k]}}
  - {from: hours, to: print}
"""


def rows():
    """n, k and a moment, up to LAG seconds out of order."""
    rng = random.Random(5)
    return [(n, rng.choice("abc"), BEGIN +
             datetime.timedelta(seconds=n * 10 - rng.uniform(0, LAG),
                                microseconds=n))
            for n in range(COUNT)]


def whole(moment):
    return int(moment.timestamp())


def windows(data, begin):
    """What stands for each k and window in the output."""
    found = collections.defaultdict(lambda: [0, 0])
    for n, k, at in data:
        if n not in BAD:
            found[k, begin(at)][0] += 1
            found[k, begin(at)][1] += n
    return sorted(f"{k} {at} {count} {total}".encode()
                  for (k, at), (count, total) in found.items())


def hour(at):
    return whole(at) // 3600 * 3600 * 1000


def day(at):
    return whole(at.astimezone(BERLIN).replace(
        hour=0, minute=0, second=0, microsecond=0)) * 1000


def run(data, write, timestamp, *args, by="spout", length="1h"):
    """A run of rows whose times are written by `write`."""
    text = "".join(f"{n},{k},{BAD.get(n) or write(at) if n != 777 else ''}\n"
                   for n, k, at in data)
    # What is below a second may be cut off.
    line = "timestamp: {field: at, lag: %ds%s}" % (LAG + 1, timestamp)
    path = store((TOPOLOGY % {
        "config": "", "file": store(text.encode()), "length": length,
        "tasks": 2 if by == "spout" else 1,  # which keeps them in order
        "spout": line if by == "spout" else "",
        "bolt": line if by == "bolt" else ""}).encode())
    path = path.rename(path.with_suffix(".yaml"))
    return gust(path, *args)


def expect_windows(out, expected):
    expect_code(out, 0)
    expect_balance(out)
    if out.lines != expected:
        raise Failed(f"{len(out.lines)} windows, expected {len(expected)}; "
                     f"missing {sorted(set(expected) - set(out.lines))[:3]}, "
                     f"wrong {sorted(set(out.lines) - set(expected))[:3]}")


FORMATS = {
    "rfc3339": (", format: rfc3339",
                lambda at: at.astimezone(BERLIN).isoformat()),
    "usual": ("", lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    "log": (", format: \"%d/%b/%Y:%H:%M:%S %z\"",
            lambda at: at.astimezone(BERLIN).strftime("%d/%b/%Y:%H:%M:%S %z")),
    "fraction": (", format: \"%Y%m%d %H%M%S.%f\", zone: Asia/Kathmandu",
                 lambda at: at.astimezone(zoneinfo.ZoneInfo("Asia/Kathmandu"))
                 .strftime("%Y%m%d %H%M%S.%f")),
    "seconds": (", format: s", lambda at: f"{at.timestamp():.6f}"),
    "us": (", format: us", lambda at: str(int(at.timestamp() * 1000000))),
}


@each(name=list(FORMATS))
def times_are_read(name):
    timestamp, write = FORMATS[name]
    data = rows()
    out = run(data, write, timestamp)
    expect_windows(out, windows(data, hour))
    expect(out, out.counts("rows")["rejected"], 3, "rejected rows")
    letters = sorted(dead_letters(out), key=lambda letter: letter["offset"])
    expect(out, len(letters), 3, "dead letters")
    expect_in(out, b"field 'at': 'soon' is no time, expected",
              letters[0]["reason"].encode(), "the reason")
    expect(out, letters[0]["fields"]["n"], 100, "the row")


@test
def days_are_those_of_the_zone():
    data = rows()
    out = run(data, *reversed(FORMATS["usual"]), length="1d, zone: Europe/Berlin")
    expect_windows(out, windows(data, day))
    reached = max(at for n, _, at in data if n not in BAD) - \
        datetime.timedelta(seconds=LAG + 1)
    expect(out, out.component("rows")["watermark"],
           reached.isoformat(timespec="milliseconds")[:-6] + "Z",
           "the watermark")


@each(way=["one", "workers"])
def bolts_assign_times(way):
    """What they cannot read fails where it is."""
    data = rows()
    out = run(data, *reversed(FORMATS["log"]),
              *(["--set", "topology.workers=2"] if way == "workers" else []),
              by="bolt")
    expect_windows(out, windows(data, hour))
    expect(out, out.counts("rows")["rejected"], 3, "rejected rows")
    letters = dead_letters(out)
    expect(out, {letter["component"] for letter in letters}, {"hours"},
           "who failed them")


@test
def what_nobody_listens_to_has_its_time_read():
    out = gust(HERE / "unheard.yaml")
    expect_code(out, 0)
    expect_balance(out)
    counts, letters = out.counts(), dead_letters(out)
    expect(out, {letter["fields"]["at"] for letter in letters}, {"soon"},
           "what was put aside")
    expect(out, (counts["emitted"], counts["trees_acked"]),
           (5000, 5000 - len(letters)), "tuples and acks")
    expect(out, out.report["components"][0]["watermark"],
           "2026-11-21T12:59:59.000Z", "the watermark")
