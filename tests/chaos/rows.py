# SPDX-License-Identifier: MIT
"""The oracle of the chaos suite: rows that are known, and what must hold.

A record is a line of one to eight words. A word says which one it is and
proves that it is whole: RECORD.PLACE.PAYLOAD.CRC, the checksum being that of
what stands before it. The sink writes a word a line. So for every moment can be
said which words must be there, and for every line whether it is one of them.
"""

import random
import zlib

from harness import Failed, position

WORDS_MAX = 8


def word(record, place, payload):
    """One word of the oracle."""
    text = f"{record}.{place}.{payload}"
    return f"{text}.{zlib.crc32(text.encode()):08x}"


class Rows:
    """`count` records in `path`, drawn from `seed`."""

    def __init__(self, path, count, seed):
        draw = random.Random(seed)
        self.count = count
        self.words = []  # of each record, how many
        self.ends = []   # of each record, where its line ends in the file
        self.path = path
        at = 0
        with open(path, "w", encoding="ascii") as file:
            for record in range(count):
                words = draw.randint(1, WORDS_MAX)
                line = " ".join(
                    word(record, place,
                         "x" * draw.choice((0, 3, 20, 200)))
                    for place in range(words)) + "\n"
                file.write(line)
                at += len(line)
                self.words.append(words)
                self.ends.append(at)

    @property
    def total(self):
        """How many different words there are."""
        return sum(self.words)


class Sink:
    """The files that the sink writes, read as they grow."""

    def __init__(self, rows, folder, pattern):
        self.rows = rows
        self.folder = folder
        self.pattern = pattern
        self.offsets = {}
        self.seen = {}  # (record, place) -> how often

    def read(self):
        """Takes in the whole lines that came since; all must be true."""
        for path in sorted(self.folder.glob(self.pattern)):
            begin = self.offsets.get(path, 0)
            with path.open("rb") as file:
                file.seek(begin)
                data = file.read()
            data = data[:data.rfind(b"\n") + 1]
            self.offsets[path] = begin + len(data)
            for line in data.decode("ascii").splitlines():
                self.take(line)
        return len(self.seen)

    def take(self, line):
        """One word that was written."""
        record, place, payload = line.split(".")[:3]
        key = (int(record), int(place))
        if line != word(*key, payload):
            raise Failed(f"the sink has {line!r}, which is no whole word")
        if key[0] >= self.rows.count or key[1] >= self.rows.words[key[0]]:
            raise Failed(f"the sink has {line!r}, which was never sent")
        self.seen[key] = self.seen.get(key, 0) + 1

    @property
    def duplicates(self):
        """How many words are there more than once, each time counted."""
        return sum(self.seen.values()) - len(self.seen)

    def expect_acked(self, positions):
        """All that lies before the stored position is in the sink."""
        offset = position(positions)  # first, then what must be there
        self.read()
        for record in range(self.rows.count):
            if self.rows.ends[record] > offset:
                break
            self.expect_record(record, f"position {offset} says it is acked")
        return offset

    def expect_all(self):
        """Every word is there."""
        self.read()
        for record in range(self.rows.count):
            self.expect_record(record, "the run has ended")

    def expect_record(self, record, why):
        """All words of a record are there."""
        for place in range(self.rows.words[record]):
            if (record, place) not in self.seen:
                raise Failed(f"word {place} of record {record} is lost: {why}")
