# SPDX-License-Identifier: MIT
"""Tables of the results, for a terminal and in Markdown."""


def number(value):
    """Three digits, however large it is."""
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.3g}"


def ranged(spread, form=number):
    if spread is None:
        return ""
    if spread["min"] == spread["max"]:
        return form(spread["median"])
    return (f"{form(spread['median'])} ({form(spread['min'])} to "
            f"{form(spread['max'])})")


def mebibytes(value):
    return f"{value / 2**20:.1f}"


def ratio(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def speed_columns(row, unit):
    gust = row.get("gust") or {}
    return {
        "who": row["name"],
        f"{unit}/s": ranged(row["per_second"]),
        f"{unit}/s of a core": ranged(row["per_core_second"]),
        "cores": f"{row['cores']['median']:.2f}",
        "peak MiB": mebibytes(row["peak_bytes"]),
        "gust / it, a core": ranged(gust.get("per_core_second"), ratio),
        "gust / it, in all": ranged(gust.get("per_second"), ratio),
    }


def start_columns(row, _unit):
    return {
        "who": row["name"],
        "first tuple after ms": ranged(row.get("first_ms")),
        "peak MiB": mebibytes(row["peak_bytes"]),
    }


def latency_columns(row, unit):
    later = row.get("later") or {}
    return {
        "who": row["name"],
        **{f"{name} us": ranged(row["latency_us"][name])
           for name in ("p50", "p99", "p999")},
        f"{unit}/s": number(row["per_second"]["median"]),
        "cores": f"{row['cores']['median']:.2f}",
        "peak MiB": mebibytes(row["peak_bytes"]),
        "it / gust, p50": ranged(later.get("p50"), ratio),
        "it / gust, p99": ranged(later.get("p99"), ratio),
    }


def allocation_columns(row, unit):
    figures = row["figures"]
    one = unit.rstrip("s")
    return {
        "who": row["name"],
        unit: number(row["work"]),
        "allocations": number(figures["allocations"]["median"]),
        f"a {one}": ranged(figures["allocations"], lambda value:
                           f"{value / row['work']:.5f}"),
        f"heap bytes a {one}": ranged(figures["allocated_bytes"], lambda value:
                                 f"{value / row['work']:.4f}"),
        f"bytes sent a {one}": f"{row['sent_bytes'] / row['work']:.2f}",
    }


COLUMNS = {"speed": speed_columns, "latency": latency_columns,
           "allocations": allocation_columns,
            "start": start_columns}


def cells(workload):
    """The head and the lines of a workload's table, as text."""
    rows = [COLUMNS[workload["kind"]](row, workload["unit"])
            for row in workload["rows"]]
    if not rows:
        return []
    return [list(rows[0])] + [list(row.values()) for row in rows]


def plain(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in lines)


def markdown(lines):
    head, *body = lines
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *body])


def shares(workload):
    for row in workload["rows"]:
        if len(row.get("shares", {})) > 0:
            parts = [f"{name} " + " ".join(f"{share:.0%}" for share in found)
                     for name, found in row["shares"].items()
                     if len(found) <= 8]
            if parts:
                yield f"{row['name']}: shares of tasks: {', '.join(parts)}"


def late(wake_up):
    return f"{wake_up['p50']:.0f} us (p50), {wake_up['p99']:.0f} us (p99)"


def about(result):
    machine = result["machine"]
    return (f"{result['date']}, {machine['processor']}, {machine['cores']} "
            f"cores, load {machine['load']:.1f}, `{result['command']}`; "
            f"medians and ranges of {result['runs']} runs in turn; the machine "
            f"wakes a thread up late by {late(machine['wake_up_us'])}")


def target_lines(result):
    """What gust is to reach, as far as it was measured."""
    yield ["gust against", "in", "by", "times", "at least", ""]
    for target in result["targets"]:
        yield [target["what"], target["workload"], target["metric"],
               ranged(target["times"], ratio), ratio(target["least"]),
               "met" if target["met"] else "missed"]


def text(result, layout, heading):
    """The whole result; `layout` is plain or markdown."""
    parts = [about(result)]
    for workload in result["workloads"]:
        lines = cells(workload)
        if not lines:
            continue
        parts.append(heading + workload["name"] + ": " + workload["title"])
        if workload["note"]:
            parts.append(workload["note"])
        parts.append(layout(lines))
        if workload["kind"] == "latency":
            parts.append("The machine wakes up late by "
                         f"{late(workload['wake_up_us'])}.")
        parts += list(shares(workload))
    lines = list(target_lines(result))
    if len(lines) > 1:
        parts += [heading + "what is to be reached", layout(lines)]
    return "\n\n".join(parts) + "\n"
