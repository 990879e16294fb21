# SPDX-License-Identifier: MIT
"""What the runs of a workload come to: medians, and the range beside each."""

import statistics

import gust

QUANTILES = ("p50", "p99", "p999")


def spread(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values)}


def per_second(contender, sample):
    return sample.figures.get("work", contender.work) / sample.seconds


def per_core_second(contender, sample):
    return sample.figures.get("work", contender.work) / sample.cpu


def speeds(contender, samples):
    return {
        "per_second": spread([per_second(contender, s) for s in samples]),
        "per_core_second": spread([per_core_second(contender, s)
                                   for s in samples]),
        "cores": spread([s.cpu / s.seconds for s in samples]),
    }


def compared(contender, mine, other, theirs):
    """How many times as fast `other`, which is gust, was in the same rounds."""
    pairs = [(s, g) for s, g in zip(mine, theirs)
             if s is not None and g is not None]
    if not pairs:
        return None
    return {
        "with": other.name,
        "per_second": spread([
            per_second(other, g) / per_second(contender, s)
            for s, g in pairs]),
        "per_core_second": spread([
            per_core_second(other, g) / per_core_second(contender, s)
            for s, g in pairs]),
    }


def latency(sample):
    """Quantiles in microseconds, whoever found them out."""
    if "p50_us" in sample.figures:
        return {name: sample.figures[f"{name}_us"] for name in QUANTILES}
    return gust.latency(sample)


def latencies(samples):
    found = [latency(sample) for sample in samples]
    return {name: spread([one[name] for one in found]) for name in QUANTILES}


def later(mine, theirs):
    """How many times as long as with gust (`theirs`) it took."""
    pairs = [(latency(s), latency(g)) for s, g in zip(mine, theirs)
             if s is not None and g is not None]
    if not pairs:
        return None
    return {name: spread([s[name] / g[name] for s, g in pairs])
            for name in QUANTILES}


def row(contender, samples):
    found = {"name": contender.name, "runs": len(samples),
             "peak_bytes": max(s.peak_bytes for s in samples),
             "figures": figures(samples)}
    begun = [s.figures.get("first_ms", s.first_ms) for s in samples]
    if begun[-1] > 0:
        found["first_ms"] = spread(begun)
    if contender.work:
        found.update(speeds(contender, samples), work=contender.work)
    if samples[-1].report is not None:
        found["shares"] = gust.shares(samples[-1])
        found["sent_bytes"] = gust.sent_bytes(samples[-1])
    return found


def rounds(contender, samples):
    """What is compared between rows, round by round; None for a failure."""
    found = []
    for sample in samples:
        if sample is None:
            found.append(None)
            continue
        one = {"peak_bytes": sample.peak_bytes,
               "first_ms": sample.figures.get("first_ms", sample.first_ms)}
        if contender.work:
            one["per_second"] = per_second(contender, sample)
            one["per_core_second"] = per_core_second(contender, sample)
        found.append(one)
    return found


def figures(samples):
    """What the programs said of themselves, as far as all runs said it."""
    names = set.intersection(*(set(s.figures) for s in samples))
    return {name: spread([s.figures[name] for s in samples])
            for name in sorted(names)}


def summary(workload, samples):
    """`samples` has a list for each contender, with None for a run that
    failed; who has nothing else is left out."""
    by_name = {c.name: c for c in workload.contenders}
    rows = []
    for contender in workload.contenders:
        mine = samples[contender.name]
        right = [sample for sample in mine if sample is not None]
        if not right:
            continue
        rows.append(row(contender, right))
        rows[-1]["rounds"] = rounds(contender, mine)
        other = by_name.get(contender.against)
        if other is not None and contender.work:
            rows[-1]["gust"] = compared(contender, mine, other,
                                        samples[other.name])
        if workload.kind == "latency":
            rows[-1]["latency_us"] = latencies(right)
            for one, sample in zip(rows[-1]["rounds"], mine):
                if one is not None:
                    one.update(latency(sample))
            if other is not None:
                rows[-1]["later"] = later(mine, samples[other.name])
    return {"name": workload.name, "title": workload.title,
            "unit": workload.unit, "kind": workload.kind,
            "rate": workload.rate, "note": workload.note, "rows": rows}
