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


@test
def a_changed_expectation_fails():
    """Each number and word expected in wordcount.yaml matters."""
    path = FOLDER / "wordcount.yaml"
    text = path.read_text().replace("../", f"{FOLDER.parent}/")
    spots = [match.span(1) for match in
             re.finditer(r"count: (\d)}|attempts: (\d)", text)
             if match.group(1)]
    for begin, end in spots:
        changed = text[:begin] + "7" + text[end:]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(changed)
            file.flush()
            code, _ = gust_test(file.name)
        if code != 1:
            raise Failed(f"still passes: {changed[begin - 40:end]}")
