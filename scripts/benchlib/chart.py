# SPDX-License-Identifier: GPL-2.0-only
"""The ratios as a picture: one line a group, one mark a row, a bar at the mean.

The axis is logarithmic, so that half and double are equally far from 1.
"""
import math
from xml.sax.saxutils import escape

from benchlib import compare, report

LEFT, WIDTH, RIGHT, LINE, TOP = 250, 480, 70, 30, 44
GOOD, BAD, GREY = "#2f7d4f", "#b5472f", "#8a8f98"


def axis(ratios):
    """Powers of two that hold all ratios, 1 among them."""
    low = math.floor(math.log2(min([1, *ratios])))
    high = math.ceil(math.log2(max([1, *ratios])))
    return min(low, -1), max(high, 1)


def svg(c):
    groups = [(report.title(*g), [r for r in rows if r.ratio]) for g, rows in c.groups().items()]
    groups = [(name, rows) for name, rows in groups if rows]
    low, high = axis([r.ratio for _, rows in groups for r in rows])
    height = TOP + LINE * len(groups) + 36
    total = LEFT + WIDTH + RIGHT

    def x(value):
        return LEFT + WIDTH * (math.log2(value) - low) / (high - low)

    out = ['<!-- SPDX-License-Identifier: GPL-2.0-only -->',
           f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" '
           f'viewBox="0 0 {total} {height}" font-family="sans-serif" font-size="13">',
           f'<rect width="{total}" height="{height}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="18" fill="#333">ours / upstream, less is better; a mark is a row, '
           'a bar the geometric mean</text>']
    for power in range(low, high + 1):
        at = x(2.0 ** power)
        out += [f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 12}" y2="{height - 28}" '
                f'stroke="{"#333" if power == 0 else "#ddd"}"/>',
                f'<text x="{at:.1f}" y="{height - 10}" text-anchor="middle" fill="#555">{2.0 ** power:g}</text>']
    for i, (name, rows) in enumerate(groups):
        y = TOP + LINE * i + 6
        mean = compare.geometric_mean(rows)
        colour = GOOD if mean <= 1 else BAD
        a, b = sorted((x(1), x(mean)))
        out += [f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end" fill="#222">{escape(name)}</text>',
                f'<rect x="{a:.1f}" y="{y - 7}" width="{max(b - a, 1):.1f}" height="14" fill="{colour}" opacity="0.55"/>']
        out += [f'<circle cx="{x(r.ratio):.1f}" cy="{y}" r="2.6" fill="{GREY}" fill-opacity="0.75">'
                f'<title>{escape(report.label(r.key))}: {r.ratio:.2f}</title></circle>' for r in rows]
        out.append(f'<text x="{LEFT + WIDTH + 12}" y="{y + 4}" fill="{colour}">{mean:.2f}</text>')
    return "\n".join(out + ["</svg>", ""])
