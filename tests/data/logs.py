#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes logs for tests: logs.py LINES SEED KIND > FILE.

The same arguments give the same bytes. KIND is one of

    access   what a web server writes, in the combined format, in order of time
    mixed    lines of web servers (combined and common), of syslog (RFC 5424,
             RFC 3164, files of daemons), of key=value, and some of none
    orders   rows of CSV, id;email;product;quantity;price;status, some of them
             bad: too few columns, no number, out of range
"""

import datetime
import random
import sys

METHODS = ("GET",) * 8 + ("POST", "HEAD")
STATUSES = (200,) * 20 + (304, 304, 301, 404, 404, 403, 500, 503)
AGENTS = ('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101',
          'curl/7.88.1', '-', r'odd \"quotes\" and \\ and \x41\x7e',
          'Googlebot/2.1 (+http://www.google.com/bot.html)')
WORDS = ("cart", "paid", "slow", "retry", "the disk is full", "été", "done",
         "connection reset by peer", 'said "no"', "a=b", "50 %")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
JUNK = (b"", b"?", b"two words", b"Traceback (most recent call last):",
        b"    at com.example.Main.run(Main.java:17)", b"\xff\xfe\0\x01",
        b'10.0.0.1 - - [99/Xyz/2025:00:00:00 +0000] "GET /" 200 1',
        b'10.0.0.1 - - [10/Oct/2025:00:00:00 +0000] "GET / HTTP/1.1" 200',
        b'10.0.0.1 - - [10/Oct/2025:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-"',
        b"<999>1 2025-10-10T00:00:00Z h a - - - x", b"<13>1 soon h a - - - x",
        b'key="open', b"=value", b"Oct 32 00:00:00 host app: x")


def paths(rng):
    """Paths that are asked for, the first ones more often than others."""
    names = [f"/{a}/{b}" for a in ("shop", "img", "api/v1", "Über uns")
             for b in range(25)] + ["/", "/index.html", "/favicon.ico"]
    rng.shuffle(names)
    return names, [1 / (rank + 1) for rank in range(len(names))]


def access_line(rng, when, path, combined=True):
    zone = rng.choice((0, 60, -420, 330))
    local = when + datetime.timedelta(minutes=zone)
    stamp = (f"{local.day:02}/{MONTHS[local.month - 1]}/{local.year}:"
             f"{local:%H:%M:%S} {'-' if zone < 0 else '+'}"
             f"{abs(zone) // 60:02}{abs(zone) % 60:02}")
    host = rng.choice((f"10.0.{rng.randint(0, 3)}.{rng.randint(1, 9)}", "::1"))
    user = rng.choice(("-", "-", "-", "frank", "ann lee"))
    query = rng.choice(("", "", "?page=2", "?q=a+b&c"))
    request = f"{rng.choice(METHODS)} {path}{query} HTTP/1.{rng.randint(0, 1)}"
    size = rng.choice(("-", "0", str(rng.randint(1, 1 << 40))))
    line = (f'{host} - {user} [{stamp}] "{request}" {rng.choice(STATUSES)} '
            f'{size}')
    if combined:
        line += f' "{rng.choice(("-", "https://a.example/"))}"'
        line += f' "{rng.choice(AGENTS)}"'
    return line.encode()


def syslog_line(rng, when):
    kind = rng.randint(0, 3)
    app = rng.choice(("sshd", "kernel", "CRON", "systemd-logind"))
    pid = rng.choice(("", f"[{rng.randint(1, 99999)}]"))
    host = rng.choice(("web1", "db.example.com"))
    text = rng.choice(WORDS)
    old = f"{MONTHS[when.month - 1]} {when.day:>2} {when:%H:%M:%S}"
    if kind == 0:
        zone = rng.choice(("Z", "+02:00", "-00:30"))
        data = rng.choice(("-", '[x@1 k="v" w="a \\"b\\" \\]"]', "[a][b c=\"\"]"))
        return (f"<{rng.randint(0, 191)}>1 {when:%Y-%m-%dT%H:%M:%S}"
                f".{rng.randint(0, 999999):06}{zone} {host} {app} "
                f"{pid.strip('[]') or '-'} - {data} {text}").encode()
    if kind == 1:
        return f"<{rng.randint(0, 191)}>{old} {host} {app}{pid}: {text}".encode()
    if kind == 2:
        return f"{old} {host} {app}{pid}: {text}".encode()
    return (f"{when:%Y-%m-%dT%H:%M:%S}.{rng.randint(0, 999):03}+00:00 {host} "
            f"{app}{pid}: {text}").encode()


def pairs_line(rng, when):
    pairs = [rng.choice((f"ts={when:%Y-%m-%dT%H:%M:%S}Z",
                         f"time={int(when.timestamp())}.5",
                         f't="{when:%Y-%m-%d %H:%M:%S}"', "n=1")),
             rng.choice(("level=info", "lvl=warn", "severity=error"))]
    text = rng.choice(WORDS).replace("\\", "\\\\").replace('"', '\\"')
    pairs.append(f'{rng.choice(("msg", "message"))}="{text}"')
    if rng.random() < 0.5:
        pairs.append(f"app={rng.choice(('shop', 'pay'))}")
    if rng.random() < 0.5:
        pairs.append(f"status={rng.choice(('200', '500', '', 'ok'))}")
    if rng.random() < 0.3:
        pairs.append("cached")
    return rng.choice((" ", "  ")).join(pairs).encode()


def log(count, seed, kind):
    """Yields the lines."""
    rng = random.Random(f"{seed} {kind}")
    names, weights = paths(rng)
    when = datetime.datetime(2025, 10, 9, 23, 50, tzinfo=datetime.timezone.utc)
    for _ in range(count):
        when += datetime.timedelta(seconds=rng.choice((0, 0, 0, 1, 1, 7)))
        path = rng.choices(names, weights)[0]
        chance = rng.random()
        if kind == "access" or chance < 0.3:
            line = access_line(rng, when, path)
        elif chance < 0.4:
            line = access_line(rng, when, path, combined=False)
        elif chance < 0.65:
            line = syslog_line(rng, when)
        elif chance < 0.95:
            line = pairs_line(rng, when)
        else:
            line = rng.choice(JUNK)
        yield line + b"\n"


def orders(count, seed):
    """Yields the rows."""
    rng = random.Random(f"{seed} orders")
    for number in range(1, count + 1):
        row = [str(number), rng.choice(("ada@example.com", "bob@b.example")),
               rng.choice(("tea", "milk", '"two ""cups"""', "a;b")),
               str(rng.randint(1, 20)), f"{rng.randint(1, 999) / 100}",
               rng.choice(("new", "paid", "sent"))]
        if row[2] == "a;b":
            row[2] = '"a;b"'
        if rng.random() < 0.2:
            at, bad = rng.choice(((0, "x1"), (0, ""), (1, "nobody"), (1, ""),
                                  (2, ""), (2, "é" * 41), (3, "0"), (3, "-1"),
                                  (3, "many"), (4, "-0.5"), (4, "nan"),
                                  (5, "lost"), (5, '"open')))
            row[at] = bad
        if rng.random() < 0.02:
            row = row[:rng.randint(0, 5)]
        yield ";".join(row).encode() + b"\n"


def main():
    count, seed, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    lines = orders(count, seed) if kind == "orders" else log(count, seed, kind)
    sys.stdout.buffer.writelines(lines)


if __name__ == "__main__":
    main()
