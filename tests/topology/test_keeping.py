# SPDX-License-Identifier: MIT
"""Tuples that are retained, held and forgotten."""

from harness import (FULL, each, expect, expect_balance, expect_code,
                     expect_in, gust, test, ways)

COUNT = 1000


def numbers(values):
    return sorted(b"%d" % n for n in values)


@each(how=["retain", "hold"])
def kept_tuples_are_passed_on(how):
    for way in ways():
        run = gust("keep", *way, count=COUNT, how=how)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        expect(run, run.counts()["trees_failed"], 0, "trees_failed")


@each(how=["retain", "hold"])
def kept_tuples_that_fail_later_are_replayed(how):
    for way in ways():
        run = gust("keep", *way, "--set", "topology.replay.backoff.ms=1",
                   count=COUNT, how=how, every=10, times=2)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")


@test
def sums_of_held_tuples_are_derived_roots():
    for way in ways():
        run = gust("keep", *way, count=COUNT, how="gather")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, sum(map(int, run.lines)), sum(range(COUNT)), "the sum")
        expect(run, run.counts("keep")["roots"], len(run.lines),
               "derived roots")


@test
def a_derived_root_that_fails_is_replayed():
    for way in ways():
        run = gust("keep", *way, "--set", "topology.replay.backoff.ms=1",
                   count=COUNT, how="gather", every=1, times=2)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, sum(map(int, run.lines)), sum(range(COUNT)), "the sum")


@test
def a_forgotten_tuple_times_out_and_names_who_keeps_it():
    for way in ways():
        # Long for a replay, also where it waits for a core.
        run = gust("keep", *way, "--set", "topology.message.timeout.secs=1",
                   "--set", "topology.replay.backoff.ms=1", count=20,
                   how="forget")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(20)), "the output")
        expect(run, run.counts()["timed_out"], 20, "timed_out")
        expect_in(run, b"keep", run.err, "what it says")


@test
def held_tuples_neither_time_out_nor_count_as_pending():
    for way in ways():
        run = gust("held", *way, count=COUNT)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        expect(run, run.counts()["timed_out"], 0, "timed_out")


@each(executors=["3"] + (["1", "2"] if FULL else []))
def what_is_held_for_ever_ends_the_run_and_is_named(executors):
    """With one of two spouts at its end, too, since both hold."""
    run = gust("keep", "--executors", executors, "--set",
               "topology.credit.bytes=50", "--set",
               "topology.memory.max.bytes=1MiB", count=3000, how="hold",
               tasks=1)
    expect_code(run, 1)
    expect_in(run, b"that 'keep' holds", run.err, "what it says")
    expect_balance(run)
