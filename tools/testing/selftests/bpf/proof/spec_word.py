# SPDX-License-Identifier: GPL-2.0-only
"""What the functions of word.h must do, and word.c's own ones below them."""
import z3

from concrete import OPCODES, alu, extend
from execute import Cut
from sets import (Arc, Tnum, Word, arc_ok, both, either, fits, implies, in_halves, in_range, in_tnum,
                  in_word, mask_of, num, on_circle, piece_ok, range_empty, sign_of, tnum_fits,
                  tnum_ok, ule, ult, word_ok, word_void)
from spec import Spec, Layout

WIDE = [{'width': w} for w in (32, 64)]
EVERY = [{'width': w} for w in (8, 16, 32, 64)]
NAMES = {code: name for name, code in OPCODES.items()}


def one(v, w, c):
    return [(w.x,)]


def same_bits(a, b):
    return both(a.bits.value == b.bits.value, a.bits.mask == b.bits.mask)


def signed(x, width):
    """Maps signed order to unsigned order."""
    return num(x) ^ sign_of(width)


# Questions

Spec('range_is_empty', 'range:a', 'b', witness='x', post=lambda v, w: [
    ('says whether it has no member', v.ret == range_empty(v.range)),
    ('an empty one has none', implies(v.ret, z3.Not(in_range(w.x, v.range))))])
Spec('word_is_empty', 'x:*w<', 'b', EVERY, post=lambda v, w: [
    ('says whether both halves are empty', v.ret == word_void(v.x))])
Spec('word_is_unknown', 'x:*w<', 'b', WIDE, pre=lambda v: word_ok(v.x), witness='x', post=lambda v, w: [
    ('then every word is a member', implies(both(v.ret, fits(w.x, v.x.width)), in_word(w.x, v.x)))])


def bound(name, before, key):
    Spec(name, 'x:*w<', 'n', WIDE, pre=lambda v: word_ok(v.x), witness='x', post=lambda v, w: [
        ('bounds the members', implies(in_word(w.x, v.x), before(
            key(v.ret, v.x.width), key(w.x, v.x.width)))),
        ('is a word of the ranges', both(in_halves(v.ret, v.x), fits(v.ret, v.x.width)))])


bound('word_umin', ule, lambda x, width: num(x))
bound('word_umax', lambda a, b: ule(b, a), lambda x, width: num(x))
bound('word_smin', ule, signed)
bound('word_smax', lambda a, b: ule(b, a), signed)
Spec('word_is_const', 'x:*w<', 'b', WIDE, pre=lambda v: word_ok(v.x), witness='xy',
     post=lambda v, w: [('two members of a constant are one', implies(
         both(v.ret, in_word(w.x, v.x), in_word(w.y, v.x)), w.x == w.y))])
Spec('word_equal', 'a:*w< b:*w<', 'b', WIDE, witness='x', post=lambda v, w: [
    ('equal ones have the same members', implies(v.ret, in_word(w.x, v.a) == in_word(w.x, v.b)))])

# Sets

Spec('word_unknown', 'x:*w> width:i', 'v', EVERY, witness='x', post=lambda v, w: [
    ('result is well-formed', word_ok(v.out.x)),
    ('result has every word', implies(fits(w.x, v.width), in_word(w.x, v.out.x)))])
Spec('word_empty', 'x:*w> width:i', 'v', EVERY, post=lambda v, w: [
    ('result is well-formed', word_ok(v.out.x, False)),
    ('result has no word', word_void(v.out.x)),
    ('bits know nothing', both(v.out.x.bits.value == 0, v.out.x.bits.mask == mask_of(v.width)))])
Spec('word_add_arc', 'x:*w= arc:a', 'v', EVERY, witness='x',
     pre=lambda v: both(word_ok(v.x, False), arc_ok(v.arc, v.x.width)), post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.x)),
         ('bits are left alone', same_bits(v.x, v.out.x)),
         ('words of both are in', implies(
             either(in_halves(w.x, v.x), both(fits(w.x, v.x.width), on_circle(w.x, v.arc))),
             in_halves(w.x, v.out.x)))])
Spec('word_clip', 'x:*w= arc:a', 'b', WIDE, witness='x',
     pre=lambda v: both(word_ok(v.x, False), arc_ok(v.arc, v.x.width)), post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.x, False)),
         ('bits are left alone', same_bits(v.x, v.out.x)),
         ('common words are kept', implies(both(in_halves(w.x, v.x), on_circle(w.x, v.arc)),
                                           in_halves(w.x, v.out.x))),
         ('nothing is let in', implies(in_halves(w.x, v.out.x), in_halves(w.x, v.x))),
         ('false means none', v.ret == z3.Not(word_void(v.out.x)))])


