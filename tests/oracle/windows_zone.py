# SPDX-License-Identifier: MIT
"""Windows of time in a zone, as windows.py has those of UTC."""

import datetime
import zoneinfo

import windows as oracle

SECOND = 10**9
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)


class ZoneWindows(oracle.TimeWindows):
    """Tumbling and sliding windows of whole seconds in local time."""

    def __init__(self, kind, length, slide, offset, lateness, zone):
        super().__init__(kind, length, slide, 0, offset, lateness)
        self.zone = zoneinfo.ZoneInfo(zone)
        self.known = {}

    def local(self, seconds):
        moment = datetime.datetime.fromtimestamp(seconds, UTC)
        here = moment.astimezone(self.zone).replace(tzinfo=None)
        return round((here - EPOCH).total_seconds())

    def find(self, time):
        seconds, rest = divmod(time, SECOND)
        low, high = seconds - 172800, seconds + 172800
        # Clocks are not changed by more, and not twice in that time.
        shown = [seconds - (self.local(m) - m) for m in (low, high)]
        shown = [m for m in shown if self.local(m) == seconds]
        if shown:
            return min(shown) * SECOND + rest
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(middle) < seconds:
                low = middle
            else:
                high = middle
        return high * SECOND

    def moment(self, time):
        """When the clocks show a local time, or a later one, first."""
        if time not in self.known:
            self.known[time] = self.find(time)
        return self.known[time]

    def spans(self, time):
        local = self.local(time // SECOND) * SECOND
        last = ((local + 86400 * SECOND - self.offset) // self.slide *
                self.slide + self.offset)
        spans = {}
        while last + self.length + 86400 * SECOND > local:
            begin, end = self.moment(last), self.moment(last + self.length)
            if begin <= time < end:
                spans[end] = min(begin, spans.get(end, begin))
            last -= self.slide
        return [(begin, end) for end, begin in spans.items()]
