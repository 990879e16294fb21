# SPDX-License-Identifier: MIT
"""Windows of whole topologies against a short reference.

The input are rows of n, k, t in files, in each of them up to DISORDER late, so
that with that lag nothing is; then what comes of windows does not depend on
the order, on executors, tasks, workers, or batches.
"""

import collections
import functools
import os
import pathlib
import random
import signal
import subprocess
import tempfile

from harness import (BUILD, GUST, Failed, Gust, each, expect, expect_balance,
                     expect_code, expect_in, gust, lines_of, short, so_far,
                     store, test, ways)

COUNT = 3000
DISORDER = 40  # milliseconds
BEGIN = 1795305600000  # midnight
NS = 1000000

TOPOLOGY = """
name: windows
config: {%(config)s}
spouts:
  - id: rows
    plugin: csv
    options: {files: [%(files)s], header: false}
    parallelism: %(spouts)d
    outputs: {default: {n: int, k: string, t: int}}
    timestamp: {field: t, format: ms, lag: %(lag)dms}
bolts:
  - {id: pass, plugin: select, parallelism: %(tasks)d, options: {keep: [n, k, t]}}
  - {id: w, plugin: tally, parallelism: %(tasks)d, window: {%(window)s}}
  - {id: after, plugin: %(after)s}
  - {id: print, plugin: print, options: {template: "%(template)s"}}
  - {id: late, plugin: write_csv, options: {path: "late-{task}.csv"}}
streams:
  - {from: rows, to: pass}
  - {from: pass, to: w, grouping: {type: fields, args: [k]}}
  - {from: w, to: after}
  - {from: after, to: print}
  - {from: w, name: late, to: late}
"""
TEMPLATE = " {begin} {end} {count} {sum} {firing}"


