# SPDX-License-Identifier: MIT
"""Topologies that rank, slow down, gather and send again."""

import pathlib
import subprocess
import tempfile

import text as texts
from harness import (SOURCE, expect, expect_balance, expect_code, gust, test,
                     ways)

TOPOLOGIES = SOURCE / "topologies"


def write_text(words):
    path = pathlib.Path(tempfile.mkstemp()[1])
    path.write_bytes(b"".join(texts.text(words, 7, "plain")))
    return path


def ranked(path, n):
    """The oracle: cut by tr, counted and ordered by sort and uniq."""
    script = (r"tr -s ' \t\n\v\f\r' '\n' <$0 | grep -a . | sort | uniq -c | "
              r"sort -k1,1rn -k2,2 | head -n $1 | awk '{print NR, $2, $1}'")
    out = subprocess.run(["sh", "-c", script, path, str(n)], check=True,
                         capture_output=True,
                         env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    return out.replace(b" ", b"\t")


@test
def top_words():
    path = write_text(200_000)
    for n in 1, 10, 500:
        expected = ranked(path, n)
        for way in ways():
            run = gust(TOPOLOGIES / "top-words.yaml", *way, input=path, n=n)
            expect_code(run, 0)
            expect_balance(run)
            expect(run, run.out, expected, "the ranking")


@test
def top_words_of_the_licence():
    path = "/usr/share/common-licenses/GPL-3"
    run = gust(TOPOLOGIES / "top-words.yaml")
    expect_code(run, 0)
    expect(run, run.out, ranked(path, 10), "the ranking")


@test
def top_words_while_they_come():
    """With ticks as fast as they come, and a window that holds them all."""
    path = write_text(200_000)
    run = gust(TOPOLOGIES / "top-words.yaml", input=path, tick=0.01, n=5,
               window=1000)
    expect_code(run, 0)
    expect_balance(run)
    rankings = []
    for line in run.out.splitlines():
        rank, word, count = line.split(b"\t")
        if rank == b"1":
            rankings.append([])
        rankings[-1].append((-int(count), word))
        expect(run, int(rank), len(rankings[-1]), "the rank")
    for ranking in rankings:
        expect(run, ranking, sorted(ranking), "a ranking")
    last = b"".join(run.out.splitlines(keepends=True)[-5:])
    expect(run, last, ranked(path, 5), "the last ranking")
