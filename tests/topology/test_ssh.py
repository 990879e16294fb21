# SPDX-License-Identifier: MIT
"""gust run --ssh, with a shell in the place of ssh and of gust on the hosts."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import (GUST, LIMIT, Failed, Run, expect, expect_code, expect_in,
                     test)

TOPOLOGY = """
name: t
spouts: {id: in, plugin: lines, options: {files: "${input:-a}"}, parallelism: 3}
bolts: {id: out, plugin: "null", parallelism: 3}
streams: {from: in, to: out}
"""
HOSTS = """
- {name: a, address: 10.0.0.1, port: 7000}
- {name: b, address: b.example.org, port: 7000}
- {name: c, address: "::1", port: 7000}
"""
# sshd gives its shells the default signals.
SSH = """#!/bin/sh
echo "$1" >>addresses
exec env --default-signal=INT,TERM sh -c "cd /; $2"
"""
WORKER = """#!/bin/sh
cat >stdin
trap 'echo stopped by TERM >&2; exit 3' TERM
{ printf 'said '; printf '%s|' "$@"; echo; } >&2
echo "$PWD"
[ ! -e "$3.code" ] || [ ! -e wait ] ||
	while [ ! -e a.ready ] || [ ! -e c.ready ]; do sleep 0.01; done
[ ! -e "$3.code" ] || exit "$(cat "$3.code")"
[ -e wait ] || { printf 'no end of line' >&2; exit 0; }
touch "$3.ready"
while :; do sleep 0.05; done
"""


class Place:
    """A folder with the files, and runs in it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="it's "))
        (self.folder / "bin").mkdir()
        for name, text in (("ssh", SSH), ("gust", WORKER)):
            path = self.folder / "bin" / name
            path.write_text(text)
            path.chmod(0o755)
        self.write("t.yaml", TOPOLOGY)
        self.write("hosts.yaml", HOSTS)

    def write(self, name, text=""):
        (self.folder / name).write_text(text)

    def start(self, *words, **environment):
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        args = [GUST, "run", "--ssh", "--hosts", "hosts.yaml", *words]
        return args, subprocess.Popen(
            args, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, PATH=path, **environment))

    def wait(self, started):
        args, process = started
        out, err = process.communicate(timeout=LIMIT)
        return Run(args, process.returncode, out, err, None)

    def run(self, *words, **environment):
        return self.wait(self.start(*words, **environment))

    def wait_for(self, *names):
        deadline = time.monotonic() + LIMIT
        while not all((self.folder / name).exists() for name in names):
            if time.monotonic() > deadline:
                raise Failed(f"{names} did not come")
            time.sleep(0.01)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@test
def each_host_gets_its_part():
    place = Place()
    odd = "input=it's \"$HOME\" `id` \\ *"
    run = place.run("-D", odd, "--set", "topology.executors=2", "t.yaml")
    expect_code(run, 0)
    # One line each, from the same folder.
    expect(run, run.out.decode().splitlines(), [str(place.folder)] * 3,
           "the output")
    for host in "abc":
        expect_in(run, f"{host}: said worker|--host|{host}|--hosts|hosts.yaml|"
                  f"-D|{odd}|--set|topology.executors=2|t.yaml|\n",
                  run.err.decode(), "stderr")
        expect_in(run, f"{host}: no end of line\n", run.err.decode(),
                  "stderr")
    addresses = (place.folder / "addresses").read_text().split()
    expect(run, sorted(addresses), ["10.0.0.1", "::1", "b.example.org"],
           "the addresses")


@test
def a_part_that_fails_stops_the_others():
    place = Place()
    place.write("wait")
    place.write("b.code", "7")
    run = place.run("t.yaml")
    expect_code(run, 7)
    for line in (b"host 'b' ended with exit code 7, so the others are stopped",
                 b"a: stopped by TERM\n", b"c: stopped by TERM\n"):
        expect_in(run, line, run.err, "stderr")


@test
def dead_letters_stop_nobody():
    place = Place()
    place.write("b.code", "3")
    run = place.run("t.yaml")
    expect_code(run, 3)
    expect(run, b"stopped" in run.err, False, "that others were stopped")


