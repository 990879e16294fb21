# SPDX-License-Identifier: MIT
"""Runs gust side by side with other programs, in one session on one machine.

Each program does the same work in turn, several times; what every run came to
is compared with what this program has found out by itself, and a run that was
wrong has no figure. Native programs are timed as a whole, with their start;
those on a JVM only once they are warm. A figure is the median of the runs, with
the range; a ratio is that of runs in the same round. Results are written to
bench/ in the build folder as a table, as JSON and as plots.
"""

import argparse
import datetime
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import check
import gust
import instructions
import machine
import plot
import result
import rivals
import table
import targets
import vocabulary
import workloads
from place import OUTPUT
from program import Runner

# What a full run of the suite insists on.
SPEED_EXPECTED = 0.5
START_EXPECTED_MS = 20


def progress(text):
    """Says on a terminal what is going on, in place of what it was before."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Session:
    """Runs workloads and counts what was right."""

    def __init__(self, folder, runs):
        self.runner = Runner(pathlib.Path(folder))
        self.runs = runs
        self.passed = 0
        self.failed = 0

    def judge(self, what, test, *values):
        """Whether it is right; tells what is not."""
        try:
            test(*values)
        except (check.Wrong, LookupError, TypeError, ValueError) as wrong:
            # Output that is not even of the right form is as wrong.
            self.failed += 1
            print(f"FAILED {what}: {wrong!r}", file=sys.stderr)
            return False
        self.passed += 1
        return True

    def once(self, workload, contender, samples):
        try:
            sample = self.runner.run(contender.command, contender.first)
        except subprocess.TimeoutExpired:
            self.failed += 1
            samples[contender.name].append(None)
            print(f"FAILED {workload.name}, {contender.name}: it did not end",
                  file=sys.stderr)
            return
        right = self.judge(f"{workload.name}, {contender.name}",
                           contender.check, sample)
        samples[contender.name].append(sample if right else None)

    def run(self, workload):
        samples = {contender.name: [] for contender in workload.contenders}
        for number in range(self.runs):
            for contender in workload.contenders:
                progress(f"{workload.name} {number + 1}/{self.runs}: "
                         f"{contender.name}")
                self.once(workload, contender, samples)
        progress("")
        found = result.summary(workload, samples)
        if workload.kind == "latency":
            found["wake_up_us"] = machine.wake_up_us()
        return found


def expect_speed(found):
    """That gust is not much slower than the loop, nor to start."""
    for workload in found["workloads"]:
        for row in workload["rows"]:
            if row["name"] == "limit.c" and row.get("gust"):
                ratio = row["gust"]["per_core_second"]["median"]
                if ratio < SPEED_EXPECTED:
                    raise check.Wrong(
                        f"gust is {ratio:.2f} times as fast as limit.c in "
                        f"{workload['name']}, expected {SPEED_EXPECTED}")
            if workload["kind"] == "start" and row["name"].startswith("gust"):
                late = row["first_ms"]["median"]
                if late > START_EXPECTED_MS:
                    raise check.Wrong(
                        f"the first tuple took {late:.1f} ms, expected at "
                        f"most {START_EXPECTED_MS}")


def arguments_parser():
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="small and once; speed is not judged")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="this workload, or this group of them: "
                        + ", ".join(workloads.GROUPS) + "; may be repeated")
    parser.add_argument("--against", metavar="NAMES",
                        default=",".join(rivals.RIVALS),
                        help="'none', or some of " + ",".join(rivals.RIVALS)
                        + " with commas, which is the default")
    parser.add_argument("--runs", type=int, help="of each program; 5")
    parser.add_argument("--amount", type=float, default=3e7,
                        help="of words or tuples in a run; 30 million")
    parser.add_argument("--seconds", type=float, default=10,
                        help="that a run by a timetable takes; 10")
    parser.add_argument("--json", action="store_true",
                        help="prints a JSON document and no table")
    parser.add_argument("--list", action="store_true",
                        help="prints the names of the workloads and ends")
    parser.add_argument("--instructions", action="store_true",
                        help="only counts the instructions a word, which no "
                        "other load changes; takes valgrind")
    return parser


def arguments_read():
    parser = arguments_parser()
    arguments = parser.parse_args()
    names = arguments.against.split(",")
    arguments.against = [] if names == ["none"] else names
    for name in arguments.against:
        if name not in rivals.RIVALS:
            parser.error(f"--against: no rival is named '{name}', expected "
                         + ", ".join(rivals.RIVALS))
    if arguments.instructions and shutil.which("valgrind") is None:
        parser.error("--instructions takes valgrind, which is not installed")
    if arguments.quick:
        arguments.amount = min(arguments.amount, 2e5)
        arguments.seconds = min(arguments.seconds, 0.02)
    arguments.runs = arguments.runs or (1 if arguments.quick else 5)
    return parser, arguments


def write(found, output):
    found["targets"] = list(targets.judged(found))
    (output / "result.json").write_text(json.dumps(found, indent=2) + "\n")
    (output / "result.md").write_text(
        table.text(found, table.markdown, "### "))
    for workload in found["workloads"]:
        if workload["kind"] == "speed" and workload["rows"]:
            (output / f"{workload['name']}.svg").write_text(
                plot.bars(workload))
    drawn = plot.latency(found)
    if drawn is not None:
        (output / "latency.svg").write_text(drawn)


def run_all(arguments, chosen, folder):
    # The suite is not to take the place of what somebody has measured.
    output = OUTPUT / "quick" if arguments.quick else OUTPUT
    output.mkdir(exist_ok=True)
    for old in output.glob("*.svg"):
        old.unlink()
    session = Session(folder, arguments.runs)
    found = {"date": datetime.date.today().isoformat(),
             "command": "tests/bench/run "
             + " ".join(map(shlex.quote, sys.argv[1:])),
             "machine": machine.describe(), "runs": arguments.runs,
             "workloads": []}
    for workload in chosen:
        found["workloads"].append(session.run(workload))
        write(found, output)
    if not arguments.quick:
        session.judge("speed", expect_speed, found)
    found["passed"], found["failed"] = session.passed, session.failed
    write(found, output)
    return found


def main():
    parser, arguments = arguments_read()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    gust.build_plugins()
    with tempfile.TemporaryDirectory() as folder:
        texts = [vocabulary.storm(), vocabulary.zipf()]
        for text in texts:
            text.write(pathlib.Path(folder))
        if arguments.instructions:
            instructions.show(texts[0], folder)
            return 0
        ready = [] if arguments.list else rivals.ready(arguments.against)
        plan = workloads.Plan(arguments.amount, arguments.seconds, texts,
                              ready)
        try:
            chosen = workloads.chosen(plan, arguments.only)
        except KeyError as unknown:
            parser.error(f"--only: no workload is named {unknown}; see --list")
        if arguments.list:
            print("\n".join(f"{w.name}: {w.title}" for w in chosen))
            return 0
        found = run_all(arguments, chosen, folder)
    if arguments.json:
        json.dump(found, sys.stdout, indent=2)
        print()
    else:
        print(table.text(found, table.plain, ""))
        print(f"{found['passed']} passed, {found['failed']} failed")
    return found["failed"] != 0


if __name__ == "__main__":
    sys.exit(main())