def narrowed(v, w, kept):
    """Posts of a function that takes words out and says whether any is left."""
    return [('members are kept', implies(kept, both(v.ret, in_word(w.x, v.out.x)))),
            ('nothing is let in', implies(both(v.ret, in_word(w.x, v.out.x)), in_word(w.x, v.x))),
            ('result is well-formed', implies(v.ret, word_ok(v.out.x)))]


def loose(*words):
    return both(*[word_ok(x, False) for x in words])


Spec('fit_bits', 'range:*a= bits:t', 'b', [{'width': 64}], pre=lambda v: tnum_ok(v.bits), witness='x',
     uses={'tnum_ceil': one, 'tnum_floor': one}, post=lambda v, w: [
         ('members are kept', implies(both(in_range(w.x, v.range), in_tnum(w.x, v.bits)),
                                      both(v.ret, in_range(w.x, v.out.range)))),
         ('result is within', implies(v.ret, both(
             ule(v.range.lo, v.out.range.lo), ule(v.out.range.lo, v.out.range.hi),
             ule(v.out.range.hi, v.range.hi))))])

BITS = {'fit_bits': one, 'tnum_of_range': one, 'tnum_join': one, 'tnum_meet': one}
Spec('word_tighten', 'x:*w=', 'b', EVERY, pre=lambda v: loose(v.x), witness='x', uses=BITS,
     post=lambda v, w: narrowed(v, w, in_word(w.x, v.x)))
Spec('word_join', 'x:*w= other:*w<', 'v', WIDE, pre=lambda v: loose(v.x, v.other), witness='x',
     uses={'tnum_join': one}, post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.x, False)),
         ('members of both are in', implies(either(in_word(w.x, v.x), in_word(w.x, v.other)),
                                            in_word(w.x, v.out.x))),
         ('has members if one has', implies(either(word_ok(v.x), word_ok(v.other)),
                                            word_ok(v.out.x)))])
Spec('word_meet', 'x:*w= other:*w<', 'b', WIDE, pre=lambda v: loose(v.x, v.other), witness='x',
     uses={'tnum_meet': one, 'word_tighten': one}, post=lambda v, w: narrowed(
         v, w, both(in_word(w.x, v.x), in_word(w.x, v.other))))
Spec('word_exclude', 'x:*w= v:n', 'b', WIDE, pre=lambda v: loose(v.x), witness='x',
     uses={'word_tighten': one}, post=lambda v, w: narrowed(
         v, w, both(in_word(w.x, v.x), w.x != v.v)))

# Pieces and results


def in_piece(x, p):
    return both(in_tnum(x, p.bits), in_range(x, p.range))


def split_post(v, w):
    pieces, n, width = v.out.piece, v.ret, v.x.width
    n = z3.BitVecVal(n, 32) if isinstance(n, int) else n
    good = [both(tnum_fits(p.bits, width), piece_ok(p.range, width)) for p in pieces]
    return [('one or two pieces', z3.ULE(n, 2)),
            ('first is well-formed', implies(z3.UGE(n, 1), good[0])),
            ('second is well-formed', implies(n == 2, good[1])),
            ('members are in one', implies(in_word(w.x, v.x), either(
                both(z3.UGE(n, 1), in_piece(w.x, pieces[0])),
                both(n == 2, in_piece(w.x, pieces[1])))))]


Spec('split', 'piece:*p> x:*w<', 'i', WIDE, pre=lambda v: loose(v.x), witness='x', uses=BITS,
     post=split_post, returns=(0, 1, 2))


def cut(bits, width):
    return Tnum(bits.value & mask_of(width), bits.mask & mask_of(width))


Spec('add_result', 'r:*w= bits:t arc:a', 'v', WIDE, witness='x',
     pre=lambda v: both(loose(v.r), tnum_ok(v.bits), arc_ok(v.arc, v.r.width)),
     uses={'word_empty': lambda v, w, c: [()], 'word_add_arc': one, 'word_tighten': one,
           'word_join': one}, post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.r, False)),
         ('what was in stays', implies(in_word(w.x, v.r), in_word(w.x, v.out.r))),
         ('the result is let in', implies(
             both(fits(w.x, v.r.width), in_tnum(w.x, cut(v.bits, v.r.width)), on_circle(w.x, v.arc)),
             in_word(w.x, v.out.r)))])
