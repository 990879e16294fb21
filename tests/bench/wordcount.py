# SPDX-License-Identifier: MIT
"""Compares gust, with acks and on one executor, with a hand-written loop.

Both count the words of the same sentences, in turn, several times; what every
run counted is compared with what this program counts itself. Speed is words
for each second of CPU time (user and system) of the whole process, start-up
included, since the clock of a busy machine tells little; a figure is the median
of its runs.
"""

import argparse
import collections
import datetime
import itertools
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

SOURCE = os.environ["GUST_SOURCE"]
BUILD = os.environ["GUST_BUILD"]
GUST = os.environ["GUST"]
HERE = os.path.join(SOURCE, "tests", "bench")

RATIO_EXPECTED = 0.5
STARTUP_EXPECTED_MS = 20

# What Storm's word count says.
STORM = ("the cow jumped over moon an apple a day keeps doctor away four score "
         "and seven years ago snow white dwarfs i am at two with nature").split()


def sentences(words, weights, count, seed):
    """Makes `count` sentences of eight words, the same for the same seed."""
    rng = random.Random(seed)
    totals = list(itertools.accumulate(weights))
    drawn = rng.choices(words, cum_weights=totals, k=8 * count)
    return "".join(" ".join(drawn[i:i + 8]) + "\n"
                   for i in range(0, len(drawn), 8)).encode()


def zipf_words(count, seed):
    rng = random.Random(seed)
    letters = "etaoinshrdlcumwfgypbvkjxqz"
    words = {}
    while len(words) < count:
        words["".join(rng.choices(letters, k=rng.randint(2, 11)))] = True
    return list(words)


def texts():
    """Yields the name of each vocabulary, and a text of it."""
    yield "storm", sentences(STORM, [1] * len(STORM), 1024, "storm")
    words = zipf_words(20000, "words")
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    yield "zipf", sentences(words, weights, 32768, "zipf")


class Workload:
    """The same sentences for both, and what their counts must be."""

    def __init__(self, name, kind, text, words, folder):
        base = collections.Counter(text.split())
        self.name = name
        self.kind = kind
        self.rounds = max(1, round(words / base.total()))
        self.words = base.total() * self.rounds
        self.counts = {word: n * self.rounds for word, n in base.items()}
        self.trees = text.count(b"\n") * self.rounds
        self.path = os.path.join(folder, f"{name}-{kind}.txt")
        with open(self.path, "wb") as file:
            for _ in range(self.rounds if kind == "file" else 1):
                file.write(text)

    def limit(self):
        rounds = 1 if self.kind == "file" else self.rounds
        return [os.path.join(BUILD, "tests", "bench", "limit"), self.path,
                str(rounds)]

    def gust(self, report):
        command = [GUST, "run", "--quiet", "--executors", "1", "--report",
                   report, "-D", f"input={self.path}"]
        if self.kind == "file":
            return command + [os.path.join(SOURCE, "topologies",
                                           "wordcount.yaml")]
        return command + ["-D", f"rounds={self.rounds}",
                          os.path.join(HERE, "memory.yaml")]


