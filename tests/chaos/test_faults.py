# SPDX-License-Identifier: MIT
"""Disks that are full, descriptors that run out, ports that are taken."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile

from harness import GUST, Failed, Skipped, expect_code, test
from net import Loopback, free_port
from trouble import AFTERWARDS, Topology, note, wait_for
from world import HERE, Hosts, Machine


def small_disk(size):
    """A file system of so many bytes."""
    folder = pathlib.Path(tempfile.mkdtemp())
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}",
                           "tmpfs", folder], check=False, capture_output=True)
    if done.returncode != 0:
        raise Skipped("no tmpfs can be mounted here: "
                      + done.stderr.decode().strip())
    AFTERWARDS.append(lambda: subprocess.run(["umount", "-l", folder],
                                             check=False))
    return folder


@test
def a_full_disk_of_the_sink_is_waited_for():
    disk = small_disk("1m")
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (700 << 10))
    world = Machine(8, sink=disk)
    wait_for(lambda: os.statvfs(disk).f_bavail == 0, "a full disk", 30,
             world.run)
    before = world.acked()
    world.run.kill(3)  # it finds the disk full again when it comes back
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
    world.expect_new(before, limit=20)
    world.finish(kills=1)


@test
def a_full_disk_of_the_dead_letters_holds_their_trees():
    disk = small_disk("64k")
    letters = disk / "letters.jsonl"
    run = Topology(HERE / "letters.yaml", count=2000, letters=letters)
    wait_for(lambda: os.statvfs(disk).f_bavail == 0, "a full disk", 30, run)
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    run = run.wait(60)
    expect_code(run, 3)
    found = {json.loads(line)["fields"]["n"]
             for line in letters.read_text().splitlines()}
    if found != set(range(2000)):
        raise Failed(f"{len(found)} different letters, expected 2000\n"
                     + run.show())
    note("2000 dead letters, none lost")


@test
def descriptors_that_run_out_are_named():
    run = subprocess.run(
        ["prlimit", "--nofile=24", GUST, "run", HERE / "conserve.yaml",
         "-D", "input=/dev/null", "-D", "rate=1000"],
        cwd=tempfile.mkdtemp(), check=False, capture_output=True, timeout=60)
    if run.returncode != 1 or b"files" not in run.stderr:
        raise Failed(f"exit code {run.returncode}: {run.stderr[-1000:]!r}, "
                     "expected 1 and a word on open files")


@test
def a_port_that_is_taken_is_named():
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    folder = pathlib.Path(tempfile.mkdtemp())
    hosts = folder / "hosts.yaml"
    port = taken.getsockname()[1]
    hosts.write_text(f"- {{name: a, address: 127.0.0.1, port: {port}}}\n"
                     f"- {{name: b, address: 127.0.0.1, port: {free_port()}}}"
                     f"\n- {{name: c, address: 127.0.0.1, "
                     f"port: {free_port()}}}\n")
    run = subprocess.run(
        [GUST, "worker", HERE / "conserve_hosts.yaml", "--hosts", hosts,
         "--host", "a", "-D", "input=/dev/null", "-D", "rate=1000"],
        cwd=folder, check=False, capture_output=True, timeout=60)
    taken.close()
    if run.returncode != 1 or str(port).encode() not in run.stderr:
        raise Failed(f"exit code {run.returncode}: {run.stderr[-1000:]!r}, "
                     f"expected 1 and a word on port {port}")


@test
def a_worker_that_is_started_twice_is_refused():
    world = Hosts(Loopback(["a", "b", "c"]), 3)
    wait_for(lambda: world.acked() > 0 or world.ended(), "the first ack", 20)
    part = world.parts["b"]
    second = subprocess.run(list(map(str, part.args)), cwd=part.folder,
                            check=False, capture_output=True, timeout=60)
    if second.returncode != 1:
        raise Failed(f"the second one exits {second.returncode}, expected 1: "
                     f"{second.stderr[-1000:]!r}")
    world.expect_progress()
    world.finish(most=0)
