# SPDX-License-Identifier: MIT
"""Runs of gust, with all that a default run switches on, and with plugins that
are built here, out of its tree, against the public headers."""

import shlex
import socket
import subprocess

import check
from contender import Contender
from place import BENCH, BUILD, GUST, OUTPUT, SOURCE

FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O3", "-shared", "-fPIC",
         "-fvisibility=hidden", "-Wall", "-Wextra"]


def build_plugins():
    for source in sorted((BENCH / "plugins").glob("*/*.c")):
        target = OUTPUT / "plugins" / source.parent.name / f"{source.stem}.so"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", *FLAGS, "-I", str(SOURCE / "runtime/include"),
                        "-o", str(target), str(source)], check=True)


def command(topology, executors, acks=True, config=(), **values):
    line = [GUST, "run", "--quiet", "--executors", str(executors),
            "--report", "{report}"]
    if not acks:
        line += ["--set", "topology.acker.executors=0"]
    for item in config:
        line += ["--set", item]
    for name, value in values.items():
        line += ["-D", f"{name}={value}"]
    return line + [str(BENCH / "topologies" / f"{topology}.yaml")]


def name(executors, acks=True, more=""):
    plural = "s" if executors > 1 else ""
    return (f"gust, {executors} executor{plural}"
            + ("" if acks else ", no acks") + more)


def word_count(text, rounds, executors, acks=True, tasks=0, workers=1):
    """On two tasks of each bolt, or on so many."""
    def right(sample):
        check.ended(sample)
        check.words(sample, text.expected(rounds))
        check.trees(sample, "text", text.lines * rounds, acks)

    return Contender(
        name(executors, acks, f", {tasks} tasks" * (tasks > 0)
             + f", {workers} workers" * (workers > 1)),
        command("words", executors, acks, [f"topology.workers={workers}"],
                input=text.path, rounds=rounds, tasks=tasks or 2),
        right, text.words * rounds)


def latency(sample):
    """Quantiles in microseconds, and of how many."""
    metrics = check.component(sample.report, "count")["metrics"]
    found = metrics["histograms"]["latency_ns"]
    return {"count": found["count"],
            **{name: found[name] / 1000 for name in ("p50", "p99", "p999")}}


def word_rate(text, rate, warm, rounds, executors):
    def right(sample):
        check.ended(sample)
        check.words(sample, text.expected(warm + rounds))
        check.trees(sample, "text", text.lines * (warm + rounds), True)
        check.expect(latency(sample)["count"], text.words * rounds,
                     "latencies")

    return Contender(
        name(executors),
        command("rate", executors, input=text.path, rounds=warm + rounds,
                rate=rate, warm=warm * text.lines, tasks=executors),
        right, text.words * (warm + rounds))


def to_sink(label, topology, executors, roots, seen, config=(), acks=True,
            **values):
    """From `spout`, which emits `roots` tuples, to `sink`, which gets `seen`
    of them or of what they have become."""
    def right(sample):
        check.ended(sample)
        check.trees(sample, "spout", roots, acks)
        if seen:
            check.executed(sample, "sink", seen)

    return Contender(
        label, command(topology, executors, acks, config, **values), right,
        seen or roots)


def near_and_far(topology, roots, seen, acks=(True,), **values):
    """Both bolts on one executor, and every tuple to another one."""
    for far in (0, 1):
        for tracked in acks:
            yield to_sink(name(far + 1, tracked, ", crossing" if far else ""),
                          topology, far + 1, roots, seen, acks=tracked,
                          far=far, **values)


def far_sink(label, count, acks, line):
    """From a spout in one process to a sink in another one."""
    def right(sample):
        check.ended(sample)
        check.trees(sample, "spout", count, acks)
        check.executed(sample, "sink", count)

    return Contender(label, line, right, count)


def workers(count, size):
    """Two workers on this machine, acked and not."""
    for acks in (True, False):
        yield far_sink("gust, 2 workers, ipc" + ("" if acks else ", no acks"),
                       count, acks,
                       command("workers", 1, acks, count=count, size=size))


def hosts(count, size, sealed):
    """Two hosts over tcp, which are both this one; sealed with a cluster key
    or not. The report is that of the spout's host."""
    folder = OUTPUT / "hosts"
    folder.mkdir(parents=True, exist_ok=True)
    path, key = folder / "hosts.yaml", folder / "key"
    path.write_text("".join(
        f"- {{name: {name}, address: 127.0.0.1, port: {port}}}\n"
        for name, port in zip("ab", free_ports(2))))
    if sealed and not key.exists():
        subprocess.run([GUST, "keygen", str(key)], check=True,
                       capture_output=True)
    line = [GUST, "worker", "--quiet", "--hosts", str(path),
            *(["--key", str(key)] * sealed), "-D", f"count={count}", "-D",
            f"size={size}", str(BENCH / "topologies" / "workers.yaml")]
    first = shlex.join([*line, "--host", "a", "--report"])
    second = shlex.join([*line, "--host", "b"])

    def right(sample):
        check.ended(sample)
        check.trees(sample, "spout", count, True)

    return Contender(
        "gust, 2 hosts, tcp" + (", sealed" if sealed else ""),
        ["sh", "-c", f'{second} & {first} "$0" && wait $!', "{report}"],
        right, count)


def free_ports(count):
    """Ports of loopback that nobody uses at the moment."""
    found = [socket.socket() for _ in range(count)]
    for one in found:
        one.bind(("127.0.0.1", 0))
    numbers = [one.getsockname()[1] for one in found]
    for one in found:
        one.close()
    return numbers


def copies(line):
    """Two runs at once, each on its own; the report is that of the first."""
    second = [word for word in line if word not in ("--report", "{report}")]
    return ["sh", "-c", f"{shlex.join(line)} >one & first=$!; "
            f"{shlex.join(second)} >two && wait $first && cat one two"]


def a_spout_each(text, topology, rounds, executors=2):
    """On so many executors, with a spout on each that reads all of it."""
    def right(sample):
        check.ended(sample)
        check.trees(sample, "text", text.lines * rounds * executors, True)
        if topology == "scale_work":
            check.executed(sample, "work", text.words * rounds * executors)
        else:
            check.words(sample, text.expected(2 * rounds), parts=True)

    return Contender(
        name(executors, more=", a spout each"),
        command(topology, executors, input=text.path, rounds=rounds,
                tasks=executors),
        right, 2 * text.words * rounds)


def scale(text, topology, rounds):
    """Two executors with a spout each, and what they are to be as fast as:
    two runs of one executor side by side."""
    both = a_spout_each(text, topology, rounds)
    alone = a_spout_each(text, topology, rounds, 1)
    yield both
    yield Contender("gust, two runs of 1 executor", copies(alone.command),
                    alone.check, alone.work, both.name)


def allocations(contender):
    """The same run, with its allocations counted."""
    contender.command = [
        "env", f"LD_PRELOAD={BUILD / 'tests' / 'bench' / 'allocations.so'}",
        "BENCH_FIGURES={figures}", *contender.command]
    return contender


def first():
    return Contender(name(2), command("first", 2, input=BENCH / "run"),
                     check.began, 0, first=True)


def shares(sample):
    """Which part of its component's tuples each task of it has executed."""
    found = {}
    for component in sample.report["components"]:
        total = component["counts"]["executed"]
        if len(component["by_task"]) > 1 and total > 0:
            found[component["id"]] = [
                round(task["counts"]["executed"] / total, 3)
                for task in component["by_task"] if task["counts"]]
    return found


def sent_bytes(sample):
    """What has gone from one executor to another."""
    return sum(executor["bytes_sent"]
               for executor in sample.report["executors"])
