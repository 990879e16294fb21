# SPDX-License-Identifier: MIT
"""What is measured: every workload, with all who take part."""

import os

import gust
import limit
import queries
import state
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
             gust.a_spout_each(text, "scale_fields", max(1, rounds // 2)),
             gust.word_count(text, rounds, 1, workers=2),
             gust.word_count(text, rounds, 1, acks=False),
             gust.word_count(text, rounds, 2, acks=False),
             *plan.of_rivals("word_count", text, rounds)])


def null_bolt(plan):
    count = round(plan.amount)
    both = (True, False)
    yield Workload(
        "null-spout", "a spout that nobody listens to", "tuples",
        [gust.to_sink(gust.name(1, acks), "spout", 1, count, 0, acks=acks,
                      count=count) for acks in both])
    for topology, title in (
            ("null", "a spout and a bolt that does nothing"),
            ("identity", "a spout, a bolt that passes on, one that does "
             "nothing")):
        yield Workload(
            f"null-{topology}", title, "tuples",
            [*gust.near_and_far(topology, count, count, both, count=count),
             *plan.of_rivals("null_bolt", topology, count)])


def fan(plan):
    factor = 1000
    count = max(1, round(plan.amount / factor))
    yield Workload(
        "fan", "each tuple becomes a thousand", "tuples",
        [*gust.near_and_far("fan", count, count * factor, count=count,
                            factor=factor)])


def sizes(plan):
    for size in (16, 256, 4096, 65536):
        count = max(1, round(plan.amount * min(1, 64 / size)))
        yield Workload(
            f"size-{size}", f"texts of {size} bytes to a bolt that does "
            "nothing", "tuples",
            [*gust.near_and_far("null", count, count, count=count, size=size)])


def types(plan):
    count = round(plan.amount / 4)
    yield Workload(
        "types", "a field of every type, grouped by a number", "tuples",
        [*gust.near_and_far("types", count, count, count=count)])


def pending(plan):
    """Few pending tuples wait for each other's acks: they are fewer."""
    rows = []
    for limit_ in (1, 10, 100, 1000, 10000, 100000, 1000000):
        count = max(1000, round(plan.amount * min(1, limit_ / 10000)))
        rows.append(gust.to_sink(
            f"gust, {limit_:,} pending", "null", 2, count, count,
            [f"topology.max.spout.pending={limit_}"], count=count, far=1))
    yield Workload("pending", "at most so many open trees, crossing", "tuples",
                   rows)


def tasks(plan):
    text = plan.texts[0]
    rounds = max(1, round(plan.amount / text.words))
    yield Workload(
        "tasks", "word count on 1 to 500 tasks of each bolt", "words",
        [gust.word_count(text, rounds, executors, tasks=number)
         for executors in (1, 2) for number in (1, 10, 100, 500)])


def slow(plan):
    count = round(plan.amount / 10)
    yield Workload(
        "slow", "1 us a tuple on four tasks; in the last row one takes 10 us",
        "tuples",
        [gust.to_sink(label, "slow", 2, count, count, count=count, slow=task)
         for label, task in (("gust, even", -1), ("gust, one slow", 0))])


def retain(plan):
    count = round(plan.amount / 10)
    yield Workload(
        "retain", "a bolt elsewhere keeps tuples and acks them in no order",
        "tuples",
        [gust.to_sink(f"gust, {limit_:,} kept", "retain", 2, count, count,
                      ["topology.memory.max.bytes=4GiB"], count=count,
                      limit=limit_)
         for limit_ in (1, 10, 100, 1000, 10000, 100000, 1000000)])


def scale(plan):
    # The words of Storm's are so few that one task gets 59 % of them, with
    # which no two are more than 1.7 times as fast as one.
    few, many = plan.texts
    for topology, title, text, part in (
            ("scale_local", "word count without an exchange", few, 1),
            ("scale_fields", "word count, half of the words change the "
             "executor", few, 1),
            ("scale_work", "words that take 1 us, half of them change the "
             "executor", many, 1 / 20)):
        rounds = max(1, round(plan.amount * part / text.words / 2))
        yield Workload(topology.replace("_", "-"), title, "words",
                       list(gust.scale(text, topology, rounds)))


def workers(plan):
    """Between processes, and what nanomsg alone does there."""
    for size in (32, 1024):
        count = round(plan.amount * 64 / max(64, size))
        ipc, tcp = "gust, 2 workers, ipc", "gust, 2 hosts, tcp"
        there, back = (f"tcp://127.0.0.1:{port}"
                       for port in gust.free_ports(2))
        yield Workload(
            f"workers-{size}", f"texts of {size} bytes from one process to "
            "another", "tuples",
            [limit.pair("ipc", "ipc://pair", count, size, ipc),
             limit.pair("ipc", "ipc://pair", count, size, ipc, "ipc://back"),
             *gust.workers(count, size),
             limit.pair("tcp", there, count, size, tcp),
             limit.pair("tcp", there, count, size, tcp, back),
             gust.hosts(count, size, False), gust.hosts(count, size, True)])


def allocations(plan):
    # A sanitizer has an allocator of its own.
    if os.environ.get("SANITIZE"):
        return
    text = plan.texts[0]
    rounds = max(1, round(plan.amount / text.words))
    yield Workload(
        "allocations", "what the whole process takes from the heap, with its "
        "start; batches between executors are in it", "words",
        [gust.allocations(gust.word_count(text, rounds, executors))
         for executors in (1, 2)], kind="allocations")


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
    yield Workload("start", "from the start of the program to its first tuple "
                   "on standard output, or counted", "tuples",
                   [gust.first(), *plan.of_rivals("start", plan.texts[0])],
                   kind="start")


# Name of a group, for --list and --only, and what makes its workloads.
GROUPS = {
    "wordcount": word_count,
    "null": null_bolt,
    "fan": fan,
    "size": sizes,
    "types": types,
    "pending": pending,
    "tasks": tasks,
    "slow": slow,
    "scale": scale,
    "workers": workers,
    "allocations": allocations,
    "retain": retain,
    "nexmark": queries.workloads,
    "windows": state.windows,
    "state": state.state,
    "rate": rate,
    "start": start,
}


def chosen(plan, only):
    """The workloads of the groups, or of the names, in `only`; all without.
    KeyError: there is none of a name."""
    made = [(group, workload) for group, make in GROUPS.items()
            for workload in make(plan)]
    known = {name for group, workload in made
             for name in (group, workload.name)}
    for name in only:
        if name not in known:
            raise KeyError(name)
    return [workload for group, workload in made
            if not only or group in only or workload.name in only]
