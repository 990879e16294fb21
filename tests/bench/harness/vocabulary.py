# SPDX-License-Identifier: MIT
"""The texts that are counted; the same in every run and on every machine."""

import collections
import itertools
import random

# What Storm's word count says.
STORM = ("the cow jumped over moon an apple a day keeps doctor away four score "
         "and seven years ago snow white dwarfs i am at two with nature").split()
ZIPF_WORDS = 100000


class Text:
    """Sentences of eight words, and how often each word stands in them."""

    def __init__(self, name, about, sentences):
        self.name = name
        self.about = about
        self.data = "".join(line + "\n" for line in sentences).encode()
        self.lines = len(sentences)
        self.counts = collections.Counter(self.data.split())
        self.words = self.counts.total()
        self.path = None

    def write(self, folder):
        self.path = str(folder / f"{self.name}.txt")
        with open(self.path, "wb") as file:
            file.write(self.data)

    def expected(self, rounds):
        return {word: count * rounds for word, count in self.counts.items()}


def sentences(words, weights, count, seed):
    rng = random.Random(seed)
    totals = list(itertools.accumulate(weights))
    drawn = rng.choices(words, cum_weights=totals, k=8 * count)
    return [" ".join(drawn[i:i + 8]) for i in range(0, len(drawn), 8)]


def random_words(count, seed):
    rng = random.Random(seed)
    letters = "etaoinshrdlcumwfgypbvkjxqz"
    words = {}
    while len(words) < count:
        words["".join(rng.choices(letters, k=rng.randint(2, 11)))] = True
    return list(words)


def storm():
    return Text("storm", "the 27 words of Storm's",
                sentences(STORM, [1] * len(STORM), 1024, "storm"))


def zipf():
    words = random_words(ZIPF_WORDS, "words")
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return Text("zipf", f"from {ZIPF_WORDS:,} words by Zipf's law",
                sentences(words, weights, 65536, "zipf"))
