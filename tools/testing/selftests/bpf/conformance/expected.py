# SPDX-License-Identifier: GPL-2.0-only
"""The file of expectations: how each case ends on our kernel, by number.

  base 6.1.192-2
  SUITE STATUS 1-5 8 10-12

The numbers are upstream's own and hold for one version of the base package.
"""
import os
import re

from results import RANK
from suites import HERE

PATH = os.path.join(HERE, "expected")
HEAD = """\
# How upstream's suites end on this kernel, case by case: scripts/conformance
# compares with it, scripts/conformance --update writes it.
"""


def split(suite, ident):
    """Group and number of a case: ("verifier/p", 17)."""
    number, _, suffix = ident.partition("/")
    return (f"{suite}/{suffix}" if suffix else suite), int(number)


def ranges(numbers):
    out, numbers = [], sorted(numbers)
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def numbers(words):
    for word in words:
        a, _, b = word.partition("-")
        yield from range(int(a), int(b or a) + 1)


class Expected:
    def __init__(self):
        self.base, self.table = None, {}

    @classmethod
    def load(cls):
        e = cls()
        if os.path.exists(PATH):
            with open(PATH) as f:
                for line in f:
                    words = line.split("#")[0].split()
                    if words and words[0] == "base":
                        e.base = words[1]
                    elif words:
                        e.table.setdefault(words[0], {}).update(dict.fromkeys(numbers(words[2:]), words[1]))
        return e

    def take(self, suite, cases):
        for name in [n for n in self.table if n.split("/")[0] == suite]:
            del self.table[name]
        for c in cases:
            if re.fullmatch(r"\d+(/\w)?", c.ident):
                group, number = split(suite, c.ident)
                self.table.setdefault(group, {})[number] = c.status

    def save(self, base):
        with open(PATH, "w") as f:
            f.write(f"{HEAD}base {base}\n")
            for group in sorted(self.table):
                for status in RANK:
                    found = [n for n, s in self.table[group].items() if s == status]
                    if found:
                        f.write(f"{group} {status} {ranges(found)}\n")

    def of(self, suite):
        """{identifier: status} of a suite."""
        out = {}
        for group, cases in self.table.items():
            name, _, suffix = group.partition("/")
            if name == suite:
                out.update({f"{n}/{suffix}" if suffix else str(n): s for n, s in cases.items()})
        return out

    def compare(self, suite, cases):
        """(worse, better), lists of (identifier, wanted, found)."""
        found = {c.ident: c.status for c in cases}
        worse, better = [], []
        for ident, want in self.of(suite).items():
            have = found.get(ident, "missing")
            if RANK.get(have, -1) < RANK[want]:
                worse.append((ident, want, have))
            elif RANK[have] > RANK[want]:
                better.append((ident, want, have))
        return worse, better
