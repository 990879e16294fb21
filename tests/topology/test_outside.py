# SPDX-License-Identifier: MIT
"""Spouts that wait for the world."""

from harness import each, expect, expect_balance, expect_code, gust, ways


@each(how=["wake", "watch", "timer"])
def what_happens_outside_ends_the_waiting(how):
    count = 50 if how == "timer" else 5000
    for way in ways():
        run = gust("outside", *way, count=count, how=how)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines,
               sorted(b"%d" % n for n in range(count) for _ in range(2)),
               "the output")
