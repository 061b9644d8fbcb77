# SPDX-License-Identifier: GPL-2.0-only
"""What the functions of arc.h must do."""
import z3

from concrete import alu, is_negative, magnitude
from execute import Cut
from lemmas import NEGATIVE, instance, pairs
from sets import (Arc, arc_ok, both, either, fits as fits_width, implies, in_range,
                  mask_of, num, on_arc, on_circle, piece_ok,
                  range_empty, sign_of, ule, ult)
from spec import Spec

WIDTHS = [{'width': w} for w in (8, 16, 32, 64)]


def pieces(v):
    return both(piece_ok(v.a, v.width), piece_ok(v.b, v.width))


def both_in(v, w):
    return both(in_range(w.x, v.a), in_range(w.y, v.b))


def holds(v, given, value):
    return [('result fits the width', arc_ok(v.ret, v.width)),
            ('result has the concrete one',
             implies(given, both(fits_width(value, v.width), on_circle(value, v.ret))))]


def value_of(v, w, op, is_signed=False):
    return alu(v.arith, op, is_signed, v.width, w.x, w.y)


def operation(name, op, is_signed=False, **more):
    """A function of two pieces that follows a concrete one."""
    Spec('arc_' + name, 'a:a b:a width:i', 'a', WIDTHS, pieces, witness='xy',
         post=lambda v, w: holds(v, both_in(v, w), value_of(v, w, op, is_signed)), **more)


def shift(name, op, cases=WIDTHS, **more):
    """A function of a piece and a known or unknown amount."""
    Spec('arc_' + name, 'a:a amount:i width:i', 'a', cases, witness='x',
         pre=lambda v: both(piece_ok(v.a, v.width), ult(amount(v), v.width)),
         post=lambda v, w: holds(v, in_range(w.x, v.a),
                                 alu(v.arith, op, False, v.width, w.x, amount(v))), **more)


def amount(v):
    return num(v.amount) if isinstance(v.amount, int) else z3.ZeroExt(32, v.amount)


# Sums of a start and steps: the result is so many steps from the new start.

Spec('arc_from', 'lo:n steps:n width:i', 'a', WIDTHS, widths={'lo': 64, 'steps': 64, 'd': 64},
     pre=lambda v: ule(v.steps, mask_of(v.width)), witness='d', post=lambda v, w: [
         ('result fits the width', arc_ok(v.ret, v.width)),
         ('result has what is not further', implies(
             ule(w.d, v.steps), on_circle((v.lo + w.d) & mask_of(v.width), v.ret)))])


def steps(value):
    """Witness of arc_from: how far a value is from the start."""
    return {'arc_from': lambda v, w, c: [(value(v, w) - c.lo,)]}


BOTH = {'x': 'a', 'y': 'b'}
operation('add', 'add', offsets=BOTH, uses=steps(lambda v, w: w.x + w.y))
operation('sub', 'sub', offsets=BOTH, uses=steps(lambda v, w: w.x - w.y))
shift('shl', 'lsh', [{'width': w, 'amount': n} for w in (8, 16, 32, 64) for n in range(w)],
      offsets={'x': 'a'}, uses=steps(lambda v, w: w.x << amount(v)))
shift('shr', 'rsh')
shift('sar', 'arsh')
Spec('arc_neg', 'a:a width:i', 'a', WIDTHS, lambda v: arc_ok(v.a, v.width), witness='x',
     post=lambda v, w: holds(v, both(fits_width(w.x, v.width), on_circle(w.x, v.a)),
                             (0 - w.x) & mask_of(v.width)))
Spec('magnitude', 'piece:a width:i', 'a', WIDTHS, lambda v: piece_ok(v.piece, v.width), witness='x',
     post=lambda v, w: [
         ('result is a range', both(ule(v.ret.lo, v.ret.hi), arc_ok(v.ret, v.width))),
         ('result has the magnitude', implies(in_range(w.x, v.piece), both(
             in_range(magnitude(w.x, v.width), v.ret),
             is_negative(num(v.piece.lo), v.width) == is_negative(w.x, v.width))))])


Spec('arc_clip', 'range:*a= by:a', 'b', witness='x',
     pre=lambda v: ule(v.range.lo, v.range.hi), post=lambda v, w: [
         ('common words are kept', implies(
             both(in_range(w.x, v.range), on_circle(w.x, v.by)),
             both(v.ret, in_range(w.x, v.out.range)))),
         ('nothing is let in', implies(in_range(w.x, v.out.range), in_range(w.x, v.range))),
         ('false means none', v.ret == z3.Not(range_empty(v.out.range)))])

Spec('width_mask', 'width:i', 'n', [{'width': n} for n in range(1, 65)], post=lambda v, w: [
    ('ones below the width', v.ret == mask_of(v.width))])
Spec('width_sign', 'width:i', 'n', [{'width': n} for n in range(1, 65)], post=lambda v, w: [
    ('the top bit of the width', v.ret == sign_of(v.width))])
