# SPDX-License-Identifier: MIT
"""Two hosts on loopback addresses, and strangers at their ports.

Between each worker and the port of the other one stands a relay, which hears
all that is said: a worker binds to an address of its own, and the hosts file
names that of the relay. What a stranger says he says to the worker's own port.
"""

import collections
import contextlib
import itertools
import os
import pathlib
import random
import resource
import socket
import struct
import subprocess
import tempfile
import threading
import time

import harness
from harness import (BUILD, FULL, GUST, HERE, LIMIT, PATIENCE, Failed,
                     so_far)

TOPOLOGY = HERE / "strangers.yaml"
# What a nanomsg socket says first: it is a PUSH.
GREETING = b"\0SP\0\0\x50\0\0"
FRAME = "<IHBBIHHQQQQIIQQQ"
HEADER = struct.calcsize(FRAME)
SEAL = 40
PAYLOAD_MAX = 256 << 10
MESSAGE_MAX = HEADER + PAYLOAD_MAX + SEAL
WORDS = ("stream tuple bolt spout ack fail root ledger edge batch channel "
         "worker host key").encode().split()
# What a worker complains of; see runtime/channel/seal.c.
FAULTS = ("of a wrong size", "no frame", "of another key", "forged",
          "replayed or late")
WHERE = {"a": "127.0.0.2", "b": "127.0.0.3"}


# A build without libsodium can do nothing of this.
KEYS = subprocess.run([GUST, "keygen"], check=False,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode == 0


def test(function):
    return harness.test(function) if KEYS else function


def relays():
    """A relay for each host, whose port is free at the host's address, too.
    Nobody else has it: it listens there."""
    while True:
        port = random.randrange(20000, 32000)
        made = {}
        try:
            for name, address in WHERE.items():
                with socket.socket() as probe:
                    probe.bind((address, port + len(made)))
                made[name] = Relay(port + len(made), address)
            return made
        except OSError:
            for relay in made.values():
                relay.close()


class Relay:
    """Passes on what comes for a port, and keeps what it heard."""

    def __init__(self, port, address):
        self.port = port
        self.address = address
        self.heard = []
        self.count = 0
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                incoming, _ = self.listener.accept()
            except OSError:
                return
            # The worker may not be there yet: its peer comes again.
            try:
                outgoing = socket.create_connection((self.address, self.port))
            except OSError:
                incoming.close()
                continue
            self.sockets += [incoming, outgoing]
            for one, other, keep in ((incoming, outgoing, True),
                                     (outgoing, incoming, False)):
                threading.Thread(target=self.carry, args=(one, other, keep),
                                 daemon=True).start()

    def carry(self, source, target, keep):
        stream = b""
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
                stream = self.listen(stream + data) if keep else b""
        except OSError:
            pass
        for end in source, target:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def listen(self, stream):
        """Takes whole messages off the stream; returns the rest."""
        if stream.startswith(GREETING):
            stream = stream[len(GREETING):]
        while len(stream) >= 8:
            size, = struct.unpack(">Q", stream[:8])
            if len(stream) < 8 + size:
                break
            self.count += 1
            if len(self.heard) < 3000:
                self.heard.append(stream[8:8 + size])
            stream = stream[8 + size:]
        return stream

    def close(self):
        self.listener.close()
        for end in self.sockets:
            end.close()


class Host:
    """The worker of a host, as its process manager would start it."""

    def __init__(self, folder, name, key=None, limit=None, **environment):
        self.name = name
        self.err = tempfile.TemporaryFile()
        self.out = tempfile.TemporaryFile()
        args = [GUST, "worker", TOPOLOGY, "--hosts", folder / "hosts.yaml",
                "--host", name, *(["--key", key] if key else [])]
        self.process = subprocess.Popen(
            args, cwd=folder, stdin=subprocess.PIPE, stdout=self.out,
            stderr=self.err,
            env=dict(os.environ, GUST_PLUGIN_PATH=str(
                BUILD / "tests" / "plugins"), **environment),
            preexec_fn=limit and (lambda: resource.setrlimit(
                resource.RLIMIT_NOFILE, (limit, limit))))

    def said(self):
        return so_far(self.err).decode(errors="replace")

    def pids(self):
        """The parent and its worker."""
        pid = self.process.pid
        path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        return [pid, *map(int, path.read_text().split())]

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())

    def memory(self):
        """Resident bytes of its worker."""
        status = pathlib.Path(f"/proc/{self.pids()[-1]}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) << 10

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


class Cluster:
    """Two hosts with relays between them; an exit ends all of it."""

    def __init__(self, keys=None):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.relays = relays()
        (self.folder / "hosts.yaml").write_text("".join(
            f"- {{name: {name}, address: 127.0.0.1, bind: {address}, "
            f"port: {self.relays[name].port}}}\n"
            for name, address in WHERE.items()))
        self.key = self.new_key("key")
        self.hosts = {}

    def new_key(self, name):
        path = self.folder / name
        subprocess.run([GUST, "keygen", path], check=True,
                       stdout=subprocess.DEVNULL)
        return path

    def start(self, name, *args, **named):
        self.hosts[name] = Host(self.folder, name, *args, **named)
        return self.hosts[name]

    def poll(self, condition, what, limit=90):
        end = time.monotonic() + limit * PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"{what} did not come about\n" + self.show())
            time.sleep(0.01)

    def show(self):
        return "\n".join(f"host {name}:\n{host.said()[-2000:]}"
                         for name, host in self.hosts.items())

    def expect(self, found, expected, what):
        if found != expected:
            raise Failed(f"{what} is {found!r}, expected {expected!r}\n"
                         + self.show())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for host in self.hosts.values():
            if host.process.poll() is None:
                host.kill()
        for relay in self.relays.values():
            relay.close()


