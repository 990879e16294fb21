# SPDX-License-Identifier: MIT
"""Workers that die, what comes of it, and what a parent has to do besides."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from harness import (FULL, BUILD, GUST, HERE, PATIENCE, SANITIZE, Gust,
                     dead_letters, each, expect, expect_balance, expect_code,
                     expect_in, gust, lives, test)

QUICKLY = ("--set", "topology.replay.backoff.ms=1", "--executors", "1")


def workers(parent):
    """The processes of its workers by number."""
    found = {}
    for task in pathlib.Path("/proc").iterdir():
        try:
            name, rest = (task / "stat").read_text().rsplit(")", 1)
        except (OSError, ValueError):
            continue
        state, ppid = rest.split()[:2]
        name = name.split("(", 1)[1]
        if (int(ppid) == parent and name.startswith("gust-worker-")
                and state != "Z"):
            found[int(name.rsplit("-", 1)[1])] = int(task.name)
    return found


def collected(run):
    folder = pathlib.Path(run.args[run.args.index("--report") + 1]).parent
    return [int(line.split()[1]) for line in (folder / "out").open()]


def missing(run, count, without=()):
    """What lacks in the output, and what should not be there."""
    return sorted(set(range(count)) - set(without) ^ set(collected(run)))


class Running(Gust):
    """A run whose output grows in a file."""

    def size(self):
        try:
            return (self.folder / "out").stat().st_size
        except OSError:
            return 0

    def poll_growth(self, what, by=1):
        size = self.size() + by
        self.poll(lambda: self.size() >= size, what)

    def kill(self, worker, number=signal.SIGKILL):
        """Kills a worker and waits for the next one with its number."""
        pid = workers(self.process.pid)[worker]
        os.kill(pid, number)
        self.poll(lambda: workers(self.process.pid).get(worker, pid) != pid,
                  f"a new worker {worker}")


@each(worker=[0, 1])
def a_killed_worker_is_started_again_and_nothing_lacks(worker):
    count = 40000
    with_slow = dict(count=count, each="30us")
    run = Running("crash", *QUICKLY, **with_slow)
    for _ in range(3):
        run.poll_growth("output", by=5000)
        run.kill(worker)
    run = run.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, missing(run, count), [], "what lacks")
    expect(run, run.counts()["lost"], 0, "lost")
    restarts = [w["restarts"] for w in run.report["workers"]]
    expect(run, restarts[worker], 3, "restarts")
    expect(run, sum(restarts), 3, "all restarts")
    expect_in(run, b"worker %d was killed by SIGKILL" % worker, run.err,
              "the log")
    # The parent says so once, not each of the others as well.
    expect(run, b"killed by SIGKILL\n" in run.err, False, "an echo in the log")


@each(isolate=["false", "true"])
def a_poison_tuple_ends_as_a_dead_letter(isolate):
    """Also where the spout's ledger dies with it; its neighbours do not."""
    count, at = 300, 100
    run = gust("crash", *QUICKLY, "--set", "topology.replay.max.attempts=3",
               count=count, every=count, at=at, isolate=isolate)
    expect_code(run, 3)
    expect_balance(run)
    expect(run, missing(run, count, without=[at]), [], "what lacks")
    expect(run, run.counts()["dead_lettered"], 1, "dead_lettered")
    letter, = dead_letters(run)
    expect(run, letter["fields"]["n"], at, "the letter")
    # The last one may have begun before it was known that there was none left.
    expect(run, letter["attempts"] in (3, 4), True, "three or four attempts")
    # A sanitizer has the handler, and exits.
    expect_in(run, "exited with code" if SANITIZE else
              "was killed by SIGSEGV while 'crash' executed it",
              letter["reason"], "its reason")
    expect(run, 3 <= sum(w["restarts"] for w in run.report["workers"]) <= 5,
           True, "three restarts, or a few more,")
    if not SANITIZE:
        expect_in(run, b"in crash[0] execute()", run.err, "what it says")


