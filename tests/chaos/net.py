# SPDX-License-Identifier: MIT
"""Hosts for a test: network namespaces, joined by a forwarder of its own.

Each host has a TUN device, whose packets a child process carries to the others.
It loses, delays, repeats and reorders them as it is told, from a seed, and cuts
any direction of any pair. No module of the kernel but tun is needed for that.
"""

import contextlib
import ctypes
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import socket
import struct
import subprocess
import time

from harness import Skipped
from trouble import AFTERWARDS, DRAW

TUNSETIFF = 0x400454CA
IFF_TUN = 1
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000
PACKET_MAX = 65536
PREFIX = "10.77.0."


def ip(*args, where=None):
    """The ip command, in a namespace or outside."""
    inside = [] if where is None else ["-n", where]
    subprocess.run(["ip", *inside, *args], check=True, capture_output=True)


def open_tun(namespace, address):
    """A TUN device in a namespace: the end that is ours."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) < 0:
            raise OSError(ctypes.get_errno(), "setns")
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, TUNSETIFF,
                    struct.pack("16sH22x", b"gust", IFF_TUN | IFF_NO_PI))
    finally:
        libc.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)
    ip("addr", "add", f"{address}/24", "dev", "gust", where=namespace)
    ip("link", "set", "gust", "mtu", "9000", "up", where=namespace)
    ip("link", "set", "lo", "up", where=namespace)
    return fd


class Forwarder:
    """Carries packets between the hosts, in a process of its own."""

    def __init__(self, fds, control, seed):
        self.fds = fds  # by the last byte of the address
        self.control = control
        self.draw = random.Random(seed)
        self.cut = set()
        self.rules = {"loss": 0, "delay": 0, "again": 0}
        self.waiting = []  # (due, number, to, packet)
        self.number = 0
        self.hit = 0  # packets that were not simply carried

    def send(self, to, packet):
        """To a host; what its queue does not take is lost, as elsewhere."""
        with contextlib.suppress(OSError):
            os.write(self.fds[to], packet)

    def take(self, fd):
        """What a host has sent."""
        while True:
            try:
                packet = os.read(fd, PACKET_MAX)
            except OSError:
                return
            if len(packet) >= 20 and packet[0] >> 4 == 4:
                self.route(packet[15], packet[19], packet)

    def route(self, sender, to, packet):
        """One packet: lost, sent at once, or later."""
        if to not in self.fds:
            return
        if (sender, to) in self.cut or \
                self.draw.random() < self.rules["loss"]:
            self.hit += 1
            return
        times = 2 if self.draw.random() < self.rules["again"] else 1
        self.hit += times > 1 or self.rules["delay"] > 0
        for _ in range(times):
            if self.rules["delay"] == 0:
                self.send(to, packet)
                continue
            # Each has a delay of its own, which changes their order.
            self.number += 1
            due = time.monotonic() + self.draw.uniform(0, self.rules["delay"])
            heapq.heappush(self.waiting, (due, self.number, to, packet))

    def obey(self):
        """What the test wants: rules, or what is cut."""
        name, value = self.control.recv()
        if name == "cut":
            self.cut = value
        else:
            self.rules.update(value)
        self.control.send(self.hit)

    def run(self):
        """Until the test hangs up."""
        wanted = [*self.fds.values(), self.control]
        while True:
            pause = None
            if self.waiting:
                pause = max(0, self.waiting[0][0] - time.monotonic())
            for ready in select.select(wanted, [], [], pause)[0]:
                if ready is not self.control:
                    self.take(ready)
                    continue
                try:
                    self.obey()
                except EOFError:
                    return
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(self.waiting)
                self.send(to, packet)


class Loopback:
    """Some hosts that are one: what can be had without namespaces."""

    def __init__(self, names):
        self.names = names
        self.ports = {name: free_port() for name in names}

    @staticmethod
    def inside(_name):
        """What a command line begins with to run on a host."""
        return []

    @staticmethod
    def address(_name):
        """Of a host."""
        return "127.0.0.1"

    def port(self, name):
        """Where it listens."""
        return self.ports[name]


def free_port():
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Net:
    """Some hosts: `names[i]` has the address PREFIX(i + 1)."""

    def __init__(self, names):
        self.names = names
        self.spaces = {n: f"gust-{os.getpid()}-{n}" for n in names}
        self.cuts = set()
        self.hit = 0
        AFTERWARDS.append(self.dispose)
        try:
            for space in self.spaces.values():
                ip("netns", "add", space)
            fds = {i + 1: open_tun(self.spaces[n], f"{PREFIX}{i + 1}")
                   for i, n in enumerate(names)}
        except (OSError, subprocess.CalledProcessError) as why:
            raise Skipped(f"no network namespaces with TUN here: {why}") \
                from why
        self.control, theirs = multiprocessing.Pipe()
        seed = DRAW.getrandbits(32)

        def forward():
            self.control.close()
            Forwarder(fds, theirs, seed).run()

        self.child = multiprocessing.get_context("fork").Process(
            target=forward, daemon=True)
        self.child.start()
        theirs.close()
        for fd in fds.values():
            os.close(fd)

    def dispose(self):
        """Takes all of it down."""
        if hasattr(self, "child"):
            self.child.kill()
            self.child.join()
        for space in self.spaces.values():
            subprocess.run(["ip", "netns", "del", space], check=False,
                           capture_output=True)

    def address(self, name):
        """Of a host."""
        return f"{PREFIX}{self.names.index(name) + 1}"

    @staticmethod
    def port(_name):
        """Where it listens."""
        return 7000

    def inside(self, name):
        """What a command line begins with to run on a host."""
        return ["ip", "netns", "exec", self.spaces[name]]

    def ask(self, *message):
        """Has the forwarder do something; `hit` says how many packets it has
        lost, repeated or delayed by then."""
        self.control.send(message)
        self.hit = self.control.recv()

    def rules(self, **rules):
        """`loss` and `again` are chances, `delay` is seconds at most."""
        self.ask("rules", rules)

    def cut(self, a, b, both=True):
        """Nothing goes from a to b any more, nor back."""
        pair = (self.names.index(a) + 1, self.names.index(b) + 1)
        self.cuts |= {pair, pair[::-1]} if both else {pair}
        self.ask("cut", self.cuts)

    def has_hit(self):
        """Whether a packet was lost, repeated or delayed by now."""
        self.ask("cut", self.cuts)
        return self.hit > 0

    def heal(self):
        """All directions are open again."""
        self.cuts = set()
        self.ask("cut", self.cuts)
