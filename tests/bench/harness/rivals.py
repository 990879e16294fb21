# SPDX-License-Identifier: MIT
"""The programs that gust is compared with: what they take, how they are built
and what is run. Their sources are in tests/bench/rivals/."""

import os
import re
import shutil
import subprocess
import sys

import check
import gust
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


def version(command, pattern):
    """The version that a tool tells of itself, as numbers."""
    if shutil.which(command[0]) is None:
        raise Missing(f"it takes {command[0]}")
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    match = re.search(pattern, said.stdout + said.stderr)
    return tuple(int(part) for part in match.groups()) if match else (0, 0)


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
        def right(sample):
            check.ended(sample)
            check.words(sample, text.expected(rounds))

        for workers, word in ((1, "string"), (1, "compact"), (2, "compact")):
            yield Contender(
                f"timely, {workers} worker{'s' * (workers - 1)}, {word}",
                [self.program, text.path, str(rounds), str(workers), word],
                right, text.words * rounds, gust.name(workers))


RIVALS = {"timely": Timely}


def ready(names):
    """Builds the rivals of these names; one that cannot be is left out."""
    found = []
    for name in names:
        try:
            found.append(RIVALS[name]())
        except Missing as missing:
            say(f"{name} is skipped: {missing}")
    return found
