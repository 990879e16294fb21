# SPDX-License-Identifier: MIT
"""Topologies that parse logs and rows."""

import collections
import csv
import datetime
import json
import pathlib
import random
import re
import sqlite3
import tempfile

import logs
from harness import (FULL, SOURCE, dead_letters, expect, expect_balance,
                     expect_code, gust, test, ways)

TOPOLOGIES = SOURCE / "topologies"
LINES = 400_000 if FULL else 100_000


def ways_with(lines):
    """The ways to run a topology, and its input: all of it once, since the
    oracle takes longer than the runs."""
    whole = True
    for way in ways():
        whole = whole and "--set" not in way
        yield way, lines if whole else lines[:len(lines) // 10]
        whole = FULL


def folder_with(lines):
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "input").write_bytes(b"".join(lines))
    return folder


# The oracle: the same formats as regular expressions.

ACCESS = re.compile(
    r'(\S+) \S+ (.+?) \[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    r'"((?:[^"\\]|\\.)*)" (\d+|-) (\d+|-)'
    r'( "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?')
SYSLOG = re.compile(
    r'<(\d{1,3})>1 (\S+) (\S+) (\S+) \S+ \S+ '
    r'(?:-|(?:\[[^ \]]+(?: \w+="(?:[^"\\]|\\.)*")*\])+)(?: (.*))?')
OLD_SYSLOG = re.compile(
    r'(?:<(\d{1,3})>)?(\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\S+) (\S+) '
    r'(?:([\w-]+)(?:\[\d+\])?: )?(.*)')
PAIR = re.compile(r' *(\w+)(?:=("(?:[^"\\]|\\.)*"|[^ "]\S*|))?(?= |$)')
LEVELS = "emerg alert crit err warning notice info debug".split()


def utc(when):
    when = when.astimezone(datetime.timezone.utc)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"


def clean(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def access(line):
    match = ACCESS.fullmatch(line)
    if match is None:
        return None
    host, user, stamp, request, status, size, more = match.groups()
    try:
        when = datetime.datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    method, path, _ = re.fullmatch(r"(\S+) (.*) (\S+)", request).groups()
    return clean(timestamp=utc(when), format="combined" if more else "common",
                 host=host, user=None if user == "-" else user, method=method,
                 path=path, status=int(status),
                 bytes=None if size == "-" else int(size))


def syslog(line):
    match = SYSLOG.fullmatch(line) or OLD_SYSLOG.fullmatch(line)
    if match is None:
        return None
    priority, stamp, host, app, message = match.groups()
    try:
        if stamp[0].isdigit():
            stamp = stamp.replace("Z", "+00:00")
            when = datetime.datetime.fromisoformat(stamp)
        else:
            when = datetime.datetime.strptime("2025 " + stamp + " +0000",
                                              "%Y %b %d %H:%M:%S %z")
    except ValueError:
        return None
    if priority is not None and int(priority) > 191:
        return None
    level = None if priority is None else LEVELS[int(priority) % 8]
    return clean(timestamp=utc(when), format="syslog", host=host, app=app,
                 level=level, message=message)


def pairs(line):
    at, found = 0, {}
    while at < len(line):
        match = PAIR.match(line, at)
        if match is None or (at == 0 and match.group(2) is None):
            return None
        key, value = match.groups()
        if value and value[0] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found[key] = True if value is None else value or None
        at = match.end()
    if not found or found.get("status") == "ok":
        return None
    stamp = found.get("ts") or found.get("time") or found.get("t")
    if stamp is not None and stamp[-2:] == ".5":
        stamp = utc(datetime.datetime.fromtimestamp(float(stamp),
                                                    datetime.timezone.utc))
    elif stamp is not None:
        stamp = stamp.replace(" ", "T").strip("Z") + ".000Z"
    status = found.get("status")
    return clean(timestamp=stamp, format="keyvalue", app=found.get("app"),
                 level=found.get("level") or found.get("lvl")
                 or found.get("severity"),
                 message=found.get("msg") or found.get("message"),
                 status=None if status is None else int(status))


def parse(line):
    text = line.decode(errors="replace")
    return access(text) or syslog(text) or pairs(text)


def cleaned(lines):
    """What lines become, as sorted JSON, and those that are kept aside."""
    good, rest = collections.Counter(), collections.Counter()
    for line in lines:
        found = parse(line[:-1])
        if found is None:
            rest[line[:-1].decode(errors="replace")] += 1
        else:
            good[json.dumps(found, sort_keys=True)] += 1
    return good, rest


def clean_log_is_right(run, folder, expected):
    good, rest = expected
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["rejected"], 0, "'rejected'")
    found = collections.Counter(
        json.dumps(json.loads(line), sort_keys=True)
        for line in run.out.splitlines())
    expect(run, found - good, {}, "what is too much")
    expect(run, good - found, {}, "what is missing")
    aside = [json.loads(line) for line in (folder / "rest").open()]
    expect(run, collections.Counter(one["line"] for one in aside), rest,
           "what is kept aside")
    expect(run, all(one["reason"] for one in aside), True, "all have reasons")