@test
def signals_reach_the_parts():
    for number in signal.SIGTERM, signal.SIGINT:
        place = Place()
        place.write("wait")
        started = place.start("t.yaml")
        place.wait_for("a.ready", "b.ready", "c.ready")
        started[1].send_signal(number)
        run = place.wait(started)
        expect_code(run, 3)
        expect(run, run.err.count(b": stopped by TERM\n"), 3,
               "how many were stopped")


@test
def the_parts_end_with_it():
    place = Place()
    place.write("wait")
    _, process = place.start("t.yaml")
    place.wait_for("a.ready", "b.ready", "c.ready")
    process.kill()
    # The pipe of its output is theirs, too.
    out = process.stdout.read()
    process.wait(LIMIT)
    if out.count(b"\n") != 3:
        raise Failed(f"the output is {out!r}")


@test
def what_cannot_be_started_is_said():
    place = Place()
    run = place.run("t.yaml", GUST_SSH="no-such-program")
    expect_code(run, 127)
    expect_in(run, b"a: 'no-such-program' cannot be started: No such file or "
              b"directory\n", run.err, "stderr")


@test
def what_ssh_cannot_do_is_refused():
    place = Place()
    for words, reason in (
            (["-"], b"a topology from standard input is not possible"),
            (["--report", "r", "t.yaml"], b"'--report' is not possible"),
            (["--max-tuples", "5", "t.yaml"], b"'--max-tuples' is not")):
        run = place.run(*words)
        expect_code(run, 2)
        expect_in(run, reason, run.err, "stderr")


WORDS = """
name: words
spouts: {id: text, plugin: lines, options: {files: in.txt}}
bolts:
  - {id: split, plugin: split, parallelism: 4}
  - {id: count, plugin: count, parallelism: 2, options: {by: [word], emit: final}}
  - {id: out, plugin: write_lines, hosts: b, options: {path: "${out}", template: "{word} {count}"}}
streams:
  - {from: text, to: split}
  - {from: split, to: count, grouping: {type: fields, args: [word]}}
  - {from: count, to: out}
"""


def words_place():
    """With the true gust on two hosts of this machine."""
    place = Place()
    ports = free_ports(2)
    place.write("t.yaml", WORDS)
    place.write("in.txt", "".join(f"one word {n % 7}\n" for n in range(3000)))
    place.write("hosts.yaml", "".join(
        f"- {{name: {name}, address: 127.0.0.1, port: {port}}}\n"
        for name, port in zip("ab", ports)))
    # cd of the fake ssh is for plugins, too.
    place.write("bin/gust", f"#!/bin/sh\nexec {shlex.quote(str(GUST))} \"$@\"\n")
    return place


def expect_words(place, run):
    lines = sorted((place.folder / "out.txt").read_text().splitlines())
    count = {str(n): len(range(n, 3000, 7)) for n in range(7)}
    count.update(one=3000, word=3000)
    expect(run, lines, sorted(f"{word} {n}" for word, n in count.items()),
           "the counts")


@test
def two_hosts_count_what_one_counts():
    place = words_place()
    run = place.run("-D", f"out={place.folder}/out.txt", "t.yaml")
    expect_code(run, 0)
    for host in b"ab":
        expect_in(run, b"%c: words: done, all sources have ended" % host,
                  run.err, "stderr")
    expect_words(place, run)


@test
def hosts_may_start_in_any_order():
    place = words_place()
    for first, second in ("ab", "ba"):
        args = [GUST, "worker", "--hosts", "hosts.yaml", "-D", "out=out.txt",
                "t.yaml", "--host"]
        begun = subprocess.Popen([*args, first], cwd=place.folder,
                                 stderr=subprocess.PIPE)
        # It waits and says for whom.
        seen = begun.stderr.readline()
        run = subprocess.run([*args, second], cwd=place.folder, check=False,
                             capture_output=True, timeout=LIMIT)
        err = seen + begun.communicate(timeout=LIMIT)[1]
        run = Run([*args, second], run.returncode, run.stdout, run.stderr + err,
                  None)
        expect_code(run, 0)
        expect(run, begun.returncode, 0, "the exit code of the first one")
        expect_words(place, run)
        (place.folder / "out.txt").unlink()


