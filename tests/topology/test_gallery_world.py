# SPDX-License-Identifier: MIT
"""Programs beside a topology, and sockets."""

import collections
import os
import pathlib
import random
import re
import signal
import socket
import threading

from harness import (FULL, PATIENCE, SOURCE, Failed, Gust, dead_letters,
                     expect, expect_balance, expect_code, expect_in, gust,
                     so_far, store, test, ways)

TOPOLOGIES = SOURCE / "topologies"
LINKS = TOPOLOGIES / "data" / "links.py"


def put(lines):
    return store(b"".join(line + b"\n" for line in lines))


def text_with_links(count, seed):
    """Lines, and how often each host is in them: what was put there."""
    rng = random.Random(seed)
    hosts = [f"host-{n}.example{rng.choice(['', ':8080'])}"
             for n in range(50)]
    found = collections.Counter()
    lines = []
    for _ in range(count):
        words = [rng.choice(["a", "Zürich", '"quoted"', "\\", "<b>", ""])
                 for _ in range(rng.randint(0, 6))]
        for _ in range(rng.choice([0, 0, 1, 1, 3])):
            host = rng.choice(hosts)
            found[host] += 1
            words.append(f"{rng.choice(['http', 'https'])}://"
                         f"{host.title()}/{rng.randint(1, 9)}?q=%20&x=1")
        rng.shuffle(words)
        lines.append(" ".join(words).encode())
    return lines, found


def counted(run):
    return {host.decode(): int(n) for n, host in
            (line.split(b"\t") for line in run.lines)}


@test
def python():
    for way in ways():
        # Less where no more than one batch may be on its way.
        count = 2_000 if "--set" in way else 200_000 if FULL else 20_000
        lines, found = text_with_links(count, 1)
        path = put(lines)
        run = gust(TOPOLOGIES / "python.yaml", *way, input=path, script=LINKS)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, counted(run), dict(found), "the hosts")


@test
def python_says_what_is_wrong():
    lines = [b"see http://good.example/ here", b"see http://bad.example:99999/",
             b"no link", b"and http://[bad/"]
    run = gust(TOPOLOGIES / "python.yaml", "--set",
               "topology.replay.backoff.ms=1", input=put(lines), script=LINKS)
    expect_balance(run)
    expect(run, counted(run), {"good.example": 1}, "the hosts")
    letters = {letter["reason"] for letter in dead_letters(run)}
    expect(run, letters, {"no link: Port out of range 0-65535",
                          "no link: Invalid IPv6 URL"}, "the reasons")


def children(pid):
    """The processes that a process has started, from any of its threads."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found += (task / "children").read_text().split()
        except OSError:
            pass
    return [int(child) for child in found]


def two_children(run):
    """Those of a run of child.yaml, when both are there."""
    run.poll(lambda: len(children(run.process.pid)) == 2, "the children")
    return children(run.process.pid)


@test
def lines_through_programs():
    """A program that writes, and one that drops lines or changes them."""
    for way in ways():
        count = 2_000 if "--set" in way else 100_000 if FULL else 10_000
        expected = sorted(b"<%d>" % n for n in range(1, count + 1)
                          if b"7" not in b"%d" % n)
        run = gust("programs", *way, count=count)
        expect_code(run, 0)
        expect_balance(run)
        expect(run, run.lines, expected, "the lines")


ECHO = """
import json, sys
for x in map(json.loads, sys.stdin):
    print(json.dumps({"id": x["id"], "emit": [x["tuple"]]}), flush=True)
"""


@test
def killed_children_lose_nothing():
    lines = [b"line %d" % n for n in range(200_000 if FULL else 20_000)]
    rng = random.Random(3)
    run = Gust("child", input=put(lines), script=ECHO)
    done = os.fstat(run.out.fileno())
    killed = 0
    for _ in range(20 if FULL else 6):
        # It goes on after each blow.
        before = done.st_size

        def more():
            return os.fstat(run.out.fileno()).st_size > before + 15_000

        run.poll(more, "more output", 60)
        done = os.fstat(run.out.fileno())
        victims = children(run.process.pid)
        if victims:
            os.kill(rng.choice(victims), signal.SIGKILL)
            killed += 1
    result = run.wait()
    expect_code(result, 0)
    expect_balance(result)
    expect(result, killed >= 5, True, f"{killed} kills, enough of them")
    expect(result, set(result.lines), set(lines), "the lines")
    expect_in(result, b"has ended with signal 9, Killed", result.err,
              "the log")
    failed = result.counts("text")["trees_failed"]
    expect(result, failed > 0, True, "that some tuples failed")


POISON = """
import json, os, sys
for x in map(json.loads, sys.stdin):
    if x["tuple"]["line"] == "poison":
        os._exit(9)
    print(json.dumps({"id": x["id"], "emit": [x["tuple"]]}), flush=True)
"""


@test
def a_tuple_that_kills_its_child_goes_alone():
    lines = [b"line %d" % n for n in range(3_000)]
    lines[1_000:1_000] = [b"poison"]
    run = gust("child", input=put(lines), script=POISON)
    expect_balance(run)
    expect(run, set(run.lines), set(lines) - {b"poison"}, "the lines")
    letters = dead_letters(run)
    expect(run, [letter["reason"] for letter in letters],
           ["'python3' has ended with exit status 9"], "the dead letters")


@test
def children_end_where_sigchld_was_ignored():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        run = Gust("child", input=put([b"poison", b"line"]), script=POISON)
    finally:
        signal.signal(signal.SIGCHLD, before)
    result = run.wait()
    expect_balance(result)
    expect(result, result.lines, [b"line"], "the lines")
    expect_in(result, b"has ended with exit status 9", result.err, "the log")


SLOW = """
import json, sys, time
for x in map(json.loads, sys.stdin):
    time.sleep(0.002)
    print(json.dumps({"id": x["id"]}), flush=True)