@test
def clean_log():
    lines = list(logs.log(LINES, 11, "mixed"))
    for way, some in ways_with(lines):
        folder = folder_with(some)
        run = gust(TOPOLOGIES / "clean-log.yaml", *way, folder=folder,
                   input="input", rest="rest", year=2025)
        clean_log_is_right(run, folder, cleaned(some))


@test
def clean_log_of_the_sample():
    sample = TOPOLOGIES / "data" / "mixed.log"
    folder = pathlib.Path(tempfile.mkdtemp())
    run = gust(TOPOLOGIES / "clean-log.yaml", folder=folder, input=sample,
               rest="rest", year=2025)
    clean_log_is_right(run, folder, cleaned(
        sample.read_bytes().splitlines(keepends=True)))
    expect(run, len(run.out.splitlines()) > 20, True, "it says something")


def tables(lines, most):
    requests, busy = collections.Counter(), collections.Counter()
    for line in lines:
        found = access(line[:-1].decode())
        if found is None:
            continue
        requests[found["timestamp"][:16], found["status"]] += 1
        busy[found["path"].split("?")[0]] += 1
    ranking = sorted(busy.items(), key=lambda one: (-one[1], one[0].encode()))
    return (sorted((*key, count) for key, count in requests.items()),
            [(rank, *one) for rank, one in enumerate(ranking[:most], 1)])


def web_log_is_right(run, db, expected):
    expect_code(run, 0)
    expect_balance(run)
    with sqlite3.connect(db) as peer:
        found = (peer.execute("SELECT minute, status, requests FROM requests "
                              "ORDER BY minute, status").fetchall(),
                 peer.execute("SELECT rank, path, requests FROM paths "
                              "ORDER BY rank").fetchall())
    peer.close()
    expect(run, found[0], expected[0], "requests")
    expect(run, found[1], expected[1], "paths")


@test
def web_log():
    lines = list(logs.log(LINES, 12, "access"))
    for way, some in ways_with(lines):
        folder, expected = folder_with(some), tables(some, 25)
        # The second run finds its rows there.
        for _ in range(2):
            run = gust(TOPOLOGIES / "web-log.yaml", *way, folder=folder,
                       input="input", db="db", n=25)
            web_log_is_right(run, folder / "db", expected)


@test
def web_log_of_the_sample():
    sample = TOPOLOGIES / "data" / "access.log"
    folder = pathlib.Path(tempfile.mkdtemp())
    run = gust(TOPOLOGIES / "web-log.yaml", folder=folder, input=sample,
               db="db")
    web_log_is_right(run, folder / "db", tables(
        sample.read_bytes().splitlines(keepends=True), 10))


def visits_of(lines, most):
    """What visits.yaml finds: visits and hosts by minute and page, and the
    busiest pages of ten minutes, every minute."""
    minutes = collections.defaultdict(list)
    for line in lines:
        found = access(line[:-1].decode())
        if found is None:
            continue
        page = found["path"].split("?")[0]
        minutes[found["timestamp"][:16], page].append(found["host"])
    busy = collections.defaultdict(collections.Counter)
    for (minute, page), hosts in minutes.items():
        begun = datetime.datetime.fromisoformat(minute)
        for number in range(1, 11):
            end = begun + datetime.timedelta(minutes=number)
            busy[f"{end:%Y-%m-%dT%H:%M:00Z}"][page] += len(hosts)
    return (sorted((f"{minute}:00Z", page, len(hosts), len(set(hosts)))
                   for (minute, page), hosts in minutes.items()),
            sorted((end, rank, page, count) for end, counts in busy.items()
                   for rank, (page, count) in enumerate(sorted(
                       counts.items(),
                       key=lambda one: (-one[1], one[0].encode()))[:most], 1)))


