# SPDX-License-Identifier: MIT
"""Tests in processes of their own, some at a time: most of the time they
wait."""

import os
import sys
import tempfile


def begin(attempt, name, test):
    """One of them; what it says goes to a file."""
    log = tempfile.TemporaryFile()
    pid = os.fork()
    if pid == 0:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        result = attempt(name, test)
        sys.stdout.flush()
        os._exit({True: 0, False: 1, None: 2}[result])
    return pid, log


def run(attempt, tests, jobs):
    """Calls `attempt` with the name of each and the test, `jobs` at a time. It
    prints what there is to say, and returns True if it passed, None if it was
    left out. How many passed and failed."""
    codes, running, todo = [], {}, list(tests.items())
    while todo or running:
        while todo and len(running) < jobs:
            pid, log = begin(attempt, *todo.pop(0))
            running[pid] = log
        pid, status = os.wait()
        log = running.pop(pid)
        log.seek(0)
        sys.stdout.write(log.read().decode(errors="replace"))
        sys.stdout.flush()
        codes.append(os.waitstatus_to_exitcode(status))
    return codes.count(0), len(codes) - codes.count(0) - codes.count(2)