def connect(relay, greeting=GREETING, limit=5):
    end = socket.create_connection((relay.address, relay.port), limit)
    with contextlib.suppress(OSError):
        end.sendall(greeting)
    return end


class Crowd:
    """Strangers that stay. The library hangs up on whoever it has not greeted
    within a second, which happens where it waits for a core: another one
    comes then."""

    def __init__(self, cluster, host, data=b""):
        self.cluster = cluster
        self.host = cluster.hosts[host]
        self.relay = cluster.relays[host]
        self.data = data
        self.begun = self.host.descriptors()
        self.there = []

    def come(self):
        """One more."""
        end = connect(self.relay, limit=90 * PATIENCE)
        with contextlib.suppress(OSError):
            end.sendall(self.data)
        end.setblocking(False)
        self.there.append(end)

    def left(self, end):
        """Whether the worker has hung up on one."""
        try:
            while end.recv(4096):
                pass
        except BlockingIOError:
            return False
        except OSError:
            pass
        end.close()
        return True

    def gather(self, count):
        """Waits until so many are there."""
        def all_there():
            self.there = [end for end in self.there if not self.left(end)]
            while len(self.there) < count:
                self.come()
            return self.host.descriptors() >= self.begun + count
        self.cluster.poll(all_there, "a descriptor each")

    def close(self):
        """All of them leave."""
        for end in self.there:
            end.close()


def message(data, size=None):
    return struct.pack(">Q", len(data) if size is None else size) + data


def tell(relay, *messages):
    """Says these in a row; the worker may hang up whenever it likes."""
    with connect(relay) as end, contextlib.suppress(OSError):
        for data in messages:
            end.sendall(data)
        end.shutdown(socket.SHUT_WR)
        end.settimeout(0.2)
        while end.recv(4096):
            pass


def greet_badly(relay, dice):
    for greeting in (b"", b"\0SP", b"\0SP\1\0\x50\0\0", b"\0SP\0\0\x10\0\0",
                     b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                     dice.randbytes(8), dice.randbytes(5000)):
        connect(relay, greeting).close()


def talk_nonsense(relay, dice):
    sizes = (0, 1, 8, HEADER - 1, HEADER, HEADER + SEAL - 1, HEADER + SEAL,
             1000, MESSAGE_MAX)
    tell(relay, *(message(dice.randbytes(size)) for size in sizes))


def claim_much(relay, dice):
    for size in (MESSAGE_MAX + 1, 1 << 31, 1 << 40, (1 << 63) - 1,
                 (1 << 64) - 1):
        tell(relay, message(dice.randbytes(100), size))


