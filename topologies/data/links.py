# SPDX-License-Identifier: MIT
"""The bolt `links` of python.yaml: the hosts of the links in a text.

gust writes an object of JSON a line, and reads one for each:

    {"id": 7, "tuple": {"line": "see https://Example.org/a"}}
    {"id": 7, "emit": [{"host": "example.org", "path": "/a"}]}

A line with a link that is none fails, which gust counts, tries again and at
last puts with the dead letters. What is printed to sys.stderr goes to the log.
"""

import json
import re
import sys
from urllib.parse import urlsplit

LINK = re.compile(r"https?://[^\s<>\"]+")


def links(line):
    for text in LINK.findall(line):
        parts = urlsplit(text)
        # The port is read only here, and may be none.
        port = f":{parts.port}" if parts.port else ""
        yield {"host": (parts.hostname or "") + port, "path": parts.path}


def main():
    for request in map(json.loads, sys.stdin):
        answer = {"id": request["id"]}
        try:
            answer["emit"] = list(links(request["tuple"]["line"] or ""))
        except ValueError as error:
            answer["fail"] = f"no link: {error}"
        # Each answer must go out at once.
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
