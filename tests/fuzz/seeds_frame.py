#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of fuzz_frame: seeds_frame.py FOLDER.

Sessions with and without a key, whole and broken; the steps are those of
fuzz_frame.c, the header is that of runtime/channel/frame.h.
"""

import os
import struct
import sys

RAW, FRAME, FLIP, REPLAY, TICK, SEND, CALL = range(7)
HELLO, WELCOME, DATA, BEAT, END, ENDED, FENCED, REFUSED = range(1, 9)
MORE, REPEAT, ASK, GREETING = 1, 2, 4, 128
FOR_ALL, FOR_OTHERS = 1 << 2, 3 << 2
NEW, OLD_ECHO, VERSION = 1, 64, 128


def step(kind, a=0, b=0, c=0, data=b""):
    return struct.pack("<BBBBH", kind, a, b, c, len(data)) + data


def frame(kind, flags=0, life=0, number=1, received=0, round_=0, asked=0,
          payload=b""):
    return step(FRAME, kind, flags, life,
                struct.pack("<4H", number, received, round_, asked) + payload)


def header(size, seal=0, kind=BEAT, worker=1):
    return struct.pack("<IHBBIHHQQQQIIQQQ", 0x54535547, 1, kind, 0, size,
                       worker, 0, 7, 5, 1, 0, 0, 0, 1, 0, seal)


HI = (frame(HELLO, GREETING, FOR_ALL) + frame(WELCOME, GREETING | ASK))
SESSIONS = {
    "greetings": HI + frame(HELLO, GREETING, FOR_ALL | NEW) +
    frame(WELCOME, GREETING, NEW) + step(TICK, 9),
    "data": HI + b"".join(
        frame(DATA, 0, 0, n, payload=b"batch %d" % n) for n in range(1, 6)) +
    frame(BEAT, 0, 0, 6, payload=b"pulse"),
    "parts": HI + frame(DATA, MORE, 0, 1, payload=b"x" * 5000) +
    frame(DATA, MORE, 0, 2, payload=b"y" * 5000) +
    frame(DATA, 0, 0, 3, payload=b"z"),
    "gap": HI + frame(DATA, 0, 0, 3, payload=b"three") + step(TICK, 5) +
    frame(DATA, 0, 0, 1, payload=b"one") + frame(BEAT, 0, 0, 9),
    "sends": HI + step(SEND, 1) + step(SEND, 100) + step(TICK, 9) +
    frame(BEAT, REPEAT, 0, 1, 1) + frame(BEAT, 0, 0, 1, 2),
    "counts-too-much": HI + step(SEND, 1) + frame(BEAT, 0, 0, 1, 500),
    "end": HI + step(SEND, 1) + step(CALL, 2) + frame(END, 0, 0, 1, 2) +
    frame(ENDED, 0, 0, 2, 2) + step(TICK, 200),
    "fenced": HI + frame(FENCED) + frame(DATA, payload=b"late"),
    "refused": frame(REFUSED, payload=b"no such plan") +
    frame(HELLO, 0, FOR_ALL, payload=b"nonsense of a hello, 36 bytes ......"),
    "version": frame(HELLO, 0, FOR_ALL | VERSION, payload=b"new") +
    frame(DATA, 0, VERSION, payload=b"new"),
    "lost": HI + step(CALL, 1, 0) + frame(DATA, payload=b"late") +
    step(TICK, 20) + frame(WELCOME, GREETING),
    "silent": HI + b"".join(step(TICK, 100) for _ in range(9)) +
    frame(BEAT, payload=b"late"),
    "replays": HI + step(REPLAY) + frame(DATA, payload=b"once") +
    step(REPLAY) + step(FLIP, 0, 0) + step(FLIP, 2, 200) + step(FLIP, 3, 1) +
    step(CALL, 3),
    "other-lives": HI + frame(DATA, 0, FOR_OTHERS, payload=b"not for you") +
    frame(BEAT, 0, FOR_ALL, payload=b"for all") +
    frame(WELCOME, GREETING, NEW | OLD_ECHO),
    "strangers": step(RAW) + step(RAW, data=b"GET / HTTP/1.1\r\n\r\n") +
    step(RAW, data=header(4) + b"life") + step(RAW, data=header(5) + b"cut") +
    step(RAW, data=header(4, 1) + b"life" + bytes(40)) +
    step(RAW, data=header(4, worker=9) + b"life" + bytes(40)) +
    step(RAW, data=header(0xffffffff) + bytes(44)) + step(CALL, 3),
}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, steps in SESSIONS.items():
        for sealed in (0, 1):
            path = os.path.join(folder, name + ("-sealed" if sealed else ""))
            with open(path, "wb") as file:
                file.write(bytes([sealed]) + steps)


main()