def header(size, seal, kind, to, version):
    return struct.pack(FRAME, 0x54535547, version, kind, 0, size, 1 - to, to, 7,
                       0 if kind == 1 else 7, 1, 0, 0, 0, 1, 0, seal)


def forge(relay, dice):
    """Frames as they should be but for the key, which has an id anyone can
    see; plain ones; and those of another version, which greet in vain."""
    to = 0 if relay.address == WHERE["a"] else 1
    heard = struct.unpack(FRAME, relay.heard[0][:HEADER])
    version, seal = heard[1], heard[-1]
    frames = []
    for kind, told in itertools.product(range(9), (version, version - 1)):
        for claim in (seal, 0, 1):
            for size, real in ((64, 64), (64, 10), (64, 200),
                               (0xffffffff, 64)):
                begin = header(size, claim, kind, to, told)
                frames.append(message(begin + dice.randbytes(real + SEAL)))
    tell(relay, *frames)


def replay(relay, dice, others):
    """What was heard: again, backwards, with a bit flipped, cut, and what was
    meant for the other one."""
    heard = list(relay.heard)
    flipped = []
    for data in heard[:300]:
        bit = dice.randrange(len(data) * 8)
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        flipped.append(bytes(changed))
    cut = [data[:dice.randrange(len(data))] for data in heard[:100]]
    for story in (heard, heard[::-1], flipped, cut, others.heard[:300]):
        tell(relay, *map(message, list(story)))


class Feeder(threading.Thread):
    """Writes lines to a spout, and counts what it wrote."""

    def __init__(self, file):
        super().__init__(daemon=True)
        self.file = file
        self.words = collections.Counter()
        self.over = threading.Event()

    def run(self):
        dice = random.Random(7)
        while not self.over.is_set():
            words = dice.choices(WORDS, k=2000)
            self.words.update(words)
            lines = (b" ".join(words[i:i + 10]) for i in range(0, 2000, 10))
            try:
                self.file.write(b"\n".join(lines) + b"\n")
                self.file.flush()
            except OSError:
                return
            time.sleep(0.002)
        self.file.close()

    def end(self):
        self.over.set()
        self.join()


def secret(cluster):
    return cluster.key.read_text().strip()


def started(cluster, limit=None):
    """A run that has something to do, and its feeder; `limit` is that of the
    descriptors of host b."""
    a = cluster.start("a", cluster.key)
    b = cluster.start("b", limit=limit,
                      GUST_CLUSTER_KEY=secret(cluster))
    b.process.stdin.close()
    feeder = Feeder(a.process.stdin)
    feeder.start()
    cluster.poll(lambda: all(len(relay.heard) > 200
                             for relay in cluster.relays.values()),
                 "a conversation")
    return feeder


def expect_right(cluster, feeder):
    """The counts are those of the words that were written; nobody died."""
    feeder.end()
    for name, host in cluster.hosts.items():
        cluster.expect(host.process.wait(LIMIT), 0, f"the exit code of {name}")
    out = cluster.hosts["a"].out
    out.seek(0)
    found = dict(line.split(b"\t") for line in out.read().splitlines())
    cluster.expect({word: int(n) for word, n in found.items()},
                   dict(feeder.words), "what was counted")


@test
def strangers_achieve_nothing():
    dice = random.Random(os.environ.get("SEED", "1"))
    with Cluster() as cluster:
        feeder = started(cluster)
        a, b = cluster.relays["a"], cluster.relays["b"]
        pids = [host.pids() for host in cluster.hosts.values()]
        before = [len(relay.heard) for relay in (a, b)]
        for _ in range(20 if FULL else 3):
            for relay, other in ((a, b), (b, a)):
                greet_badly(relay, dice)
                talk_nonsense(relay, dice)
                claim_much(relay, dice)
                forge(relay, dice)
                replay(relay, dice, other)
        cluster.expect([host.pids() for host in cluster.hosts.values()], pids,
                       "the processes")
        if min(before) == 0 or sum(feeder.words.values()) < 10000:
            raise Failed("hardly anything was said\n" + cluster.show())
        expect_right(cluster, feeder)
        for host in cluster.hosts.values():
            port = f"tcp://{WHERE[host.name]}:{cluster.relays[host.name].port}"
            cluster.expect(f"{port}: dropped messages of strangers: "
                           in host.said(), True, "a complaint of its port")
            for fault in FAULTS:
                cluster.expect(fault in host.said(), True,
                               f"a complaint about messages '{fault}'")


