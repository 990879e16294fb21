# SPDX-License-Identifier: MIT
"""Makes trouble for a run of gust, from a seed, and cleans up after it."""

import contextlib
import os
import pathlib
import random
import signal
import time

from harness import FULL, PATIENCE, Failed, Gust, lives

DRAW = random.Random()
# How much longer the work is than on a machine that does nothing else.
STRETCH = 1
# A quick form says that something happens, the long one how soon, too.
QUICK_PATIENCE = 1 if FULL else 6
NOTES = []     # what a test has to say of itself
AFTERWARDS = []  # to be undone, the last one first


class TooEarly(Failed):
    """All was done before the trouble came, which proves nothing: again, with
    more to do."""


def begin(seed):
    """Before a test."""
    DRAW.seed(seed)
    NOTES.clear()


def end():
    """After it, whatever has become of it."""
    while AFTERWARDS:
        AFTERWARDS.pop()()


def note(text):
    """Tells something of a test that the reader of its result should know."""
    NOTES.append(text)


def children(pid):
    """The processes that a process has started: pid by name."""
    found = {}
    for tasks in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        # What has just ended is left out.
        with contextlib.suppress(OSError):
            for child in tasks.read_text().split():
                with contextlib.suppress(OSError):
                    comm = pathlib.Path(f"/proc/{child}/comm").read_text()
                    found[comm.strip()] = int(child)
    return found


def wait_for(condition, what, limit, run=None):
    """Polls until `condition` is true; returns what it was."""
    deadline = time.monotonic() + limit * PATIENCE * QUICK_PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if run is not None and run.process.poll() is not None:
            done = run.wait()
            how = TooEarly if done.code == 0 else Failed
            raise how(f"it ended before {what}\n" + done.show())
        if time.monotonic() > deadline:
            said = ""
            if run is not None:
                run.process.kill()
                said = "\n" + run.wait().show()
            raise Failed(f"{what} did not come about in {limit} s{said}")
        time.sleep(0.002)


class Topology(Gust):
    """A run whose workers can be killed; what is left of it is ended with the
    test."""

    def __init__(self, *args, **values):
        super().__init__(*args, **values)
        AFTERWARDS.append(self.dispose)

    def dispose(self):
        """Ends it if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def worker(self, number):
        """The process of a worker, or None while there is none."""
        return children(self.process.pid).get(f"gust-worker-{number}")

    def kill(self, number, how=signal.SIGKILL, limit=10):
        """Sends a signal to a worker, which may be about to be started."""
        pid = wait_for(lambda: self.worker(number), f"worker {number}", limit,
                       self)
        os.kill(pid, how)
        return pid

    def kill_all(self):
        """Kills the run, and waits until its workers have died of it."""
        workers = children(self.process.pid).values()
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not any(map(lives, workers)),
                 "the end of the workers", 5)


def resume(pid):
    """Has a stopped process go on, unless it was killed meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def pauses(low, high):
    """Random times to wait, for ever."""
    while True:
        yield DRAW.uniform(low, high)
