# SPDX-License-Identifier: MIT
"""Runs a command and says what it took.

A program that is compiled while it runs warms up first. It then writes its own
figures of what follows, lines of a name and a number, to the file that it was
given; `seconds` and `cpu_seconds` in there take the place of those of the whole
process, and `work` is what was done in them.
"""

import json
import os
import subprocess
import tempfile

from place import BUILD, OUTPUT

TIME_LIMIT = 900


class Sample:
    """What one run took and said."""

    def __init__(self, measured, figures, output, errors, report):
        fields = measured.split()
        self.code = int(fields[0])
        self.user = float(fields[1])
        self.cpu = self.user + float(fields[2])
        self.seconds = float(fields[3])
        self.peak_bytes = int(fields[4]) * 1024
        self.first_ms = float(fields[5]) * 1000
        self.figures = figures
        self.output = output
        self.errors = errors
        self.report = report
        self.cpu = figures.get("cpu_seconds", self.cpu)
        self.seconds = figures.get("seconds", self.seconds)


class Runner:
    """Runs commands in a folder of its own. In a command {figures} and {report}
    stand for the files that the program may write, and {temporary} for a folder
    that is there for one run, and then gone with what is in it."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = dict(os.environ)
        path = [str(OUTPUT / "plugins")]
        path += filter(None, [os.environ.get("GUST_PLUGIN_PATH")])
        self.environment["GUST_PLUGIN_PATH"] = ":".join(path)

    def fill(self, command, temporary):
        return [word.replace("{figures}", str(self.folder / "figures"))
                .replace("{report}", str(self.folder / "report"))
                .replace("{temporary}", temporary)
                for word in command]

    def run(self, command, first=False):
        # Who was given up may still be writing there when it is removed.
        with tempfile.TemporaryDirectory(
                dir=self.folder, ignore_cleanup_errors=True) as temporary:
            return self.measure(self.fill(command, temporary), first)

    def measure(self, command, first):
        for name in ("figures", "report", "measured"):
            (self.folder / name).unlink(missing_ok=True)
        measure = [str(BUILD / "tests" / "bench" / "measure")]
        with open(self.folder / "output", "wb") as output:
            done = subprocess.run(
                measure + ["-1"] * first + [str(self.folder / "measured")]
                + command, stdout=output, stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL, env=self.environment,
                cwd=self.folder, timeout=TIME_LIMIT, check=False)
        return Sample((self.folder / "measured").read_text(),
                      self.figures(), (self.folder / "output").read_bytes(),
                      done.stderr.decode(errors="replace"), self.report())

    def figures(self):
        path = self.folder / "figures"
        if not path.exists():
            return {}
        lines = path.read_text().splitlines()
        return {name: float(value) for name, value in map(str.split, lines)}

    def report(self):
        path = self.folder / "report"
        return json.loads(path.read_text()) if path.exists() else None
