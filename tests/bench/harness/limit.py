# SPDX-License-Identifier: MIT
"""The loop in C that counts words and does nothing else. limit.c was compared
with the loop that gust was designed by; see Figures in runtime/README.md."""

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
