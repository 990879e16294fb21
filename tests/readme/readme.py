#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does what a README says, and looks whether it happens.

readme.py FOLDER README... goes through the fenced blocks of each, in a folder
of its own below FOLDER, which is like a checkout: it has links to what stands
in the tree, that is in the folder it is called from.

    ```c longer.c         a block with the name of a file is written to it
    ```sh                 is run, in the folder, and must succeed
    ```output             is what the block before has written, to the byte
    ```sh no-run          is left alone, as is every other block without a name

A file with the ending .c is compiled once, also with -Werror, and one with the
ending .yaml stays where commands may find it. Ends with `N passed, N failed`.
"""

import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^```(\w*)[ \t]*(\S*)[^\n]*\n(.*?)^```$",
                   re.MULTILINE | re.DOTALL)
COMPILE = ["sh", "-c", "cc -std=c11 -fsyntax-only -Wall -Wextra -Wpedantic "
           "-Werror $(pkg-config --cflags gust) \"$0\""]
SECONDS = 60


class Readme:
    """One README, and what became of its blocks."""

    def __init__(self, path, folder):
        self.path = path
        self.folder = folder
        self.passed = 0
        self.failed = 0
        self.output = None

    def result(self, line, reason):
        if reason is None:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {self.path}:{line}")
        print("\n".join("  " + text for text in reason.splitlines()))

    def command(self, line, command):
        try:
            done = subprocess.run(command, cwd=self.folder, timeout=SECONDS,
                                  stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            self.output = None
            self.result(line, f"it took more than {SECONDS} s")
            return
        self.output = done.stdout
        self.result(line, None if done.returncode == 0 else
                    f"exit code {done.returncode}\n"
                    f"{done.stdout}{done.stderr}")

    def compare(self, line, expected):
        if self.output is None:
            self.result(line, "nothing has run before")
        elif self.output != expected:
            self.result(line, f"found:\n{self.output}expected:\n{expected}")
        else:
            self.result(line, None)

    def block(self, line, language, name, text):
        if language == "sh" and name != "no-run":
            self.command(line, ["sh", "-euc", text])
        elif language == "output":
            self.compare(line, text)
        elif name and name != "no-run":
            target = (self.folder / name).resolve()
            if not target.is_relative_to(self.folder):
                self.result(line, f"'{name}' is a file of the tree")
                return
            target.write_text(text, encoding="utf-8")
            if target.suffix == ".c":
                self.command(line, COMPILE + [name])

    def run(self):
        self.folder.mkdir(parents=True)
        for entry in pathlib.Path.cwd().glob("[!.]*"):
            (self.folder / entry.name).symlink_to(entry)
        text = self.path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            self.block(line, *match.groups())
        if self.passed + self.failed == 0:
            self.result(1, "it has no block that can be tried")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    passed = failed = 0
    for number, path in enumerate(sys.argv[2:]):
        readme = Readme(pathlib.Path(path), folder / str(number))
        readme.run()
        passed += readme.passed
        failed += readme.failed
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