# Numbers of which one kills: as they are, or in trees of their own.
POISON = """
name: poison
config: {topology.executors: 1, topology.replay.backoff.ms: 1,
         topology.replay.max.attempts: 3}
spouts:
  - {id: numbers, plugin: count_to, FAR,
     options: {count: "${count}", replay: position}}
bolts:
  - {id: delay, plugin: delay, options: {by: 1ms}, NEAR}
  - {id: crash, plugin: crash, options: {every: "${count}", at: "${at}"}, NEAR}
  - {id: collect, plugin: collect, options: {path: out}, OUT}
streams:
  - {from: numbers, to: FIRST}
  - {from: delay,   to: crash}
  - {from: crash,   to: collect}
"""


def poison(first, far, near="isolate: false", out="isolate: true"):
    """A folder with such a topology."""
    folder = pathlib.Path(tempfile.mkdtemp())
    text = POISON
    if first != "delay":
        text = "\n".join(line for line in text.splitlines()
                         if "delay" not in line)
    (folder / "poison.yaml").write_text(
        text.replace("FAR", far).replace("NEAR", near).replace("OUT", out)
        .replace("FIRST", first))
    return folder


def expect_one_letter(run, count, at):
    expect_code(run, 3)
    expect(run, missing(run, count, without=[at]), [], "what lacks")
    letter, = dead_letters(run)
    expect(run, letter["fields"]["n"], at, "the letter")
    expect_in(run, "exited with code" if SANITIZE else
              "was killed by SIGSEGV while 'crash' executed it",
              letter["reason"], "its reason")


@each(far=["isolate: true", "isolate: false"])
def a_poison_tuple_that_stands_for_another_one(far):
    """Its ledger dies with it, and so may that of what it came of."""
    count, at = 200, 70
    folder = poison("delay", far=far)
    run = gust(folder / "poison.yaml", folder=folder, count=count, at=at)
    expect_balance(run)
    expect_one_letter(run, count, at)
    restarts = sum(w["restarts"] for w in run.report["workers"])
    expect(run, 3 <= restarts <= 5, True, f"{restarts} restarts, 3 to 5:")


@each(dedupe=["true", "false"])
def a_poison_tuple_out_of_an_outbox(dedupe):
    """It comes again from the store, with what it is charged with."""
    count, at = 200, 70
    folder = poison("delay", far="isolate: true")
    path = folder / "poison.yaml"
    path.write_text(path.read_text()
                    .replace("plugin: delay, options: {by: 1ms}",
                             "plugin: dedupe, options: {within: 1d}")
                    .replace("config: {", "config: {"
                             "topology.state.provider: lmdb, "
                             "topology.state.dir: state, "
                             "topology.state.commit.ms: 1, "
                             f"topology.state.dedupe: {dedupe}, "))
    run = gust(path, folder=folder, count=count, at=at)
    expect_balance(run)
    expect_one_letter(run, count, at)
    restarts = sum(w["restarts"] for w in run.report["workers"])
    expect(run, 3 <= restarts <= 5, True, f"{restarts} restarts, 3 to 5:")


class Part(Gust):
    """What one host runs of a topology."""

    COMMAND = "worker"


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                   for _ in range(count)]
        return [s.getsockname()[1] for s in sockets]


@each(first=["crash", "delay"])
def a_poison_tuple_of_another_host(first):
    """Its spout's host hears of the deaths from those that come after them."""
    count, at = 200, 70
    folder = poison(first, far="hosts: [a]", near="hosts: [b]",
                    out="hosts: [a]")
    (folder / "hosts.yaml").write_text("".join(
        f"- {{name: {name}, address: 127.0.0.1, port: {port}, slots: 1}}\n"
        for name, port in zip("ab", free_ports(2))))
    parts = [Part(folder / "poison.yaml", "--hosts", "hosts.yaml", "--host",
                  name, folder=folder, count=count, at=at) for name in "ab"]
    a, b = [part.wait() for part in parts]
    expect_one_letter(a, count, at)
    restarts = sum(w["restarts"] for w in b.report["workers"])
    expect(b, 3 <= restarts <= 5, True, f"{restarts} restarts, 3 to 5:")
    # Each tells what it knows, and who knows the rest.
    here = {c["id"]: c for c in a.report["components"]}
    expect(a, (here["collect"]["tasks_here"], here["crash"]["tasks_here"]),
           (1, 0), "tasks on host a")
    task, = here["crash"]["by_task"]
    expect(a, (task["state"], task["host"], task["counts"]),
           ("elsewhere", "b", None), "a task of host b")
    expect(a, len(a.report["executors"]), 1, "executors of host a")
    expect_in(a, b"elsewhere", a.err, "the summary")