Spec('is_single_bit', 'word:n', 'b', post=lambda v, w: [
    ('says whether it is a power of two',
     v.ret == either(*[num(v.word) == num(1 << n) for n in range(64)]))])
Spec('arc_full', 'width:i', 'a', WIDTHS, witness='x', post=lambda v, w: [
    ('fits', arc_ok(v.ret, v.width)), ('has every word', on_arc(w.x, v.ret, v.width))])
Spec('arc_half', 'half:i width:i', 'a', [{'half': h, **c} for h in (0, 1) for c in WIDTHS],
     witness='x', post=lambda v, w: [
         ('is a piece', piece_ok(v.ret, v.width)),
         ('has exactly one half', in_range(w.x, v.ret) ==
          (((num(w.x) & sign_of(v.width)) != 0) == bool(v.half)))])


# Products and quotients: by lemmas, on ranges of magnitudes, which are unsigned
# words of 64 bits.

def ranges(v):
    a, b = (v.x, v.y) if hasattr(v, 'x') else (v.a, v.b)
    return both(ule(a.lo, a.hi), ule(b.lo, b.hi))


def spread_facts(v, w, s):
    """Expand a product from the corner of the box."""
    xl, yl, i, j = v.x.lo, v.y.lo, w.x - v.x.lo, w.y - v.y.lo
    return [instance('product expands', s, xl, yl, i, j),
            instance('product in bounds', s, i, w.y, v.x.hi - xl, v.y.hi),
            instance('product in bounds', s, xl, j, xl, v.y.hi - yl)]


Spec('box_spread', 'x:a y:a spread:*n>', 'b', ({},), ranges, witness='xy', symbolic=True,
     lemmas=spread_facts, offsets={'x': 'x', 'y': 'y'}, post=lambda v, w: [
         ('products are not further', implies(
             both(v.ret, in_range(w.x, v.x), in_range(w.y, v.y)),
             ule(v.arith.mul(w.x, w.y) - v.arith.mul(v.x.lo, v.y.lo), v.out.spread)))])


def sizes(v, w, c):
    return [(magnitude(w.x, v.width), magnitude(w.y, v.width))]


def product_facts(v, w, s):
    """Signs of products."""
    flip, m = NEGATIVE[v.width], mask_of(v.width)
    return [fact for a in (w.x, (0 - w.x) & m) for b in (w.y, (0 - w.y) & m)
            for fact in (flip(s, a, b), flip(s, b, a))]


MAGNITUDE = {'magnitude': lambda v, w, c: [(w.x,), (w.y,)]}
operation('mul', 'mul', symbolic=True, lemmas=product_facts, uses={
    **MAGNITUDE, **steps(lambda v, w: v.arith.mul(*sizes(v, w, None)[0])), 'box_spread': sizes,
    'arc_neg': lambda v, w, c: [(v.arith.mul(*sizes(v, w, c)[0]) & mask_of(v.width),)]})


def follows(name, op, **more):
    """Unsigned division of ranges, at any width."""
    Spec(name, 'a:a b:a', 'a', ({},), ranges, witness='xy', symbolic=True,
         lemmas=lambda v, w, s: pairs(s), post=lambda v, w: [
             ('result is a range', ule(v.ret.lo, v.ret.hi)),
             ('result does not pass the dividend', ule(v.ret.hi, v.a.hi)),
             ('result has the concrete one', implies(both_in(v, w), in_range(
                 alu(v.arith, op, False, 64, w.x, w.y), v.ret)))], **more)


follows('quotients', 'div')
follows('remainders', 'mod', offsets={'x': 'a'})


def negated(op):
    return lambda v, w, c: [(alu(v.arith, op, False, 64, *sizes(v, w, c)[0]),)]


for _name, _op, _of in (('div', 'div', 'quotients'), ('mod', 'mod', 'remainders')):
    operation('u' + _name, _op, symbolic=True, uses={_of: lambda v, w, c: [(w.x, w.y)]})
    operation('s' + _name, _op, True, symbolic=True, uses={
        **MAGNITUDE, _of: sizes, 'arc_neg': negated(_op)})


# Logic operations: bit by bit from the top, with an invariant for any x and y
# of the operands. "Above" are the bits done with.

def lowest(word):
    return word & (0 - word)


def agrees(x, y, bit):
    """No bit from a bit upwards differs; no bit means nothing is said."""
    return either(bit == 0, ((x ^ y) & (0 - bit)) == 0)


def is_top_part(part, whole):
    """The part has the upper bits of the whole, down to some bit."""
    rest = whole & ~part
    return both((part & ~whole) == 0, either(part == 0, ult(rest, lowest(part))))


def least_or_cut(v, w):
    """A side that lacked a bit and could not rise to it keeps its upper bits."""
    lone = v.a.lo ^ v.b.lo

    def claim(view):
        done = lone & ~view.cell('lone')
        return [('bits to do', both(is_top_part(done, lone), (view.cell('lone') & ~lone) == 0)),
                ('upper bits', implies(both_in(v, w), both(
                    agrees(w.y, v.b.lo, lowest(done & v.a.lo)),
                    agrees(w.x, v.a.lo, lowest(done & v.b.lo)))))]
    return Cut('while.cond', ('lone',), claim, lambda view: view.cell('lone'))


