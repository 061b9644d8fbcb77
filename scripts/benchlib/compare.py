# SPDX-License-Identifier: GPL-2.0-only
"""Two kernels' figures side by side, and what follows from them.

The ratio is ours to upstream's: less than 1 is less work. Results are compared
first: work that was not done is no speed.
"""
import collections
import copy
import math

# Of what costs nothing, or next to it, a ratio says nothing.
TINY = 0.05

# A cost by element that grows by more than this when there are ten times as many
# elements grows faster than the elements do.
STEEP = 2.0

Row = collections.namedtuple("Row", "key unit upstream ours ratio native gate")


class Comparison:
    """ROWS of both kernels, ERRORS where results differ, MISSING where one has none."""

    def __init__(self, upstream=None, ours=None):
        self.rows, self.errors, self.missing = [], [], []
        if not upstream:
            return
        for key in dict.fromkeys([*upstream.rows, *upstream.none, *ours.rows, *ours.none]):
            self._add(key, upstream, ours)

    def _add(self, key, upstream, ours):
        theirs, mine = upstream.rows.get(key), ours.rows.get(key)
        if not theirs or not mine:
            said = [f"{who} {m.none.get(key, 'is without this engine')}"
                    for who, m, f in (("upstream", upstream, theirs), ("ours", ours, mine)) if not f]
            self.missing.append((key, "; ".join(said)))
            return
        if theirs.check != mine.check:
            self.errors.append((key, f"results differ: upstream {theirs.check}, ours {mine.check}"))
            return
        ratio = mine.cost / theirs.cost if min(mine.cost, theirs.cost) > TINY else None
        native = ours.native.get(key._replace(engine=""))
        self.rows.append(Row(key, mine.unit, theirs.cost, mine.cost, ratio, native, mine.gate))

    def engines_agree(self, measured, who):
        """Interpreter and JIT of one kernel must compute the same."""
        for key, figure in measured.rows.items():
            other = measured.rows.get(key._replace(engine="interpreter"))
            if other and other.check != figure.check:
                self.errors.append((key, f"{who}: the interpreter's result is {other.check}, here {figure.check}"))

    def groups(self):
        """{(group, engine): its rows}"""
        found = {}
        for row in self.rows:
            found.setdefault((row.key.group, row.key.engine), []).append(row)
        return found

    def slower(self, margin=1.01):
        return sorted((r for r in self.rows if r.ratio and r.ratio > margin), key=lambda r: -r.ratio)


def geometric_mean(rows):
    ratios = [r.ratio for r in rows if r.ratio]
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def growth(rows):
    """[(key without size, sizes, upstream's factors, ours)] of each series: how the
    cost of one changes from a size to the next, ten times as large."""
    series = {}
    for r in rows:
        if r.key.size:
            series.setdefault(r.key._replace(size=0), {})[r.key.size] = r
    found = []
    for key, by_size in series.items():
        sizes = sorted(by_size)
        if len(sizes) < 3:
            continue
        steps = list(zip(sizes, sizes[1:]))
        factors = [[getattr(by_size[b], who) / max(getattr(by_size[a], who), TINY) for a, b in steps]
                   for who in ("upstream", "ours")]
        found.append((key, sizes, *factors))
    return found


def spread(runs):
    """The largest difference between runs of one kernel, of the smaller: (key, share)."""
    worst = (None, 0.0)
    for key in runs[0].rows:
        costs = [r.rows[key].cost for r in runs if key in r.rows]
        share = (max(costs) - min(costs)) / max(min(costs), TINY) if len(costs) > 1 else 0
        if share > worst[1]:
            worst = key, share
    return worst


def notices_each(measured):
    """Is a row whose result differs an error, by itself, and left out of the ratios?"""
    for key, figure in measured.rows.items():
        other = copy.copy(measured)
        other.rows = {**measured.rows, key: figure._replace(check=figure.check + "0")}
        c = Comparison(measured, other)
        if [k for k, _ in c.errors] != [key] or len(c.rows) != len(measured.rows) - 1:
            return False
    same = Comparison(measured, measured)
    return bool(same.rows) and not same.errors and all(r.ratio in (1, None) for r in same.rows)
