# SPDX-License-Identifier: GPL-2.0-only
"""The gate: some rows of our kernel against recorded figures.

Counts are exact, so the margin needs no room for noise: it is what a change of the
compiler's mood, or of the order of random keys, may cost. A record holds for one
version of the base and one compiler. A row that became faster passes; record it,
or a later change may give it back unseen.

Format of the file: lines "[BASE COMPILER]", and below each "COST<tab>GROUP<tab>NAME
<tab>SIZE<tab>ENGINE".
"""
import os

from benchlib import report
from benchlib.rig import TOP, Error, Key

FILE = os.path.join(TOP, "tools/testing/selftests/bpf/bench/gate.list")
MARGIN = 0.03
HEAD = """# Instructions that rows of the benchmark take on our kernel, by version of the base
# and compiler. Written by scripts/bench --record; scripts/bench --gate compares.
"""


def section_name(base, compiler):
    return f"[{base} {compiler}]"


def read():
    """{section: {Key: cost}}"""
    sections, current = {}, None
    try:
        with open(FILE) as f:
            for line in f:
                line = line.rstrip("\n")
                if line.startswith("["):
                    current = sections.setdefault(line, {})
                elif line and not line.startswith("#"):
                    cost, group, name, size, engine = line.split("\t")
                    current[Key(group, name, int(size), engine)] = float(cost)
    except FileNotFoundError:
        pass
    return sections


def write(section, measured):
    sections = read()
    sections[section] = {k: f.cost for k, f in measured.rows.items() if f.gate}
    with open(FILE, "w") as f:
        f.write(HEAD)
        for name, rows in sections.items():
            f.write(f"\n{name}\n")
            f.writelines(f"{cost:.3f}\t{k.group}\t{k.name}\t{k.size}\t{k.engine}\n" for k, cost in rows.items())


def slower(recorded, costs):
    """[(Key, recorded cost, cost)] of those beyond the margin; one that is gone costs None."""
    bad = []
    for key, was in recorded.items():
        now = costs.get(key)
        if now is None or now > was * (1 + MARGIN):
            bad.append((key, was, now))
    return bad


def verdicts(recorded, measured):
    """[(good, text)] for KTAP: one for each row recorded or measured."""
    costs = {k: f.cost for k, f in measured.rows.items() if f.gate}
    bad = {key for key, _, _ in slower(recorded, costs)}
    lines = []
    for key, was in recorded.items():
        now = costs.get(key)
        change = "is not measured any more" if now is None else f"{was:g} recorded, {now:g} now ({now / was - 1:+.1%})"
        lines.append((key not in bad, f"{report.title(key.group, key.engine)}: {report.label(key)}: {change}"))
    for key in costs.keys() - recorded.keys():
        lines.append((False, f"{report.title(key.group, key.engine)}: {report.label(key)}: "
                             "not recorded, run scripts/bench --record"))
    return lines


def notices_each(recorded):
    """Does the comparison see each row by itself when it is 5 % slower, and no other,
    and let 2 % pass?"""
    for key in recorded:
        costs = dict(recorded)
        costs[key] = recorded[key] * 1.05
        if [k for k, _, _ in slower(recorded, costs)] != [key]:
            return False
        costs[key] = recorded[key] * 1.02
        if slower(recorded, costs):
            return False
    return bool(recorded)


def notices_work(recorded, hampered):
    """Rows whose programs really did 5 % more must be over the margin: (Key, good)."""
    costs = {k: f.cost for k, f in hampered.rows.items() if f.gate}
    if not costs:
        raise Error("no row of the gate was measured with more work")
    bad = {k for k, _, _ in slower({k: recorded[k] for k in costs if k in recorded}, costs)}
    return [(k, k in bad) for k in costs]
