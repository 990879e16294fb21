# SPDX-License-Identifier: MIT
"""Topologies that go by the time of what happened: elements, traffic, intrusion
and sensors, against oracles that have all rows at once."""

import collections
import datetime
import json
import pathlib
import random
import sqlite3
import statistics
import tempfile

from harness import (SOURCE, Failed, expect, expect_balance, expect_code, gust,
                     test, ways)

TOPOLOGIES = SOURCE / "topologies"
START = 1_795_248_000
ROWS = 5_000


def written(seconds):
    return datetime.datetime.fromtimestamp(
        seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def late(rng, rows, most):
    """The rows, which begin with a time, each up to so many seconds later
    than it should come."""
    return [row for _, row in sorted(
        ((row[0] + rng.random() * most, row) for row in rows))]


def run_with(name, header, rows, *way, **values):
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "input.csv").write_text("".join(
        ",".join(map(str, row)) + "\n" for row in [header, *rows]))
    run = gust(TOPOLOGIES / f"{name}.yaml", *way, folder=folder,
               input="input.csv", **values)
    expect_code(run, 0)
    expect_balance(run)
    return run, folder


def rows_of(run, kind=None):
    rows = [line.decode().split("\t") for line in run.out.splitlines()]
    return sorted(row for row in rows if kind is None or row[0] == kind)


def expect_near(run, found, expected, what):
    """Rows whose floats may differ in the last digits."""
    if len(found) != len(expected):
        raise Failed(f"{len(found)} {what}, expected {len(expected)}\n"
                     + run.show())
    for one, other in zip(found, expected):
        for a, b in zip(one, other):
            if isinstance(b, float):
                a, b = (round(float(number), 6) for number in (a, b))
            expect(run, str(a), str(b), f"{what}: {one} beside {other}")


@test
def elements():
    rng = random.Random(1)
    rows = [(rng.choice("abcdefgh"), rng.randint(-99, 99),
             written(START + i)) for i in range(ROWS)]
    expected = sorted(f"{name},{value ** 2},{at},{name}-{value ** 2}"
                      for name, value, at in rows)
    for way in ways():
        run, folder = run_with("elements", ("name", "value", "at"), rows, *way,
                               output="out", tasks=3)
        found = [path.read_text().splitlines()
                 for path in sorted(folder.glob("out-*.csv"))]
        expect(run, sorted(sum(found, [])), expected, "the elements")
        # A key is in one file, in the order in which its elements came.
        for lines in found:
            for name in {line[0] for line in lines}:
                times = [line.split(",")[2] for line in lines
                         if line[0] == name]
                expect(run, times, sorted(times), f"the order of '{name}'")


