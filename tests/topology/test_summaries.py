# SPDX-License-Identifier: MIT
"""What sums up, and what tells duplicates, against a few lines of Python."""

import collections
import json
import math
import pathlib
import random
import statistics
import tempfile

from harness import (Failed, dead_letters, each, expect, expect_balance,
                     expect_code, gust, test, ways)

COUNT = 2000
KEYS = 40
ROWS = 12_000


def made(seed):
    """Rows of key, int and float or None; each key has some 300."""
    rng = random.Random(seed)
    rows = []
    for _ in range(ROWS):
        key = f"k{rng.randrange(KEYS)}"
        x = None if rng.random() < 0.1 else rng.gauss(1e6, 3) * 2 ** -10
        rows.append((key, int(rng.paretovariate(1)) - 3, x))
    return rows


def hazen(numbers, q):
    """Of Hyndman and Fan's nine definitions the fifth."""
    numbers = sorted(numbers)
    at = q * len(numbers) - 0.5
    low = math.floor(at)
    if low < 0 or low + 1 >= len(numbers):
        return numbers[max(0, min(low, len(numbers) - 1))]
    return numbers[low] + (at - low) * (numbers[low + 1] - numbers[low])


def summary(key, rows):
    ns = [n for _, n, _ in rows]
    xs = [x for _, _, x in rows if x is not None]
    common = sorted(collections.Counter(ns).items(),
                    key=lambda item: (-item[1], item[0]))
    return {
        "key": key, "count": len(rows), "known": len(xs), "sum": sum(ns),
        "sum_x": math.fsum(xs), "low": min(ns), "high": max(xs),
        "mean": statistics.fmean(xs), "spread": statistics.stdev(xs),
        "median": hazen(xs, 0.5), "p90": hazen(xs, 0.9),
        "values": len(set(ns)), "first": ns[0], "last": xs[-1],
        "common": [{"value": n, "count": count} for n, count in common[:3]],
        "all": ns[:5],
    }


def averages(rows):
    last = collections.defaultdict(lambda: collections.deque(maxlen=7))
    for key, n, x in rows:
        if x is not None:
            last[key].append(x)
        yield {"key": key, "n": n, "x": x,
               "average": statistics.fmean(last[key]) if last[key] else None}


def near(run, found, expected, what):
    """The same, but floats may differ in their last digits."""
    if isinstance(expected, dict):
        expect(run, list(found), list(expected), what)
        for name, value in expected.items():
            near(run, found[name], value, f"{name} of {what}")
    elif isinstance(expected, float):
        if found is None or not math.isclose(found, expected, rel_tol=1e-9):
            raise Failed(f"{what} is {found!r}, expected {expected!r}\n"
                         + run.show())
    else:
        expect(run, found, expected, what)


def read(folder, name):
    return [json.loads(line) for line in
            (folder / name).read_text(encoding="utf-8").splitlines()]


def order(row):
    return row["key"], row["n"], -math.inf if row["x"] is None else row["x"]


@test
def summaries_are_those_of_python():
    rows = made(1)
    by_key = collections.defaultdict(list)
    for row in rows:
        by_key[row[0]].append(row)
    xs = sorted(row[2] for row in rows if row[2] is not None)
    text = "key,n,x\n" + "".join(
        f"{key},{n},{'' if x is None else repr(x)}\n" for key, n, x in rows)
    for way in ways():
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "in.csv").write_text(text, encoding="utf-8")
        run = gust("summaries", *way, folder=folder, input=folder / "in.csv",
                   output=folder)
        expect_code(run, 0)
        expect_balance(run)
        found = {row["key"]: row for row in read(folder, "keys")}
        expect(run, sorted(found), sorted(by_key), "the keys")
        for key, some in by_key.items():
            near(run, found[key], summary(key, some), f"key {key}")
        whole, = read(folder, "all")
        expect(run, (whole["keys"], whole["rows"]), (KEYS, ROWS), "of all")
        # The header of gust/kit/digest.h.
        rank = sum(x <= whole["p99"] for x in xs) / len(xs)
        expect(run, abs(rank - 0.99) < 0.0028, True, f"the rank, {rank},")
        average = sorted(read(folder, "average"), key=order)
        wanted = sorted(averages(rows), key=order)
        expect(run, len(average), len(wanted), "averages")
        for one, other in zip(average, wanted):
            near(run, one, other, "an average")