def rows(seed=1, count=COUNT, step=5, disorder=DISORDER):
    """n, k and t, not in the order of t."""
    rng = random.Random(seed)
    return [(n, rng.choice("abcd") if rng.random() < 0.9 else "rare",
             BEGIN + n * step + n // 500 * 2000 - rng.randint(0, disorder))
            for n in range(count)]


def run(window, *args, files=1, lag=DISORDER, tasks=1, config="", data=None,
        after="select", key="{k}"):
    data = data or rows()
    paths = [store("".join(f"{n},{k},{t}\n" for n, k, t in data[i::files])
                   .encode()) for i in range(files)]
    text = TOPOLOGY % {
        "config": config, "files": ", ".join(f'"{p}"' for p in paths),
        "spouts": files, "lag": lag, "tasks": tasks, "window": window,
        "after": after, "template": key + TEMPLATE}
    path = store(text.encode())
    path = path.rename(path.with_suffix(".yaml"))
    return gust(path, *args)


def results(out):
    """(k, begin, end, count, sum, firing), times in ms, sorted."""
    found = []
    for line in out.lines:
        k, begin, end, *rest = line.decode().split(" ")
        found.append((k, int(begin) // NS, int(end) // NS, *map(int, rest)))
    return sorted(found)


def tumbling(length, data):
    return sliding(length, length, data)


def sliding(length, slide, data):
    windows = collections.defaultdict(lambda: [0, 0])
    for n, k, t in data:
        begin = t - t % slide
        while begin + length > t:
            windows[k, begin, begin + length][0] += 1
            windows[k, begin, begin + length][1] += n
            begin -= slide
    return sorted((*key, *value, 0) for key, value in windows.items())


def sessions(gap, data):
    found = []
    for key in {k for _, k, _ in data}:
        last = None
        for t, n in sorted((t, n) for n, k, t in data if k == key):
            if last is None or t >= last[2]:
                last = [key, t, t + gap, 0, 0, 0]
                found.append(last)
            last[2] = t + gap
            last[3] += 1
            last[4] += n
    return sorted(map(tuple, found))


KINDS = {
    "tumbling": ("type: tumbling, length: 1s, keys: [k]",
                 lambda data: tumbling(1000, data)),
    "sliding": ("type: sliding, length: 1s, slide: 100ms, keys: [k]",
                lambda data: sliding(1000, 100, data)),
    "uneven": ("type: sliding, length: 1s, slide: 300ms, keys: [k]",
               lambda data: sliding(1000, 300, data)),
    "session": ("type: session, gap: 60ms, keys: [k]",
                lambda data: sessions(60, data)),
}


def expect_results(out, expected):
    found = results(out)
    if found != expected:
        missing = sorted(set(expected) - set(found))
        surplus = sorted(set(found) - set(expected))
        raise Failed(f"{len(found)} windows, expected {len(expected)}; missing "
                     f"{short(missing)}, too many {short(surplus)}\n"
                     + out.show())


def expect_whole(out):
    expect_code(out, 0)
    expect_balance(out)
    expect(out, out.counts()["window_tuples"], 0, "what is left in windows")
    expect(out, out.counts("w")["acked"] + out.counts("w")["failed"],
           out.counts("w")["executed"], "what became of its inputs")


@each(kind=list(KINDS))
def windows_are_the_same_in_all_ways(kind):
    window, reference = KINDS[kind]
    expected = reference(rows())
    for way in [*ways(), ["--workers", "2"]]:
        for tasks, files in ((1, 1), (3, 2)):
            out = run(window, *way, tasks=tasks, files=files)
            expect_whole(out)
            expect_results(out, expected)
            expect(out, out.counts("w")["late"], 0, "late tuples")
            expect(out, out.counts("w")["roots"], len(expected),
                   "derived roots")


@test
def windows_of_a_number_of_tuples_take_them_as_they_come():
    data = rows(count=1003)
    for length, slide, window in ((10, 10, "type: count, length: 10"),
                                  (10, 3, "type: count, length: 10, slide: 3")):
        out = run(window, data=data, key="all")
        expect_whole(out)
        full = [tuple(map(int, line.split()[3:5])) for line in out.lines
                if line.split()[3] == b"10"]
        # One after each `slide` tuples; the first ones are shorter.
        sums = [sum(n for n, _, _ in data[end - length:end])
                for end in range(slide, len(data) + 1, slide)
                if end >= length]
        expect(out, sorted(s for _, s in full), sorted(sums), "sums of full "
               "windows")


@test
def early_results_come_besides():
    window, reference = KINDS["sliding"]
    out = run(window + ", early: 1ms", "--executors", "2")
    expect_whole(out)
    found = results(out)
    expected = reference(rows())
    expect(out, [w for w in found if w[5] == 0], expected, "results on time")
    finals = {w[:3]: w[3] for w in expected}
    early = [w for w in found if w[5] == 1]
    expect(out, [w for w in early if w[3] > finals.get(w[:3], 0)], [],
           "early results that are no part of a window")


def late_lines(out):
    return sum(path.read_bytes().count(b"\n")
               for path in out.folder.glob("late-*.csv"))


@each(kind=["tumbling", "sliding", "session"])
def a_tuple_is_in_its_windows_or_late(kind):
    window, _ = KINDS[kind]
    data = rows(disorder=400)
    for way in ways():
        out = run(window, *way, lag=20, tasks=2, data=data)
        expect_whole(out)
        late = out.counts("w")["late"]
        # Each task has a header line.
        expect(out, late_lines(out) in (late, late + 1), True,
               "late ones written")
        whole = sum(w[3] for w in results(out))
        if kind == "sliding":
            # In some of its ten windows, if not in all.
            expect(out, COUNT - late <= whole <= 10 * (COUNT - late), True,
                   "tuples in windows and late")
        else:
            expect(out, whole + late, COUNT, "tuples in windows and late")


@test
def allowed_lateness_hands_windows_over_again():
    window, reference = KINDS["tumbling"]
    data = rows(disorder=400)
    out = run(window + ", allowed_lateness: 1s", lag=0, data=data)
    expect_whole(out)
    expect(out, out.counts("w")["late"], 0, "late tuples")
    last = {}
    for w in sorted(results(out), key=lambda w: w[3]):
        last[w[:3]] = w[3:5]
    expect(out, last, {w[:3]: w[3:5] for w in reference(data)},
           "the last results")


@test
def results_that_fail_are_replayed():
    window, reference = KINDS["tumbling"]
    for way in [*ways(), ["--workers", "2"]]:
        out = run(window, *way, "--set", "topology.replay.backoff.ms=1",
                  "--set", "topology.replay.max.attempts=20", tasks=2, after="flaky")
        expect_whole(out)
        expect(out, sorted(set(results(out))), reference(rows()), "results")


@test
def held_tuples_neither_time_out_nor_count_as_pending():
    window, reference = KINDS["tumbling"]
    out = run(window, config="topology.max.spout.pending: 1, "
              "topology.message.timeout.secs: 0.05")
    expect_whole(out)
    expect_results(out, reference(rows()))
    expect(out, out.counts()["timed_out"], 0, "timed_out")


@test
def without_event_time_the_clock_ends_windows():
    text = """
name: clock
spouts:
  - {id: numbers, plugin: generate, options: {fields: {n: sequence}, rate: 2000, count: 1000}}
bolts:
  - {id: w, plugin: tally, window: {type: tumbling, length: 50ms}}
  - {id: print, plugin: print, options: {template: "all {begin} {end} {count} {sum} {firing}"}}
streams:
  - {from: numbers, to: w}
  - {from: w, to: print}
"""
    path = store(text.encode())
    out = gust(path.rename(path.with_suffix(".yaml")))
    expect_whole(out)
    found = results(out)
    expect(out, sum(w[3] for w in found), 1000, "the count")
    expect(out, [w for w in found if w[1] % 50 or w[2] != w[1] + 50], [],
           "windows that do not begin at full 50 ms")
    expect(out, len(found) > 5, True, "several windows")


@test
def a_window_that_cannot_fit_is_named():
    out = run("type: tumbling, length: 1d, keys: [k]",
              config="topology.memory.max.bytes: 1MiB",
              data=rows(count=60000))
    expect_code(out, 1)
    expect_in(out, b"window 'w' has", out.err, "what it says")
    expect_in(out, b"(512 KiB)", out.err, "what it says")
    expect_in(out, b"topology.memory.max.bytes (1 MiB), or name a "
              b"topology.state.dir to spill to", out.err, "what it says")


@each(way=[("--executors", "2"), ("--workers", "2")])
def a_signal_ends_windows_as_the_end_does(way):
    text = """
name: endless
spouts:
  - {id: numbers, plugin: generate, options: {fields: {n: sequence}, rate: 20000}}
bolts:
  - {id: w, plugin: tally, window: {type: tumbling, length: 1d}}
  - {id: print, plugin: print, options: {template: "all {begin} {end} {count} {sum} {firing}"}}
  - {id: copy, plugin: write_csv, options: {path: copy.csv}}
streams:
  - {from: numbers, to: w}
  - {from: numbers, to: copy}
  - {from: w, to: print}
"""
    path = store(text.encode())
    going = Gust(path.rename(path.with_suffix(".yaml")), *way)
    going.poll(lambda: lines_of(going.folder / "copy.csv") > 1000, "its begin")
    going.signal(signal.SIGTERM)
    out = going.wait()
    expect_whole(out)
    expect(out, out.report["end"], "stopped", "the end")
    expect(out, sum(w[3] for w in results(out)),
           out.counts("numbers")["trees_acked"], "the count")


WHOLE = "{begin}|{all}|{fresh}|{expired}"


def topology_of(window, folder, path, tasks=2, whole=False, key="{k}",
                grouping="{type: fields, args: [k]}", follow=False):
    """Windows of that file that are kept in `folder`; with `follow` a run waits
    for more."""
    text = TOPOLOGY % {
        "config": "topology.state.provider: lmdb, topology.state.dir: state, "
                  "topology.state.commit.ms: 5",
        "files": f'"{path}"', "spouts": 1, "lag": DISORDER, "tasks": tasks,
        "window": window, "after": "select",
        "template": WHOLE if whole else key + TEMPLATE}
    text = text.replace("{type: fields, args: [k]}", grouping)
    if whole or "count" in window:
        # They are to come in their order.
        text = text.replace(f"select, parallelism: {tasks}", "select")
    if whole:
        text = text.replace("plugin: tally", "plugin: whole")
    if follow:
        text = text.replace("header: false", "header: false, follow: true")
    topology = folder / "windows.yaml"
    topology.write_text(text)
    return topology


def durable(window, *args, folder, path, **values):
    """A run of these."""
    return Gust(topology_of(window, folder, path, **values), *args,
                folder=folder)


@each(kind=list(KINDS))
def windows_that_are_open_at_a_stop_go_on_in_the_next_run(kind):
    window, reference = KINDS[kind]
    path = store("".join(f"{n},{k},{t}\n" for n, k, t in rows()).encode())
    folder = pathlib.Path(tempfile.mkdtemp())
    found = []
    for limit in (700, 1, 900, 0):
        way = ["--max-tuples", str(limit)] if limit else []
        out = durable(window, *way, folder=folder, path=path).wait()
        expect_code(out, 0)
        expect_balance(out)
        expect(out, out.counts("w")["late"], 0, "late tuples")
        found += results(out)
    if sorted(found) != reference(rows()):
        raise Failed(f"{len(found)} windows, missing "
                     f"{short(sorted(set(reference(rows())) - set(found)))}, "
                     f"too many "
                     f"{short(sorted(set(found) - set(reference(rows()))))}\n"
                     + out.show())


def counts(length, slide, data):
    """Windows of tuples: (first time, last time + 1, numbers) of a key."""
    found = []
    for key in {k for _, k, _ in data}:
        rows_of = [(n, t) for n, k, t in data if k == key]
        last = -(-len(rows_of) // slide) * slide
        for end in range(slide, last + 1, slide):
            found.append(rows_of[max(end - length, 0):end])
    return found


# As results() has them, of the rows in their order.
MOVED = dict(KINDS)
MOVED["count"] = (
    "type: count, length: 70, slide: 30, keys: [k]",
    lambda data: sorted((next(k for m, k, _ in data if m == window[0][0]),
                         window[0][1], window[-1][1], len(window),
                         sum(n for n, _ in window), 0)
                        for window in counts(70, 30, data)))


def go_on(kind, seed, whole=False):
    """Runs that are stopped, each with another number of tasks."""
    rng = random.Random(f"{kind} {seed}")
    window, _ = MOVED[kind]
    path = store("".join(f"{n},{k},{t}\n" for n, k, t in rows()).encode())
    folder = pathlib.Path(tempfile.mkdtemp())
    tasks = rng.randint(1, 4)
    lines = []
    for limit in (rng.randint(1, 900), rng.randint(1, 900),
                  rng.randint(1, 900), 0):
        way = ["--max-tuples", str(limit)] if limit else []
        out = durable(window, *way, folder=folder, path=path, tasks=tasks,
                      whole=whole).wait()
        expect_code(out, 0)
        expect_balance(out)
        expect(out, out.counts("w")["late"], 0, "late tuples")
        lines.append((tasks, out))
        tasks = rng.choice([n for n in range(1, 5) if n != tasks])
    return lines


@each(kind=list(MOVED))
def windows_that_are_open_go_on_in_another_number_of_tasks(kind):
    for seed in range(3):
        runs = go_on(kind, seed)
        found = sorted(w for _, out in runs for w in results(out))
        expected = MOVED[kind][1](rows())
        if found != expected:
            raise Failed(f"tasks {[n for n, _ in runs]}: {len(found)} windows, "
                         f"missing {short(sorted(set(expected) - set(found)))},"
                         f" too many {short(sorted(set(found) - set(expected)))}"
                         "\n" + runs[-1][1].show())


def whole_lines(kind, data):
    """What `whole` tells of each key: begin, its numbers in order, those that
    are new, and those that have left; None: that may be anything."""
    found = []
    for key in {k for _, k, _ in data}:
        own = sorted((t, n) for n, k, t in data if k == key)
        of_key = [row for row in data if row[1] == key]
        if kind == "count":
            windows = [(window[0][1],
                        [n for _, n in sorted((t, n) for n, t in window)])
                       for window in counts(70, 30, of_key)]
        else:
            windows = [(begin, [n for t, n in own if begin <= t < end])
                       for _, begin, end, *_ in MOVED[kind][1](of_key)]
        before, at, seen = [], None, set()
        for begin, numbers in windows:
            gone = [n for n in before if n not in numbers]
            # It is empty after a restart, or if a window between was.
            if kind != "sliding" or at is not None and begin != at + 100:
                gone = None
            found.append((begin, numbers, [n for n in numbers if n not in seen],
                          gone))
            before, at = numbers, begin
            seen.update(numbers)
    return found


@each(kind=["tumbling", "sliding", "session", "count"])
def whole_windows_go_on_in_another_number_of_tasks(kind):
    for seed in range(2):
        runs = go_on(kind, seed, whole=True)
        found = {}
        for _, out in runs:
            for line in out.lines:
                begin, *lists = line.decode().split("|")
                numbers, fresh, gone = ([int(n) for n in part.split()]
                                        for part in lists)
                found[int(begin) // NS, *numbers] = (fresh, gone)
        tasks = [n for n, _ in runs]
        last = runs[-1][1]
        expected = whole_lines(kind, rows())
        expect(last, sum(len(out.lines) for _, out in runs), len(expected),
               f"windows with tasks {tasks}")
        for begin, numbers, fresh, gone in expected:
            told = found.get((begin, *numbers))
            if told is not None and gone is None:
                gone = told[1]
            expect(last, told, (fresh, gone),
                   f"what is new and gone of {begin} with tasks {tasks}")


def state(verb, topology, *lines):
    """`gust state export` or `import`; what it prints."""
    environment = dict(os.environ,
                       GUST_PLUGIN_PATH=str(BUILD / "tests" / "plugins"))
    return subprocess.run(
        [GUST, "state", verb, topology, *lines], env=environment, check=True,
        cwd=topology.parent, capture_output=True, timeout=60).stdout


@each(kind=[*MOVED, "whole"])
def windows_are_exported_and_imported(kind):
    """From two tasks into three, where the rest of the rows comes."""
    whole = kind == "whole"
    window, reference = MOVED["sliding" if whole else kind]
    data = rows()
    paths = [store("".join(f"{n},{k},{t}\n" for n, k, t in part).encode())
             for part in (data, data[1200:])]
    folders = [pathlib.Path(tempfile.mkdtemp()) for _ in paths]
    first = durable(window, "--max-tuples", "1200", folder=folders[0],
                    path=paths[0], tasks=2, whole=whole).wait()
    expect_code(first, 0)
    lines = folders[1] / "lines"
    lines.write_bytes(state("export", folders[0] / "windows.yaml"))
    state("import", topology_of(window, folders[1], paths[1], tasks=3,
                                whole=whole), lines)
    second = durable(window, folder=folders[1], path=paths[1], tasks=3,
                     whole=whole).wait()
    expect_code(second, 0)
    if whole:
        found = sorted(line.split(b"|")[1] for out in (first, second)
                       for line in out.lines)
        expected = sorted(" ".join(map(str, w[1])).encode()
                          for w in whole_lines("sliding", data))
        expect(second, found, expected, "the windows")
    else:
        expect(second, sorted(results(first) + results(second)),
               reference(data), "the windows")


@test
def windows_that_cannot_be_moved_stay_or_are_refused():
    window, reference = KINDS["tumbling"]
    unkeyed = "type: tumbling, length: 1d"
    path = store("".join(f"{n},{k},{t}\n" for n, k, t in rows()).encode())
    for spec, grouping, tasks, message in (
            (unkeyed, "{type: fields, args: [k]}", (2, 3),
             b"windows of 'w' are open, and cannot be moved to another number "
             b"of tasks: its tuples from 'pass' are grouped by 'fields', and "
             b"not by keys of the window alone"),
            (window, "{type: all}", (2, 1),
             b"its tuples from 'pass' are grouped by 'all'"),
            (unkeyed, "{type: shuffle}", (3, 2),
             b"windows of task 2 of 'w' are open, and only those that are "
             b"grouped by their keys can be moved to another task, expected at "
             b"least 3 tasks"),
            (unkeyed, "{type: shuffle}", (2, 3), None),
            (unkeyed, "{type: global}", (3, 1), None),
            (unkeyed, "{type: global}", (1, 3), None)):
        again = functools.partial(
            durable, spec, folder=pathlib.Path(tempfile.mkdtemp()), path=path,
            grouping=grouping, key="all" if spec == unkeyed else "{k}")
        out = again("--max-tuples", "700", tasks=tasks[0]).wait()
        expect_code(out, 0)
        before = results(out)
        out = again(tasks=tasks[1]).wait()
        if message is not None:
            expect_code(out, 1)
            expect_in(out, message, out.err, "what it says")
            # As before it goes on.
            out = again(tasks=tasks[0]).wait()
        expect_code(out, 0)
        if "all" not in grouping:
            expect(out, sum(w[3] for w in before + results(out)), COUNT,
                   f"{grouping}: the tuples in windows")


@test
def windows_survive_a_kill():
    """What was acked is in a window, before the kill or after it."""
    window, reference = KINDS["tumbling"]
    data = rows(count=60000, step=1)
    path = store(b"")
    folder = pathlib.Path(tempfile.mkdtemp())
    found = []
    for part, lines in enumerate((5, 40, 0)):
        # It does not end before it is killed.
        with path.open("a") as file:
            file.writelines(f"{n},{k},{t}\n" for n, k, t in
                            data[part * 20000:(part + 1) * 20000])
        going = durable(window, folder=folder, path=path, follow=lines > 0)
        if lines:
            going.poll(lambda: so_far(going.out).count(b"\n") > lines, "lines")
            going.signal(signal.SIGKILL)
            going.process.wait()
            text = so_far(going.out)
        else:
            # What was stored before a kill comes again, and may be late.
            out = going.wait()
            expect_code(out, 0)
            text = out.out
        found += [line for line in text.split(b"\n")[:-1] if line]
    most = {}
    for line in found:
        k, begin, end, count, _, _ = line.decode().split(" ")
        key = (k, int(begin) // NS, int(end) // NS)
        most[key] = max(most.get(key, 0), int(count))
    lacking = [w for w in reference(data) if most.get(w[:3], 0) < w[3]]
    expect(out, lacking, [], "windows that lack tuples")


@test
def whole_windows_have_their_tuples_in_order():
    """All of them, those that are new, and those that have left."""
    data = rows(count=600)
    path = store("".join(f"{n},{k},{t}\n" for n, k, t in data).encode())
    text = """
name: whole
spouts:
  - id: rows
    plugin: csv
    options: {files: "%s", header: false}
    outputs: {default: {n: int, k: string, t: int}}
    timestamp: {field: t, format: ms, lag: %dms}
bolts:
  - {id: w, plugin: whole, window: {type: sliding, length: 400ms, slide: 100ms}}
  - {id: print, plugin: print, options: {template: "{begin}|{all}|{fresh}|{expired}"}}
streams:
  - {from: rows, to: w}
  - {from: w, to: print}
""" % (path, DISORDER)
    path = store(text.encode())
    path = path.rename(path.with_suffix(".yaml"))
    ordered = sorted((t, n) for n, _, t in data)
    begins = sorted({begin for begin, *_ in
                     ((w[1],) for w in sliding(400, 100, data))})
    expected, before = [], []
    for begin in begins:
        now = [n for t, n in ordered if begin <= t < begin + 400]
        old = set(before)
        expected.append((begin, now, [n for n in now if n not in old],
                         [n for n in before if n not in set(now)]))
        before = now
    for way in ways():
        out = gust(path, *way)
        expect_whole(out)
        found = []
        for line in out.lines:
            begin, *lists = line.decode().split("|")
            found.append((int(begin) // NS,
                          *([int(n) for n in part.split()]
                            for part in lists)))
        expect(out, sorted(found), expected, "the windows")
