#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes text for tests: text.py SIZE SEED KIND > FILE.

The same arguments give the same bytes. KIND is one of

    plain    words of a few thousand, in lines of up to 20, with a last newline
    open     the same without a last newline
    bytes    the same with NUL and invalid UTF-8 in words, CRLF, and every kind
             of whitespace that C knows
    distinct words of which nearly none comes twice
"""

import random
import sys

BLOCK = 1 << 20


def vocabulary(rng, kind):
    letters = [bytes([c]) for c in b"abcdefghijklmnopqrstuvwxyz"]
    if kind == "bytes":
        letters += [b"\0", b"\xff", b"\xc3", "ü".encode(), "\u00a0".encode(),
                    b"\x85", b"\x1b"]
    words = []
    for _ in range(5000):
        words.append(b"".join(rng.choices(letters, k=rng.randint(1, 12))))
    return words


def block(rng, kind, words):
    """About a megabyte of lines."""
    lines, size = [], 0
    spaces = [b" "] * 20 + [b"\t", b"  "]
    if kind == "bytes":
        spaces += [b"\v", b"\f", b"\r", b" \t "]
    while size < BLOCK:
        if kind == "distinct":
            line = b" ".join(b"%x" % rng.getrandbits(48)
                             for _ in range(rng.randint(0, 20)))
        else:
            # Zipf's law, roughly: a few words are most of the text.
            chosen = [words[int(len(words) * rng.random() ** 4)]
                      for _ in range(rng.randint(0, 20))]
            line = rng.choice(spaces).join(chosen)
        line += b"\r\n" if kind == "bytes" and rng.random() < 0.1 else b"\n"
        lines.append(line)
        size += len(line)
    return b"".join(lines)


def text(size, seed, kind):
    """Yields blocks that add up to `size` bytes."""
    rng = random.Random(f"{seed} {kind}")
    words = vocabulary(rng, kind)
    # Ten blocks in random order are text enough, but nothing may come twice
    # where words are to be distinct.
    blocks = [] if kind == "distinct" else [block(rng, kind, words)
                                            for _ in range(10)]
    while size > 0:
        data = rng.choice(blocks) if blocks else block(rng, kind, words)
        data = data[:size]
        size -= len(data)
        if size == 0:
            last = b"x" if kind == "open" else b"\n"
            data = data[:-1] + last
        yield data


def main():
    if len(sys.argv) != 4 or sys.argv[3] not in ("plain", "open", "bytes",
                                                 "distinct"):
        sys.exit(__doc__)
    for data in text(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]):
        sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main()
