# SPDX-License-Identifier: MIT
"""What is measured: every workload, with all who take part."""

import gust
import limit
from contender import Workload


class Plan:
    """How large it all is. `amount` is how many words or tuples a run of gust
    handles, `seconds` how long one takes that goes by a timetable."""

    def __init__(self, amount, seconds, texts, rivals):
        self.amount = amount
        self.seconds = seconds
        self.texts = texts
        self.rivals = rivals

    def of_rivals(self, what, *values):
        """The contenders of all rivals that know this workload."""
        found = []
        for rival in self.rivals:
            if hasattr(rival, what):
                found += getattr(rival, what)(*values)
        return found


def word_count(plan):
    for text in plan.texts:
        rounds = max(1, round(plan.amount / text.words))
        yield Workload(
            f"wordcount-{text.name}",
            f"word count, {text.about}", "words",
            [limit.word_count(text, rounds),
             gust.word_count(text, rounds, 1),
             gust.word_count(text, rounds, 2),
             gust.word_count(text, rounds, 1, acks=False),
             gust.word_count(text, rounds, 2, acks=False),
             *plan.of_rivals("word_count", text, rounds)])


def null_bolt(plan):
    count = round(plan.amount)
    for topology, title in (
            ("spout", "a spout that nobody listens to"),
            ("null", "a spout and a bolt that does nothing"),
            ("identity", "a spout, a bolt that passes on, one that does "
             "nothing")):
        ways = [(acks, crossing) for crossing in (False, True)
                for acks in (True, False)
                if topology != "spout" or not crossing]
        yield Workload(
            f"null-{topology}", title, "tuples",
            [gust.null_bolt(topology, count, *way) for way in ways]
            + plan.of_rivals("null_bolt", topology, count))


def rate(plan):
    """Sentences by a timetable: how late is each word counted?"""
    text = plan.texts[0]
    for name, rate_ in (("10k", 10000), ("100k", 100000), ("500k", 500000),
                        ("1m", 1000000), ("2m", 2000000), ("4m", 4000000)):
        rounds = max(1, round(rate_ * plan.seconds / text.lines))
        warm = max(1, rounds // 5)
        yield Workload(
            f"rate-{name}", f"{rate_:,} sentences of eight words a second",
            "words",
            [gust.word_rate(text, rate_, warm, rounds, executors)
             for executors in (1, 2)]
            + plan.of_rivals("word_rate", text, rate_, rounds),
            kind="latency", rate=rate_)


def start(plan):
    del plan
    yield Workload("start", "from the start of the program to its first tuple "
                   "on standard output", "tuples", [gust.first()], kind="start",
                   runs=21)


# Name of a group, for --list and --only, and what makes its workloads.
GROUPS = {
    "wordcount": word_count,
    "null": null_bolt,
    "rate": rate,
    "start": start,
}


def chosen(plan, only):
    """The workloads of the groups, or of the names, in `only`; all without."""
    for group, make in GROUPS.items():
        for workload in make(plan):
            if not only or group in only or workload.name in only:
                yield workload
