# SPDX-License-Identifier: MIT
"""Topologies whose bolts run Lua."""

import collections
import json
import math
import random

from harness import (SOURCE, dead_letters, expect, expect_balance, expect_code,
                     gust, number, store, test, ways)

TOPOLOGIES = SOURCE / "topologies"


def write_lines(lines):
    return store("".join(line + "\n" for line in lines).encode())


def expect_lines(run, lines):
    expect(run, run.lines, sorted(line.encode() for line in lines),
           "the multiset of lines")


def orders(count, seed):
    """Orders as their shop writes them, some of them damaged."""
    dice = random.Random(seed)
    for i in range(count):
        if dice.random() < 0.02:
            yield dice.choice(['{"order": 7', "[]", "null", "7", "", "\\u00",
                               '{"order": 7, "items": "none"}'])
            continue
        order = {"order": i, "items": [
            {"name": dice.choice(["tea", "Milk", "öl", "4 eggs", "bread"]),
             "n": dice.randint(1, 20), "price": dice.randint(1, 2000) / 100}
            for _ in range(dice.choice([0, 1, 1, 2, 3, 30]))]}
        if dice.random() < 0.9:
            order["customer"] = dice.choice(["Ada ", "\tKEN", "Zoë", ""])
        yield json.dumps(order, ensure_ascii=dice.random() < 0.5)


def taken_apart(lines, least):
    """The oracle: what is printed, and how many lines are put aside."""
    out = []
    small = collections.Counter()
    bad = 0
    for line in lines:
        try:
            order = json.loads(line)
            items = order["items"]
            if not isinstance(items, list):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            bad += 1
            continue
        customer = order.get("customer", "unknown")
        # Letters from A to Z only, as in C.
        customer = customer.strip(" \t").translate(
            {c: c + 32 for c in range(65, 91)})
        for item in items:
            name = item["name"]
            if "a" <= name[0] <= "z":
                name = name[0].upper() + name[1:]
            total = math.floor(item["price"] * item["n"] * 100 + 0.5) / 100
            if total >= least:
                out.append(f"{order['order']}\t{customer}\t{item['n']} {name}"
                           f"\t{number(total)}")
            else:
                small[name] += 1
    return out + [f"small\t{name}\t{n}" for name, n in small.items()], bad


@test
def lua():
    lines = list(orders(5000, 1))
    path = write_lines(lines)
    expected, bad = taken_apart(lines, 20)
    for way in ways():
        run = gust(TOPOLOGIES / "lua.yaml", *way, input=path, least=20)
        expect_lines(run, expected)
        expect_balance(run)
        expect_code(run, 0)
        expect(run, run.counts()["rejected"], bad, "'rejected'")
        letters = dead_letters(run)
        expect(run, len(letters), bad, "the number of dead letters")
        for letter in letters:
            expect(run, letter["reason"].startswith("no order: "), True,
                   letter["reason"])


@test
def lua_reads_its_sample():
    sample = TOPOLOGIES / "data" / "orders.jsonl"
    run = gust(TOPOLOGIES / "lua.yaml", input=sample)
    expected, bad = taken_apart(sample.read_text().splitlines(), 5)
    expect_code(run, 0)
    expect_lines(run, expected)
    expect(run, (bad, len(expected)), (0, 13), "what is in the sample")


def payments(count, seed):
    dice = random.Random(seed)
    countries = ["DE", "FR", "US", "NL", "BR", "SE"]
    for i in range(count):
        home = dice.choice(countries)
        payment = {
            "id": i,
            "time": "2026-11-%02dT%02d:30:00Z" % (dice.randint(1, 30),
                                                  dice.randint(0, 23)),
            "card": "c%d" % int(dice.paretovariate(0.5) % 5000),
            "home": home,
            "country": home if dice.random() < 0.95
            else dice.choice(countries),
            "amount": dice.choice([dice.randint(1, 50000) / 100,
                                   dice.randint(1, 50) * 100,
                                   dice.randint(1, 300000) / 100]),
            "merchant": dice.choice(["Bakery", "Lucky Chips", "Cinema",
                                     "Railway", "Gold 4 Cash", "Shop"])}
        if dice.random() < 0.01:
            del payment["amount"]
        if dice.random() < 0.01:
            payment["time"] = "yesterday"
        yield payment


