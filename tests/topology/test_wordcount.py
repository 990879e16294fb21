# SPDX-License-Identifier: MIT
"""The words of real text, against two oracles: coreutils and Python."""

import collections
import pathlib
import subprocess
import tempfile

import text as texts
from harness import (FULL, SOURCE, Failed, Gust, each, expect, expect_balance,
                     expect_code, gust, store, test, ways)

TOPOLOGY = SOURCE / "topologies" / "wordcount.yaml"
ORACLE = r"""LC_ALL=C tr -s '[:space:]' '\n' < "$1" | LC_ALL=C grep -av '^$' |
LC_ALL=C sort | LC_ALL=C uniq -c |
LC_ALL=C awk '{print $2"\t"$1}' | LC_ALL=C sort"""

SMALL = {
    "empty": b"",
    "byte": b"x",
    "newline": b"\n",
    "space": b" ",
    "open": b"the cow\njumped over the moon",
    "closed": b"the cow\njumped over the moon\n",
    "blank": b"\n\n \n\t\n\n",
    "utf8": b"\xc3\xbc \xff\xfe \xc3 \xed\xa0\x80\n\x80",
    "nul": b"a\0b a \0 \0\n\0 a\0b",
    "space kinds": b"a\tb\nc\vd\fe\rf g\r\n\xc2\xa0h\x85i",
    "long line": b"ab " * 300000,
    "one word": b"w" * 1000000,
}


def count(data):
    """The oracle that knows NUL: bytes.split() parts as isspace() does."""
    words = collections.Counter()
    for line in data.split(b"\n"):
        words.update(line.split())
    return sorted(b"%s\t%d" % pair for pair in words.items())


def same_words(run, expected):
    expect_code(run, 0)
    if run.lines != expected:
        found = set(run.lines)
        wrong = sorted(found.symmetric_difference(expected))
        raise Failed(f"{len(run.lines)} lines, expected {len(expected)}; "
                     f"that differ: {wrong[:6]}\n" + run.show())
    expect_balance(run)


@each(name=list(SMALL))
def small_text(name):
    data = SMALL[name]
    path = store(data)
    expected = count(data)
    for way in ways():
        run = gust(TOPOLOGY, *way, input=path)
        same_words(run, expected)
        lines = data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
        expect(run, run.counts("text")["roots"], lines, "roots of 'text'")
        expect(run, run.counts("split")["emitted"], len(data.split()),
               "words")


@each(name=list(SMALL))
def small_text_from_a_pipe(name):
    run = gust(TOPOLOGY, "--executors", "2", input="-",
               stdin=store(SMALL[name]).open("rb"))
    same_words(run, count(SMALL[name]))
    feed = subprocess.Popen(["cat", store(SMALL[name])],
                            stdout=subprocess.PIPE)
    run = gust(TOPOLOGY, "--executors", "2", input="-", stdin=feed.stdout)
    feed.wait()
    same_words(run, count(SMALL[name]))


def big(kind):
    """A text, and what coreutils or, where NUL is, Python say of it."""
    size = 100_000_000 if FULL else 10_000_000
    if kind == "distinct":
        size //= 5
    file = tempfile.NamedTemporaryFile(delete=False)
    with file:
        for block in texts.text(size, 1, kind):
            file.write(block)
    path = pathlib.Path(file.name)
    if kind == "bytes":
        return path, count(path.read_bytes())
    out = subprocess.run(["sh", "-c", ORACLE, "sh", path], check=True,
                         stdout=subprocess.PIPE).stdout
    return path, sorted(out.split(b"\n")[:-1])


@each(kind=["plain", "open", "bytes", "distinct"])
def big_text(kind):
    path, expected = big(kind)
    for way in ways():
        same_words(gust(TOPOLOGY, *way, input=path), expected)
    path.unlink()


@test
def the_oracles_agree():
    data = b"".join(texts.text(1_000_000, 2, "plain"))
    out = subprocess.run(["sh", "-c", ORACLE, "sh", store(data)], check=True,
                         stdout=subprocess.PIPE).stdout
    if sorted(out.split(b"\n")[:-1]) != count(data):
        raise Failed("coreutils and Python count differently")


@each(tasks=[1, 2, 3, 8, 64])
def any_number_of_tasks(tasks):
    data = b"".join(texts.text(300_000, 3, "bytes"))
    path = store(data)
    for way in ways():
        same_words(gust("tasks", *way, input=path, tasks=tasks), count(data))


@test
def many_files_by_pattern():
    folder = pathlib.Path(tempfile.mkdtemp())
    data = b"".join(texts.text(300_000, 4, "plain"))
    parts = data.split(b"\n")
    for i in range(10):
        (folder / f"part{i}.txt").write_bytes(
            b"\n".join(parts[i * len(parts) // 10:
                             (i + 1) * len(parts) // 10]))
    for tasks in (1, 3, 16):
        same_words(gust("tasks", input=folder / "part*.txt", tasks=tasks),
                   count(data))


@test
def lines_too_long_are_rejected_and_the_rest_is_counted():
    long = b"y" * 3_000_000
    data = b"one two\n" + long + b"\nthree\n" + long
    path = store(data)
    run = gust(TOPOLOGY, input=path)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.lines, [b"one\t1", b"three\t1", b"two\t1"], "the output")
    expect(run, run.counts()["rejected"], 2, "rejected")
    expect(run, run.counts("text")["roots"], 4, "roots")


@test
def a_pipe_that_is_slow_to_speak_is_waited_for():
    feed = subprocess.Popen(["cat"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
    run = Gust("collect_lines", input="-", stdin=feed.stdout, out="out")
    out = run.folder / "out"
    for i in range(5):
        feed.stdin.write(b"line %d\n" % i)
        feed.stdin.flush()
        run.poll(lambda i=i: out.exists()
                 and out.read_bytes().count(b"\n") == i + 1, f"line {i}")
    feed.stdin.close()
    ended = run.wait()
    feed.wait()
    expect_code(ended, 0)
    expect_balance(ended)


@each(way=[("--executors", "1"), ("--executors", "2")])
def wide_tuples_and_long_words_are_shared_out(way):
    """No task of a fields grouping is left without its share."""
    data = b"".join(b"%s%d %d\n" % (b"x" * (i % 40), i, i)
                    for i in range(4000))
    run = gust("regroup", *way, input=store(data))
    same_words(run, count(data))
    for component in run.report["components"]:
        for task in component["by_task"]:
            if component["id"] in ("wide", "count"):
                share = task["counts"]["executed"] * component["tasks"] / 8000
                expect(run, 0.9 < share < 1.1, True,
                       f"{share} of an even share of '{component['id']}'")
