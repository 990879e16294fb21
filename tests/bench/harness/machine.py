# SPDX-License-Identifier: MIT
"""The machine that figures belong to."""

import os
import platform
import statistics
import time


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def wake_up_us(count=200):
    """How long after the time it asked for a thread goes on, with nothing of
    gust in it: no latency of a program that rests between tuples is less."""
    late = []
    for _ in range(count):
        begin = time.monotonic()
        time.sleep(0.001)
        late.append((time.monotonic() - begin - 0.001) * 1e6)
    late.sort()
    return {"p50": statistics.median(late), "p99": late[count * 99 // 100]}


def describe():
    return {"processor": processor(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load": os.getloadavg()[0],
            "wake_up_us": wake_up_us()}