@test
def traffic():
    rng = random.Random(2)
    rows = []
    for i in range(ROWS):
        segment = rng.choice(("A1", "A1", "A2", "B7"))
        slow = segment == "A1" and ROWS / 3 < i < ROWS / 2
        rows.append((START + i * 2, rng.randint(100, 130), segment,
                     round(rng.gauss(14 if slow else 80, 4), 1)))
    windows = collections.defaultdict(list)
    for at, vehicle, segment, speed in rows:
        windows[at // 300 * 300, segment].append((vehicle, speed))
    expected = []
    for (begin, segment), found in windows.items():
        vehicles = len({vehicle for vehicle, _ in found})
        speeds = [speed for _, speed in found]
        jam = vehicles >= 3 and statistics.fmean(speeds) < 25
        expected.append((written(begin), segment, vehicles,
                         statistics.fmean(speeds), statistics.median(speeds),
                         "jam" if jam else "free"))
    states = {state for *_, state in expected}
    for way in ways():
        run, _ = run_with("traffic", ("vehicle", "segment", "speed", "at"),
                          [(v, s, k, at) for at, v, s, k in
                           late(rng, rows, 120)], *way)
        expect(run, states, {"jam", "free"}, "the states")
        expect_near(run, rows_of(run), sorted(expected), "segments")


def attacks(rng):
    """Ordinary events, and who is to be found in them."""
    rows = [(START + rng.randint(0, 3000), f"10.0.0.{rng.randint(2, 99)}",
             rng.choice(("connect", "connect", "failed", "login")),
             rng.choice((22, 80, 443)), f"user-{rng.randint(0, 50)}")
            for _ in range(ROWS)]
    for number in range(5):
        at = START + rng.randint(0, 3000)
        rows += [(at + port // 5, f"203.0.113.{number}", "connect",
                  1000 + port, "") for port in range(30 + number)]
        at = START + rng.randint(0, 3000)
        rows += [(at + 5 * i, f"198.51.100.{number}", "failed", 22, "root")
                 for i in range(6)]
        rows.append((at + 40, f"198.51.100.{number}", "login", 22, "root"))
    return rows


def scans(rows, most):
    windows = collections.defaultdict(set)
    for at, source, _, port, _ in rows:
        first = at // 10 * 10 + 10
        for end in range(first, first + 60, 10):
            windows[end, source].add(port)
    return sorted(["scan", written(end), source, f"{len(ports)} ports"]
                  for (end, source), ports in windows.items()
                  if len(ports) >= most)


@test
def intrusion():
    rng = random.Random(3)
    rows = attacks(rng)
    for way in ways():
        run, _ = run_with("intrusion",
                          ("at", "source", "event", "port", "user"),
                          late(rng, rows, 10), *way)
        expect(run, rows_of(run, "scan"), scans(rows, 20), "the scans")
        guesses = [row[2:] for row in rows_of(run, "guess")]
        expect(run, sorted(guesses),
               [[f"198.51.100.{number}", "root after 6 failures"]
                for number in range(5)], "the guesses")


def spikes(rows, last, threshold):
    """In the order in which they come."""
    before = collections.defaultdict(lambda: collections.deque(maxlen=last))
    for device, value, at in rows:
        before[device].append(value)
        average = statistics.fmean(before[device])
        if abs(value - average) > threshold * average:
            yield ["spike", device, str(at), repr(value)]


def silences(rows, gap):
    times = collections.defaultdict(list)
    for device, _, at in rows:
        times[device].append(at)
    for device, all_ in times.items():
        session = []
        for at in sorted(all_):
            if session and at - session[-1] > gap:
                yield ["silent", device, str(session[-1]),
                       f"{len(session)} values before"]
                session = []
            session.append(at)
        yield ["silent", device, str(session[-1]),
               f"{len(session)} values before"]


def minutes(rows):
    found = collections.defaultdict(list)
    for device, value, at in rows:
        found[device, at // 60 * 60].append(value)
    return sorted((*key, len(values), statistics.fmean(values), min(values),
                   max(values)) for key, values in found.items())


@test
def sensors():
    rng = random.Random(4)
    rows, at = [], {f"d{i}": START + i for i in range(20)}
    for _ in range(ROWS):
        device = rng.choice(list(at))
        at[device] += rng.choice((1, 2, 3, 5, 61)) \
            if rng.random() < 0.1 else 2
        value = 20 + rng.gauss(0, 0.1) + (5 if rng.random() < 0.01 else 0)
        rows.append((device, round(value, 2), at[device]))
    rows.sort(key=lambda row: row[2])
    for way in ways():
        run, folder = run_with("sensors", ("device", "value", "at"), rows,
                               *way, last=50, db="db", silence="59s")
        expect(run, rows_of(run, "spike"), sorted(spikes(rows, 50, 0.03)),
               "the spikes")
        expect(run, rows_of(run, "silent"), sorted(silences(rows, 59)),
               "the silences")
        with sqlite3.connect(folder / "db") as peer:
            found = peer.execute("SELECT device, minute, count, mean, low, "
                                 "high FROM minutes ORDER BY 1, 2").fetchall()
        peer.close()
        expect_near(run, found, minutes(rows), "minutes")


def visits_of(rows, gap):
    """The items and kinds of each visit, in the order of their times."""
    by_user = collections.defaultdict(list)
    for at, user, kind, item in sorted(rows):
        by_user[user].append((at, kind, item))
    for clicks in by_user.values():
        visit = []
        for click in clicks:
            if visit and click[0] - visit[-1][0] > gap:
                yield visit
                visit = []
            visit.append(click)
        yield visit


def partners(rows, most):
    counts = collections.defaultdict(collections.Counter)
    for visit in visits_of(rows, 1800):
        weights = {}
        for _, kind, item in visit:
            weights[item] = max(weights.get(item, 0),
                                2 if kind == "order" else 1)
        for one in weights:
            for other, weight in weights.items():
                if one != other:
                    counts[one][other] += weight
    return {item: sorted(found.values(), reverse=True)[:most]
            for item, found in counts.items()}, counts


@test
def recommend():
    rng = random.Random(5)
    rows, used = [], set()
    for _ in range(ROWS // 5):
        user, at = f"u{rng.randint(1, 99)}", START + rng.randint(0, 999_999)
        for _ in range(rng.randint(1, 9)):
            at += rng.randint(1, 600)
            if (user, at) not in used:
                rows.append((at, user, rng.choice(("view", "view", "order")),
                             rng.randint(1, 60)))
            used.add((user, at))
    expected, counts = partners(rows, 3)
    catalogue = pathlib.Path(tempfile.mkdtemp()) / "catalogue.csv"
    catalogue.write_text("id,name,price\n" + "".join(
        f"{item},item {item},{item}.5\n" for item in range(1, 50)))
    for way in ways():
        run, _ = run_with("recommend", ("at", "user", "kind", "item"),
                          late(rng, rows, 60), *way, catalogue=catalogue)
        found = {int(row[0]): row[1:] for row in rows_of(run)}
        expect(run, sorted(found), sorted(expected), "the items")
        for item, (name, price, others) in found.items():
            known = item < 50
            expect(run, (name, price), (f"item {item}" if known else "",
                                        f"{item}.5" if known else ""),
                   "what the catalogue says")
            others = json.loads(others)
            expect(run, [one["count"] for one in others], expected[item],
                   "the counts")
            expect(run, [counts[item][one["value"]] for one in others],
                   expected[item], "whose they are")
