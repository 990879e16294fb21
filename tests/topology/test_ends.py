# SPDX-License-Identifier: MIT
"""How runs end: exit codes, signals, closed pipes, crashes, killed runs."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import time

from harness import (HERE, SANITIZE, SOURCE, Failed, Gust, dead_letters, each,
                     expect, expect_balance, expect_code, expect_in, gust,
                     lines_of, store, test, ways)

WORDCOUNT = SOURCE / "topologies" / "wordcount.yaml"


def collected(path):
    """The values in a file of `collect`."""
    return [line.split(b" ", 1)[1] for line in
            path.read_bytes().split(b"\n")[:-1]]


def started(*args, lines=1000, **values):
    """A run that goes on and has done something."""
    run = Gust("endless", *args, out="out", **values)
    out = run.folder / "out"
    run.poll(lambda: lines_of(out) >= lines, f"{lines} lines")
    return run, out


def stuck(*args):
    """A run that waits for ever with its last number, to which a bolt says
    "not now". All others come before it: there is one task of each."""
    return started("--executors", "2", *args, lines=999, count=1000,
                   again=1000, tasks=1)


@each(number=[signal.SIGINT, signal.SIGTERM])
def a_signal_drains_and_balances(number):
    for way in ways():
        running, out = started(*way)
        running.signal(number)
        run = running.wait()
        expect_code(run, 0)
        expect_balance(run)
        c = run.counts()
        expect(run, c["trees_acked"], c["roots"], "trees_acked")
        expect(run, lines_of(out), c["roots"], "the lines")
        expect(run, run.report["end"], "stopped", "the end")


@test
def a_second_signal_aborts():
    running, _ = stuck()
    running.signal(signal.SIGINT)
    # What comes at once would be the same one.
    running.poll(lambda: b"another signal aborts"
                 in os.pread(running.err.fileno(), 1 << 16, 0),
                 "the first signal was taken")
    running.signal(signal.SIGINT)
    run = running.wait()
    expect_code(run, 130)
    expect_balance(run)
    expect(run, run.counts()["aborted"] > 0, True, "something aborted")


@test
def the_same_signal_at_once_is_one():
    """As timeout(1) sends it: to the process, then to its group."""
    for _ in range(20):
        running, out = started()
        begun = time.monotonic()
        running.signal(signal.SIGTERM)
        # Two that wait together are one anyway.
        running.poll(lambda: not pending_signals(running),
                     "the first signal was taken")
        running.signal(signal.SIGTERM)
        at_once = time.monotonic() - begun < 0.1
        run = running.wait()
        if at_once:
            break
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.report["end"], "stopped", "the end")
    expect(run, lines_of(out), run.counts()["roots"], "the lines")


def pending_signals(running):
    status = pathlib.Path(f"/proc/{running.process.pid}/status").read_text(
        encoding="ascii")
    return int(re.search(r"ShdPnd:\s*(\w+)", status).group(1), 16)


@test
def a_missed_deadline_aborts():
    running, _ = stuck("--set", "topology.drain.timeout.secs=0.2")
    running.signal(signal.SIGTERM)
    run = running.wait()
    expect_code(run, 143)
    expect_balance(run)


@test
def a_run_may_be_bounded():
    run = gust("endless", "--for", "0.2s", out="out")
    expect_code(run, 0)
    expect_balance(run)
    run = gust("endless", "--max-tuples", "1000", out="out")
    expect_code(run, 0)
    expect_balance(run)
    expect(run, 1000 <= run.counts()["roots"] < 3000, True,
           "about 1000 roots")


@test
def a_closed_pipe_ends_quietly():
    for way in ways():
        running = Gust("fail", *way, stdout=subprocess.PIPE,
                       count=10_000_000)
        running.process.stdout.readline()
        running.process.stdout.close()
        run = running.wait()
        expect_code(run, 141)
        expect(run, b"rror" in run.err, False, "an error on stderr")


@test
def head_takes_what_it_wants():
    text = "\n".join(f"word{i}" for i in range(200000))
    running = Gust(WORDCOUNT, stdout=subprocess.PIPE,
                   input=store(text.encode()))
    head = subprocess.run(["head", "-n", "1"], stdin=running.process.stdout,
                          stdout=subprocess.PIPE, check=True)
    running.process.stdout.close()
    run = running.wait()
    expect_code(run, 141)
    expect(run, head.stdout.endswith(b"\t1\n"), True, "a line")


@test
def a_full_disk_is_waited_for():
    with open("/dev/full", "wb") as disk:
        running = Gust("fail", "--set", "topology.drain.timeout.secs=1",
                       count=10, stdout=disk)
    running.poll(lambda: running.waits("print"), "that it waits")
    running.poll(lambda: running.status("print")["counts"]["executed"] == 10,
                 "that all has been emitted")
    running.signal(signal.SIGTERM)
    run = running.wait()
    expect_code(run, 128 + signal.SIGTERM)
    expect_balance(run)
    expect(run, dead_letters(run), [], "the dead letters")
    expect_in(run, b"trees: 10 = 0 acked + 10 aborted", run.err,
              "what it says")


def limit_files(run, size):
    """No process of the run may make a file longer than that."""
    children = pathlib.Path(f"/proc/{run.process.pid}/task").glob("*/children")
    pids = [run.process.pid] + [int(pid) for path in children
                                for pid in path.read_text().split()]
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))


@each(workers=[1, 2])
def a_limit_of_the_size_of_files_is_waited_for(workers):
    """Also by who writes positions and the log, which have no room either."""
    words = [f"word{i}" for i in range(40000)]
    out = tempfile.NamedTemporaryFile()
    state = pathlib.Path(tempfile.mkdtemp())
    run = Gust("workers", "--set", f"topology.workers={workers}",
               "--set", f"topology.state.dir={state}", stdout=out,
               input=store("\n".join(words).encode()), rate=20000)
    seen = []

    def stands():
        """Three hundred looks in a row found the same."""
        seen.append(os.fstat(out.fileno()).st_size)
        return seen[-300:] == seen[-1:] * 300

    run.poll(lambda: os.fstat(out.fileno()).st_size > 20000, "output")
    limit_files(run, 100)
    run.poll(stands, "that it waits")
    limit_files(run, resource.RLIM_INFINITY)
    run = run.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts()["trees_failed"], 0, "trees_failed")
    found = pathlib.Path(out.name).read_text(encoding="ascii").split()
    expect(run, sorted(found), sorted(words), "the words")


@test
def a_closed_standard_stream_is_no_other_file():
    run = gust(WORDCOUNT, closed=0, input="-")
    expect_code(run, 1)
    expect_in(run, b"next() failed: cannot read '-': Bad file descriptor",
              run.err,
              "what it says")
    run = gust("fail", "--set", "topology.replay.max.attempts=2", closed=1,
               count=10)
    expect_code(run, 3)
    expect_balance(run)
    expect(run, len(dead_letters(run)), 10, "the dead letters")


@test
def a_missing_file_is_a_failure():
    run = gust(WORDCOUNT, input="/nowhere/at/all")
    expect_code(run, 1)
    expect_in(run, b"'/nowhere/at/all'", run.err, "what it says")
    expect_in(run, b"text", run.err, "what it says")


@test
def a_wrong_file_is_wrong_usage():
    expect_code(gust(HERE / "none.yaml"), 2)
    path = pathlib.Path(tempfile.mkdtemp()) / "wrong.yaml"
    path.write_text("name: wrong\nspuots: []\n", encoding="ascii")
    run = gust(path)
    expect_code(run, 2)
    expect_in(run, b":2:1: ", run.err, "what it says")


@each(kind=["segfault", "abort"])
def a_crash_names_the_component(kind):
    if SANITIZE and kind == "segfault":
        return  # The sanitizer has a report of its own.
    for way in ways():
        run = gust("mistake", *way, kind=kind)
        if SANITIZE:
            # It has handlers of its own.
            expect(run, run.code > 0, True, "the exit code")
            continue
        expect_code(run, 128 + (signal.SIGSEGV if kind == "segfault"
                                else signal.SIGABRT))
        expect_in(run, b"culprit", run.err, "what it says")


@each(kind=["fail_open", "fail_tick", "fail_flush", "fail_finish"])
def a_failed_component_ends_the_run(kind):
    run = gust("mistake", kind=kind, each="1ms")
    expect_code(run, 1)
    expect_in(run, b"culprit", run.err, "what it says")


@each(kind=["double_ack", "foreign_ack", "input_ack"])
def a_wrong_ack_is_caught_and_named(kind):
    for way in ways():
        run = gust("mistake", *way, kind=kind)
        expect_in(run, b"culprit", run.err, "what it says")
        expect(run, run.counts("culprit")["mistakes"] > 0, True, "a mistake")
        expect_balance(run)


@each(kind=["bad_stream", "bad_type", "bad_count", "too_large", "bad_task"])
def a_wrong_emit_fails_its_tuple(kind):
    for way in ways():
        run = gust("mistake", *way, kind=kind, grouping="direct"
                   if kind == "bad_task" else "shuffle")
        expect_code(run, 3)
        expect_balance(run)
        letters = dead_letters(run)
        expect(run, [letter["fields"]["n"] for letter in letters], [50],
               "the dead letters")
        expect(run, len(run.lines), 99, "the output")


def resumed(first, second, count):
    """Between them, all numbers were processed; and not all of them twice."""
    expect_code(second, 0)
    expect_balance(second)
    expect(second, set(first) <= {b"%d" % n for n in range(count)}, True,
           "what came out")
    out = collected(second.folder / "out")
    missing = {b"%d" % n for n in range(count)} - set(out)
    if missing:
        raise Failed(f"{len(missing)} numbers are missing, such as "
                     f"{sorted(missing)[:5]}\n" + second.show())
    return len(out) - count


@test
def a_killed_run_goes_on_where_it_was():
    count = 4000
    for way in list(ways())[:2]:
        state = tempfile.mkdtemp()
        args = [*way, "--set", f"topology.state.dir={state}"]
        running, out = started(*args, lines=1500, count=count, each="500us",
                               replay="position")
        running.signal(signal.SIGKILL)
        running.wait()
        first = collected(out)
        second = gust("endless", *args, folder=running.folder, out="out",
                      count=count, replay="position")
        again = resumed(first, second, count)
        # It commits every 100 ms, in which some hundred are processed.
        expect(second, again < len(first), True,
               f"{again} were processed again")


@test
def a_stopped_run_goes_on_without_repeating():
    count = 4000
    state = tempfile.mkdtemp()
    args = ["--set", f"topology.state.dir={state}"]
    running, out = started(*args, lines=500, count=count, each="500us",
                           replay="position")
    running.signal(signal.SIGTERM)
    expect_code(running.wait(), 0)
    first = collected(out)
    second = gust("endless", *args, folder=running.folder, out="out",
                  count=count, replay="position")
    expect(second, resumed(first, second, count), 0, "processed again")
    third = gust("endless", *args, folder=running.folder, out="out",
                 count=count, replay="position")
    expect_code(third, 0)
    expect(third, third.counts()["roots"], 0, "roots of a third run")


@test
def a_killed_run_over_files_processes_every_line():
    folder = pathlib.Path(tempfile.mkdtemp())
    names = []
    for part in range(3):
        lines = [b"%d-%d" % (part, i) for i in range(1500)]
        names += lines
        (folder / f"in{part}").write_bytes(b"\n".join(lines))
    args = ["--set", f"topology.state.dir={folder / 'state'}"]
    values = {"input": folder / "in*", "out": "out", "tasks": 2}
    running = Gust("collect_lines", *args, folder=folder, each="300us",
                   **values)
    running.poll(lambda: lines_of(folder / "out") > 1200, "1200 lines")
    running.signal(signal.SIGKILL)
    running.wait()
    before = lines_of(folder / "out")
    run = gust("collect_lines", *args, folder=folder, **values)
    expect_code(run, 0)
    expect_balance(run)
    out = collected(folder / "out")
    expect(run, set(out) == set(names), True, "all lines")
    expect(run, len(out) < len(names) + before, True, "not all once more")


@test
def a_second_run_of_a_state_directory_is_refused():
    state = tempfile.mkdtemp()
    args = ["--set", f"topology.state.dir={state}"]
    running, _ = started(*args, lines=10, replay="position")
    run = gust("endless", *args, out="out", replay="position")
    running.signal(signal.SIGTERM)
    running.wait()
    expect(run, run.code in (1, 2), True, "the exit code is 1 or 2")
    expect_in(run, state.encode(), run.err, "what it says")
