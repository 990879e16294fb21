#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Extracts the manuals of plugins, which are the first comments of their files.

manuals.py OUTPUT SOURCE... writes OUTPUT/spouts/NAME.txt or OUTPUT/bolts/NAME.txt
for each source. A source without a manual is an error.
"""

import os
import pathlib
import re
import shutil
import sys

COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)


def manual(text):
    """Returns the first comment that is not the licence, without its frame."""
    for match in COMMENT.finditer(text):
        if "SPDX-License-Identifier" in match.group(1):
            continue
        # A comment below the first line of code is no manual.
        if re.sub(COMMENT, "", text[: match.start()]).strip():
            return None
        lines = [re.sub(r"^\s*\* ?", "", line).rstrip()
                 for line in match.group(1).splitlines()]
        body = "\n".join(lines).strip("\n").strip()
        return body.expandtabs(8) + "\n" if body else None
    return None


def kind(source):
    """Returns 'spouts' or 'bolts', from the folder that the source is in."""
    for part in reversed(source.parts[:-1]):
        if part in ("spouts", "bolts"):
            return part
    sys.exit(f"{source}: expected to be below spouts/ or bolts/")


def main():
    output = pathlib.Path(sys.argv[1])
    shutil.rmtree(output, ignore_errors=True)
    for folder in ("spouts", "bolts"):
        (output / folder).mkdir(parents=True)
    for name in sys.argv[2:]:
        source = pathlib.Path(name)
        text = manual(source.read_text(encoding="utf-8"))
        if text is None:
            sys.exit(f"{source}:1: a plugin begins with a comment, its manual")
        target = output / kind(source) / (source.stem + ".txt")
        target.write_text(text, encoding="utf-8")
    # Ninja goes by the time of the folder.
    os.utime(output)


if __name__ == "__main__":
    main()