@test
def what_a_stranger_costs():
    """Connections that say nothing, and such that never end a message: a
    descriptor each, and the bytes that they have sent. It is all given back."""
    silent, slow = 200, 40
    with Cluster() as cluster, contextlib.ExitStack() as stack:
        feeder = started(cluster)
        host = cluster.hosts["b"]
        descriptors, memory = host.descriptors(), host.memory()
        mute = stack.enter_context(contextlib.closing(Crowd(cluster, "b")))
        mute.gather(silent)
        quiet = host.memory() - memory
        begun = host.memory()
        loud = stack.enter_context(contextlib.closing(Crowd(
            cluster, "b", message(bytes(MESSAGE_MAX - 1), MESSAGE_MAX))))

        def filled_up():
            loud.gather(slow)
            return host.memory() - begun >= slow * MESSAGE_MAX * 9 // 10

        cluster.poll(filled_up, "memory that strangers have filled")
        filled = host.memory() - begun
        stack.close()
        cluster.poll(lambda: host.descriptors() <= descriptors + 2,
                     "an end of the connections")
        # What else the run takes in this time is not theirs.
        if filled > slow * MESSAGE_MAX * 3 + (64 << 20):
            raise Failed(f"{slow} connections cost {filled} bytes\n"
                         + cluster.show())
        print(f"a stranger costs a descriptor, {max(quiet, 0) // silent} "
              f"bytes for silence, {filled // slow} for a message of "
              f"{MESSAGE_MAX} that does not end", flush=True)
        expect_right(cluster, feeder)


@test
def descriptors_that_run_out():
    """More strangers than a worker has descriptors: it says so, goes on with
    the connections that it has, and takes new ones when they have left."""
    with Cluster() as cluster, contextlib.ExitStack() as stack:
        feeder = started(cluster, limit=200)
        host, relay = cluster.hosts["b"], cluster.relays["b"]

        def crowd(count):
            # The last ones wait to be accepted, and then nobody can.
            with contextlib.suppress(TimeoutError):
                for _ in range(count):
                    stack.enter_context(connect(relay, limit=0.5))
            return "descriptors are in use" in host.said()

        crowd(400)
        cluster.poll(lambda: crowd(1), "a warning")
        heard = relay.count
        cluster.poll(lambda: relay.count > heard + 20, "anything said")
        stack.close()
        with connect(relay) as end:
            end.sendall(message(b"hello?"))
        expect_right(cluster, feeder)


@test
def the_key_is_nowhere():
    with Cluster() as cluster:
        feeder = started(cluster)
        key = secret(cluster).encode()
        for host in cluster.hosts.values():
            for pid in host.pids():
                for name in "environ", "cmdline":
                    data = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                    cluster.expect(key in data, False, f"the key in {name}")
        expect_right(cluster, feeder)
        for host in cluster.hosts.values():
            cluster.expect(key.decode() in host.said(), False,
                           "the key in the log")


@test
def another_key_is_told():
    with Cluster() as cluster:
        cluster.start("a", cluster.key)
        cluster.start("b", cluster.new_key("other"))
        for host in cluster.hosts.values():
            cluster.poll(lambda host=host: "has key " in host.said(),
                         "a word about the keys")


@test
def without_a_key_all_stays_here():
    with Cluster() as cluster:
        hosts = cluster.folder / "hosts.yaml"
        hosts.write_text(hosts.read_text().replace("bind: 127.0.0.3",
                                                   "bind: 0.0.0.0"))
        a = cluster.start("a")
        cluster.poll(lambda: a.process.poll() is not None, "a refusal")
        cluster.expect(a.process.returncode in (1, 2), True, "a failure")
        if "takes a key, expected '--key FILE'" not in a.said():
            raise Failed("no word about keys\n" + cluster.show())
