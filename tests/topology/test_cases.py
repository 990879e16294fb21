# SPDX-License-Identifier: MIT
"""The tests of the topologies in topologies/tests, by gust test."""

import re
import subprocess
import tempfile

from harness import GUST, LIMIT, SOURCE, Failed, test

FOLDER = SOURCE / "topologies" / "tests"


def gust_test(*files):
    """Returns the exit code and all that was said."""
    result = subprocess.run([GUST, "test", *map(str, files)],
                            capture_output=True, timeout=LIMIT, check=False,
                            cwd=SOURCE)
    return result.returncode, (result.stdout + result.stderr).decode()


@test
def all_pass():
    files = sorted(FOLDER.glob("*.yaml"))
    if len(files) < 3:
        raise Failed(f"too few tests in {FOLDER}")
    code, said = gust_test(*files)
    if code != 0:
        raise Failed(said)


def expected_numbers(text):
    """Where a count or a rank is expected."""
    return [match.span(1)
            for match in re.finditer(r"(?:count|rank|each): (\d+)[,}]", text)]


@test
def a_changed_expectation_fails():
    """Each number that is expected matters."""
    changed = 0
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text().replace("../", f"{FOLDER.parent}/")
        for begin, end in expected_numbers(text):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text[:begin] + "77" + text[end:])
                file.flush()
                code, said = gust_test(file.name)
            changed += 1
            if code != 1:
                raise Failed(f"{path.name}: still passes: "
                             f"{text[begin - 40:end]}\n{said}")
    if changed < 20:
        raise Failed(f"only {changed} numbers were changed")
