# SPDX-License-Identifier: MIT
"""The queries of Nexmark over a list of events: what the topologies in
topologies/nexmark are to come to. Times are in milliseconds; a window is named
by its end."""

import collections


def pick(events, name):
    return [event for event in events if name in event]


def bids(events):
    return pick(events, "bidder")


def auctions(events):
    return pick(events, "seller")


def persons(events):
    return pick(events, "email")


def ends(time, length, slide):
    """The ends of all windows that a time is in."""
    first = time // slide * slide + slide
    return range(first, time + length + 1, slide)


def q0(events):
    return [tuple(map(str, bid.values())) for bid in bids(events)]


def q1(events):
    return [(bid["auction"], bid["bidder"], bid["price"] * 0.908, bid["time"])
            for bid in bids(events)]


def q2(events):
    return [(bid["auction"], bid["price"]) for bid in bids(events)
            if bid["auction"] % 123 == 0]


def q3(events):
    """Who, in certain states, sells something of a category."""
    people = {person["id"]: person for person in persons(events)
              if person["state"] in ("OR", "ID", "CA")}
    return [(people[auction["seller"]]["name"],
             people[auction["seller"]]["city"],
             people[auction["seller"]]["state"], auction["id"])
            for auction in auctions(events)
            if auction["category"] == 10 and auction["seller"] in people]


def q5(events):
    """The auctions with the most bids, of ten seconds, every two."""
    windows = collections.defaultdict(collections.Counter)
    for bid in bids(events):
        for end in ends(bid["time"], 10_000, 2_000):
            windows[end][bid["auction"]] += 1
    return [(end, auction, most) for end, counts in windows.items()
            for most in [max(counts.values())]
            for auction, count in counts.items() if count == most]


def q7(events):
    """The highest bids of ten seconds."""
    windows = collections.defaultdict(set)
    for bid in bids(events):
        windows[ends(bid["time"], 10_000, 10_000)[0]].add(
            (bid["auction"], bid["bidder"], bid["price"]))
    return [(end, *bid) for end, found in windows.items()
            for most in [max(price for _, _, price in found)]
            for bid in found if bid[2] == most]


def q8(events):
    """Who has registered and opened an auction in the same ten seconds."""
    people = {(person["id"], person["time"] // 10_000): person["name"]
              for person in persons(events)}
    found = set()
    for auction in auctions(events):
        at = auction["seller"], auction["time"] // 10_000
        if at in people:
            found.add((at[0], people[at], (at[1] + 1) * 10_000))
    return list(found)