def most_or_cut(v, w):
    """A bit that both have and neither could give up keeps all upper bits."""
    twice = v.a.hi & v.b.hi

    def claim(view):
        done = twice & ~view.cell('twice')
        return [('bits to do', both(is_top_part(done, twice), (view.cell('twice') & ~twice) == 0)),
                ('upper bits', implies(both_in(v, w), both(
                    agrees(w.x, v.a.hi, lowest(done)), agrees(w.y, v.b.hi, lowest(done)))))]
    return Cut('while.cond', ('twice',), claim, lambda view: view.cell('twice'))


def above(word):
    """The bits above the highest one of a word."""
    for n in (1, 2, 4, 8, 16, 32):
        word = word | z3.LShR(word, n)
    return ~word


def xor_cut(v, w, better, changed, settled):
    """So far the result is better than x ^ y, or equal and then settled()."""
    todo, joint = ('lone', lambda x, y: x ^ y) if changed == 'lo' else ('twice', lambda x, y: x & y)

    def claim(view):
        bits = view.cell(todo)
        high, a, b = above(bits), view.two(Arc, 'a'), view.two(Arc, 'b')
        end = (lambda r: r.lo) if changed == 'lo' else (lambda r: r.hi)
        mine, theirs = (end(a) ^ end(b)) & high, (w.x ^ w.y) & high
        keep = [getattr(r, f) == getattr(q, f) for r, q in ((a, v.a), (b, v.b))
                for f in ('lo', 'hi') if f != changed]
        return [('bits to do', bits == joint(end(a), end(b)) & ~high),
                ('ranges', both(ule(a.lo, a.hi), ule(b.lo, b.hi), ule(a.hi, v.a.hi),
                                ule(b.hi, v.b.hi), *keep)),
                ('result', implies(both_in(v, w), either(
                    better(mine, theirs), both(mine == theirs, settled(a, b, high)))))]
    return Cut('while.cond', (todo, 'a', 'b'), claim, lambda view: view.cell(todo))


def least_xor_cut(v, w):
    """Either x and y still are where a and b start, or both beyond."""
    def settled(a, b, high):
        def part(x, r):
            return x & high, r.lo & high
        (x, p), (y, q) = part(w.x, a), part(w.y, b)
        return either(both(x == p, y == q, ule(a.lo, w.x), ule(b.lo, w.y)),
                      both(ult(p, x), ult(q, y)))
    return xor_cut(v, w, ult, 'lo', settled)


def most_xor_cut(v, w):
    """Either x and y still are where a and b end, or all lower bits can be ones."""
    def free(a, b, high):
        return both((a.hi | high) == num(0) - 1, ult(b.lo, b.hi & high))

    def settled(a, b, high):
        same = both((w.x & high) == (a.hi & high), (w.y & high) == (b.hi & high),
                    ule(w.x, a.hi), ule(w.y, b.hi))
        return either(same, free(a, b, high), free(b, a, high))
    return xor_cut(v, w, lambda mine, theirs: ult(theirs, mine), 'hi', settled)


def bound(name, op, order, cut, block):
    """A corner of the results of a box."""
    Spec(name, 'a:a b:a', 'n', [{'width': 64}, {'width': 32}, {'width': 16}, {'width': 8}],
         pre=lambda v: both(ule(v.a.lo, v.a.hi), ule(v.b.lo, v.b.hi)), witness='xy',
         cuts=lambda v, w: {(name, block): cut(v, w)}, post=lambda v, w: [
             ('bounds the results', implies(both_in(v, w), order(v.ret, op(w.x, w.y)))),
             *[(f'fits {n} bits if the ends do', implies(
                 both(ule(v.a.hi, mask_of(n)), ule(v.b.hi, mask_of(n))), ule(v.ret, mask_of(n))))
               for n in (8, 16, 32)]])


bound('least_or', lambda x, y: x | y, ule, least_or_cut, 'while.cond')
bound('most_or', lambda x, y: x | y, lambda a, b: ule(b, a), most_or_cut, 'while.cond')
bound('least_xor', lambda x, y: x ^ y, ule, least_xor_cut, 'while.cond')
bound('most_xor', lambda x, y: x ^ y, lambda a, b: ule(b, a), most_xor_cut, 'while.cond')


def complements(v, w, c):
    return [(~w.x & mask_of(v.width), ~w.y & mask_of(v.width))]


operation('or', 'or', uses={'least_or': lambda v, w, c: [(w.x, w.y)],
                            'most_or': lambda v, w, c: [(w.x, w.y)]})
operation('and', 'and', uses={'least_or': complements, 'most_or': complements})
operation('xor', 'xor', uses={'least_xor': lambda v, w, c: [(w.x, w.y)],
                              'most_xor': lambda v, w, c: [(w.x, w.y)]})
