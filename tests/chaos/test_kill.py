# SPDX-License-Identifier: MIT
"""kill -9 of workers and of their parent, again and again.

What was acked is in the sink at every moment, all is there at the end, nothing
else is, and what is there twice is no more than what can have been under way.
"""

import itertools
import time

import trouble
from harness import FULL, each, test
from trouble import note, wait_for
from world import Machine

KILLS = 20 if FULL else 5
PAUSE = (2, 5) if FULL else (0.1, 0.4)

# The numbers of the workers of conserve.yaml.
VICTIMS = {"spout": [1], "bolt": [2], "sink": [3], "any": [1, 2, 3]}


def moments(count):
    """Lets a random time pass, so often: the moments of the kills."""
    for pause in itertools.islice(trouble.pauses(*PAUSE), count):
        time.sleep(pause)
        yield


@each(victim=list(VICTIMS))
def killed_workers_lose_nothing(victim):
    world = Machine(KILLS * sum(PAUSE) / 2 * 1.5 + 1)
    wait_for(lambda: world.acked() > 0, "the first ack", 20, world.run)
    slowest = 0
    for _ in moments(KILLS):
        before = world.acked()
        world.run.kill(trouble.DRAW.choice(VICTIMS[victim]))
        slowest = max(slowest, world.expect_new(before))
        world.expect_progress()
    note(f"{KILLS} kills, slowest recovery {slowest:.2f} s")
    world.finish(KILLS)
    world.expect_duplicates()


@test
def a_killed_parent_takes_its_workers_along():
    """Who started it starts it again, as a service manager does."""
    kills = KILLS // 2 + 1
    world = Machine(kills * sum(PAUSE) + 2)
    wait_for(lambda: world.acked() > 0, "the first ack", 20, world.run)
    for _ in moments(kills):
        world.run.kill_all()
        before = world.acked()
        world.start()
        world.expect_new(before)
    note(f"{kills} kills")
    world.finish(kills)
    world.expect_duplicates()