def recovery():
    """From the kill of a worker to the first tuple through the next one, and
    what is granted for it: a tenth of a second, and on a machine that others
    use, where one waits for a core, twenty starts of a process that does
    nothing."""
    began = time.monotonic()
    subprocess.run(["true"], check=True)
    granted = 0.1 * PATIENCE
    if not FULL:
        granted += 20 * (time.monotonic() - began)
    # Few at a time, so that it need not wait behind what came before.
    run = Running("crash", *QUICKLY, "--set", "topology.max.spout.pending=10",
                  count=10**9, each="200us", isolate="true", who="true")
    run.poll_growth("output", by=1000)
    number, pid = [(number, pid)
                   for number, pid in workers(run.process.pid).items()
                   if b" %d\n" % pid in (run.folder / "out").read_bytes()][0]
    with (run.folder / "out").open("rb") as out:
        out.seek(0, os.SEEK_END)
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        told = [b""]

        def others():
            told[0] += out.read()
            return any(line.split()[1] != b"%d" % pid
                       for line in told[0].split(b"\n")[:-1])
        run.poll(others, f"a tuple through a new worker {number}")
        took = time.monotonic() - began
    run.signal(signal.SIGTERM)
    expect_code(run.wait(), 0)
    return took, granted


@test
def a_killed_worker_is_back_within_a_tenth_of_a_second():
    """Most of them; in a quick run, some."""
    times = []
    for _ in range(1 if FULL else 3):
        times = sorted(times + [recovery() for _ in range(9)])
        print(f"  recovery: {times[0][0] * 1e3:.1f} to "
              f"{times[-1][0] * 1e3:.1f} ms, "
              f"median {times[len(times) // 2][0] * 1e3:.1f} ms")
        good = sum(took <= granted for took, granted in times)
        if good >= (5 if FULL else 2):
            return
    raise AssertionError(f"recovery took {times}")


@test
def many_poison_tuples_are_told_apart():
    count, every = 200, 50
    run = gust("crash", *QUICKLY, "--set", "topology.replay.max.attempts=2",
               count=count, every=every, at=7)
    poison = list(range(7, count, every))
    expect_code(run, 3)
    expect(run, missing(run, count, without=poison), [], "what lacks")
    # One that kills soon after a letter was written may see it again.
    expect(run, sorted({d["fields"]["n"] for d in dead_letters(run)}), poison,
           "dead letters")


@test
def a_spout_without_positions_loses_what_was_in_flight():
    run = Running("crash", *QUICKLY, count=20000, replay="record", each="50us")
    run.poll_growth("output", by=2000)
    # It counts anew from 0, so it must not come to its end.
    run.kill(0)
    run.signal(signal.SIGTERM)
    run = run.wait()
    expect_code(run, 1)
    expect_balance(run)
    expect_in(run, b"'numbers' has no positions: what it had read is lost",
              run.err, "the log")


@test
def positions_last_for_the_run_without_a_folder():
    """The spout goes on close to where it was, not at the beginning."""
    count = 40000
    run = Running("crash", *QUICKLY, "--set",
                  "topology.max.spout.pending=50", count=count, each="50us")
    run.poll_growth("output", by=150_000)
    run.kill(0)
    run = run.wait()
    expect_code(run, 0)
    expect(run, missing(run, count), [], "what lacks")
    numbers = collected(run)
    back = [a - b for a, b in zip(numbers, numbers[1:]) if b < a]
    done = max(a for a, b in zip(numbers, numbers[1:]) if b < a)
    # Positions are noted ten times a second; on a machine that has other work
    # that takes a part of the second that went before.
    expect(run, 0 < max(back) < done // 2, True,
           f"{back}, going back from {done},")


@test
def sigterm_drains_all_workers():
    run = Running("crash", *QUICKLY, count=10**9, each="50us")
    run.poll_growth("output", by=2000)
    os.kill(run.process.pid, signal.SIGTERM)
    run = run.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, missing(run, run.counts("numbers")["roots"]), [],
           "what lacks")
    expect_in(run, b"stopped by SIGTERM", run.err, "the summary")


