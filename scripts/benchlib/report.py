# SPDX-License-Identifier: GPL-2.0-only
"""A comparison as text, as JSON, and as the part of the README."""
import re

from benchlib import compare
from benchlib.rig import Key

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def size(n):
    for unit, name in ((1000000, "M"), (1000, "k")):
        if n >= unit and n % unit == 0:
            return f"{n // unit}{name}"
    return str(n)


def label(key):
    return key.name + (f", {size(key.size)}" if key.size else "")


def title(group, engine):
    return group + (f", {engine}" if engine not in ("", "-") else "")


def text(c):
    """All tables, as lines."""
    lines = []
    for (group, engine), rows in c.groups().items():
        lines += ["", f"{title(group, engine)} ({rows[0].unit})",
                  f"  {'':<48} {'upstream':>12} {'ours':>12} {'ratio':>7} {'gcc -O2':>9}"]
        lines += [f"  {label(r.key):<48} {number(r.upstream):>12} {number(r.ours):>12} {ratio(r.ratio):>7} "
                  f"{number(r.native) if r.native else '':>9}".rstrip() for r in rows]
        lines.append(f"  {'geometric mean':<48} {'':>12} {'':>12} {ratio(compare.geometric_mean(rows)):>7}")
    return lines + growth_text(c)


def growth_text(c):
    found = compare.growth(c.rows)
    if not found:
        return []
    lines = ["", "growth: factor on the cost of one, each time there are ten times as many"]
    for key, sizes, theirs, mine in found:
        steep = [who for who, f in (("upstream", theirs), ("ours", mine)) if max(f) > compare.STEEP]
        name = f"{title(key.group, key.engine)}: {key.name}, {size(sizes[0])} to {size(sizes[-1])}"
        lines.append(f"  {name:<76} upstream {' '.join(map(ratio, theirs)):<16} ours {' '.join(map(ratio, mine))}"
                     + (f"   STEEP: {', '.join(steep)}" if steep else ""))
    return lines


def as_json(c, facts):
    def row(r):
        return {**r.key._asdict(), "unit": r.unit, "upstream": r.upstream, "ours": r.ours,
                "ratio": r.ratio, "native": r.native}
    return {**facts, "rows": [row(r) for r in c.rows],
            "means": {title(*g): compare.geometric_mean(rows) for g, rows in c.groups().items()},
            "errors": [{**k._asdict(), "error": e} for k, e in c.errors],
            "missing": [{**k._asdict(), "reason": e} for k, e in c.missing]}


def from_json(found):
    """The comparison that as_json() was given, as far as tables and chart need it."""
    c = compare.Comparison()
    c.rows = [compare.Row(Key(*(r[f] for f in Key._fields)), r["unit"], r["upstream"], r["ours"], r["ratio"],
                          r["native"], False) for r in found["rows"]]
    return c


def markdown(c, facts):
    """What stands in the README between the marks."""
    lines = [BEGIN,
             f"Measured by `make bench`: linux-source {facts['base']}, {facts['compiler']}. Instructions executed, or",
             "bytes, against Linux 6.1; less than 1 is less than there.", "",
             "![ratios by group](Documentation/bpf/bench.svg)", "",
             "| group | rows | ratio, geometric mean | best | worst |", "|---|---:|---:|---|---|"]
    for (group, engine), rows in c.groups().items():
        ranked = sorted((r for r in rows if r.ratio), key=lambda r: r.ratio)
        if ranked:
            lines.append(f"| {title(group, engine)} | {len(rows)} | {ratio(compare.geometric_mean(rows))} "
                         f"| {ratio(ranked[0].ratio)} {label(ranked[0].key)} "
                         f"| {ratio(ranked[-1].ratio)} {label(ranked[-1].key)} |")
    return "\n".join(lines + [END])


def put_into(path, part):
    with open(path) as f:
        whole = f.read()
    fresh, n = re.subn(re.escape(BEGIN) + ".*?" + re.escape(END), lambda m: part, whole, flags=re.S)
    if n != 1:
        raise ValueError(f"{path}: one part between {BEGIN} and {END} is wanted, there are {n}")
    with open(path, "w") as f:
        f.write(fresh)
