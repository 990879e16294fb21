#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of fuzz_batch: seeds_batch.py FOLDER.

Good batches of every kind of section, and some that are nearly good; the layout
is that of runtime/tuple/batch.h and gust/tuple.h, written down here once more.
"""

import os
import struct
import sys

NULL, BOOL, INT, FLOAT, STRING, BYTES, JSON = range(7)
(RUN, MARK, ACKS, HOLDS, FAIL, CREDITS, NOTES, LOST,
 TEXTS) = range(1, 10)


def record(stream, values, task=1):
    """A tuple: its header, its cells, its bytes."""
    begin = 40 + 16 * len(values)
    cells, data = b"", b""
    for kind, value in values:
        if kind >= STRING:
            cells += struct.pack("<IIQ", kind, len(value), begin + len(data))
            data += value + bytes(8 - len(value) % 8)
        else:
            form = "<IId" if kind == FLOAT else "<IIq"
            cells += struct.pack(form, kind, 0, value)
    body = cells + data
    return struct.pack("<IHHIIQqQ", 40 + len(body), stream, len(values), task,
                       0, 0, 0, 0) + body


def section(kind, count, body=b"", task=0, extra=0):
    return struct.pack("<IHHII", 16 + len(body), kind, count, task,
                       extra) + body


def anchors(*pairs):
    return b"".join(struct.pack("<QQ", root, edge) for root, edge in pairs)


def run(tuples, *pairs):
    return section(RUN, len(pairs), anchors(*pairs) + b"".join(tuples), 2, 4)


def texts(*runs, tracked=1, length=None):
    """Packed texts of stream 0; a run is a root, an edge and its texts."""
    body = struct.pack("<IHHq", 1, 0, 0, -5)
    for root, edge, words in runs:
        if tracked:
            body += anchors((root, edge))
        body += struct.pack("<II", 24 * len(words), 0)
        for word in words:
            body += struct.pack("<Q15sB", 99, word,
                                len(word) if length is None else length)
    return section(TEXTS, tracked, body, 2, 4)


def batch(*sections, version=3):
    body = b"".join(sections)
    return struct.pack("<IHHIIQQ", 32 + len(body), version, 0, 1, 0, 0,
                       0) + body


def failure(kind, reason):
    body = struct.pack("<QIHH", 1 << 48 | 7, 3, kind, len(reason)) + reason
    return section(FAIL, 1, body + bytes(-len(body) % 8))


def seeds():
    word = record(0, [(STRING, b"word")])
    empty = record(1, [])
    row = record(2, [(INT, -1), (FLOAT, 1.5), (BOOL, 1)])
    nulls = record(2, [(NULL, 0), (BYTES, b"\0\xff" * 9), (JSON, b"{}")])
    root = 1 << 48 | 5 << 24 | 9
    credit = struct.pack("<IIQ", 3, 4, 4096)
    yield "empty", b""
    yield "no-sections", batch()
    yield "run", batch(run([word, word], (root, 77)))
    yield "run-untracked", batch(run([word]))
    yield "run-four-roots", batch(run([row, empty, nulls], (root, 1),
                                      (root + 1, 2), (root + 2, 3),
                                      (root + 3, 4)))
    yield "texts", batch(texts((root, 7, [b"word", b"", b"fifteen bytes!!"]),
                               (root + 1, 8, [b"eight by"])))
    yield "texts-untracked", batch(texts((0, 0, [b"word"] * 3), tracked=0))
    yield "texts-too-long", batch(texts((root, 7, [b"word"]), length=16))
    yield "texts-cut", batch(texts((root, 7, [b"word"]), length=2))
    yield "texts-no-run", batch(texts())
    yield "texts-empty-run", batch(texts((root, 7, [])))
    yield "marks", batch(section(MARK, 1, b"", 2, 1),
                         section(MARK, 2, b"", 2, 1),
                         section(MARK, 3, struct.pack("<q", -5), 2, 1),
                         section(MARK, 4, b"", 2, 1))
    yield "acks", batch(section(ACKS, 2, anchors((root, 5), (root + 1, 6))),
                        section(HOLDS, 1, anchors((root, 5))),
                        section(NOTES, 1, anchors((root, 3))))
    yield "credits", batch(section(CREDITS, 2, credit * 2))
    yield "failures", batch(*(failure(kind, b"a reason" * kind)
                              for kind in (1, 2, 3, 4)))
    yield "all", batch(section(ACKS, 1, anchors((root, 5))),
                       run([word] * 5, (root, 1)), section(MARK, 1, b"", 1, 2),
                       run([nulls]), failure(1, b""))
    yield "version", batch(version=4)
    yield "root-of-no-task", batch(run([word], (9 << 48, 1)))
    yield "cut", batch(run([word, word], (root, 77)))[:-8]
    yield "record", row
    yield "record-long", record(0, [(STRING, b"x" * 3000)])
    yield "record-no-nul", record(0, [(STRING, b"1234567")])[:-1] + b"8"


def main():
    for name, data in seeds():
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
