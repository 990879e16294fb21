# SPDX-License-Identifier: MIT
"""A long run with failures and kills leaves nothing behind."""

import pathlib
import statistics
import tempfile
import time

import trouble
from harness import (FULL, Failed, expect, expect_balance, expect_code, test)
from test_stall import resident
from trouble import Topology, note, wait_for
from world import HERE

COUNT = 10_000_000 if FULL else 150_000
RATE = 15_000
EVERY = 60 if FULL else 2  # seconds between two kills
# Of memory over the last half. A stall of the disk or of the machine leaves a
# higher peak of what was under way, which malloc() keeps; what leaks five bytes
# a tuple grows by more in the long form.
GROWTH, SLACK = 1.25, 4 << 20
WORKERS = range(3)
STARTING, ENDING = 15, 5   # samples of a worker that do not count


def use_of(pid):
    """Memory, descriptors and threads of a process."""
    proc = pathlib.Path(f"/proc/{pid}")
    return (resident(pid), len(list((proc / "fd").iterdir())),
            len(list((proc / "task").iterdir())))


def sample(run, uses):
    """Notes what the workers use; one that has ended is left out."""
    for number in WORKERS:
        pid = run.worker(number)
        try:
            use = use_of(pid) if pid is not None else (0, 0, 0)
            if use[1] > 0:
                uses.append((number, pid, *use))
        except OSError:
            continue


def expect_flat(uses):
    """Memory does not grow over the last half, and descriptors and threads of
    a worker are those that it began with."""
    late = uses[len(uses) // 2:]
    for number in WORKERS:
        sizes = [use[2] for use in late if use[0] == number]
        half = len(sizes) // 2
        before = statistics.median(sizes[:half])
        after = statistics.median(sizes[half:])
        if after > max(before * GROWTH, before + SLACK):
            raise Failed(f"worker {number} grows from {before / 2**20:.1f} to "
                         f"{after / 2**20:.1f} MiB")
        for what, place in (("descriptors", 3), ("threads", 4)):
            pids = {use[1] for use in late if use[0] == number}
            for pid in pids:
                counts = [use[place] for use in uses if use[1] == pid]
                settled = counts[STARTING:-ENDING]
                half = len(settled) // 2
                # A peer that dies takes its connections along, and may have
                # new ones for a moment before the old ones are closed.
                if half > 0 and (max(settled) - min(settled) > 6 or
                                 statistics.median(settled[half:]) >
                                 statistics.median(settled[:half]) + 2):
                    raise Failed(f"worker {number} has {min(settled)} to "
                                 f"{max(settled)} {what}")
    note(f"at most {max(use[2] for use in uses) >> 20} MiB a worker")


@test
def a_long_run_leaves_nothing_behind():
    folder = pathlib.Path(tempfile.mkdtemp())
    count = COUNT * trouble.STRETCH
    begun = time.monotonic()
    run = Topology(HERE / "soak.yaml", folder=folder, count=count, rate=RATE)
    kills, uses, due = 0, [], begun + EVERY
    while run.process.poll() is None:
        now = time.monotonic()
        if now > begun + 5 * count / RATE + 60:
            raise Failed("it does not end\n" + run.wait(1).show())
        if now > due and now < begun + 0.8 * count / RATE:
            run.kill(trouble.DRAW.choice(WORKERS))
            kills += 1
            due = now + EVERY
        sample(run, uses)
        time.sleep(0.1)
    done = run.wait()
    expect_code(done, 0)
    expect_balance(done)
    found = set()
    written = 0
    for path in folder.glob("n-*.txt"):
        numbers = path.read_text(encoding="ascii").split()
        written += len(numbers)
        found.update(map(int, numbers))
    expect(done, len(found), count, "different numbers")
    expect(done, (min(found), max(found)), (0, count - 1), "their range")
    if kills < 2:
        raise trouble.TooEarly(f"{kills} kills prove nothing")
    if done.counts()["trees_failed"] < count // 1000:
        raise Failed(f"{done.counts()['trees_failed']} failures prove "
                     "nothing\n" + done.show())
    expect_flat(uses)
    wait_for(lambda: not trouble.children(run.process.pid),
             "the end of the workers", 5)
    note(f"{count} tuples, {kills} kills, {written - count} duplicates, "
         f"{time.monotonic() - begun:.0f} s")
