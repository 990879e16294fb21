# SPDX-License-Identifier: MIT
"""Instructions a word, by function, as callgrind counts them: a figure that no
other load on the machine changes."""

import collections
import pathlib
import re
import subprocess

import check
import gust
import limit
from program import Runner


def count(runner, contender):
    path = runner.folder / "callgrind"
    sample = runner.run(["valgrind", "--tool=callgrind",
                         f"--callgrind-out-file={path}"] + contender.command)
    check.ended(sample)
    text = subprocess.run(
        ["callgrind_annotate", "--threshold=99.9", str(path)], check=True,
        capture_output=True, text=True).stdout
    counts = collections.Counter()
    for line in text.splitlines():
        match = re.match(r"\s*([\d,]+) \([^)]*\)\s+(?:\S*?:)?([^'\[]*)", line)
        if match:
            counts[match[2].strip()] += int(match[1].replace(",", ""))
    return counts


def each_word(runner, text, make):
    """The counts of a longer run less those of a shorter one, by the words
    between them: without what is done only once."""
    runs = [make(text, rounds) for rounds in (12, 60)]
    less, more = (count(runner, contender) for contender in runs)
    words = runs[1].work - runs[0].work
    return {name: (more[name] - less[name]) / words
            for name, _ in more.most_common()}


def show(text, folder):
    runner = Runner(pathlib.Path(folder))
    print(f"instructions a word, {text.name}:")
    for who, make in (
            ("limit.c", limit.word_count),
            ("gust", lambda *what: gust.word_count(*what, executors=1))):
        counts = each_word(runner, text, make)
        total = counts["PROGRAM TOTALS"]
        print(f"  {who:<24}{total:8.0f}")
        for name, found in counts.items():
            if name != "PROGRAM TOTALS" and found >= total / 50:
                print(f"    {name:<22}{found:8.0f}")
