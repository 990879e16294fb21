# SPDX-License-Identifier: MIT
"""Who is measured, and at what."""


class Contender:
    """A program, with settings: a row of the table.

    `command` is what is run, `check` takes its sample and raises Wrong unless
    the results are right. `work` is how many units (words, tuples) are in what
    is timed. `against` names the contender, one of gust's in the same workload,
    that this one is compared with; gust's own have none.
    """

    def __init__(self, name, command, check, work, against=None):
        self.name = name
        self.command = command
        self.check = check
        self.work = work
        self.against = against


class Workload:
    """What several contenders do, in turn. `kind` says what is looked at:
    "speed", "latency" or "start". `rate` is that of its timetable. `runs`, if there are any, are how many a full session
    has of it."""

    def __init__(self, name, title, unit, contenders, kind="speed", runs=0,
                 rate=None):
        self.name = name
        self.title = title
        self.unit = unit
        self.contenders = contenders
        self.kind = kind
        self.runs = runs
        self.rate = rate
