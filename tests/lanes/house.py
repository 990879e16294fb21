# SPDX-License-Identifier: MIT
"""Checks the rules of the house on the C files whose names are on stdin.

A function has at most 70 lines, a file at most 500, of the tests at most 1000;
a file begins with its licence, has no trailing space and no open end in a
comment; what a file of the runtime includes lies below it, and a plugin
includes public headers and its own; nn_* is named in runtime/channel only.
"""

import re
import sys

FUNCTION_LINES = 70
FILE_LINES = 500
TEST_FILE_LINES = 1000

# From below to above; those of a row know nothing of each other.
ROWS = (("base",), ("metric", "tuple"), ("plugin",), ("topology",),
        ("window", "state"), ("channel", "journal", "engine"),
        ("worker", "sim"), ("parent",), ("cli",))
RANK = {room: rank for rank, row in enumerate(ROWS) for room in row}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def bare(text):
    """Blanks comments, strings and macros, and keeps the lines."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
                  blank, text, flags=re.DOTALL)
    return re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*$", blank, text)


def functions(text):
    """Yields (name, first line, lines) of each function of a clean text."""
    depth = 0
    name = None
    start = 0
    # A brace at depth 0 after a parenthesis opens a function; one in the
    # first column closes it, which clang-format sees to.
    for number, line in enumerate(text.split("\n"), 1):
        if depth == 0 and line[:1].strip() and line[0] not in "{}":
            match = re.search(r"(\w+)\s*\(", line)
            if match:
                name = match.group(1)
                start = number
        if line.startswith("{") and name:
            opened = True
        elif line.startswith("{"):
            opened = False
        before = depth
        depth += line.count("{") - line.count("}")
        if before > 0 and depth == 0 and line.startswith("}"):
            if name and opened:
                yield name, start, number - start + 1
            name = None
            opened = False
        if depth == 0 and line.rstrip().endswith(";"):
            name = None


def room_of(path):
    parts = path.split("/")
    if parts[0] == "runtime" and len(parts) > 2 and parts[1] in RANK:
        return parts[1]
    return None


def arrow(path, quote, name):
    """Returns what is wrong with an include, or None."""
    parts = path.split("/")
    if parts[0] in ("spouts", "bolts") or path.startswith(
            ("tests/plugins/", "tests/abi/")):
        if quote == '"' and "/" in name:
            return f"a plugin includes '{name}', expected gust/*.h"
        return None
    if path.startswith(("runtime/include/", "runtime/kit/")):
        room = room_of("runtime/" + name)
        if path.startswith("runtime/kit/") and room == "base":
            return None
        if quote == '"' and room:
            return f"a public part includes '{name}' of the runtime"
        return None
    above, below = room_of(path), room_of("runtime/" + name)
    if quote == "<" or above is None or below is None or above == below:
        return None
    # The contract between two rooms of a row may be a header of either.
    if RANK[below] >= RANK[above]:
        return f"'{above}' includes '{name}', expected a room below it"
    return None


def faults(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = text.split("\n")
    limit = TEST_FILE_LINES if path.startswith("tests/") else FILE_LINES
    if lines[0] != "/* SPDX-License-Identifier: MIT */":
        yield 1, "expected the line of the licence"
    if len(lines) - 1 > limit:
        yield limit, f"{len(lines) - 1} lines, expected at most {limit}"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "a space at the end of the line"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield number, "an open end in a comment"
        # clang-format leaves comments alone: manuals have tables in them.
        if len(line.expandtabs(8)) > 80:
            yield number, "longer than 80 columns"
        if line.startswith(" *") and line[2:3] not in ("", " ", "\t", "/"):
            yield number, "expected a space or a tab after the asterisk"
    code = bare(text)
    for name, start, count in functions(code):
        if count > FUNCTION_LINES:
            yield start, (f"{name}() has {count} lines, expected at most "
                          f"{FUNCTION_LINES}")
    for match in INCLUDE.finditer(text):
        wrong = arrow(path, match.group(1), match.group(2))
        if wrong:
            yield text.count("\n", 0, match.start()) + 1, wrong
    if path.startswith("runtime/") and not path.startswith("runtime/channel/"):
        match = re.search(r"\bnn_\w+\s*\(", code)
        if match:
            yield (code.count("\n", 0, match.start()) + 1,
                   "nanomsg is the affair of runtime/channel alone")


def main():
    passed = failed = 0
    for path in sys.stdin.read().split():
        wrong = list(faults(path))
        for line, text in wrong:
            print(f"{path}:{line}: {text}")
        failed += bool(wrong)
        passed += not wrong
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