"""


@test
def a_slow_child_is_waited_for_at_a_stop():
    lines = [b"line %d" % n for n in range(1_000_000)]
    run = Gust("child", "--set", "topology.max.spout.pending=500",
               input=put(lines), script=SLOW)
    pids = two_children(run)
    run.signal(signal.SIGINT)
    result = run.wait()
    expect_balance(result)
    expect(result, result.counts()["aborted"], 0, "what was aborted")
    for pid in pids:
        expect(result, pathlib.Path(f"/proc/{pid}").exists(), False,
               f"whether child {pid} is there")


@test
def children_die_with_gust():
    run = Gust("child", input=put([b"line"]), script="import time; "
               "print(flush=True) if 0 else time.sleep(1000)")
    pids = two_children(run)
    run.process.kill()
    run.process.wait()
    for pid in pids:
        for _ in range(2000 * PATIENCE):
            status = pathlib.Path(f"/proc/{pid}/stat")
            try:
                if status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                    break
            except OSError:
                break
            threading.Event().wait(0.005)
        else:
            raise Failed(f"child {pid} lives on")


class Sink:
    """Takes connections one after the other, and keeps what comes."""

    def __init__(self, family=socket.AF_INET, at=("127.0.0.1", 0)):
        self.server = socket.socket(family)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(at)
        self.server.listen()
        self.data = bytearray()
        self.breaks = []  # hang up after so many bytes
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.server.accept()
            taken = 0
            with peer:
                while piece := peer.recv(65536):
                    self.data += piece
                    taken += len(piece)
                    if self.breaks and taken >= self.breaks[0]:
                        self.breaks.pop(0)
                        self.data += b"\n"
                        break

    @property
    def url(self):
        return "tcp://%s:%d" % self.server.getsockname()

    @property
    def lines(self):
        return bytes(self.data).split(b"\n")


def port_of(run):
    """Where it listens, when the log tells."""
    place = []

    def told():
        found = re.search(rb"listens on \w+://\S*?:?(\d+)\n",
                          so_far(run.err))
        if found:
            place.append(int(found[1]))
        return bool(place)

    run.poll(told, "the port")
    return place[0]


@test
def sockets_lose_nothing_while_all_live():
    sink = Sink()
    run = Gust("socket", listen="tcp://127.0.0.1:0", connect=sink.url)
    port = port_of(run)
    count = 50_000 if FULL else 10_000

    def send(name):
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(b"".join(b"%s %d\n" % (name, n)
                                  for n in range(count)))

    names = [b"sender-%d" % n for n in range(5)]
    threads = [threading.Thread(target=send, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    expected = {b"%s %d" % (name, n) for name in names for n in range(count)}
    run.poll(lambda: sink.data.count(b"\n") >= len(expected), "all lines")
    for thread in threads:
        thread.join()
    run.signal(signal.SIGINT)
    result = run.wait()
    expect_balance(result)
    expect(result, sorted(sink.lines[:-1]), sorted(expected), "the lines")


@test
def a_sink_that_hangs_up_is_sent_to_again():
    sink = Sink()
    sink.breaks = [100_000, 200_000, 50_000]
    run = Gust("socket", listen="tcp://127.0.0.1:0", connect=sink.url)
    port = port_of(run)
    sent = 0
    with socket.create_connection(("127.0.0.1", port)) as peer:
        # What the system has taken when it hangs up is lost, not the rest.
        while sink.breaks:
            peer.sendall(b"".join(b"line %d\n" % n
                                  for n in range(sent, sent + 1_000)))
            sent += 1_000
        peer.sendall(b"end\n")
    run.poll(lambda: b"end" in sink.lines, "the last line")
    run.signal(signal.SIGINT)
    result = run.wait()
    expect_balance(result)
    expect(result, result.counts()["trees_acked"], sent + 1, "what was acked")
    expect_in(result, b"is connected to 127.0.0.1:", result.err, "the log")


@test
def datagrams_are_emitted_or_counted():
    sink = Sink()
    run = Gust("socket", listen="udp://127.0.0.1:0", connect=sink.url)
    port = port_of(run)
    count = 20_000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect(("127.0.0.1", port))
        for n in range(count):
            peer.send(b"%d" % n)
        # After a pause, so that this one is not lost.
        run.poll(lambda: len(sink.data) > 0, "the first")
        while b"end" not in sink.lines:
            peer.send(b"end")
            run.poll(lambda: True, "it lives")
    run.signal(signal.SIGINT)
    result = run.wait()
    expect_balance(result)
    came = [line for line in sink.lines if line not in (b"end", b"")]
    expect(result, len(set(came)), len(came), "that none came twice")
    metrics = result.component("in")["metrics"]
    lost = metrics["counters"]["lost_datagrams"]
    expect(result, len(came) + lost >= count, True,
           f"{len(came)} and {lost} lost, at least {count}")
