# SPDX-License-Identifier: MIT
"""Failures, replays, dead letters and rejects, by the number."""

from harness import (dead_letters, each, expect, expect_balance, expect_code,
                     gust, test, ways)

COUNT = 2000
QUICKLY = ("--set", "topology.replay.backoff.ms=1")


def numbers(values):
    return sorted(b"%d" % n for n in values)


@each(how=["errno", "reason", "later"])
def failed_tuples_are_replayed(how):
    for way in ways():
        run = gust("fail", *way, count=COUNT, every=7, times=2, how=how)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        c = run.counts()
        failing = len(range(0, COUNT, 7))
        expect(run, c["roots"], COUNT, "roots")
        expect(run, c["trees_failed"], 2 * failing, "trees_failed")
        expect(run, c["replayed"], 2 * failing, "replayed")
        expect(run, c["attempts"], COUNT + 2 * failing, "attempts")
        expect(run, dead_letters(run), [], "dead letters")


@test
def attempts_that_are_used_up_end_in_dead_letters():
    failing = range(0, COUNT, 100)
    for way in ways():
        run = gust("fail", *way, count=COUNT, every=100, times=255,
                   how="reason")
        expect_code(run, 3)
        expect_balance(run)
        expect(run, run.lines, numbers(set(range(COUNT)) - set(failing)),
               "the output")
        letters = dead_letters(run)
        expect(run, sorted(letter["fields"]["n"] for letter in letters),
               list(failing), "the dead letters")
        for letter in letters:
            n = letter["fields"]["n"]
            expect(run, letter["attempts"], 5, "attempts")
            expect(run, letter["component"], "fail", "component")
            expect(run, letter["reason"], f"number {n} is not liked", "reason")
        expect(run, run.counts()["dead_lettered"], len(failing),
               "dead_lettered")


@test
def what_never_works_is_a_dead_letter_at_once():
    run = gust("fail", count=COUNT, every=100, times=255, how="letter")
    expect_code(run, 3)
    expect_balance(run)
    expect(run, {letter["attempts"] for letter in dead_letters(run)}, {1},
           "attempts")
    expect(run, run.counts()["replayed"], 0, "replayed")
    expect(run, run.counts()["dead_lettered"], COUNT // 100, "dead_lettered")


@test
def what_a_bolt_rejects_is_no_failure_of_the_run():
    for way in ways():
        run = gust("fail", *way, count=COUNT, every=100, times=255,
                   how="reject")
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.counts()["rejected"], COUNT // 100, "rejected")
        letters = dead_letters(run)
        expect(run, len(letters), COUNT // 100, "the dead letters")
        expect(run, {letter["kind"] for letter in letters}, {"rejected"},
               "the kind")


@test
def what_a_spout_rejects_is_kept():
    for way in ways():
        run = gust("fail", *way, count=COUNT, reject_every=10)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.counts()["rejected"], COUNT // 10, "rejected")
        expect(run, run.counts()["roots"], COUNT, "roots")
        letters = dead_letters(run)
        expect(run, sorted(letter["record"] for letter in letters),
               sorted(str(n) for n in range(0, COUNT, 10)), "the records")


@test
def without_a_replay_failures_are_losses():
    run = gust("fail", count=COUNT, every=100, replay="none")
    expect_code(run, 1)
    expect_balance(run)
    expect(run, run.counts()["lost"], COUNT // 100, "lost")
    expect(run, len(run.lines), COUNT - COUNT // 100, "the output")


@test
def a_spout_may_replay_by_itself():
    for way in ways():
        run = gust("fail", *way, count=COUNT, every=7, times=3, replay="own",
                   spouts=3)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        expect(run, run.counts()["open_trees"], 0, "open trees")


@test
def positions_are_replayed_as_records_are():
    run = gust("fail", count=COUNT, every=7, times=2, replay="position",
               spouts=3, batch=10)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.lines, numbers(range(COUNT)), "the output")


@test
def not_now_is_no_failure():
    for way in ways():
        run = gust("fail", *way, count=COUNT, again=100)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        expect(run, run.counts()["trees_failed"], 0, "trees_failed")
        expect(run, run.counts("again")["retries"], 3 * (COUNT // 100),
               "retries")


@test
def failures_and_not_now_together():
    for way in ways():
        run = gust("fail", *way, count=COUNT, every=3, times=4, again=10,
                   spouts=2)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")


@test
def without_tracking_nothing_is_acked():
    for way in ways():
        run = gust("fail", *way, "--set", "topology.acker.executors=0",
                   count=COUNT)
        expect_code(run, 0)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
        expect(run, run.counts()["untracked"] >= COUNT, True, "untracked")


@each(pending=[1, 7])
def a_limit_of_open_trees_is_kept(pending):
    for way in ways():
        run = gust("fail", *way, "--set",
                   f"topology.max.spout.pending={pending}", count=COUNT,
                   every=50, times=1)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, numbers(range(COUNT)), "the output")
