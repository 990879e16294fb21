# SPDX-License-Identifier: MIT
"""Nexmark's queries against tests/topology/nexmark.py."""

import json
import pathlib

import nexmark
from harness import (SOURCE, expect, expect_balance, expect_code, gust, test,
                     ways)

HERE = pathlib.Path(__file__).resolve().parent
QUERIES = SOURCE / "topologies" / "nexmark"


def events_of(count, seed):
    run = gust(HERE / "nexmark_events.yaml", count=count, seed=seed)
    expect_code(run, 0)
    events = [json.loads(line) for line in run.out.splitlines()]
    expect(run, len(events), count, "the number of events")
    return events


def check(query, read, count=20_000, seed=7, tasks=(1, 3)):
    """Any number of tasks, executors and workers gives the same rows."""
    expected = sorted(getattr(nexmark, query)(events_of(count, seed)))
    for way in ways():
        for number in tasks:
            run = gust(QUERIES / f"{query}.yaml", *way, count=count, seed=seed,
                       tasks=number)
            expect_code(run, 0)
            expect_balance(run)
            rows = [read(line.decode().split("\t"))
                    for line in run.out.splitlines()]
            expect(run, sorted(rows), expected, f"the rows of {query}")
    if not expected:
        raise AssertionError(f"{query} is to find something")


def ints(row):
    return tuple(map(int, row))


@test
def q0_passes_all_bids():
    check("q0", tuple, tasks=(1,))


@test
def q1_converts_prices():
    check("q1", lambda row: (int(row[0]), int(row[1]), float(row[2]),
                             int(row[5])))


@test
def q2_selects_auctions():
    check("q2", ints)

@test
def q3_joins_sellers_and_auctions():
    check("q3", lambda row: (*row[:3], int(row[3])))


@test
def q5_finds_the_hottest_auctions():
    check("q5", ints, count=100_000)


@test
def q7_finds_the_highest_bids():
    check("q7", ints, count=120_000)


@test
def q8_joins_new_persons_and_auctions():
    check("q8", lambda row: (int(row[0]), row[1], int(row[2])), count=40_000)