Spec('settle', 'r:*w=', 'v', WIDE, witness='x', pre=lambda v: loose(v.r),
     uses={'word_unknown': one}, post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.r)),
         ('what was in stays', implies(in_word(w.x, v.r), in_word(w.x, v.out.r)))])

# Operations

NONE = {'word_empty': lambda v, w, c: [()]}


def result_of(v, w):
    return alu(v.arith, NAMES[v.op], bool(v.is_signed), v.a.width, w.x, w.y)


def on_result(v, w, c):
    return [(result_of(v, w),)]


def on_operands(v, w, c):
    return [(w.x, w.y)]


def alu_uses():
    uses = {'split': lambda v, w, c: [(w.x,), (w.y,)], 'add_result': on_result,
            'settle': on_result, 'word_unknown': on_result, **NONE}
    for name in ('add', 'sub', 'mul', 'or', 'and', 'xor', 'mod'):
        uses['tnum_' + name] = on_operands
    for name in ('add', 'sub', 'mul', 'udiv', 'sdiv', 'or', 'and', 'umod', 'smod', 'xor'):
        uses['arc_' + name] = on_operands
    return uses


Spec('word_alu', 'r:*w> op:o is_signed:b a:*w< b:*w<', 'v',
     [{'width': w, 'op': OPCODES[op], 'is_signed': s, 'signed': s} for op, s in (
         ('add', False), ('sub', False), ('mul', False), ('div', False), ('div', True),
         ('or', False), ('and', False), ('mod', False), ('mod', True), ('xor', False))
      for w in (32, 64)], pre=lambda v: both(word_ok(v.a), word_ok(v.b)), witness='xy',
     symbolic=True, uses=alu_uses(), alias=[('r', 'a'), ('r', 'b')],
     post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.r)),
         ('result has the concrete one', implies(
             both(in_word(w.x, v.a), in_word(w.y, v.b)), in_word(result_of(v, w), v.out.r)))])


def shifted(v, w):
    """Amounts of the width or more, which a wide LSH may have, leave nothing."""
    value = alu(v.arith, NAMES[v.op], False, v.a.width, w.x, w.k)
    return z3.If(ule(v.a.width, w.k), num(0), value)


def shift_given(v, w):
    return both(in_word(w.x, v.a), in_word(w.k, v.amount), ult(w.k, v.limit))


def shift_cut(v, w):
    """What amounts below n give is in."""
    def claim(view):
        r = Layout.read('w', lambda o, bits: view.cell('arg.r', o, bits))
        r, n = r._replace(width=v.a.width), view.cell('n')
        return [('well-formed', word_ok(r, False)),
                ('done', implies(shift_given(v, w), either(ule(n, w.k), in_word(shifted(v, w), r))))]
    return {('word_shift', 'for.cond'): Cut('for.cond', ('n', 'i', 'arg.r'), claim,
                                            lambda view: ~view.cell('n'))}


SHIFT_USES = {'split': lambda v, w, c: [(w.x,)], 'settle': lambda v, w, c: [(shifted(v, w),)],
              'add_result': lambda v, w, c: [(shifted(v, w),)], **NONE,
              'word_umin': lambda v, w, c: [(w.k,)], 'word_umax': lambda v, w, c: [(w.k,)],
              'tnum_sar': lambda v, w, c: [(extend(w.x, v.a.width),)],
              **{name: one for name in ('tnum_shl', 'tnum_shr', 'arc_shl', 'arc_shr', 'arc_sar',
                                        'tnum_sext')}}
Spec('word_shift', 'r:*w> op:o a:*w< amount:*w< limit:i', 'v',
     [{'width': a, 'op': OPCODES[op], 'limit': limit, 'amounts': m} for op, a, m, limit in (
         ('lsh', 64, 64, 64), ('rsh', 64, 64, 64), ('arsh', 64, 64, 64), ('lsh', 32, 32, 32),
         ('rsh', 32, 32, 32), ('arsh', 32, 32, 32), ('lsh', 32, 64, 64))],
     widths={'amount': 'amounts', 'k': 'amounts'}, witness='xk', uses=SHIFT_USES,
     pre=lambda v: both(word_ok(v.a), word_ok(v.amount)), cuts=shift_cut, post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.r)),
         ('result has the concrete one', implies(shift_given(v, w),
                                                 in_word(shifted(v, w), v.out.r)))])
