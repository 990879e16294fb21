# SPDX-License-Identifier: MIT
"""A sink that is slow, and one that stands still."""

import json
import signal
import subprocess
import time

import trouble
from harness import (FULL, GUST, Failed, each, expect, expect_balance,
                     expect_code, so_far, test)
from trouble import Topology, note, wait_for
from world import HERE

MEMORY = 16 << 20         # topology.memory.max.bytes of stall.yaml
ROOM = 24 << 20           # of a worker that has nothing to do, and stacks
STOP = 60 if FULL else 8  # seconds; the timeout of a tree is 5


def resident(pid):
    """Memory of a process, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
    return 0


def expect_bounded(run):
    """No worker has more than its budget."""
    most = 0
    for name, pid in trouble.children(run.process.pid).items():
        found = resident(pid)
        most = max(most, found)
        if found > MEMORY + ROOM:
            raise Failed(f"{name} has {found >> 20} MiB, expected at most "
                         f"{(MEMORY + ROOM) >> 20}")
    return most


def status(run):
    """What `gust status` says of a run."""
    done = subprocess.run([GUST, "status", "--json"], check=True,
                          capture_output=True)
    return next(found for found in json.loads(done.stdout)
                if found["pid"] == run.process.pid)


def judge(run, count):
    """Nothing has timed out, nothing is lost and nothing there twice."""
    run = run.wait(300)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.lines, sorted(b"%d" % n for n in range(count)),
           "the output")
    expect(run, run.counts()["timed_out"], 0, "timed_out")
    expect(run, run.counts()["trees_failed"], 0, "trees_failed")


@each(pace=["1ms"] + (["10ms", "100ms"] if FULL else ["20ms"]))
def a_slow_consumer_holds_the_spout_back(pace):
    count = {"1ms": 10000, "10ms": 6000, "20ms": 400, "100ms": 600}[pace]
    run = Topology(HERE / "stall.yaml", count=count, each=pace)
    most = 0
    end = time.monotonic() + 3
    while time.monotonic() < end and run.process.poll() is None:
        most = max(most, expect_bounded(run))
        time.sleep(0.05)
    note(f"{pace}: at most {most >> 20} MiB a worker")
    judge(run, count)


@test
def a_stopped_consumer_times_nothing_out():
    """Longer than the timeout of a tree, shorter than that of a worker."""
    count = (2_000_000 if FULL else 60_000) * trouble.STRETCH
    run = Topology(HERE / "stall.yaml", "--set",
                   "topology.worker.timeout.secs=120", count=count, each=0)
    wait_for(lambda: so_far(run.out).count(b"\n") > 100, "the first lines",
             20, run)
    pid = run.kill(2, signal.SIGSTOP)
    end = time.monotonic() + STOP
    most = 0
    while time.monotonic() < end:
        most = max(most, expect_bounded(run))
        time.sleep(0.1)
    state = status(run)["components"][0]["state"]
    if state != "backpressure by 'slow'":
        raise Failed(f"the spout's state is {state!r}, expected one that "
                     "names 'slow'")
    stood = so_far(run.out).count(b"\n")
    if stood == count:
        raise trouble.TooEarly("all had passed before the stop")
    trouble.resume(pid)
    note(f"stopped for {STOP} s after {stood} tuples, at most {most >> 20} "
         "MiB a worker")
    judge(run, count)
