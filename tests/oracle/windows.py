# SPDX-License-Identifier: MIT
"""What windows ought to do, as plainly as it can be said.

Every window keeps all of its tuples. Times are numbers, None is no limit; a
window that is handed over is (begin, end, key, count, sum, firing).
"""

ON_TIME, EARLY, LATE = 0, 1, 2
TUMBLING, SLIDING, SESSION, TUMBLING_COUNT, SLIDING_COUNT = 1, 2, 3, 4, 5
MAX = 2**63 - 1
MIN = -2**63


class Window:
    def __init__(self, key, begin, end):
        self.key, self.begin, self.end = key, begin, end
        self.numbers = []
        self.changed = False

    def fired(self, firing):
        self.changed = False
        return (max(self.begin, MIN), min(self.end, MAX), self.key,
                len(self.numbers), sum(self.numbers), firing)


class Shown:
    """Which tuples were in windows that were handed over."""

    def __init__(self):
        self.numbers = set()

    def fresh(self, numbers):
        fresh = [n for n in numbers if n not in self.numbers]
        self.numbers.update(fresh)
        return len(fresh)


class TimeWindows:
    """Tumbling, sliding and session windows."""

    def __init__(self, kind, length, slide, gap, offset, lateness):
        self.kind, self.length, self.gap = kind, length, gap
        self.slide = length if kind == TUMBLING else slide
        self.offset, self.lateness = offset, lateness
        self.watermark = MIN
        self.windows = []
        self.shown = None  # Shown: it is told what is fresh

    def spans(self, time):
        """The windows that a time is in."""
        if self.kind == SESSION:
            return [(time, time + self.gap)]
        last = (time - self.offset) // self.slide * self.slide + self.offset
        spans = []
        while last + self.length > time:
            # The end of time is in one window only.
            if last - self.slide + self.length < MAX:
                spans.append((last, last + self.length))
            last -= self.slide
        return spans

    def there(self, end):
        return min(end + self.lateness, MAX) > self.watermark

    def add(self, time, key, number):
        if self.kind == SESSION:
            return self.add_session(time, key, number)
        spans = self.spans(time)
        if not spans:
            return "none"
        spans = [span for span in spans if self.there(span[1])]
        for begin, end in spans:
            for window in self.windows:
                if (window.key, window.begin, window.end) == (key, begin, end):
                    break
            else:
                window = Window(key, begin, end)
                self.windows.append(window)
            window.numbers.append(number)
            window.changed = True
        return "ok" if spans else "late"

    def add_session(self, time, key, number):
        near = [w for w in self.windows if w.key == key and
                w.begin < time + self.gap and time < w.end]
        if not near and not self.there(time + self.gap):
            return "late"
        one = Window(key, min([time] + [w.begin for w in near]),
                     max([time + self.gap] + [w.end for w in near]))
        one.numbers = sum((w.numbers for w in near), [number])
        one.changed = True
        self.windows = [w for w in self.windows if w not in near] + [one]
        return "ok"

    def early(self):
        return [w.fired(EARLY) for w in self.windows
                if w.end > self.watermark and w.changed]

    def fire(self, window, firing):
        told = window.fired(firing)
        if self.shown is not None:
            told += (self.shown.fresh(window.numbers),)
        return told

    def advance(self, watermark):
        windows = sorted(self.windows, key=lambda w: w.end)
        fired = [self.fire(w, LATE) for w in windows
                 if w.end <= self.watermark and w.changed]
        for window in windows:
            if self.watermark < window.end and (
                    window.end <= watermark or watermark == MAX):
                fired.append(self.fire(window, ON_TIME))
        if watermark == MAX:
            self.windows = []
        else:
            self.watermark = max(self.watermark, watermark)
        self.windows = [w for w in self.windows if self.there(w.end)]
        return fired


class Dealt:
    """Keys that are dealt out among tasks, each with a watermark of its own."""

    def __init__(self, create, keys):
        self.models = {key: create() for key in range(1, keys + 1)}
        self.tasks = 1

    def owner(self, key):
        # As windows_play has it.
        high = (key * 0x9e3779b97f4a7c15) % 2**64 >> 32
        return high * self.tasks >> 32

    def add(self, time, key, number):
        return self.models[key].add(time, key, number)

    def advance(self, watermark, task=None):
        return [window for key, model in self.models.items()
                if task in (None, self.owner(key))
                for window in model.advance(watermark)]
