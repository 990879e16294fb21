# SPDX-License-Identifier: MIT
"""payments-risk.yaml: cards with habits, frauds planted among their payments,
and an oracle that has all payments of a card at once."""

import collections
import csv
import datetime
import json
import math
import pathlib
import random
import statistics
import tempfile
import threading

from harness import (FULL, SOURCE, Failed, expect, expect_balance,
                     expect_code, gust, test, ways)
from server import Server, hang_up, reply

TOPOLOGIES = SOURCE / "topologies"
SAMPLE = TOPOLOGIES / "data" / "card-payments.jsonl"
MODEL = TOPOLOGIES / "data" / "card-model.csv"

START = 1_795_046_400_000  # midnight, in ms
HOUR = 3_600_000
LAG = HOUR
# The model's numbers have four digits, so no mean of four is just that.
SCORE = 0.96001
RISKY = ("jewellery", "electronics", "vouchers")
TOWNS = [(52.52, 13.4), (48.86, 2.35), (40.42, -3.7), (-33.87, 151.21),
         (64.15, -21.94), (-36.85, 174.76), (21.31, -157.86)]

Payment = collections.namedtuple("Payment", "at card amount goods lat lon")


def written(at, digits=3):
    moment = datetime.datetime.fromtimestamp(at // 1000, datetime.timezone.utc)
    rest = f".{at % 1000:03}" if digits else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + rest + "Z"


def read(written_at):
    moment = datetime.datetime.fromisoformat(written_at.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class Card:
    """A card that is used as a rule, and then is not."""

    def __init__(self, rng, number):
        self.rng = rng
        self.name = f"4000-{number:04}"
        self.at = START + rng.randrange(48 * HOUR)
        self.mean = rng.choice((15, 30, 60, 120, 150))
        self.home = rng.choice(TOWNS)
        self.payments = []

    def pay(self, hours, amount, goods, town=None):
        self.at += max(1, round(hours * HOUR))
        lat, lon = (round(degrees + self.rng.uniform(-0.1, 0.1), 4)
                    for degrees in town or self.home)
        self.payments.append(Payment(self.at, self.name, round(amount, 2),
                                     goods, lat, lon))
        return self.payments[-1]

    def usual(self):
        rng = self.rng
        hours = rng.choices((rng.uniform(0.1, 0.9), rng.uniform(1.1, 20),
                             rng.uniform(25, 80)), (1, 14, 5))[0]
        goods = rng.choice(RISKY) if rng.random() < 0.04 else "food"
        return self.pay(hours, self.mean * rng.lognormvariate(0, 0.5), goods)

    def velocity(self):
        for _ in range(25):
            last = self.pay(self.rng.uniform(1, 20) / 3600, 9.99, "fuel")
        return last

    def amount(self):
        return self.pay(5, self.mean * 40, "clothes")

    def distance(self):
        far = max(TOWNS, key=lambda town: abs(town[1] - self.home[1]))
        return self.pay(self.rng.uniform(0.2, 1), self.mean, "food", far)

    def markov(self):
        for _ in range(6):
            last = self.pay(0.5, self.rng.uniform(210, 250), "vouchers")
        return last


KINDS = ("velocity", "amount", "distance", "markov")


def made_up(seed, cards, each_card):
    """Payments in any order that the lag allows, and the last ones of the
    frauds: (kind, payment)."""
    rng = random.Random(seed)
    payments, planted = [], []
    for number in range(cards):
        card = Card(rng, number)
        while len(card.payments) < each_card:
            kind = rng.choice(KINDS)
            if len(card.payments) > 30 and rng.random() < 0.01:
                planted.append((kind, getattr(card, kind)()))
            else:
                card.usual()
        payments += card.payments
    return [payment for _, payment in sorted(
        (payment.at + rng.random() * LAG, payment) for payment in payments)], \
        planted


def risk_of(payments):
    """(kind, card, time, reason, value) of each alert."""
    by_card = collections.defaultdict(list)
    for payment in sorted(payments):
        by_card[payment.card].append(payment)
    with MODEL.open() as file:
        model = {(row["before"], row["after"]): float(row["p"])
                 for row in csv.DictReader(file)}
    for card, own in by_card.items():
        for find in (find_velocity, find_amounts, find_distances):
            for kind, time, reason, value in find(own):
                yield kind, card, time, reason, value
        for kind, time, reason, value in find_unlikely(own, model):
            yield kind, card, time, reason, value


def find_velocity(own):
    counts = collections.Counter()
    for payment in own:
        end = payment.at // 300_000 * 300_000 + 300_000
        counts[end] += 1
        counts[end + 300_000] += 1
    for end, count in counts.items():
        if count > 10:
            yield ("velocity", written(end, 0),
                   f"{count} payments in ten minutes", count)


def find_amounts(own):
    for i, payment in enumerate(own):
        usual = statistics.fmean(
            other.amount for other in own[max(0, i - 19):i + 1])
        times = payment.amount / usual
        if times > 4:
            yield ("amount", written(payment.at),
                   f"{payment.amount:.2f} is {times:.1f} times the average",
                   payment.amount)


def kilometres(one, other):
    """By the angle between two vectors."""
    vectors = []
    for payment in (one, other):
        lat, lon = math.radians(payment.lat), math.radians(payment.lon)
        vectors.append((math.cos(lat) * math.cos(lon),
                        math.cos(lat) * math.sin(lon), math.sin(lat)))
    (a, b, c), (d, e, f) = vectors
    across = math.hypot(b * f - c * e, c * d - a * f, a * e - b * d)
    return 6371 * math.atan2(across, a * d + b * e + c * f)


def find_distances(own):
    for one, other in zip(own, own[1:]):
        way, took = kilometres(one, other), other.at - one.at
        if way > 50 and way / (took / HOUR) > 900:
            yield ("distance", written(other.at),
                   f"{way:.0f} km in {took / 60_000:.0f} minutes",
                   round(way, 1))


def state(one, other):
    hours = (other.at - one.at) / HOUR
    return "".join((
        "L" if other.amount < 20 else "M" if other.amount < 200 else "H",
        "H" if other.goods in RISKY else "N",
        "L" if hours > 24 else "N" if hours > 1 else "S"))


def find_unlikely(own, model):
    states = list(map(state, own, own[1:]))
    for i in range(4, len(states)):
        moves = zip(states[i - 4:i], states[i - 3:i + 1])
        score = sum(1 - model[move] for move in moves) / 4
        if score > SCORE:
            yield ("markov", written(own[i + 1].at),
                   "unlikely: " + " ".join(states[i - 3:i + 1]),
                   round(score, 6))


def expected_of(payments, planted):
    """What is found; each of the planted is."""
    alerts = sorted(risk_of(payments))
    found = {alert[:3] for alert in alerts}
    for kind, last in planted:
        end = last.at // 300_000 * 300_000 + 300_000
        time = written(end, 0) if kind == "velocity" else written(last.at)
        if (kind, last.card, time) not in found:
            raise Failed(f"{kind} of {last} is not found")
    return alerts


def stored(payments):
    path = pathlib.Path(tempfile.mkdtemp()) / "payments.jsonl"
    path.write_text("".join(json.dumps({
        "time": written(p.at), "card": p.card, "amount": p.amount,
        "goods": p.goods, "lat": p.lat, "lon": p.lon}) + "\n"
        for p in payments))
    return path


def printed(alerts):
    return sorted("\t".join(alert[:4]).encode() for alert in alerts)


class Taker:
    """A server that fails now and then, and what it has taken."""

    def __init__(self, trouble):
        self.trouble = trouble
        self.taken, self.refused = collections.Counter(), 0
        self.lock = threading.Lock()

    def __call__(self, handler):
        dice = random.Random(handler.number)
        if dice.random() < self.trouble:
            with self.lock:
                self.refused += 1
            if dice.random() < 0.2:
                hang_up(handler)
            else:
                reply(handler, dice.choice((503, 500, 429)), b"not now")
            return
        with self.lock:
            self.taken.update(
                (one["kind"], one["card"], one["time"], one["reason"],
                 one["value"]) for one in json.loads(handler.body))
        # What was taken comes again if the answer is lost.
        if dice.random() < self.trouble / 4:
            hang_up(handler)
        else:
            reply(handler, 204)


def run_with(path, alerts, *way, trouble=0.0, bad=0, **values):
    """A run whose alerts are all at the server, and nothing else is."""
    taker = Taker(trouble)
    with Server(taker) as server:
        run = gust(TOPOLOGIES / "payments-risk.yaml", *way, payments=path,
                   model=MODEL, lag="1h", score=SCORE,
                   url=server.url("/alerts"), **values)
    expect_code(run, 0)
    expect_balance(run)
    found, wanted = map(collections.Counter, (run.lines, printed(alerts)))
    expect(run, (list(found - wanted), list(wanted - found)), ([], []),
           "what is printed in vain, and what is not")
    expect(run, sorted(set(taker.taken) ^ set(alerts)), [],
           "the difference between what the server has and what it should")
    expect(run, [count for count in taker.taken.values() if count > 1]
           if trouble == 0 else [], [], "what has come again")
    expect(run, taker.refused > 0, trouble > 0, "that something was refused")
    expect(run, run.component("sorted")["metrics"]["counters"]["late"], 0,
           "what is late where it is sorted")
    for component in run.report["components"]:
        expect(run, component["counts"]["late"], 0,
               f"what is late at '{component['id']}'")
    counts = run.counts()
    expect(run, (counts["rejected"], counts["dead_lettered"]), (bad, 0),
           "what is put aside")
    return run


@test
def alerts_are_the_same_in_all_ways():
    payments, planted = made_up(1, 60, 120)
    alerts = expected_of(payments, planted)
    path = stored(payments)
    for way in [*ways(), ["--workers", "2"]]:
        for tasks in (1, 3):
            run_with(path, alerts, *way, tasks=tasks)


@test
def a_hundred_thousand_payments_and_a_server_that_fails():
    payments, planted = made_up(2, 400, 260)
    alerts = expected_of(payments, planted)
    path = stored(payments)
    ways_ = [["--executors", "4"], ["--workers", "3"]]
    for way in ways_ + ([["--executors", "1"]] if FULL else []):
        run = run_with(path, alerts, *way, trouble=0.2, tasks=3)
        expect(run, run.counts("check")["executed"] >= 100_000, True,
               f"{len(payments)} payments: that there are enough")


@test
def what_is_no_payment_is_put_aside():
    payments, planted = made_up(3, 40, 100)
    alerts = expected_of(payments, planted)
    path = stored(payments)
    lines = path.read_text().splitlines(keepends=True)
    good = json.loads(lines[0])
    for name in good:
        bad = dict(good)
        del bad[name]
        lines.insert(len(lines) // 2, json.dumps(bad) + "\n")
    lines.insert(7, json.dumps(dict(good, lat=91)) + "\n")
    lines.insert(5, "no payment\n")
    path.write_text("".join(lines))
    run_with(path, alerts, bad=len(good) + 2)


@test
def the_sample_has_a_card_of_each_kind():
    rows = [json.loads(line) for line in SAMPLE.open()]
    alerts = list(risk_of(
        Payment(read(row.pop("time")), **row) for row in rows))
    run = gust(TOPOLOGIES / "payments-risk.yaml", payments=SAMPLE,
               model=MODEL)
    expect_code(run, 0)
    expect(run, run.lines, sorted(line.replace(b".000Z", b"Z")
                                  for line in printed(alerts)), "the alerts")
    expect(run, {(kind, card) for kind, card, *_ in alerts},
           {(kind, f"4000-0{number}") for number, kind in
            enumerate(KINDS, 1)} | {("markov", "4000-01")}, "whose they are")
