# SPDX-License-Identifier: MIT
"""Whole windows that are much larger than the share of memory they have."""

import os
import pathlib
import random
import resource
import subprocess
import tempfile

from harness import (Failed, GUST, Gust, SANITIZE, each, expect, expect_balance,
                     expect_code, expect_in, store, test)

BEGIN = 1795305600000
MIB = 1 << 20

TOPOLOGY = """
name: spill
config: {topology.memory.max.bytes: 4MiB%(config)s}
spouts:
  - id: rows
    plugin: csv
    options: {files: "%(path)s", header: false}
    outputs: {default: {n: int, k: string, t: int, pad: string}}
    timestamp: {field: t, format: ms, lag: 1s}
bolts:
  - {id: w, plugin: whole, window: {%(window)s}}
  - {id: print, plugin: print, options: {template: "{begin}|{all}|{fresh}|{expired}"}}
streams:
  - {from: rows, to: w}
  - {from: w, to: print}
"""


def rows(count, seed=1):
    """n, k, t: up to a second out of order."""
    rng = random.Random(seed)
    return [(n, rng.choice("abcd"), BEGIN + 10 * n - rng.randint(0, 1000))
            for n in range(count)]


STORED = ("--set", "topology.state.provider=lmdb",
          "--set", "topology.state.commit.ms=20")


def start(window, data, *args, config=", topology.state.dir: state", pad=4096,
          **values):
    path = store("".join(f"{n},{k},{t},{str(n) * (pad // len(str(n)))}\n"
                         for n, k, t in data).encode())
    text = TOPOLOGY % {"window": window, "config": config, "path": path}
    path = store(text.encode())
    return Gust(path.rename(path.with_suffix(".yaml")), "--executors", "1",
                *args, **values)


def anonymous(going):
    """What it has in memory that is no page of a file, in bytes."""
    try:
        status = pathlib.Path(f"/proc/{going.process.pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def files(going):
    """How many files without a name it has spilled to."""
    try:
        maps = pathlib.Path(f"/proc/{going.process.pid}/maps").read_text()
    except OSError:
        return 0
    return maps.count("/spill-")


def small_files():
    """As a full disk: none may be as large as those have to be."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * MIB, resource.RLIM_INFINITY))


def status():
    done = subprocess.run([GUST, "status", "--json"], capture_output=True,
                          check=False)
    return done.stdout


def sliding(length, slide, data):
    """The lines that are to come."""
    ordered = sorted((t, n) for n, _, t in data)
    lines, before = [], []
    begin = ordered[0][0] // slide * slide - length + slide
    while begin <= ordered[-1][0]:
        now = [n for t, n in ordered if begin <= t < begin + length]
        was, new = set(before), set(now)
        if now:
            lines.append("|".join([
                str(begin * 1000000), " ".join(map(str, now)),
                " ".join(str(n) for n in now if n not in was),
                " ".join(str(n) for n in before
                         if n not in new and slide < length)]).encode())
        before = now
        begin += slide
    return sorted(lines)


WINDOWS = {
    "tumbling": ("type: tumbling, length: 1h", 3600000, 3600000),
    "sliding": ("type: sliding, length: 60s, slide: 20s", 60000, 20000),
}


@each(kind=list(WINDOWS))
def a_window_of_ten_times_its_share_is_what_it_has_to_be(kind):
    window, length, slide = WINDOWS[kind]
    data = rows(6000)
    going = start(window, data)
    most = 0
    while going.process.poll() is None:
        most = max(most, anonymous(going))
    out = going.wait()
    expect_code(out, 0)
    expect_balance(out)
    if out.lines != sliding(length, slide, data):
        raise Failed(f"{len(out.lines)} lines, other ones than expected\n"
                     + out.err.decode())
    # All tuples are 24 MiB, and their records as many.
    if not SANITIZE and most > 10 * MIB:
        raise Failed(f"{most / MIB} MiB of memory")


@test
def what_cannot_spill_is_still_named():
    """A held tuple takes some memory wherever the rest of it is."""
    going = start("type: tumbling, length: 1d", rows(40000),
                  config=", topology.state.dir: state", pad=8)
    out = going.wait()
    expect_code(out, 1)
    expect_in(out, b"window 'w' has", out.err, "what it says")
    expect_in(out, b"make the window shorter, or raise topology.memory.max.",
              out.err, "what it says")


@test
def what_was_spilled_is_gone_with_a_kill():
    folder = pathlib.Path(tempfile.mkdtemp())
    data = rows(6000)
    going = start("type: tumbling, length: 1h", data, folder=folder)
    going.poll(lambda: files(going) > 1, "something is spilled")
    going.process.kill()
    going.process.wait()
    if any(n.startswith("spill-") for n in os.listdir(folder / "state")):
        raise Failed("a file is left")
    out = start("type: tumbling, length: 1h", data, folder=folder).wait()
    expect_code(out, 0)
    expect(out, out.lines, sliding(3600000, 3600000, data), "lines")


@test
def a_full_disk_is_waited_for_and_loses_nothing():
    data = rows(3000)
    going = start("type: tumbling, length: 1h", data, before=small_files)
    going.poll(lambda: b"cannot spill to '" in status(), "it waits")
    resource.prlimit(going.process.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    out = going.wait()
    expect_code(out, 0)
    expect_balance(out)
    expect(out, out.counts("w")["retries"] > 0, True, "it waited")
    expect(out, out.counts("w")["failed"], 0, "failed inputs")
    expect(out, out.lines, sliding(3600000, 3600000, data), "lines")


@test
def what_is_spilled_and_stored_goes_on_in_the_next_run():
    data = rows(3000)
    expected = sorted(line for key in "abcd" for line in sliding(
        10000, 10000, [row for row in data if row[1] == key]))
    folder = pathlib.Path(tempfile.mkdtemp())
    going = start("type: tumbling, length: 10s, keys: [k]", data, *STORED,
                  "--max-tuples", "1500", folder=folder)
    going.poll(lambda: files(going) > 0, "something is spilled")
    out = going.wait()
    expect_code(out, 0)
    found = out.lines
    out = Gust(going.args[2], "--executors", "1", *STORED,
               folder=folder).wait()
    expect_code(out, 0)
    expect_balance(out)
    expect(out, sorted(found + out.lines), expected, "lines")