@test
def a_terminals_sigint_to_all_is_one():
    run = Running("crash", *QUICKLY, count=10**9, each="50us")
    run.poll_growth("output", by=2000)
    for pid in [*workers(run.process.pid).values(), run.process.pid]:
        os.kill(pid, signal.SIGINT)
    run = run.wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, [w["restarts"] for w in run.report["workers"]], [0, 0],
           "restarts")


@test
def a_second_signal_aborts():
    run = Running("crash", *QUICKLY, count=10**9, each="200ms")
    run.poll_growth("output")
    os.kill(run.process.pid, signal.SIGTERM)
    run.poll(lambda: b"another signal" in peek(run), "the first")
    os.kill(run.process.pid, signal.SIGTERM)
    run = run.wait()
    expect_code(run, 128 + signal.SIGTERM)
    expect(run, run.counts()["aborted"] > 0, True, "some are aborted")


def peek(run):
    # The child writes at the end of the file that both have open.
    return os.pread(run.err.fileno(), 1 << 20, 0)


@test
def no_worker_outlives_its_parent():
    run = Running("crash", *QUICKLY, count=10**9, each="50us")
    run.poll_growth("output")
    pids = list(workers(run.process.pid).values())
    run.process.kill()
    run.process.wait()
    end = time.monotonic() + 30
    while any(map(lives, pids)):
        if time.monotonic() > end:
            raise AssertionError("a worker lives on")
        time.sleep(0.002)


@test
def a_closed_output_ends_quietly():
    run = subprocess.run(
        f"'{GUST}' run '{HERE}/../../topologies/wordcount.yaml' --set "
        "topology.workers=2 -D input=big -q | head -n 1 >/dev/null; "
        'echo "${PIPESTATUS[0]}"', shell=True, executable="/bin/bash",
        capture_output=True, cwd=big_folder(), timeout=120,
        env=dict(os.environ, GUST_PLUGIN_PATH=str(BUILD)))
    warnings = [line for line in run.stderr.splitlines()
                if b"warning" not in line]
    if (run.stdout, warnings) != (b"141\n", []):
        raise AssertionError(f"{run.stdout} {run.stderr}")


@test
def lines_of_several_workers_do_not_mix():
    """Lines of more than a pipe takes at once, through a slow reader."""
    folder = pathlib.Path(tempfile.mkdtemp())
    words = [bytes([97 + i % 26]) * (3000 + 37 * i % 9000)
             for i in range(600)]
    (folder / "in").write_bytes(b"\n".join(words) + b"\n")
    (folder / "prints.yaml").write_text("""
name: prints
spouts:
  - {id: text, plugin: lines, options: {files: in}}
bolts:
  - {id: print, plugin: print, parallelism: 6}
streams:
  - {from: text, to: print}
""")
    run = subprocess.run(
        f"'{GUST}' run prints.yaml --set topology.workers=3 -e 1 | cat | "
        "(sleep 0.2; cat)", shell=True, capture_output=True, cwd=folder,
        timeout=120)
    if sorted(run.stdout.split(b"\n")[:-1]) != sorted(words):
        raise AssertionError(f"lines differ {run.stderr}")


def big_folder():
    folder = pathlib.Path(tempfile.mkdtemp())
    with (folder / "big").open("w") as file:
        for i in range(100000):
            file.write(f"word{i}\n")
    return folder


@test
def a_component_that_cannot_open_ends_all():
    folder = big_folder()
    (folder / "out").mkdir()
    run = gust("crash", *QUICKLY, count=10, folder=folder)
    expect_code(run, 1)
    expect_in(run, b"cannot write 'out': Is a directory", run.err, "the error")
    expect(run, [w["restarts"] for w in run.report["workers"]], [0, 0],
           "restarts")


@test
def a_limit_of_tuples_is_for_all_workers_together():
    run = gust("crash", *QUICKLY, "--max-tuples", "1234", count=10**9)
    expect_code(run, 0)
    expect_balance(run)
    expect(run, run.counts("numbers")["roots"], 1234, "roots")
    expect(run, missing(run, 1234), [], "what lacks")