def stamped(seed):
    """Rows of time, key, int and float, up to 30 seconds out of order."""
    rng = random.Random(seed)
    rows = []
    for _ in range(ROWS // 4):
        at = 1_700_000_000 + rng.randrange(3600)
        rows.append((at, f"k{rng.randrange(6)}", rng.randrange(-5, 20),
                     rng.gauss(0, 5)))
    return sorted(rows, key=lambda row: row[0] + rng.uniform(0, 29.9))


def windows(rows, length, slide, keyed=True):
    """What each window of a key has, by key and begin."""
    found = collections.defaultdict(list)
    for row in sorted(rows):
        last = row[0] // slide * slide
        for begin in range(last, last - length, -slide):
            if begin + length > row[0]:
                found[row[1] if keyed else None, begin].append(row)
    return found


def times(key, begin, length):
    first = {} if key is None else {"key": key}
    return {**first, "window_start": begin * 1000,
            "window_end": (begin + length) * 1000}


def aggregated(rows, length, slide):
    for (key, begin), some in windows(rows, length, slide).items():
        ns = [n for _, _, n, _ in some]
        common = sorted(collections.Counter(ns).items(),
                        key=lambda item: (-item[1], item[0]))
        yield {**times(key, begin, length), "count": len(some),
               "sum": sum(ns), "low": min(x for _, _, _, x in some),
               "values": len(set(ns)),
               "median": hazen([x for _, _, _, x in some], 0.5),
               "common": [{"value": n, "count": count}
                          for n, count in common[:2]]}


def visits(rows, gap):
    by_key = collections.defaultdict(list)
    for row in sorted(rows):
        some = by_key[row[1]]
        if not some or row[0] >= some[-1][-1][0] + gap:
            some.append([])
        some[-1].append(row)
    for key, sessions in by_key.items():
        for some in sessions:
            first, last = some[0][0], some[-1][0]
            yield {"key": key, "session_start": first * 1000,
                   "session_end": last * 1000, "seconds": float(last - first),
                   "count": len(some), "sum": sum(row[2] for row in some)}


def rates(rows):
    for (_, begin), some in windows(rows, 600, 600, keyed=False).items():
        total = sum(row[2] for row in some)
        yield {**times(None, begin, 600), "n": total, "rate": total / 600}


def means(rows):
    for (key, begin), some in windows(rows, 120, 30).items():
        yield {**times(key, begin, 120),
               "average": statistics.fmean(row[3] for row in some),
               "count": len(some)}


def best(rows):
    for (_, begin), some in windows(rows, 120, 120, keyed=False).items():
        sums = collections.Counter()
        for _, key, n, _ in some:
            sums[key] += n
        ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        for i, (key, n) in enumerate(ranked):
            if i < 3 or n == ranked[2][1]:
                yield {**times(None, begin, 120), "rank": i + 1, "key": key,
                       "n": n}


def place(row):
    return (row.get("key", ""), row.get("window_start", 0),
            row.get("session_start", 0), row.get("rank", 0))


@test
def windows_are_those_of_python():
    rows = stamped(2)
    text = "at,key,n,x\n" + "".join(
        f"{at},{key},{n},{x!r}\n" for at, key, n, x in rows)
    oracles = {"tumbling": aggregated(rows, 60, 60),
               "sliding": aggregated(rows, 300, 60),
               "visits": visits(rows, 20), "rate": rates(rows),
               "average": means(rows), "best": best(rows)}
    oracles = {name: sorted(some, key=place) for name, some in oracles.items()}
    for way in ways():
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "in.csv").write_text(text, encoding="utf-8")
        run = gust("windowed", *way, folder=folder, input=folder / "in.csv",
                   output=folder)
        expect_code(run, 0)
        expect_balance(run)
        for name, wanted in oracles.items():
            found = sorted(read(folder, name), key=place)
            expect(run, [place(row) for row in found],
                   [place(row) for row in wanted], f"the rows of {name}")
            for one, other in zip(found, wanted):
                near(run, one, other, f"a row of {name}")


def side(seed, count):
    """Rows of time, user and number, up to 30 seconds out of order."""
    rng = random.Random(seed)
    rows = [(1_700_000_000 + rng.randrange(4000), f"u{rng.randrange(20)}", i)
            for i in range(count)]
    return sorted(rows, key=lambda row: row[0] + rng.uniform(0, 29.9))