LIMITS = {"DE": 2000, "FR": 1500, "US": 3000}
NEAR = {"AT", "BE", "DE", "FR", "NL"}


def alerts_of(p):
    """The rules, once more."""
    if p["amount"] > LIMITS.get(p["country"], 1000):
        yield "limit", "%.2f is more than %d in %s" % (
            p["amount"], LIMITS.get(p["country"], 1000), p["country"])
    if p["country"] != p["home"] and not {p["country"], p["home"]} <= NEAR:
        yield "abroad", f"a card of {p['home']} in {p['country']}"
    hour = int(p["time"][11:13]) if "T" in p["time"] else 12
    if hour < 5 and p["amount"] >= 200:
        yield "night", "%.2f at %d o'clock" % (p["amount"], hour)
    if p["amount"] >= 500 and p["amount"] % 100 == 0:
        yield "round", "%d to the cent" % p["amount"]
    if p["merchant"] in ("Lucky Chips", "Gold 4 Cash"):
        yield "merchant", f"{p['merchant']} is watched"


def alerts(all_payments, often):
    out = []
    for p in all_payments:
        if "amount" in p:
            out += [f"{p['id']}\t{p['card']}\t{rule}\t{reason}"
                    for rule, reason in alerts_of(p)]
    uses = collections.Counter(p["card"] for p in all_payments)
    return out + [f"-\t{card}\toften\tused more than {often} times"
                  for card, n in uses.items() if n > often]


@test
def fraud_rules():
    given = list(payments(10_000, 2))
    lines = [json.dumps(p) for p in given]
    lines[5000:5000] = ["no payment", '{"id": "x"}']
    path = write_lines(lines)
    expected = alerts(given, 12)
    bad = sum("amount" not in p for p in given)
    for way in ways():
        run = gust(TOPOLOGIES / "fraud-rules.yaml", *way, payments=path,
                   often=12)
        expect_lines(run, expected)
        expect_balance(run)
        expect_code(run, 0)
        reasons = collections.Counter(
            letter["reason"] for letter in dead_letters(run))
        expect(run, reasons.pop("a payment without id, card or amount"), bad,
               "the number of payments put aside")
        expect(run, sum(reasons.values()), 2, "the number of bad lines")


@test
def fraud_rules_read_their_sample():
    sample = TOPOLOGIES / "data" / "payments.jsonl"
    run = gust(TOPOLOGIES / "fraud-rules.yaml", payments=sample)
    given = [json.loads(line) for line in sample.open()]
    expect_code(run, 0)
    expect_lines(run, alerts(given, 8))
    expect(run, {line.split(b"\t")[2] for line in run.lines},
           {b"limit", b"abroad", b"night", b"round", b"merchant", b"often"},
           "the rules that the sample shows")


EVIL = ["took more than 1000000 steps", " more than ",
        "'os' is not for scripts", "took more than 1000000 steps",
        "took more than 1000000 steps",
        "emit: field 'n' is the string 'one', expected int"]


@test
def evil_scripts_harm_only_their_tuples():
    count = 6000
    run = gust("evil", count=count)
    expect_code(run, 3)
    expect_balance(run)
    expect_lines(run, [str(n) for n in range(1, count + 1) if n % 100 != 0])
    letters = {letter["fields"]["n"]: letter["reason"]
               for letter in dead_letters(run)}
    expect(run, set(letters), set(range(100, count + 1, 100)),
           "what is in the dead letters")
    for n, reason in letters.items():
        expect(run, EVIL[n // 100 % 6] in reason, True, f"{n}: {reason}")
    expect(run, (run.folder / "evil-was-here").exists(), False,
           "evil was here")
