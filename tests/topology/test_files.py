# SPDX-License-Identifier: MIT
"""The bolts that write files, killed in the middle of it."""

import csv
import io
import json
import pathlib
import resource
import signal
import tempfile

from harness import (FULL, Failed, Gust, each, expect, expect_balance,
                     expect_code, expect_in, gust, position, so_far, test)

COUNT = 60_000
# A line that makes CSV and JSON work for it.
LINES = [f'{i},"{i % 7}"\t\\' for i in range(COUNT)]


def of_lines(data):
    return data.decode().split("\n")[:-1]


def of_csv(data):
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    if rows and rows[0] != ["line"]:
        raise Failed(f"the header is {rows[0]!r}")
    return [row[0] for row in rows[1:]]


def of_json(data):
    return [json.loads(line)["line"] for line in of_lines(data)]


# Plugin, path, rotate_size, how to read a file.
KINDS = {"write_lines": ("write_lines", "out", 0, of_lines),
         "write_csv": ("write_csv", "out", 0, of_csv),
         "write_json": ("write_json", "out", 0, of_json),
         "rotation": ("write_csv", "{task}-{number}", 200_000, of_csv)}


class Files:
    """A folder to which runs write, one after the other."""

    def __init__(self, kind):
        self.plugin, self.path, self.size, self.read = KINDS[kind]
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.input = self.folder / "input"
        self.out = self.folder / "files"
        self.out.mkdir()
        self.input.write_text("".join(f"{line}\n" for line in LINES))
        self.values = {"input": self.input, "plugin": self.plugin,
                       "path": self.out / self.path, "size": self.size,
                       "state": self.folder / "state"}

    def start(self, before=None):
        return Gust("files", folder=self.folder, before=before, **self.values)

    def written(self):
        return sum(path.stat().st_size for path in self.out.iterdir())

    def position(self):
        """What was stored: all before it was acked."""
        return position(self.folder / "state" / "files.positions.json")

    def acked(self):
        """How many lines stand before the position."""
        return self.input.read_bytes()[:self.position()].count(b"\n")

    def records(self):
        """All whole ones; what a kill has torn is no record."""
        found = []
        for path in sorted(self.out.iterdir()):
            data = path.read_bytes()
            found += self.read(data[:data.rfind(b"\n") + 1])
        return found

    def tear(self):
        """Half a record stands at the end, as a crash may leave it."""
        part = [path for path in self.out.iterdir()
                if path.suffix == ".part" or path.name == "out"]
        with part[0].open("ab") as file:
            file.write(b'"half a')
        return part[0]


@each(kind=list(KINDS))
def nothing_acked_is_lost_by_kill_9(kind):
    files = Files(kind)
    most = 0
    for _ in range(5):
        before = files.position()
        running = files.start()
        running.poll(lambda: files.position() > before + 80_000, "acks")
        running.signal(signal.SIGKILL)
        run = running.wait()
        acked = files.acked()
        missing = set(LINES[:acked]) - set(files.records())
        expect(run, len(missing), 0, "the number of acked lines not there")
        expect(run, acked > most, True,
               f"{acked} lines acked, {most} before")
        most = acked
        torn = files.tear()
    expect(run, most < COUNT, True, "the kills came before the end")
    run = files.start().wait()
    expect_code(run, 0)
    expect_balance(run)
    expect_in(run, torn.name.encode(), run.err, "what it says")
    expect_in(run, b"of a torn record were cut", run.err, "what it says")
    found = files.records()
    expect(run, set(found) == set(LINES), True, "the files have all lines")
    # A line may be there twice, but not each of them.
    expect(run, len(found) < 2 * COUNT, True, f"{len(found)} records")
    expect(run, [path.name for path in files.out.glob("*.part")], [],
           "what is not finished")


@test
def fewer_tasks_finish_what_more_have_left():
    files = Files("rotation")
    # All of them have one file all the time.
    files.values.update(tasks=3, size=10_000_000)
    running = files.start()
    running.poll(lambda: files.position() > 200_000, "acks")
    running.signal(signal.SIGKILL)
    run = running.wait()
    left = {path.name[0] for path in files.out.glob("*.part")}
    expect(run, left, {"0", "1", "2"}, "the tasks that left a file")
    files.values["tasks"] = 2
    run = files.start().wait()
    expect_code(run, 0)
    expect_balance(run)
    expect(run, set(files.records()) == set(LINES), True,
           "the files have all lines")
    expect(run, [path.name for path in files.out.glob("*.part")], [],
           "what is not finished")


@test
def a_rotation_has_each_line_once():
    files = Files("rotation")
    run = gust("files", "--executors", "1", folder=files.folder,
               **dict(files.values, rate=1_000_000))
    expect_code(run, 0)
    expect_balance(run)
    expect(run, files.records(), LINES, "the lines of all files, in order")
    sizes = [path.stat().st_size for path in sorted(files.out.iterdir())]
    expect(run, max(sizes) <= files.size and min(sizes[:-1]) > 190_000, True,
           f"the sizes {sizes}")


def on_a_full_disk(files):
    """A run that waits: the limit of a file's size stands for the disk."""
    running = files.start(lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (100_001, resource.RLIM_INFINITY)))
    running.poll(lambda: running.waits("out"), "that the disk is full")
    seen = []

    def stands():
        """A hundred looks in a row found the same."""
        seen.append((files.written(), files.position()))
        return seen[-100:] == seen[-1:] * 100

    running.poll(stands, "that nothing more is written")
    data = (files.out / "out").read_bytes()
    if len(data) > 100_001 or not data.endswith(b"\n"):
        raise Failed(f"{len(data)} bytes, or half a line at their end")
    return running


@test
def a_full_disk_is_waited_for():
    files = Files("write_lines")
    running = on_a_full_disk(files)
    if FULL:  # every five seconds a line says who is to blame
        running.poll(lambda: b"; 'out': waiting: File too large"
                     in so_far(running.err), "that the progress says so")
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    run = running.wait()
    expect_code(run, 0)
    expect_in(run, b"File too large; it is tried again", run.err, "its log")
    expect_in(run, b"can be written again", run.err, "its log")
    expect_balance(run)
    expect(run, run.counts()["trees_failed"], 0, "trees_failed")
    expect(run, files.records(), LINES, "the lines")


@test
def what_a_full_disk_has_not_taken_is_not_acked():
    """Here much was gathered and not written when the kill comes."""
    files = Files("write_lines")
    running = on_a_full_disk(files)
    running.signal(signal.SIGKILL)
    run = running.wait()
    acked = files.acked()
    expect(run, acked > 0, True, f"{acked} lines acked")
    expect(run, files.records()[:acked], LINES[:acked], "the acked lines")
    expect_code(files.start().wait(), 0)
    expect(run, set(files.records()) == set(LINES), True,
           "the file has all lines")


@test
def two_runs_do_not_write_one_file():
    files = Files("write_lines")
    first = files.start()
    first.poll(lambda: files.written() > 1000, "the output")
    second = Gust("files", folder=files.folder,
                  **dict(files.values, state=files.folder / "other")).wait()
    expect_code(second, 1)
    expect_in(second, b"is being written by another task or process",
              second.err, "what it says")
    first.signal(signal.SIGTERM)
    expect_code(first.wait(), 0)


@test
def a_path_that_cannot_be_written_fails_before_data_flows():
    files = Files("write_lines")
    run = gust("files", folder=files.folder,
               **dict(files.values, path=files.folder / "no" / "out"))
    expect_code(run, 1)
    expect_in(run, b"no/out': No such file or directory", run.err,
              "what it says")
    expect(run, run.counts()["roots"], 0, "roots")
