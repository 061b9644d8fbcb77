# SPDX-License-Identifier: GPL-2.0-only
"""What the structures of the domain stand for, as formulas.

Owns the statement of membership and of the representation invariant, written
from the comments of tnum.h, arc.h, word.h and scalar.c, not from their code.
All numbers are 64-bit terms; a width is a Python integer.
"""
from collections import namedtuple

import z3

from values import known, lower, term

Tnum = namedtuple('Tnum', 'value mask')
Arc = namedtuple('Arc', 'lo hi')
Word = namedtuple('Word', 'width bits pos neg')
Scalar = namedtuple('Scalar', 'bits wide low')
Piece = namedtuple('Piece', 'bits range')


def num(x):
    return term(x, 64)


def mask_of(width):
    return z3.BitVecVal((1 << width) - 1, 64)


def sign_of(width):
    return z3.BitVecVal(1 << (width - 1), 64)


def both(*parts):
    return z3.And(*[term(p, 1) for p in parts])


def either(*parts):
    return z3.Or(*[term(p, 1) for p in parts])


def implies(a, b):
    return z3.Implies(term(a, 1), term(b, 1))


def ule(a, b):
    return z3.ULE(num(a), num(b))


def ult(a, b):
    return z3.ULT(num(a), num(b))


def in_tnum(x, t):
    return (num(x) & ~num(t.mask)) == num(t.value)


def tnum_ok(t):
    return (num(t.value) & num(t.mask)) == 0


def tnum_fits(t, width):
    """Nothing known or free above the width: zeros there."""
    return both(tnum_ok(t), ule(num(t.value) | num(t.mask), mask_of(width)))


def fits(x, width):
    return True if width == 64 else ule(x, mask_of(width))


def on_arc(x, arc, width):
    """Walking up from lo, x comes not later than hi."""
    m = mask_of(width)
    return both(fits(x, width), ule((num(x) - num(arc.lo)) & m, (num(arc.hi) - num(arc.lo)) & m))


def on_circle(x, arc):
    """The same by comparisons: a range, or what is left around one. Spec 'same arcs'."""
    return z3.If(ule(arc.lo, arc.hi), in_range(x, arc), either(ule(arc.lo, x), ule(x, arc.hi)))


def arc_ok(arc, width):
    return both(fits(arc.lo, width), fits(arc.hi, width))


def in_range(x, r):
    return both(ule(r.lo, x), ule(x, r.hi))


def range_empty(r):
    return ult(r.hi, r.lo)


def same_half(r, width):
    return (num(r.lo) & sign_of(width)) == (num(r.hi) & sign_of(width))


def piece_ok(r, width):
    """A range inside one half of the circle, with members."""
    return both(ule(r.lo, r.hi), arc_ok(r, width), same_half(r, width))


def half_ok(r, width, negative):
    """A half of a word: its own words only, or none and then 1, 0."""
    sign = sign_of(width)
    inside = both(ule(sign, r.lo), ule(r.hi, mask_of(width))) if negative else ult(r.hi, sign)
    return either(both(num(r.lo) == 1, num(r.hi) == 0), both(ule(r.lo, r.hi), inside))


def is_ite(x):
    return not known(x) and z3.is_app_of(x, z3.Z3_OP_ITE)


def lifted(fn, terms, seen=None):
    """fn(*terms), with an if-then-else that the terms share pulled out.

    The same formula, but where a structure was merged as a whole it speaks of
    the structures before the merge, which the assumptions are about.
    """
    seen = {} if seen is None else seen
    key = tuple(x if known(x) else x.get_id() for x in terms)
    if key not in seen:
        cond = next((x.arg(0) for x in terms if is_ite(x)), None)
        if cond is None or any(is_ite(x) and not x.arg(0).eq(cond) for x in terms):
            seen[key] = fn(*terms)
        else:
            ways = [[lower(x.arg(i)) if is_ite(x) else x for x in terms] for i in (1, 2)]
            seen[key] = z3.If(cond, lifted(fn, ways[0], seen), lifted(fn, ways[1], seen))
    return seen[key]


def flat_word(w):
    return [w.bits.value, w.bits.mask, w.pos.lo, w.pos.hi, w.neg.lo, w.neg.hi]


def unflat_word(width, f):
    return Word(width, Tnum(f[0], f[1]), Arc(f[2], f[3]), Arc(f[4], f[5]))


def in_word(x, w):
    def plain(*f):
        v = unflat_word(w.width, f)
        return both(in_tnum(x, v.bits), either(in_range(x, v.pos), in_range(x, v.neg)))
    return lifted(plain, flat_word(w))


def in_halves(x, w):
    def plain(*f):
        return either(in_range(x, Arc(f[0], f[1])), in_range(x, Arc(f[2], f[3])))
    return lifted(plain, flat_word(w)[2:])


def word_void(w):
    return both(range_empty(w.pos), range_empty(w.neg))


def word_ok(w, inhabited=True):
    """The invariant; an operand also has a half with members."""
    def plain(*f):
        v = unflat_word(w.width, f)
        good = both(tnum_fits(v.bits, w.width), half_ok(v.pos, w.width, False),
                    half_ok(v.neg, w.width, True))
        return both(good, z3.Not(word_void(v))) if inhabited else good
    return lifted(plain, flat_word(w))


def low_of(x):
    return num(x) & mask_of(32)


def wide_word(s):
    return Word(64, s.bits, *s.wide)


def low_word(s):
    """The low half; its bits are those of the whole, cut."""
    cut = Tnum(low_of(s.bits.value), low_of(s.bits.mask))
    return Word(32, cut, *s.low)


def flat_scalar(s):
    return [s.bits.value, s.bits.mask] + [x for a in s.wide + s.low for x in a]


def unflat_scalar(f):
    arcs = [Arc(f[i], f[i + 1]) for i in range(2, 10, 2)]
    return Scalar(Tnum(f[0], f[1]), tuple(arcs[:2]), tuple(arcs[2:]))


def in_scalar(x, s):
    def plain(*f):
        v = unflat_scalar(f)
        low = low_of(x)
        return both(in_tnum(x, v.bits), either(*[in_range(x, r) for r in v.wide]),
                    either(*[in_range(low, r) for r in v.low]))
    return lifted(plain, flat_scalar(s))


def scalar_ok(s):
    def plain(*f):
        v = unflat_scalar(f)
        return both(word_ok(wide_word(v)), word_ok(low_word(v)))
    return lifted(plain, flat_scalar(s))
