# SPDX-License-Identifier: MIT
"""What windows and keyed state cost by themselves, without a topology."""

import functools
import subprocess

import check
import limit
from contender import Contender, Workload
from place import BUILD, OUTPUT

BENCH = BUILD / "tests" / "bench"
STATE = str(BENCH / "state")
FOLDER = OUTPUT / "state"
TUMBLING, SLIDING = "tumbling", "sliding, a thousand slides"
MEMORY, LMDB, BARE = "in memory", "in LMDB", "a loop with LMDB"
TABLE = "gust's state"
SLIDES = 1000
WINDOW_KEYS = 100


def windows_row(kind, label, tuples, per_slide, against):
    """Every tuple is in one window or in a thousand."""
    def right(sample):
        check.ended(sample)
        check.expect(int(sample.output.split()[1]),
                     tuples * (SLIDES if kind == "sliding" else 1),
                     "what the results come to")

    return Contender(label, [str(BENCH / "windows"), kind, str(tuples),
                             str(WINDOW_KEYS), str(per_slide)],
                     right, tuples, against)


def windows(plan):
    """What slides has a thousand times as many results, so the fewer tuples
    one of them stands for, the more of a tuple's time it takes."""
    for each in (100, 10, 1):
        tuples = max(1000, round(plan.amount * min(1, each / 10)))
        yield Workload(
            f"windows-{each}", "windows by themselves: sliding, length/slide "
            f"{SLIDES:,}, and tumbling; {WINDOW_KEYS} keys with {each} tuples "
            "each in a slide, results included", "tuples",
            [windows_row("sliding", SLIDING, tuples, WINDOW_KEYS * each, None),
             windows_row("tumbling", TUMBLING, tuples, WINDOW_KEYS * each,
                         SLIDING)])


def count_words(text, rounds):
    def right(sample):
        check.ended(sample)
        check.words(sample, text.expected(rounds))

    return Contender(TABLE, [STATE, "count", text.path, str(rounds)], right,
                     text.words * rounds)


@functools.cache
def key_count(updates, keys):
    """How many of the keys are drawn."""
    said = subprocess.run(
        [STATE, "memory", "/dev/null", str(updates), str(keys)], check=True,
        capture_output=True)
    return int(said.stdout.split()[0])


def updates_row(mode, label, updates, keys, every, against):
    def right(sample):
        check.ended(sample)
        total = 0 if mode == "bare" else updates
        check.expect(list(map(int, sample.output.split())),
                     [key_count(updates, keys), total],
                     "keys, and what they come to")

    line = [STATE, mode, "{figures}", str(updates), str(keys)]
    if mode != "memory":
        line = ["sh", "-c", 'rm -rf -- "$0" && mkdir -- "$0" && exec "$@"',
                str(FOLDER), *line, str(FOLDER), every]
    return Contender(label, line, right, updates, against)


def state(plan):
    # It is built where LMDB is.
    if not (BENCH / "state").exists():
        return
    text = plan.texts[0]
    rounds = max(1, round(plan.amount / text.words))
    table = limit.word_count(text, rounds)
    table.against = TABLE
    yield Workload("state-count", f"words counted in keyed state, {text.about}",
                   "words", [count_words(text, rounds), table])
    updates = max(1000, round(plan.amount))
    yield Workload(
        "state-10k", "counts of 10,000 keys; stored every 100 ms, synced",
        "updates",
        [updates_row("lmdb", LMDB, updates, 10_000, "100ms", None),
         updates_row("memory", MEMORY, updates, 10_000, None, LMDB)])
    updates = max(1000, round(plan.amount / 15))
    yield Workload(
        "state-10m", "counts of 10 million keys; stored every 50,000 updates, "
        "synced", "updates",
        [updates_row("lmdb", LMDB, updates, 10_000_000, "50000", None),
         updates_row("bare", BARE, updates, 10_000_000, "50000", LMDB)])
