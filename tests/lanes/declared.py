# SPDX-License-Identifier: MIT
"""Prints the names that headers on stdin declare with GUST_API."""

import re
import sys

text = re.sub(r"/\*.*?\*/", "", sys.stdin.read(), flags=re.DOTALL)
text = re.sub(r"(?m)^#(.*\\\n)*.*$", "", text)
for declaration in re.findall(r"\bGUST_API\b([^;{]*)", text):
    declaration = re.sub(r"__attribute__\s*\(\(.*", "", declaration,
                         flags=re.DOTALL)
    # A function's name stands before the first parenthesis, an object's last.
    match = (re.search(r"(\w+)\s*\(", declaration) or
             re.search(r"(\w+)\s*(?:\[.*)?$", declaration))
    print(match.group(1))