# Its spout does not end.
STANDING = """
name: standing
spouts: {id: in, plugin: exec, options: {command: [sh, -c, "seq 300; exec sleep 600"]}}
bolts:
  - {id: wide, plugin: select, parallelism: 4}
  - {id: out, plugin: "null", host: b}
streams: [{from: in, to: wide}, {from: wide, to: out}]
"""


def expect_status(environment, deadline, fits, *lines):
    """Waits until what `gust status --json` says fits, and the text has such
    lines."""
    while True:
        found, text = (
            subprocess.run([GUST, "status", *how], check=False, text=True,
                           capture_output=True, timeout=LIMIT,
                           env=environment).stdout for how in (["--json"], []))
        runs = {run["host"]: run for run in json.loads(found)}
        if fits(runs) and all(re.search(f"^{line}", text, re.M)
                              for line in lines):
            return
        if time.monotonic() > deadline:
            raise Failed(f"gust status says {found}{text}, expected {lines}")
        time.sleep(0.02)


@test
def each_host_shows_the_tasks_of_all():
    place = words_place()
    place.write("t.yaml", STANDING)
    # Paths of sockets are short.
    runtime = tempfile.mkdtemp(dir="/tmp")
    environment = dict(os.environ, XDG_RUNTIME_DIR=runtime)
    deadline = time.monotonic() + LIMIT
    args = [GUST, "worker", "--hosts", "hosts.yaml", "--set",
            "topology.worker.timeout.secs=1", "t.yaml", "--host"]
    running = {}
    try:
        running["b"] = subprocess.Popen([*args, "b"], cwd=place.folder,
                                        env=environment,
                                        stderr=subprocess.DEVNULL)
        # Of a host that was not heard of nothing is said, not zero.
        expect_status(environment, deadline, lambda runs: "b" in runs,
                      r" *in +1 +- +- +- +- +unknown$")
        running["a"] = subprocess.Popen([*args, "a"], cwd=place.folder,
                                        env=environment,
                                        stderr=subprocess.DEVNULL)
        expect_status(environment, deadline, lambda runs: len(runs) == 2
                      and all(done(run) for run in runs.values()),
                      r"standing: host a, process \d+", r" *in +1 +300 +300 ",
                      r" *wide +4 +300 +300 ", r" *out +1 +0 +300 ",
                      r" *0 +a +running .*all up", r" *1 +b +elsewhere +- ")
        # What was told is kept when its teller is gone, and the state is not.
        running["a"].kill()
        running["a"].wait()
        expect_status(environment, deadline, lambda runs: len(runs) == 1 and
                      runs["b"]["components"][0]["state"] == "unknown" and
                      runs["b"]["components"][0]["counts"]["roots"] == 300,
                      r" *1 +b +running .* waiting for 0: \d")
    finally:
        for process in running.values():
            process.kill()
            process.wait()
        shutil.rmtree(runtime, ignore_errors=True)


def done(run):
    """All of the 300 tuples were counted, and by whom they should be."""
    by = {component["id"]: component for component in run["components"]}
    return (by["in"]["counts"]["trees_acked"] == 300
            and by["out"]["counts"]["acked"] == 300
            and by["wide"]["counts"]["acked"] == 300
            and all((task["host"] != run["host"]) == ("told_ns_ago" in task)
                    for task in by["wide"]["by_task"])
            and by["wide"]["tasks_known"] == 4)


@test
def a_host_without_a_task_has_nothing_to_do():
    place = words_place()
    place.write("t.yaml", WORDS.replace("parallelism: 4", "parallelism: 2"))
    place.write("hosts.yaml", (place.folder / "hosts.yaml").read_text()
                + "- {name: c, address: 127.0.0.1, port: 1}\n")
    for host, code, reason in (("c", 0, b"no task falls to host 'c'"),
                               ("z", 2, b"no host is named 'z'")):
        args = [GUST, "worker", "--hosts", "hosts.yaml", "--host", host,
                "-D", "out=out.txt", "t.yaml"]
        run = subprocess.run(args, cwd=place.folder, check=False,
                             capture_output=True, timeout=LIMIT)
        run = Run(args, run.returncode, run.stdout, run.stderr, None)
        expect_code(run, code)
        expect_in(run, reason, run.err, "stderr")
