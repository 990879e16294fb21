# SPDX-License-Identifier: MIT
"""csv-uppercase: rows of CSV in, rows of CSV out."""

import csv
import io
import pathlib
import random
import signal
import tempfile

from harness import (FULL, SOURCE, Gust, dead_letters, expect, expect_balance,
                     expect_code, gust, slowly, test, ways)

TOPOLOGY = SOURCE / "topologies" / "csv-uppercase.yaml"
ROWS = 300_000 if FULL else 50_000

VALUES = ["apple", "a,b", 'say "so"', "two\nlines", "straße", " ", "x" * 100,
          "", None, "\\", "a\tb", "carriage\r\nreturn"]
# Each is one row that is no row of two columns, the first of them an int.
BAD = ['six,a\n', '7,one,more\n', '8\n', '10,a "b"\n', '11,"a"b\n', ',,\n',
       '1e3,a\n', '99999999999999999999,a\n']


def quoted(value, rng):
    """A value as CSV; quotes also where they are not needed."""
    if value is None:
        return ""
    if value == "" or rng.random() < 0.1 or any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def rows(count):
    """The text, in pieces: good rows, then which of them are bad ones."""
    rng = random.Random(7)
    for i in range(count):
        if rng.random() < 0.01:
            yield rng.choice(BAD), False
        else:
            end = "\r\n" if rng.random() < 0.2 else "\n"
            yield f"{i},{quoted(rng.choice(VALUES), rng)}{end}", True


def upper(text):
    """The oracle: as Python reads CSV; letters a to z alone change."""
    for row in csv.reader(io.StringIO(text, newline=""), strict=True):
        if row[1] != "":
            yield row[0], row[1].encode().upper().decode()


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.reader(file, strict=True))
    return found[0], [tuple(row) for row in found[1:]]


def prepared(count=ROWS):
    folder = pathlib.Path(tempfile.mkdtemp())
    pieces = list(rows(count))
    text = "id,value\n" + "".join(piece for piece, _ in pieces)
    (folder / "in.csv").write_bytes(text.encode())
    good = "".join(piece for piece, is_good in pieces if is_good)
    bad = sorted(piece for piece, is_good in pieces if not is_good)
    values = {"input": folder / "in.csv", "output": folder / "out.csv"}
    return folder, values, list(upper(good)), bad


@test
def csv_uppercase():
    for way in ways():
        folder, values, expected, bad = prepared(
            ROWS // 50 if "--set" in way else ROWS)
        run = gust(TOPOLOGY, *way, folder=folder, **values)
        expect_code(run, 0)
        expect_balance(run)
        header, found = read(values["output"])
        expect(run, header, ["id", "value"], "the header")
        expect(run, found, expected, "the rows")
        letters = dead_letters(run)
        expect(run, sorted(letter["record"] for letter in letters), bad,
               "the bad rows")
        expect(run, run.counts()["rejected"], len(bad), "rejected")


@test
def csv_uppercase_of_the_sample():
    folder = pathlib.Path(tempfile.mkdtemp())
    sample = SOURCE / "topologies" / "data" / "values.csv"
    run = gust(TOPOLOGY, folder=folder, input=sample)
    expect_code(run, 0)
    _, found = read(folder / "uppercase.csv")
    expect(run, found, [("1", "APPLE"), ("2", "PEAR, GREEN"),
                        ("4", 'A "QUOTED" WORD'), ("5", "TWO\nLINES"),
                        ("12", "STRAßE")], "the rows")
    reasons = sorted(letter["reason"] for letter in dead_letters(run))
    expect(run, len(reasons), 5, f"the number of bad rows, {reasons}")


@test
def csv_uppercase_killed_and_run_again():
    folder, values, expected, _ = prepared()
    args = ["--set", f"topology.state.dir={folder / 'state'}"]
    running = Gust(slowly(TOPOLOGY, "rows", "present", 30000), *args,
                   folder=folder, **values)
    running.poll(lambda: values["output"].exists()
                 and values["output"].stat().st_size > 50_000, "the output")
    running.signal(signal.SIGKILL)
    running.wait()
    run = gust(TOPOLOGY, *args, folder=folder, **values)
    expect_code(run, 0)
    _, found = read(values["output"])
    expect(run, set(found) == set(expected), True, "the rows are all there")