def pairs(clicks, orders, kind):
    by_user = collections.defaultdict(list)
    for order in orders:
        by_user[order[1]].append(order)
    seen = set()
    for at, user, number in clicks:
        near = [order for order in by_user[user] if abs(order[0] - at) <= 5]
        seen.update(near)
        if not near and kind != "inner":
            near = [(None, user, None)]
        for other in near:
            yield user, at, number, other[0], other[2]
    for at, user, number in orders:
        if kind == "full" and (at, user, number) not in seen:
            yield user, None, None, at, number


def together(clicks, orders, kind):
    """All with all of a user and window."""
    some = collections.defaultdict(lambda: ([], []))
    for number, rows in enumerate((clicks, orders)):
        for at, user, one in rows:
            for begin in (at // 10 * 10, at // 10 * 10 - 10):
                some[user, begin][number].append((at, one))
    nobody = [(None, None)]
    for (user, begin), (left, right) in some.items():
        if not left and kind == "full":
            left = nobody
        if not right and kind != "inner":
            right = nobody
        for one in left:
            for other in right:
                yield (user, begin, begin + 20, *one, *other)


@each(kind=["inner", "left", "full"])
def tuples_are_joined_by_time(kind):
    sides = {"clicks": side(3, 3000), "orders": side(4, 1500)}
    near = collections.Counter(pairs(*sides.values(), kind))
    whole = collections.Counter(together(*sides.values(), kind))
    for way in ways():
        folder = pathlib.Path(tempfile.mkdtemp())
        for name, rows in sides.items():
            (folder / name).write_text("at,user,id\n" + "".join(
                f"{at},{user},{number}\n" for at, user, number in rows),
                encoding="utf-8")
        run = gust("joined", *way, folder=folder, output=folder, type=kind,
                   clicks=folder / "clicks", orders=folder / "orders")
        expect_code(run, 0)
        expect_balance(run)
        for name, wanted in (("near", near), ("together", whole)):
            found = collections.Counter(
                tuple(row.values()) for row in read(folder, name))
            expect(run, found - wanted, collections.Counter(),
                   f"what is too much of {name}")
            expect(run, wanted - found, collections.Counter(),
                   f"what is missing of {name}")


def followed(rows):
    """What sequence finds, one event after the other."""
    failed = collections.defaultdict(list)
    for at, user, event in sorted(rows):
        if event == "failed":
            failed[user].append(at)
        elif event == "reset":
            failed[user] = []
        else:
            near = [time for time in failed[user] if time >= at - 120]
            if len(near) >= 3:
                yield {"at": at, "user": user, "event": event,
                       "since": near[0], "count": len(near)}
                failed[user] = []


@test
def what_follows_is_found_in_any_order():
    rng = random.Random(5)
    # No two events of a user at the same time: their order would be chance.
    rows = [(1_700_000_000 + at, f"u{user}",
             rng.choice(["failed"] * 4 + ["login"] * 3 + ["reset"]))
            for user in range(15) for at in rng.sample(range(9000), 400)]
    rows.sort(key=lambda row: row[0] + rng.uniform(0, 29.9))
    wanted = sorted(followed(rows), key=lambda row: (row["at"], row["user"]))
    for way in ways():
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "in.csv").write_text("at,user,event\n" + "".join(
            f"{at},{user},{event}\n" for at, user, event in rows),
            encoding="utf-8")
        run = gust("followed", *way, folder=folder, input=folder / "in.csv",
                   output=folder)
        expect_code(run, 0)
        expect_balance(run)
        found = sorted(read(folder, "found"),
                       key=lambda row: (row["at"], row["user"]))
        expect(run, found, wanted, "what was found")


@each(how=["errno", "reason", "later"])
def each_number_goes_through_once(how):
    """Also those that failed behind it, of which the others are duplicates."""
    for way in ways():
        run = gust("once", *way, count=COUNT, every=7, how=how)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, sorted(
            [b"%d" % n for n in range(COUNT)] + [b"others %d" % (2 * COUNT)]),
            "the output")
        expect(run, dead_letters(run), [], "dead letters")
        if how != "later":
            expect(run, run.counts()["trees_failed"],
                   2 * len(range(0, COUNT, 7)), "trees_failed")
