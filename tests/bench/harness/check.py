# SPDX-License-Identifier: MIT
"""What a run must have done for its figures to count."""

import collections


class Wrong(Exception):
    """A run did not do what it was to do."""


def expect(found, expected, what):
    if found != expected:
        raise Wrong(f"{what}: {found}, expected {expected}")


def ended(sample):
    if sample.code != 0:
        raise Wrong(f"exit code {sample.code}\n{sample.errors[-2000:]}")


def began(sample):
    """It printed something."""
    ended(sample)
    expect(sample.first_ms > 0, True, "something was printed")


def words(sample, expected, parts=False):
    """The output has a line for each word, with its count; or several, with
    parts of it."""
    counts = collections.Counter()
    lines = [line.rsplit(b"\t", 1) for line in sample.output.splitlines()]
    for word, count in lines:
        counts[word] += int(count)
    if not parts:
        expect(len(lines), len(counts), "lines of different words")
    if counts != expected:
        raise Wrong(f"counted {counts.total()} words, {len(counts)} of them "
                    f"different, expected {sum(expected.values())} and "
                    f"{len(expected)}")


def component(report, name):
    return next(found for found in report["components"] if found["id"] == name)


def trees(sample, spout, count, acks):
    """Every tuple of the spout was a tree of its own and was acked once."""
    report = sample.report
    expect(report["balanced"], True, "'balanced'")
    counts = component(report, spout)["counts"]
    if acks:
        found = counts["roots"], counts["attempts"], counts["trees_acked"]
        expect(found, (count,) * 3, "roots, attempts and acks")
    else:
        expect(counts["emitted"], count, "tuples of the spout")


def executed(sample, name, count):
    """A bolt had so many tuples, all of which it acked."""
    counts = component(sample.report, name)["counts"]
    expect((counts["executed"], counts["failed"]), (count, 0),
           f"tuples that '{name}' executed and failed")
