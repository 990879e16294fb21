# SPDX-License-Identifier: MIT
"""The programs that gust is compared with: what they take, how they are built
and what is run. Their sources are in tests/bench/rivals/."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

import check
import gust
import queries
from contender import Contender
from place import BENCH, OUTPUT


class Missing(Exception):
    """What a rival takes is not here."""


def say(text):
    print(f"tests/bench/run: {text}", file=sys.stderr)


def build(name, command, **environment):
    say(f"builds {name}")
    log = OUTPUT / f"{name}.log"
    with open(log, "wb") as file:
        done = subprocess.run(
            command, cwd=BENCH / "rivals" / name, stdout=file, stderr=file,
            stdin=subprocess.DEVNULL, env={**os.environ, **environment},
            check=False)
    if done.returncode != 0:
        raise Missing(f"it could not be built; see {log}")


@functools.cache
def classpath(name):
    """Of what Maven has built and fetched."""
    folder = OUTPUT / name
    file = folder / "classpath"
    build(name, ["mvn", "--batch-mode", "-q", "compile",
                 "dependency:build-classpath", f"-Dmdep.outputFile={file}",
                 f"-Dout={folder}"])
    return f"{folder / 'classes'}:{file.read_text().strip()}"


def version(command, pattern):
    """The version that a tool tells of itself, as numbers."""
    if shutil.which(command[0]) is None:
        raise Missing(f"it takes {command[0]}")
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(pattern, said.stdout + said.stderr)
    return tuple(int(part) for part in match.groups()) if match else (0,)


def words_right(text, rounds):
    def right(sample):
        check.ended(sample)
        check.words(sample, text.expected(rounds))

    return right


class Timely:
    """Timely dataflow: no acks, no fault tolerance."""

    def __init__(self):
        if version(["cargo", "--version"], r"(\d+)\.(\d+)") < (1, 86):
            raise Missing("it takes cargo and Rust 1.86 or later")
        folder = OUTPUT / "timely"
        build("timely", ["cargo", "build", "--release", "--locked"],
              CARGO_TARGET_DIR=str(folder), RUSTFLAGS="-C target-cpu=native")
        self.program = str(folder / "release" / "rival")

    def word_count(self, text, rounds):
        for workers, word in ((1, "string"), (1, "compact"), (2, "compact")):
            yield Contender(
                f"timely, {workers} worker{'s' * (workers - 1)}, {word}",
                [self.program, text.path, str(rounds), str(workers), word],
                words_right(text, rounds), text.words * rounds,
                gust.name(workers))


    def start(self, text):
        yield Contender(
            "timely", [self.program, text.path, "1", "2", "compact"],
            check.began, 0, gust.name(2), first=True)


class Jvm:
    """What runs on a JVM. It does `part` of the work that gust does, since it
    takes longer, and twice as much before it is timed, to get warm."""

    name = None
    part = 1
    alone = (1, 1)  # settings for a start
    opens = ("java.base/java.lang", "java.base/java.util", "java.base/java.nio")

    def __init__(self):
        if version(["javac", "-version"], r"javac (\d+)") < (17,):
            raise Missing("it takes Java 17 or later (openjdk-17-jdk-headless)")
        if shutil.which("mvn") is None:
            raise Missing("it takes Maven (maven)")
        self.classpath = classpath(self.name)

    def java(self, program, *arguments):
        opened = [f"--add-opens={package}=ALL-UNNAMED"
                  for package in self.opens]
        return ["java", "-Djava.io.tmpdir={temporary}", *opened, "-cp",
                self.classpath, f"rival.{program}", "{figures}",
                *map(str, arguments)]

    def counts(self, text, rounds, name, program, settings, against):
        """Counts words: PROGRAM FIGURES FILE WARM ROUNDS SETTINGS."""
        rounds = max(1, round(rounds * self.part))
        return Contender(
            name, self.java(program, text.path, 2 * rounds, rounds, *settings),
            words_right(text, 3 * rounds), text.words * rounds, against)


    def rate(self, text, rate, rounds, name, settings, against):
        """The same by a timetable; it warms up twice as long as it is timed,
        so that what has gathered in the beginning is done with."""
        right = words_right(text, 3 * rounds)

        def on_time(sample):
            right(sample)
            check.expect(sample.figures["latencies"], text.words * rounds,
                         "latencies")

        return Contender(
            name, self.java("WordCount", text.path, 2 * rounds, rounds,
                            *settings, rate),
            on_time, text.words * rounds, against)


    def start(self, text):
        """Until its first word is counted."""
        yield Contender(
            self.name, self.java("WordCount", text.path, 1, 1, *self.alone),
            words_right(text, 2), 0, gust.name(2))


class Storm(Jvm):
    """Storm in its LocalCluster."""

    name = "storm"
    part = 1 / 6
    alone = (1, 1, 1000)
    # Whether it acks, tuples a batch, pending tuples.
    settings = ((1, 1, 1000), (1, 100, 5000), (0, 1, 0), (0, 100, 0))

    @staticmethod
    def row(acks, batch):
        return f"storm, batches of {batch}" + ("" if acks else ", no acks")

    def word_count(self, text, rounds):
        for setting in self.settings:
            yield self.counts(
                text, rounds, self.row(*setting[:2]), "WordCount", setting,
                gust.name(1, setting[0]))

    def word_rate(self, text, rate, rounds):
        if rate <= 100000:
            for setting in self.settings[:2]:
                yield self.rate(text, rate, rounds, self.row(*setting[:2]),
                                setting, gust.name(2))

    def null_bolt(self, topology, count):
        count = round(count * self.part)
        if topology == "spout":
            return

        def right(sample):
            check.ended(sample)
            check.expect(sample.output.split(), [b"sink", b"%d" % (3 * count)],
                         "what the sink has seen")

        for setting in self.settings:
            yield Contender(
                self.row(*setting[:2]),
                self.java("NullBolt", topology, 2 * count, count, *setting),
                right, count, gust.name(1, setting[0]))


class FlinkJob(Jvm):
    """Flink in its local environment."""

    name = "flink"
    part = 1 / 2

    def query(self, query, count, name, more, against):
        """Of Nexmark, as rival.Nexmark says; `query` may be a file of SQL."""
        count = max(1000, round(count * self.part))
        line = self.java("Nexmark", query, 2 * count, count, *more)
        kind = pathlib.Path(query).stem.split("-")[0]
        return Contender(name, line, queries.right(kind, 3 * count), count,
                         against)

    def durable(self, query, count, name):
        """State is in RocksDB, and all of its checkpoints in files."""
        return self.query(query, count / 4, name + ", RocksDB",
                          [OUTPUT / "flink-state"],
                          gust.name(1) + queries.DURABLE)


class Flink(FlinkJob):
    """In Java, on the DataStream interface."""

    def word_count(self, text, rounds):
        for parallelism in (1, 2):
            for checkpoints in (1, 0):
                yield self.counts(
                    text, rounds, self.row(parallelism, checkpoints),
                    "WordCount", (parallelism, checkpoints), gust.name(1))

    def word_rate(self, text, rate, rounds):
        if rate <= 1000000:
            yield self.rate(text, rate, rounds, self.row(1, 1), (1, 1),
                            gust.name(2))

    def events(self, count):
        """Made up in Java, which need not be as fast as in C."""
        yield self.query("events", count, "in Java", [], "in C")

    def nexmark(self, query, count, durable=False):
        """On one thread, or a few where Flink exchanges."""
        if durable:
            yield self.durable(query, count, queries.BY_HAND)
        else:
            yield self.query(query, count, queries.BY_HAND, [], gust.name(1))

    @staticmethod
    def row(parallelism, checkpoints):
        return (f"flink, parallelism {parallelism}"
                + ("" if checkpoints else ", no checkpoints"))


class FlinkSql(FlinkJob):
    """In SQL, a file for each query, and more where other forms of it may be
    faster than Nexmark's."""

    folder = BENCH / "rivals" / "flink" / "sql"

    def start(self, text):
        """Counts no words."""
        return ()

    def nexmark(self, query, count, durable=False):
        if durable:
            yield self.durable(self.folder / f"{query}.sql", count, queries.SQL)
            return
        for file in sorted(self.folder.glob(f"{query}*.sql")):
            form = " ".join(file.stem.split("-")[1:])
            yield self.query(file, count, ", ".join(
                filter(None, [queries.SQL, form])), [], gust.name(1))


class Jet(Jvm):
    """Hazelcast Jet; a second thread has never made it faster."""

    name = "jet"
    part = 1 / 3
    opens = (*Jvm.opens, "java.base/sun.nio.ch",
             "java.management/sun.management",
             "jdk.management/com.sun.management.internal")

    def word_count(self, text, rounds):
        for snapshots in (1, 0):
            yield self.counts(
                text, rounds, "jet" + ("" if snapshots else ", no snapshots"),
                "WordCount", (1, snapshots), gust.name(1))

    def word_rate(self, text, rate, rounds):
        if rate <= 1000000:
            yield self.rate(text, rate, rounds, "jet", (1, 1), gust.name(2))


RIVALS = {"storm": Storm, "flink": Flink, "flink-sql": FlinkSql,
          "jet": Jet, "timely": Timely}


def ready(names):
    """Builds the rivals of these names; one that cannot be is left out."""
    found = []
    for name in names:
        try:
            found.append(RIVALS[name]())
        except Missing as missing:
            say(f"{name} is skipped: {missing}")
    return found
