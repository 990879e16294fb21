# SPDX-License-Identifier: MIT
"""Who is measured, and at what."""


class Contender:
    """A program, with settings: a row of the table.

    `command` is what is run, `check` takes its sample and raises Wrong unless
    the results are right. `work` is how many units (words, tuples) are in what
    is timed. `against` names the contender, one of gust's in the same workload,
    that this one is compared with; gust's own have none. With `first` its
    standard output is thrown away, and when that began is told.
    """

    def __init__(self, name, command, check, work, against=None, first=False):
        self.name = name
        self.command = command
        self.check = check
        self.work = work
        self.against = against
        self.first = first


class Workload:
    """What several contenders do, in turn. `kind` says what is looked at:
    "speed", "latency", "start" or "allocations". `rate` is that of its
    timetable, in sentences a second; `note` stands above its table."""

    def __init__(self, name, title, unit, contenders, kind="speed", rate=None,
                 note=""):
        self.name = name
        self.title = title
        self.unit = unit
        self.contenders = contenders
        self.kind = kind
        self.rate = rate
        self.note = note
