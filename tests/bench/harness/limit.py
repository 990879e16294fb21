# SPDX-License-Identifier: MIT
"""What gust cannot be faster than: a loop in C that counts words and does
nothing else, and two processes that do nothing but send and receive. limit.c
was compared with the loop that gust was designed by; see Figures in
runtime/README.md."""

import check
import gust
from contender import Contender
from place import BUILD


def word_count(text, rounds):
    def right(sample):
        check.ended(sample)
        check.words(sample, text.expected(rounds))

    return Contender(
        "limit.c",
        [str(BUILD / "tests" / "bench" / "limit"), text.path, str(rounds)],
        right, text.words * rounds, gust.name(1))


def pair(transport, address, count, size, against, back=None):
    """Two processes and nanomsg, which is what its workers talk through. With
    an address `back` the writer keeps what it sends until it is answered."""
    def right(sample):
        check.ended(sample)
        check.expect(sample.output.split(),
                     [b"%d" % count, b"%d" % (count * (count - 1) // 2)],
                     "tuples read, and the sum of their numbers")

    return Contender(
        f"nanomsg alone, {transport}" + (", kept and answered" if back else ""),
        [str(BUILD / "tests" / "bench" / "pair"), address, str(size),
         str(count), *([back] if back else [])], right, count, against)
