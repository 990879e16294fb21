#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Has `gust check` approve the example of every manual.

    tests/conformance/examples.py GUST BUILD [spouts/NAME|bolts/NAME]...

An example is a piece of a topology: a bolt without an input in it gets one
from the spout `feed`, with the fields that FIELDS names, and what its streams
lead to and from beside that is added. Prints what failed, then the numbers of
what passed and failed.
"""

import os
import pathlib
import re
import subprocess
import sys

# What reaches the bolts of an example, by the folder and name of the plugin.
FIELDS = {
    "bolts/aggregate": "page: string, user: string, latency: float",
    "bolts/batch": "user: string, amount: int",
    "bolts/count": "line: string",
    "bolts/dedupe": "event_id: string",
    "bolts/delay": "word: string",
    "bolts/exclaim": "word: string",
    "bolts/exec": "text: string",
    "bolts/filter": "status: int, path: string",
    "bolts/flat_map": "tags: string",
    "bolts/grep": "line: string",
    "bolts/http_post": "shop: string, order: json",
    "bolts/join": "user: string, kind: string",
    "bolts/lookup": "product: int",
    "bolts/map": "item: string, price: float, n: int",
    "bolts/moving_average": "device: string, value: float",
    "bolts/null": "word: string",
    "bolts/parse_csv": "line: string",
    "bolts/parse_json": "line: string",
    "bolts/parse_log": "line: string",
    "bolts/print": "word: string, count: int",
    "bolts/protect": "card: string, email: string, name: string, "
                     "birthday: string",
    "bolts/rate": "host: string",
    "bolts/route": "shelf: int",
    "bolts/sample": "user: string",
    "bolts/select": "password: string, note: string, ts: string, "
                    "price: string",
    "bolts/sequence": "user: string, event: string",
    "bolts/sessions": "user: string, page: string",
    "bolts/socket_out": "word: string, count: int",
    "bolts/sort": "device: string, value: float",
    "bolts/split": "line: string, tags: string",
    "bolts/sqlite": "word: string, count: int",
    "bolts/throttle": "word: string",
    "bolts/to_json": "time: int, message: string, host: string",
    "bolts/top": "line: string",
    "bolts/validate": "id: int, email: string, age: int, name: string, "
                      "country: string, status: string",
    "bolts/write_csv": "id: int, value: string",
    "bolts/write_json": "id: int, value: string",
    "bolts/write_lines": "time: int, reason: string",
}

# Warnings that a piece of a topology has because it is one.
OF_A_PIECE = r": warning: (nothing subscribes to|'[\w-]+' replays from memory)"

ID = r"^  - \{?id: ([\w-]+)"

# The environment that examples ask for.
ENVIRONMENT = {"TOKEN": "secret", "SHOP_KEY": "0f" * 32}


def example(manual):
    """The YAML of a manual, without what it is indented by, or None."""
    match = re.search(r"^Example:[^\n]*\n((?:[ \t]+[^\n]*\n|\n)+)", manual,
                      re.MULTILINE)
    if match is None:
        return None
    lines = match[1].expandtabs(8).rstrip("\n").split("\n")
    margin = min(len(line) - len(line.lstrip()) for line in lines if line)
    return "".join(line[margin:] + "\n" for line in lines)


def parts(yaml):
    """The top-level keys and what stands below each."""
    pieces = re.split(r"^(\w+):\n", yaml, flags=re.MULTILINE)
    if pieces[0].strip():
        raise ValueError(f"no part of a topology: {pieces[0]!r}")
    return dict(zip(pieces[1::2], pieces[2::2]))


def complete(yaml, fields, feed):
    """The whole topology that an example is a piece of."""
    have = parts(yaml)
    spouts = re.findall(ID, have.get("spouts", ""), re.MULTILINE)
    bolts = re.findall(ID, have.get("bolts", ""), re.MULTILINE)
    streams = re.findall(r"\bfrom: ([\w-]+).*?\bto: ([\w-]+)",
                         have.get("streams", ""), re.DOTALL)
    for source, _ in streams:
        if source not in spouts + bolts:
            have["bolts"] = (f"  - {{id: {source}, plugin: {source}}}\n"
                             + have.get("bolts", ""))
            bolts.append(source)
    targets = {target for _, target in streams}
    for target in sorted(targets - set(bolts)):
        have["bolts"] += f"  - {{id: {target}, plugin: print}}\n"
    lost = [bolt for bolt in bolts if bolt not in targets]
    for bolt in lost:
        have["streams"] = (have.get("streams", "")
                           + f"  - {{from: feed, to: {bolt}}}\n")
    if lost:
        have["spouts"] = (
            f"  - id: feed\n    plugin: {feed}\n"
            f"    options: {{fields: {{{fields}}}}}\n"
            + have.get("spouts", ""))
    return "name: example\n" + "".join(f"{key}:\n{have[key]}" for key in (
        "spouts", "bolts", "streams") if key in have)


def mistake(gust, build, name, manual):
    """What is wrong with the example of a manual, or None."""
    yaml = example(manual)
    if yaml is None:
        return "its manual has no Example"
    fields = FIELDS.get(name)
    if fields is None and name.startswith("bolts/"):
        return "FIELDS in tests/conformance/examples.py lacks it"
    whole = complete(yaml, fields, build / "tests/plugins/spouts/feed.so")
    said = subprocess.run(
        [gust, "check", "-"], input=whole, capture_output=True, text=True,
        timeout=30, check=False, env={**os.environ, **ENVIRONMENT})
    wrong = [line for line in said.stderr.splitlines(keepends=True)
             if not re.search(OF_A_PIECE, line)]
    if said.returncode != 0 or wrong:
        return "".join(wrong) + whole
    return None


def main():
    gust, build = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    names = sys.argv[3:] or sorted(
        f"{path.parent.name}/{path.stem}"
        for path in (build / "manuals").glob("*/*.txt"))
    failed = 0
    for name in names:
        manual = (build / "manuals" / (name + ".txt")).read_text()
        wrong = mistake(gust, build, name, manual)
        if wrong is not None:
            failed += 1
            print(f"FAILED example of {name}")
            print("  " + wrong.rstrip().replace("\n", "\n  "))
    if not names:
        print("FAILED examples\n  there are no manuals")
        failed += 1
    print(f"{len(names) - failed} {failed}")


if __name__ == "__main__":
    main()
