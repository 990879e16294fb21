# SPDX-License-Identifier: MIT
"""Workers that are silent for a while, and hosts that come and go."""

import signal
import time

import trouble
from harness import FULL, Failed, expect, test
from net import Loopback
from rows import WORDS_MAX
from trouble import note, wait_for
from world import PENDING, Hosts, Machine

STOPS = 5 if FULL else 2
STARTS = 500 if FULL else 25


@test
def a_short_stop_costs_no_replay():
    world = Machine(STOPS * 2 + 2)
    wait_for(lambda: world.acked() > 0, "the first ack", 20, world.run)
    for number in (1, 2, 3)[:STOPS]:
        pid = world.run.kill(number, signal.SIGSTOP)
        time.sleep(1)
        trouble.resume(pid)
        world.expect_new(world.acked())
    world.expect_progress()
    world.finish(kills=0)


@test
def a_zombie_is_fenced():
    """It was silent for longer than topology.worker.timeout.secs: the others
    have declared it dead, and when it goes on it ends and starts anew."""
    world = Machine(STOPS * 4 + 2, timeout=1)
    wait_for(lambda: world.acked() > 0, "the first ack", 20, world.run)
    for _ in range(STOPS):
        victim = trouble.DRAW.choice((2, 3))
        pid = world.run.kill(victim, signal.SIGSTOP)
        time.sleep(2.5)
        before = world.acked()
        trouble.resume(pid)
        wait_for(lambda: world.run.worker(victim) not in (pid, None),
                 "a new worker in place of the zombie", 10, world.run)
        world.expect_new(before, limit=10)
    run = world.finish(kills=2 * STOPS)
    # What waits for a stopped bolt has not been written yet, so a replay need
    # not show as a duplicate.
    replayed = run.counts("rows")["replayed"]
    expect(run, replayed > 0, True, "records were replayed")
    note(f"{STOPS} zombies, {replayed} records replayed")


@test
def a_crash_loop_wedges_no_link():
    """A host that is killed just after its start, again and again."""
    world = Hosts(Loopback(["a", "b", "c"]), 10 if not FULL else 120)
    wait_for(lambda: world.acked() > 0 or world.ended(), "the first ack", 20)
    victim = world.parts["b"]
    for _ in range(STARTS):
        victim.kill()
        victim.start()
        time.sleep(trouble.DRAW.uniform(0, 0.05))
    before = world.acked()
    try:
        took = world.expect_new(before, limit=10)
        world.expect_progress()
    except Failed as why:
        raise Failed(f"{why}\n{world.logs()}") from why
    note(f"{STARTS} starts; {took:.2f} s after the last one all flows")
    world.finish(most=STARTS * PENDING * WORDS_MAX, limit=300)