class Sample:
    """What one run took."""

    def __init__(self, line):
        fields = line.split()
        self.code = int(fields[0])
        self.user, self.system, self.wall = map(float, fields[1:4])
        self.rss_kib = int(fields[4])
        self.first_ms = float(fields[5]) * 1000

    @property
    def cpu(self):
        return self.user + self.system


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.passed = 0
        self.failures = []
        environment = dict(os.environ)
        path = [os.path.join(BUILD, "tests", "plugins")]
        path += filter(None, [environment.get("GUST_PLUGIN_PATH")])
        environment["GUST_PLUGIN_PATH"] = ":".join(path)
        self.environment = environment

    def check(self, good, text):
        if good:
            self.passed += 1
        else:
            self.failures.append(text)
            print(f"FAILED {text}", file=sys.stderr)

    def measure(self, command, first=False):
        """Runs a command; returns what it took and what it printed."""
        result = os.path.join(self.folder, "result")
        output = os.path.join(self.folder, "output")
        program = [os.path.join(BUILD, "tests", "bench", "measure")]
        with open(output, "wb") as file:
            done = subprocess.run(
                program + ["-1"] * first + [result] + command, stdout=file,
                stderr=subprocess.PIPE, env=self.environment,
                timeout=600, check=False)
        self.check(done.returncode == 0,
                   f"exit code {done.returncode} of: {' '.join(command)}\n  "
                   + done.stderr.decode(errors="replace"))
        with open(result, encoding="ascii") as file:
            sample = Sample(file.read())
        with open(output, "rb") as file:
            return sample, file.read()

    def check_counts(self, workload, who, output):
        lines = [line.rsplit(b"\t", 1) for line in output.splitlines()]
        counts = {line[0]: int(line[-1]) for line in lines}
        self.check(len(lines) == len(counts) and counts == workload.counts,
                   f"{who} counted {sum(counts.values())} words, "
                   f"{len(counts)} of them different, expected "
                   f"{workload.words} and {len(workload.counts)}, of "
                   f"{workload.name} in {workload.kind}")

    def check_report(self, workload, path):
        """Every sentence was a tree of its own and was acked once."""
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        counts = next(component["counts"] for component in report["components"]
                      if component["id"] == "text")
        found = (counts["roots"], counts["attempts"], counts["trees_acked"])
        self.check(found == (workload.trees,) * 3,
                   f"roots, attempts and acks are {found}, expected "
                   f"{workload.trees} each")

    def run(self, workload):
        """One run of both; returns their samples by name."""
        report = os.path.join(self.folder, "report")
        samples = {}
        for who, command in (("limit", workload.limit()),
                             ("gust", workload.gust(report))):
            samples[who], output = self.measure(command)
            self.check_counts(workload, who, output)
        self.check_report(workload, report)
        return samples

    def count_instructions(self, command):
        """The instructions of a run, by function, as callgrind counts them."""
        path = os.path.join(self.folder, "callgrind")
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={path}"] +
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=self.environment, timeout=600, check=False)
        self.check(done.returncode == 0, "callgrind:\n" +
                   done.stderr.decode(errors="replace"))
        text = subprocess.run(
            ["callgrind_annotate", "--threshold=99.9", path], check=True,
            capture_output=True, text=True).stdout
        counts = collections.Counter()
        for line in text.splitlines():
            match = re.match(r"\s*([\d,]+) \([^)]*\)\s+(?:\S*?:)?([^'\[]*)",
                             line)
            if match:
                counts[match[2].strip()] += int(match[1].replace(",", ""))
        return counts

    def instructions(self, text):
        """Instructions a word of both, without what is done only once."""
        runs = [Workload("storm", "memory", text, words, self.folder)
                for words in (1e5, 5e5)]
        words = runs[1].words - runs[0].words
        report = os.path.join(self.folder, "report")
        result = {}
        for who in ("limit", "gust"):
            less, more = (self.count_instructions(
                run.limit() if who == "limit" else run.gust(report))
                for run in runs)
            result[who] = {name: (more[name] - less[name]) / words
                           for name, _ in more.most_common()}
        return result

    def startup(self, runs):
        """From the start of the program to the first tuple's output."""
        path = os.path.join(self.folder, "first.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("hello\n")
        command = [GUST, "run", "--quiet", "-D", f"input={path}",
                   os.path.join(HERE, "first.yaml")]
        times = []
        for _ in range(runs):
            sample, _ = self.measure(command, first=True)
            self.check(sample.first_ms > 0, "nothing on standard output")
            times.append(sample.first_ms)
        return times


def row(workload, samples):
    """What is said of one workload."""
    line = {"vocabulary": workload.name, "source": workload.kind,
            "words": workload.words, "trees": workload.trees}
    for who in ("limit", "gust"):
        taken = [sample[who] for sample in samples]
        line[who] = {
            "words_per_cpu_second": workload.words / statistics.median(
                s.cpu for s in taken),
            "words_per_user_second": workload.words / statistics.median(
                s.user for s in taken),
            "words_per_second": workload.words / statistics.median(
                s.wall for s in taken),
            "peak_rss_bytes": 1024 * max(s.rss_kib for s in taken),
            "cpu_seconds": [round(s.cpu, 4) for s in taken],
            "seconds": [round(s.wall, 4) for s in taken],
        }
    line["ratio"] = (line["gust"]["words_per_cpu_second"] /
                     line["limit"]["words_per_cpu_second"])
    return line


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def print_table(result):
    print(f"{result['date']}, {result['processor']}, {result['cores']} cores, "
          f"median of {result['runs']}; gust has acks and one executor\n")
    print("                         M words/s of CPU           M words/s     "
          "   peak MiB")
    print("words  from     words    limit    gust  ratio    limit    gust   "
          " limit  gust")
    for line in result["rows"]:
        limit, gust = line["limit"], line["gust"]
        print(f"{line['vocabulary']:<6} {line['source']:<6} "
              f"{line['words'] / 1e6:5.1f} M "
              f"{limit['words_per_cpu_second'] / 1e6:8.1f}"
              f"{gust['words_per_cpu_second'] / 1e6:8.1f}"
              f"{line['ratio']:7.2f} "
              f"{limit['words_per_second'] / 1e6:8.1f}"
              f"{gust['words_per_second'] / 1e6:8.1f} "
              f"{limit['peak_rss_bytes'] / 2**20:8.1f}"
              f"{gust['peak_rss_bytes'] / 2**20:6.1f}")
    first = result["first_tuple_ms"]
    print(f"\nfrom start to first tuple: {first['median']:.1f} ms "
          f"({first['min']:.1f} to {first['max']:.1f})")
    if "instructions" in result:
        print_instructions(result["instructions"])


def print_instructions(result):
    print("\ninstructions a word, storm from memory:")
    for who, counts in result.items():
        total = counts["PROGRAM TOTALS"]
        print(f"  {who:<24}{total:8.0f}")
        for name, count in counts.items():
            if name != "PROGRAM TOTALS" and count >= total / 50:
                print(f"    {name:<22}{count:8.0f}")


def run_all(arguments, folder):
    bench = Bench(arguments, folder)
    words = 1e6 if arguments.quick else arguments.words
    runs = 2 if arguments.quick else arguments.runs
    workloads = [Workload(name, kind, text, words, folder)
                 for name, text in texts() for kind in ("memory", "file")]
    samples = {workload: [] for workload in workloads}
    for _ in range(runs):
        for workload in workloads:
            samples[workload].append(bench.run(workload))
    times = bench.startup(3 if arguments.quick else 21)
    result = {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "runs": runs,
        "rows": [row(workload, samples[workload]) for workload in workloads],
        "first_tuple_ms": {"median": statistics.median(times),
                           "min": min(times), "max": max(times)},
    }
    if arguments.instructions:
        result["instructions"] = bench.instructions(next(texts())[1])
    if not arguments.quick:
        for line in result["rows"]:
            bench.check(line["ratio"] >= RATIO_EXPECTED,
                        f"{line['vocabulary']} from {line['source']}: the "
                        f"ratio is {line['ratio']:.3f}, expected at least "
                        f"{RATIO_EXPECTED}")
        bench.check(statistics.median(times) < STARTUP_EXPECTED_MS,
                    f"the first tuple took {statistics.median(times):.1f} ms, "
                    f"expected less than {STARTUP_EXPECTED_MS}")
    result["passed"] = bench.passed
    result["failed"] = len(bench.failures)
    return result


def main():
    parser = argparse.ArgumentParser(
        prog="tests/bench/wordcount", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true",
                        help="small, checks the counts and judges no speed")
    parser.add_argument("--json", action="store_true",
                        help="prints a JSON document and no table")
    parser.add_argument("--runs", type=int, default=5,
                        help="of each program and workload; 5")
    parser.add_argument("--words", type=float, default=3e7,
                        help="in each run; 30 million")
    parser.add_argument("--instructions", action="store_true",
                        help="also counts instructions, which no other load "
                        "changes; takes valgrind")
    arguments = parser.parse_args()
    if arguments.instructions and shutil.which("valgrind") is None:
        parser.error("--instructions takes valgrind, which is not installed")
    with tempfile.TemporaryDirectory() as folder:
        result = run_all(arguments, folder)
    if arguments.json:
        json.dump(result, sys.stdout, indent=2)
        print()
    else:
        print_table(result)
        print(f"{result['passed']} passed, {result['failed']} failed")
    return result["failed"] != 0


if __name__ == "__main__":
    sys.exit(main())
