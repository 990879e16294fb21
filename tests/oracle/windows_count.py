# SPDX-License-Identifier: MIT
"""Windows of a number of tuples, as windows.py has those of time."""

import windows as oracle


class CountWindows:
    """Every `slide` tuples of a key, the last `length` of them."""

    def __init__(self, kind, length, slide):
        self.length = length
        self.slide = length if kind == oracle.TUMBLING_COUNT else slide
        self.tuples = {}  # of a key: (time, number)
        self.shown = {}   # how many, when it was handed over last
        self.full = []
        self.shown_numbers = None  # oracle.Shown: it is told what is fresh

    def window(self, key, count, firing):
        """The window that ends at the next multiple of the slide."""
        end = -(-count // self.slide) * self.slide
        inside = self.tuples[key][max(end - self.length, 0):count]
        if inside:
            told = (inside[0][0], inside[-1][0] + 1, key, len(inside),
                    sum(n for _, n in inside), firing)
            if self.shown_numbers is not None:
                told += (self.shown_numbers.fresh([n for _, n in inside]),)
            self.full.append(told)

    def add(self, time, key, number):
        tuples = self.tuples.setdefault(key, [])
        tuples.append((time, number))
        count = len(tuples)
        if count % self.slide == 0:
            self.window(key, count, oracle.ON_TIME)
        inside = (count - 1) % self.slide >= self.slide - self.length
        return "ok" if inside else "none"

    def take(self):
        full, self.full = self.full, []
        return full

    def early(self):
        waiting = self.take()
        for key, tuples in self.tuples.items():
            if len(tuples) % self.slide and \
                    self.shown.get(key, 0) != len(tuples):
                self.shown[key] = len(tuples)
                self.window(key, len(tuples), oracle.EARLY)
        early = self.take()
        self.full = waiting
        return early

    def advance(self, watermark):
        if watermark == oracle.MAX:
            for key, tuples in self.tuples.items():
                if len(tuples) % self.slide:
                    self.window(key, len(tuples), oracle.ON_TIME)
            self.tuples, self.shown = {}, {}
        return self.take()
