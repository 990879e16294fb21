# SPDX-License-Identifier: MIT
"""Plays random tuples to windows and to their oracle, and compares.

    windows_check.py PROGRAM [--seeds N] [--seed N]
"""

import argparse
import random
import subprocess
import sys

import windows as oracle
import windows_count
import windows_zone


class Scenario:
    """A spec and commands, and what ought to come of them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        r = self.random
        self.kind = r.choice(KINDS)
        self.unit = r.choice([1, 1, 1000, 10**9])
        self.length = r.randint(1, 40) * self.unit
        self.slide = r.randint(1, 40) * self.unit
        if self.kind == oracle.TUMBLING:
            self.slide = self.length
        self.gap = r.randint(1, 12) * self.unit
        self.offset = r.choice([0, 0, r.randint(-99, 99)])
        self.lateness = r.choice([0, 0, 0, r.randint(1, 60)]) * self.unit
        self.early = r.choice([0, 0, 1])
        # What is shown early may end before all is, and begin anew.
        self.glimpses = r.choice([False, False, True])
        # Then nothing is held, and it goes on from what is stored.
        self.restarts = r.random() < 0.5
        if self.restarts:
            self.early = 0
        self.tasks = 1
        self.keys = r.choice([1, 2, 5])
        self.contract = r.choice(["fixed", "grows", "whole", "spilled"])
        self.commands = []
        self.expected = []
        self.zone = "-"
        if self.kind <= oracle.SLIDING and r.random() < 0.1:
            self.zone = r.choice(list(CHANGES))
            self.unit = r.choice([600, 1800, 3600, 86400]) * 10**9
            self.length = r.randint(1, 12) * self.unit
            self.slide = r.randint(1, 12) * self.unit
            self.lateness = r.choice([0, self.unit])
            self.deal(lambda: windows_zone.ZoneWindows(
                self.kind, self.length, self.slide, self.offset,
                self.lateness, self.zone))
        elif self.kind in COUNTS:
            self.length = r.randint(1, 12)
            self.slide = r.randint(1, 12)
            self.deal(lambda: windows_count.CountWindows(
                self.kind, self.length, self.slide))
        else:
            self.deal(lambda: oracle.TimeWindows(
                self.kind, self.length, self.slide, self.gap, self.offset,
                self.lateness))
        self.play()

    def deal(self, create):
        """The model, or one for each key where tasks come and go."""
        def make():
            model = create()
            if self.contract in ("whole", "spilled") and not self.early:
                name = ("shown_numbers" if self.kind in COUNTS else "shown")
                setattr(model, name, oracle.Shown())
            return model

        self.model = (oracle.Dealt(make, self.keys) if self.restarts
                      else make())

    def arguments(self):
        return [str(part) for part in (
            self.kind, self.length, self.slide, self.gap, self.offset, self.zone,
            self.lateness, self.early, self.contract)]

    def add(self, time, key):
        # They tell the order of arrival.
        number = len(self.commands) << 30 | self.random.getrandbits(30)
        self.commands.append(f"add {time} {key} {number}")
        answer = self.model.add(time, key, number)
        if answer == "none" and self.restarts:
            answer = "ok"
        self.expected.append([answer])

    def restart(self, tasks=1):
        if not self.restarts:
            return
        if self.commands:
            # What is due would have to be handed over first.
            self.told(f"advance {oracle.MIN}", self.model.advance(oracle.MIN))
        self.tasks = tasks
        self.model.tasks = tasks
        self.commands.append(f"restart {tasks}")
        self.expected.append([])

    def told(self, command, windows, task=""):
        room = self.random.choice([1, 2, 9999])
        self.commands.append(f"{command} {room} {task}".strip())
        self.expected.append([" ".join(map(str, w)) for w in windows])

    def advance(self, mark):
        """All tasks, or one of them."""
        if self.restarts and self.random.random() < 0.6:
            task = self.random.randrange(self.tasks)
            self.told(f"advance {mark}", self.model.advance(mark, task), task)
        else:
            self.told(f"advance {mark}", self.model.advance(mark))

    def play(self):
        r = self.random
        now = r.choice([0, 0, -50, r.randint(-10**6, 10**6),
                        oracle.MIN + 200, oracle.MAX - 300]) * 1
        step = r.choice([1, 5, 40]) * self.unit
        if self.zone != "-":
            now = r.choice(CHANGES[self.zone]) * 10**9 - step
        elif abs(now) > 10**15:
            step = 1
        disorder = r.choice([0, 1, 3, 30]) * step
        lag = r.choice([0, disorder, disorder // 2])
        most = now
        self.restart()
        for _ in range(r.randint(1, 120)):
            if r.random() < 0.1:
                self.restart(r.choice([self.tasks, 1, 2, 3, 4]))
            now += r.randint(0, step) * r.choice([1, 1, 1, 1, 20])
            time = now - r.randint(0, disorder)
            if not oracle.MIN < time < oracle.MAX - 1:
                continue
            most = max(most, time)
            self.add(time, r.randint(1, self.keys))
            if r.random() < 0.3:
                self.advance(most - lag - r.choice([0, 0, 1, 5]))
            if self.early and r.random() < 0.1:
                if self.glimpses:
                    self.commands.append(f"glimpse {r.choice([1, 2, 5])}")
                    self.expected.append(None)
                else:
                    self.told("early", self.model.early())
            if r.random() < 0.01:
                self.told(f"advance {oracle.MAX}",
                          self.model.advance(oracle.MAX))
        self.told(f"advance {oracle.MAX}", self.model.advance(oracle.MAX))


# When clocks went forward and back, by an hour, half of one, or a day.
CHANGES = {
    "Europe/Berlin": (1711846800, 1729990800),
    "America/New_York": (1710054000, 1730613600),
    "America/Sao_Paulo": (1508036400, 1518919200),
    "Australia/Lord_Howe": (1712415600, 1728142200),
    "Pacific/Apia": (1325239200,),
}
COUNTS = (oracle.TUMBLING_COUNT, oracle.SLIDING_COUNT)
KINDS = (oracle.TUMBLING, oracle.SLIDING, oracle.SESSION) + COUNTS


def settled_wrongly(scenario, blocks):
    """Every tuple that was taken is settled once."""
    added = [c.split()[3] for c, e in zip(scenario.commands, scenario.expected)
             if e == ["ok"]]
    settled = [n for block in blocks for line in block
               if line.startswith("settled") for n in line.split()[1:]]
    return sorted(added) != sorted(settled)


def fault(program, seed):
    """What is wrong with a scenario, or None."""
    scenario = Scenario(seed)
    try:
        done = subprocess.run([program] + scenario.arguments(), text=True,
                              input="\n".join(scenario.commands) + "\n",
                              capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return f"{scenario.arguments()}\nit does not end"
    if done.returncode != 0:
        return f"exit code {done.returncode}: {done.stderr}"
    blocks = [[line for line in block.split("\n") if line]
              for block in ("\n" + done.stdout).split("\n.")]
    for number, (command, wanted) in enumerate(
            zip(scenario.commands, scenario.expected)):
        found = blocks[number] if number < len(blocks) else ["nothing"]
        if wanted is None:
            continue
        windows = [line for line in found if not line.startswith("settled")]
        if sorted(windows) != sorted(wanted):
            return (f"{scenario.arguments()}\ncommand {number}, '{command}': "
                    f"too much {sorted(set(windows) - set(wanted))}, "
                    f"missing {sorted(set(wanted) - set(windows))}")
    if not scenario.restarts and settled_wrongly(scenario, blocks):
        return f"{scenario.arguments()}\nnot every tuple is settled once"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    seeds = range(arguments.seeds)
    if arguments.seed is not None:
        seeds = [arguments.seed]
    failed = 0
    for seed in seeds:
        wrong = fault(arguments.program, seed)
        if wrong:
            print(f"seed {seed}: {wrong}")
            failed += 1
    print(f"{len(seeds) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