@test
def visits():
    """In order, and in no order at all."""
    lines = list(logs.log(LINES // 4, 14, "access"))
    for way, some in ways_with(lines):
        some = random.Random(14).sample(some, len(some))
        folder, expected = folder_with(some), visits_of(some, 5)
        run = gust(TOPOLOGIES / "visits.yaml", *way, folder=folder,
                   input="input", db="db", lag="3650d")
        expect_code(run, 0)
        expect_balance(run)
        with sqlite3.connect(folder / "db") as peer:
            found = [peer.execute("SELECT minute, page, visits, hosts FROM "
                                  "visits").fetchall(),
                     peer.execute("SELECT until, rank, page, visits FROM "
                                  "busiest").fetchall()]
        peer.close()
        expect(run, sorted(found[0]), expected[0], "visits")
        expect(run, sorted(found[1]), expected[1], "the busiest")


def judge(line):
    """What becomes of a row: 'row', 'order', 'price' or the line printed."""
    text = line.decode().rstrip("\n")
    try:
        (row,) = csv.reader([text], delimiter=";", strict=True)
        number, email, product, quantity, total, status = row
        number, quantity = (None if not n else int(n)
                            for n in (number, quantity))
        total = None if not total else float(total)
    except (csv.Error, ValueError):
        return "row"
    if (None in (number, quantity, total) or not email or not product
            or number < 1 or quantity < 0 or not 0 <= total <= 1000
            or len(product) > 40 or "@" not in email
            or status not in ("", "new", "paid", "sent")):
        return "order"
    if quantity == 0:
        return "price"
    return f"{number}\t{product}\t{round(total * 100) // quantity}\t{status}"


def bad_records_are_right(run, folder, lines, strict):
    judged = [(judge(line), line.decode().rstrip("\n")) for line in lines]
    if strict:
        judged = [("order" if what == "price" else what, line)
                  for what, line in judged]
    kinds = collections.Counter(what for what, _ in judged)
    expect(run, min(kinds["row"], kinds["order"]) > 0, True, "there are some")
    expect_code(run, 0 if strict else 3)
    expect_balance(run)
    expect(run, collections.Counter(run.out.decode().splitlines()),
           collections.Counter(what for what, _ in judged
                               if what not in ("row", "order", "price")),
           "what is printed")
    invalid = [json.loads(line) for line in (folder / "invalid").open()]
    expect(run, len(invalid), kinds["order"], "orders that break a rule")
    expect(run, all(one["reason"].startswith("field '") for one in invalid),
           True, "all have reasons")
    expect(run, (run.counts()["rejected"], run.counts()["dead_lettered"]),
           (kinds["row"], kinds["price"]), "rejected and dead letters")
    letters = collections.Counter(one["component"]
                                  for one in dead_letters(run))
    expect(run, letters, collections.Counter(
        {"orders": kinds["row"], **({} if strict else
                                    {"each": kinds["price"]})}),
        "the dead letters")


@test
def bad_records():
    lines = list(logs.orders(LINES // 4, 13))
    for way, some in ways_with(lines):
        for strict in True, False:
            folder = folder_with(some)
            run = gust(TOPOLOGIES / "bad-records.yaml", *way, folder=folder,
                       input="input", invalid="invalid",
                       quantity="1.." if strict else "0..")
            bad_records_are_right(run, folder, some, strict)


@test
def bad_records_of_the_sample():
    sample = TOPOLOGIES / "data" / "orders.csv"
    for strict in True, False:
        folder = pathlib.Path(tempfile.mkdtemp())
        run = gust(TOPOLOGIES / "bad-records.yaml", folder=folder,
                   input=sample, invalid="invalid",
                   quantity="1.." if strict else "0..")
        bad_records_are_right(run, folder, sample.read_bytes().splitlines(
            keepends=True), strict)
