#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the templates of `gust new` as an array of C.

embed.py OUTPUT TEMPLATE... takes the name of each file without its `.in`.
"""

import pathlib
import sys

def literal(text):
    """The text as string literals, one a line, so that none is too long."""
    lines = []
    for line in text.splitlines(keepends=True):
        line = (line.replace("\\", "\\\\").replace('"', '\\"')
                .replace("\t", "\\t").replace("\n", "\\n")
                .replace("?", "\\?"))
        lines.append(f'\t\t"{line}"')
    return "\n".join(lines)


def main():
    parts = ['#include "cli/new/template.h"\n', "#include <stddef.h>\n",
             "const struct template template_table[] = {"]
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        text = path.read_text(encoding="utf-8")
        parts.append(f'\t{{ "{path.stem}",\n{literal(text)} }},')
    parts.append("\t{ NULL, NULL },\n};\n")
    pathlib.Path(sys.argv[1]).write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
