# SPDX-License-Identifier: MIT
"""Links that are cut, slow, lossy and repeat themselves, between three hosts.

A cut that is shorter than topology.worker.timeout.secs costs a delay and no
replay, so no word is there twice. After a longer one what was under way comes
again, and whoever was declared dead starts anew.
"""

import itertools
import time

import trouble
from harness import FULL, Failed, each, test
from net import Net
from rows import WORDS_MAX
from trouble import note, wait_for
from world import PENDING, Hosts

PAIRS = [("a", "b"), ("b", "c"), ("a", "c")]
ROUNDS = 10 if FULL else 3
CUT = (1, 5) if FULL else (0.3, 1)
ALONE = [{"loss": 0.02}, {"delay": 0.02}, {"again": 0.1}]


def begin(seconds, timeout=30):
    """Three hosts at work."""
    return at_work(Hosts(Net(["a", "b", "c"]), seconds, timeout))


def at_work(world):
    """Waits until it has begun."""
    try:
        wait_for(lambda: world.acked() > 0 or world.ended(),
                 "the first ack", 20)
        world.expect_progress()
    except Failed as why:
        raise Failed(f"{why}\n{world.logs()}") from why
    return world


def end(world, most=0, limit=120):
    """All ends well, and the network has done its worst."""
    world.net.heal()
    if world.net.hit == 0:
        raise Failed("no packet was lost, late or there twice")
    note(f"{world.net.hit} packets hit")
    try:
        world.finish(most, limit)
    except Failed as why:
        raise Failed(f"{why}\n{world.logs()}") from why


def cut_for_a_while(world, both):
    """One random link, for a random time; whether something stood still."""
    pair = trouble.DRAW.choice(PAIRS)
    if trouble.DRAW.random() < 0.5:
        pair = pair[::-1]
    world.net.cut(*pair, both=both)
    time.sleep(trouble.DRAW.uniform(*CUT))
    world.net.heal()


@each(way=["both", "one"])
def a_short_cut_costs_no_replay(way):
    world = begin(ROUNDS * (CUT[1] + 2))
    for _ in range(ROUNDS):
        cut_for_a_while(world, way == "both")
        world.expect_new(world.acked(), limit=20)
        world.expect_progress()
    note(f"{ROUNDS} cuts")
    end(world)


@test
def flapping_costs_no_replay():
    world = begin(8 if not FULL else 60)
    until = time.monotonic() + (4 if not FULL else 30)
    flaps = 0
    for pair in itertools.cycle(PAIRS):
        world.net.cut(*pair)
        time.sleep(0.1)
        world.net.heal()
        time.sleep(0.1)
        flaps += 1
        if time.monotonic() > until:
            break
    world.expect_progress()
    world.expect_new(world.acked(), limit=20)
    note(f"{flaps} cuts of 100 ms")
    end(world)


@each(rules=ALONE * FULL + [{"loss": 0.01, "delay": 0.01, "again": 0.05}])
def a_bad_network_loses_nothing(rules):
    world = begin(5 if not FULL else 30)
    world.net.rules(**rules)
    note(str(rules))
    wait_for(world.ended, "the end", 240)
    end(world, limit=240)


@each(when=range(10 if FULL else 1))
def a_cut_while_they_connect(when):
    """Every link, from some time after the start on, for a while."""
    del when
    world = Hosts(Net(["a", "b", "c"]), 1)
    time.sleep(trouble.DRAW.uniform(0, 0.05))
    for pair in PAIRS:
        world.net.cut(*pair)
    # On a machine that is slow they may only begin.
    wait_for(world.net.has_hit, "a packet that is cut", 20)
    time.sleep(trouble.DRAW.uniform(0.5, 1.5))
    world.net.heal()
    end(at_work(world))


@each(when=range(10 if FULL else 1))
def a_cut_while_they_end(when):
    """The last words are written, and then nobody hears of it for a while."""
    del when
    world = begin(1)
    wait_for(lambda: world.sink.read() > 0.9 * world.rows.total or
             world.ended(), "the last words", 20)
    time.sleep(trouble.DRAW.uniform(0, 0.15))
    for pair in PAIRS:
        world.net.cut(*pair)
    time.sleep(trouble.DRAW.uniform(0.5, 1.5))
    world.net.heal()
    world.finish(most=0)


@test
def a_long_cut_is_a_death():
    """The one declared dead learns it, starts anew, and nothing is lost."""
    world = begin(4 * (ROUNDS if FULL else 2), timeout=1)
    cuts = ROUNDS if FULL else 2
    for _ in range(cuts):
        before = world.acked()
        pair = trouble.DRAW.choice(PAIRS)
        world.net.cut(*pair)
        time.sleep(2.5)  # longer than the timeout of a worker
        world.net.heal()
        world.expect_new(before, limit=20)
    note(f"{cuts} cuts")
    end(world, most=2 * cuts * PENDING * WORDS_MAX)
    world.expect_duplicates()
