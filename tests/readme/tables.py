#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keeps the tables of the README that can be made from the tree.

tables.py --check GUST README     says whether they are up to date; exits 1
tables.py --write GUST README     writes them anew

What stands between `<!-- plugins -->` or `<!-- topologies -->` and
`<!-- end -->` is made: from `GUST info --json`, and from the first sentence of
the first comment of each topology.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

SECTION = re.compile(r"(<!-- (plugins|topologies) -->\n).*?(<!-- end -->\n)",
                     re.DOTALL)


def info(gust):
    environment = dict(os.environ)
    environment.pop("GUST_PLUGIN_PATH", None)
    done = subprocess.run([gust, "info", "--json"], check=True,
                          capture_output=True, env=environment)
    return json.loads(done.stdout)


def cell(text):
    return text.replace("|", "\\|")


def plugins(found, _folder):
    lines = ["| plugin | | what it does |\n", "|---|---|---|\n"]
    for kind in ("spout", "bolt"):
        for plugin in found["plugins"]:
            if plugin["kind"] == kind:
                lines.append(f"| `{plugin['name']}` | {kind} | "
                             f"{cell(plugin['summary'])} |\n")
    return "".join(lines)


def sentence(path):
    """The first sentence of the comment that the file begins with."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# ") or line.startswith("#  "):
            break
        words += line[2:].split()
    text = " ".join(words)
    text = re.split(r"(?<=[^A-Z][.]) (?=[A-Z])|[.:]$|: gust run", text)[0]
    return text.rstrip(".:")


def topologies(_found, folder):
    lines = ["| topology | what it shows |\n", "|---|---|\n"]
    for path in sorted((folder / "topologies").glob("*.yaml")):
        lines.append(f"| [{path.stem}](topologies/{path.name}) | "
                     f"{cell(sentence(path))} |\n")
    return "".join(lines)


def main():
    mode, gust, name = sys.argv[1:]
    readme = pathlib.Path(name).resolve()
    found = info(gust)
    if found["not_built"]:
        print(f"{name}: plugins were not built, so their table is not checked")
        return 0
    text = readme.read_text(encoding="utf-8")
    makers = {"plugins": plugins, "topologies": topologies}
    made = SECTION.sub(lambda match: match[1]
                       + makers[match[2]](found, readme.parent) + match[3],
                       text)
    if len(SECTION.findall(text)) != 2:
        print(f"{name}: expected two tables between marks")
        return 1
    if mode == "--write":
        readme.write_text(made, encoding="utf-8")
    elif made != text:
        print(f"{name}: its tables are out of date: tests/readme/tables.py "
              f"--write {os.path.relpath(gust)} {name}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
