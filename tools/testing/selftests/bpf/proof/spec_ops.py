# SPDX-License-Identifier: GPL-2.0-only
"""What instructions and conditional jumps must do to scalars: scalar_alu.c, scalar_jmp.c."""
import z3

from concrete import JUMPS, OPCODES, alu, byte_swap, extend, jump
from lemmas import instance
from sets import (both, either, fits, flat_scalar, implies, in_scalar, in_word, low_of, mask_of, num,
                  scalar_ok, word_ok)
from spec import Spec
from spec_word import NAMES, loose
from values import term

BITS = (8, 16, 32)
COMPARISONS = {code: name for name, code in JUMPS.items()}


def value(v, w, width, op=None):
    op = op or NAMES[v.op]
    m = mask_of(width)
    return alu(v.arith, op, bool(getattr(v, 'is_signed', False)), width, num(w.x) & m, num(w.y) & m)


def has(given, what, ok):
    return [('result is well-formed', ok), ('result has the concrete one', implies(given, what))]


def of_x(v, w, c):
    return [(w.x,)]


def of_y(v, w, c):
    return [(w.y,)]


def of_both(v, w, c):
    return [(w.x, w.y)]


# Words

def own(v, w, c):
    """The constant that is made is its own witness, and remembered for what uses it."""
    v.made = num(c.v)
    return [(v.made,)]


Spec('const_word', 'x:*w> v:n width:i', cases=[{'width': 32}, {'width': 64}], witness='x',
     pre=lambda v: fits(v.v, v.width), uses={
         'word_empty': lambda v, w, c: [()], 'word_add_arc': of_x},
     post=lambda v, w: has(w.x == v.v, in_word(w.x, v.out.x), word_ok(v.out.x)))
Spec('shift_amounts', 'r:*w> b:*w< width:i', cases=[{'width': 32}, {'width': 64}], witness='x',
     pre=lambda v: word_ok(v.b), uses={
         'const_word': own, 'word_alu': lambda v, w, c: [(w.x, num(v.width - 1))]}, symbolic=True,
     post=lambda v, w: has(in_word(w.x, v.b), in_word(w.x & num(v.width - 1), v.out.r),
                           word_ok(v.out.r)))


def wide(v):
    """The result, which has no width if it is not written."""
    return v.out.r._replace(width=v.width)


Spec('divide_by_power', 'r:*w> op:o a:*w< b:*w<', 'b', symbolic=True, witness='xy',
     cases=[{'width': w, 'op': OPCODES[op]} for op in ('div', 'mod') for w in (32, 64)],
     pre=lambda v: both(word_ok(v.a), word_ok(v.b)), uses={
         'const_word': own, 'word_shift': lambda v, w, c: [(w.x, v.made)],
         'word_alu': lambda v, w, c: [(w.x, v.made)]},
     lemmas=lambda v, w, s: [instance('quotient by a power of two', s, w.x, w.y)],
     post=lambda v, w: [
         ('the width is set', implies(v.ret, term(v.out.r.width, 32) == v.width)),
         *has(both(v.ret, in_word(w.x, v.a), in_word(w.y, v.b)), in_word(value(v, w, v.width), wide(v)),
              implies(v.ret, word_ok(wide(v))))])

ALL_OPS = [('add', False), ('sub', False), ('mul', False), ('div', False), ('div', True),
           ('or', False), ('and', False), ('lsh', False), ('rsh', False), ('arsh', False),
           ('mod', False), ('mod', True), ('xor', False)]
ALU_USES = {'shift_amounts': of_y, 'divide_by_power': of_both, 'word_alu': of_both,
            'word_shift': lambda v, w, c: [(w.x, num(w.y) & num(v.width - 1))]}
Spec('alu', 'r:*w> op:o is_signed:b a:*w< b:*w<', witness='xy', symbolic=True, uses=ALU_USES,
     cases=[{'width': w, 'op': OPCODES[op], 'is_signed': s} for op, s in ALL_OPS for w in (32, 64)],
     pre=lambda v: both(word_ok(v.a), word_ok(v.b)), out_width=lambda v: v.a.width,
     post=lambda v, w: has(both(in_word(w.x, v.a), in_word(w.y, v.b)),
                           in_word(value(v, w, v.a.width), v.out.r), word_ok(v.out.r)))
Spec('sign_extend', 'r:*w> x:*w< width:i', witness='x', widths={'r': 'width', 'x': 'part'},
     cases=[{'width': w, 'part': p} for w in (32, 64) for p in BITS if p <= w],
     pre=lambda v: word_ok(v.x), uses={'tnum_sext': of_x, 'word_empty': lambda v, w, c: [()]},
     post=lambda v, w: has(in_word(w.x, v.x), in_word(
         extend(w.x, v.x.width) & mask_of(v.width), v.out.r), word_ok(v.out.r)))


def widened(x):
    return extend(low_of(x), 32)


MIXED = {'wide_a': 64, 'low_a': 32, 'wide_b': 64, 'a': 32, 'b': 32, 'x': 64, 'y': 64, 'r': 32}
Spec('drop_upper_half', 'wide_a:*w= low_a:*w< wide_b:*w<', widths=MIXED, witness='xy',
     pre=lambda v: both(word_ok(v.wide_a), word_ok(v.low_a), word_ok(v.wide_b)), uses={
         'shift_amounts': of_y, 'word_umin': lambda v, w, c: [(num(w.y) & 63,)],
         'sign_extend': lambda v, w, c: [(low_of(w.x),)]},
     post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.wide_a)),
         ('result has the word, or one that shifts to the same', implies(
             both(in_word(w.x, v.wide_a), in_word(low_of(w.x), v.low_a), in_word(w.y, v.wide_b)),
             either(in_word(w.x, v.out.wide_a), both(
                 in_word(widened(w.x), v.out.wide_a),
                 alu(v.arith, 'lsh', False, 64, w.x, w.y) ==
                 alu(v.arith, 'lsh', False, 64, widened(w.x), w.y)))))])
Spec('alu_low_half', 'r:*w> op:o a:*w< b:*w< wide_b:*w<', widths=MIXED, witness='xy', symbolic=True,
     cases=[{'op': OPCODES[op], 'is_signed': s} for op, s in ALL_OPS], out_width=lambda v: 32,
     pre=lambda v: both(word_ok(v.a), word_ok(v.b), word_ok(v.wide_b)), uses={
         'shift_amounts': of_y, 'word_shift': lambda v, w, c: [(low_of(w.x), num(w.y) & 63)],
         'word_alu': lambda v, w, c: [(low_of(w.x), low_of(w.y))],
         'word_unknown': lambda v, w, c: [(low_of(value(v, w, 64)),)]},
     lemmas=lambda v, w, s: [instance('low half of a product', s, w.x, w.y)],
     post=lambda v, w: has(
         both(in_word(low_of(w.x), v.a), in_word(low_of(w.y), v.b), in_word(w.y, v.wide_b)),
         in_word(low_of(value(v, w, 64)), v.out.r), word_ok(v.out.r)))

# Scalars

ZEXT = {'word_empty': lambda v, w, c: [()], 'word_add_arc': of_x, 'word_unknown': of_x,
        'scalar_seal_result': of_x}
Spec('seal_zext', 's:*s> x:*w<', widths={'x': 'part'}, cases=[{'part': p} for p in BITS], witness='x',
     pre=lambda v: word_ok(v.x), uses=ZEXT, post=lambda v, w: has(
         in_word(w.x, v.x), in_scalar(w.x, v.out.s), scalar_ok(v.out.s)))
Spec('low_part', 'x:*w> s:*s< bits:i', cases=[{'bits': p} for p in BITS], witness='w',
     widths={'x': 'bits', 'w': 64}, out_width=lambda v: v.bits, pre=lambda v: scalar_ok(v.s), uses={
         'scalar_low': lambda v, w, c: [(w.w,)], 'word_empty': lambda v, w, c: [()],
         **{n: lambda v, w, c: [(num(w.w) & mask_of(v.bits),)]
            for n in ('word_add_arc', 'word_tighten', 'word_unknown')}},
     post=lambda v, w: has(in_scalar(w.w, v.s), in_word(num(w.w) & mask_of(v.bits), v.out.x),
                           word_ok(v.out.x)))


def moves(name, params, fn, cases, uses, **more):
    """An instruction with one operand, done in place; fn(v, x) is the concrete one."""
    Spec(name, params, cases=cases, witness='x', pre=lambda v: scalar_ok(v.s), uses={
        key: (lambda v, w, c: [(w.x,)]) if key in ('low_part', 'scalar_zext', 'scalar_bswap') else
        rule for key, rule in uses.items()}, post=lambda v, w: has(
            in_scalar(w.x, v.s), in_scalar(fn(v, w.x), v.out.s), scalar_ok(v.out.s)), **more)


def cut(v, x):
    return num(x) & mask_of(v.bits)


def extended(v, x):
    r = extend(cut(v, x), v.bits)
    return low_of(r) if v.to32 else r


def result_of(fn):
    """A witness that is the concrete result, and its low half."""
    return lambda v, w, c: [(fn(v, w.x),), (low_of(fn(v, w.x)),)]


FOUR = [{'bits': n} for n in (8, 16, 32, 64)]
THREE = [{'bits': n} for n in (16, 32, 64)]
moves('scalar_zext', 's:*s= bits:i', cut, FOUR, {'low_part': 0, 'seal_zext': result_of(cut)})
moves('scalar_sext', 's:*s= bits:i to32:b', extended,
      [{'bits': n, 'to32': t} for n in (8, 16, 32, 64) for t in (False, True) if not (t and n > 32)],
      {'low_part': 0, 'sign_extend': lambda v, w, c: [(cut(v, w.x),)],
       'seal_zext': result_of(extended), 'word_unknown': result_of(extended),
       'scalar_seal_result': result_of(extended)})


def swapped(v, x):
    return byte_swap(x, v.bits)


moves('scalar_bswap', 's:*s= bits:i', swapped, THREE, {
    'tnum_bswap': lambda v, w, c: [(w.x,)], 'word_unknown': result_of(swapped),
    'scalar_seal_result': result_of(swapped)})
# The host that compiles is little-endian.
moves('scalar_to_be', 's:*s= bits:i', swapped, THREE, {'scalar_bswap': 0})
moves('scalar_to_le', 's:*s= bits:i', cut, THREE, {'scalar_zext': 0})


def alu_result(v, w):
    width = 64 if v.is64 else 32
    m = mask_of(width)
    op, second = NAMES[v.op], w.x if v.b is None else w.y
    return alu(v.arith, op, bool(v.is_signed_divmod), width, num(w.x) & m, num(second) & m)


def known_result(v, w):
    return value(v, w, 64 if v.is64 else 32)


NOT_DIVISIONS = [op for op, _ in ALL_OPS if op not in ('div', 'mod')]
Spec('alu_words', 'op:o x:n y:n width:i', 'n', symbolic=True,
     cases=[{'width': w, 'op': OPCODES[op]} for op in NOT_DIVISIONS for w in (32, 64)],
     pre=lambda v: both(fits(v.x, v.width), fits(v.y, v.width)), post=lambda v, w: [
         ('its low bits are the result', num(v.ret) & mask_of(v.width) == alu(
             v.arith, NAMES[v.op], False, v.width, num(v.x), num(v.y)))])


def left_alone(v):
    return [('else the result is left alone', implies(z3.Not(v.ret), both(
        *[a == b for a, b in zip(flat_scalar(v.dst), flat_scalar(v.out.dst))])))]


Spec('alu_known', 'dst:*s= op:o is64:b a:*s< b:*s<', 'b', witness='xy', opaque=True,
     cases=[{'op': OPCODES[op], 'is64': wide} for op in NOT_DIVISIONS + ['div', 'mod'] for wide in (False, True)],
     pre=lambda v: both(scalar_ok(v.a), scalar_ok(v.b)), alias=[('dst', 'a'), ('dst', 'b')], uses={
         'alu_words': lambda v, w, c: [()], 'scalar_const': lambda v, w, c: [(known_result(v, w),)]},
     post=lambda v, w: left_alone(v) + (
         [('divisions are left', z3.Not(v.ret))] if NAMES[v.op] in ('div', 'mod') else has(
             both(v.ret, in_scalar(w.x, v.a), in_scalar(w.y, v.b)), in_scalar(known_result(v, w), v.out.dst),
             implies(v.ret, scalar_ok(v.out.dst)))))


def left_right(v, w):
    return (num(0), w.x) if v.b is None else (w.x, w.y)


def alu_pairs(v, w, c):
    x, y = left_right(v, w)
    if not v.is64:
        return [(low_of(x), low_of(y))]
    return [(x, y)] + ([(widened(x), y)] if NAMES[v.op] == 'lsh' else [])


def upper_dropped(v, w):
    """What drop_upper_half() leaves may be another word that shifts to the same."""
    if not v.is64 or NAMES[v.op] != 'lsh':
        return None
    return [alu(v.arith, 'lsh', False, 64, x, w.y) for x in (w.x, widened(w.x))]


def whole_pair(v, w, c):
    return [left_right(v, w)]


def result(v, w, c):
    return [(alu_result(v, w),)]


SCALAR_ALU = {'scalar_low': lambda v, w, c: [(x,) for x in left_right(v, w)],
              'scalar_wide': lambda v, w, c: [(x,) for x in left_right(v, w)],
              'scalar_const': lambda v, w, c: [(alu_result(v, w),), (num(0),)], 'alu': alu_pairs,
              'alu_low_half': whole_pair, 'alu_known': whole_pair, 'drop_upper_half': whole_pair, 'seal_zext': result,
              'scalar_seal_result': result}
Spec('scalar_alu', 'dst:*s> op:o is64:b is_signed_divmod:b a:*s< b:*s<', witness='xy', opaque=True,
     cases=[{'op': OPCODES[op], 'is64': wide, 'is_signed_divmod': s, 'is_signed': s,
             **({'b': None} if op == 'neg' else {})}
            for op, s in [*ALL_OPS, ('neg', False)] for wide in (False, True)],
     pre=lambda v: both(scalar_ok(v.a), v.b is None or scalar_ok(v.b)), uses=SCALAR_ALU,
     alias=[('dst', 'a'), ('dst', 'b')], equal=upper_dropped, post=lambda v, w: has(
         both(in_scalar(w.x, v.a), v.b is None or in_scalar(w.y, v.b)),
         in_scalar(alu_result(v, w), v.out.dst), scalar_ok(v.out.dst)))

# Jumps

WIDE = [{'width': 32}, {'width': 64}]


def refines(name, params, holds, cases, uses):
    """Both sides keep the words for which the comparison holds with one another."""
    Spec(name, params, 'b', cases, witness='uv', pre=lambda v: both(word_ok(v.x), word_ok(v.y)),
         uses=uses, symbolic='word_alu' in uses, post=lambda v, w: [
             ('results are well-formed', implies(v.ret, loose(v.out.x, v.out.y))),
             ('words are kept', implies(
                 both(in_word(w.u, v.x), in_word(w.v, v.y), holds(v, w.u, w.v)),
                 both(v.ret, in_word(w.u, v.out.x), in_word(w.v, v.out.y))))])


def less(v, x, y):
    name = {(False, False): 'jlt', (False, True): 'jle', (True, False): 'jslt', (True, True): 'jsle'}
    return jump(name[bool(v.is_signed), bool(v.orequal)], v.x.width, x, y)


def each(v, w, c):
    return [(w.u,), (w.v,)]


EDGE = {n: each for n in ('word_exclude', 'word_clip', 'tnum_meet')}
AND = {**EDGE, 'word_alu': lambda v, w, c: [(w.u, w.v)],
       **{n: lambda v, w, c: [(w.u,), (w.v,), (w.u & w.v,)] for n in ('word_exclude', 'word_clip')}}
refines('refine_ne', 'x:*w= y:*w=', lambda v, x, y: x != y, WIDE, {'word_exclude': each})
refines('refine_less', 'x:*w= y:*w= is_signed:b orequal:b', less,
        [{**c, 'is_signed': s, 'orequal': e} for c in WIDE for s in (False, True) for e in (False, True)],
        {n: each for n in ('word_clip', 'word_umin', 'word_umax', 'word_smin', 'word_smax')})
refines('refine_set', 'x:*w= y:*w=', lambda v, x, y: (x & y) != 0, WIDE, AND)
refines('refine_clear', 'x:*w= y:*w=', lambda v, x, y: (x & y) == 0, WIDE, AND)


def seen(v, x):
    return low_of(x) if v.is32 else num(x)


Spec('seal_side', 's:*s= x:*w= is32:b', 'b', [{'is32': True, 'part': 32}, {'is32': False, 'part': 64}],
     widths={'x': 'part', 'm': 64}, witness='m', pre=lambda v: both(scalar_ok(v.s), loose(v.x)), uses={
         n: lambda v, w, c: [(w.m,)] for n in ('scalar_wide', 'scalar_low', 'scalar_seal')},
     post=lambda v, w: [
         ('result is well-formed', implies(v.ret, scalar_ok(v.out.s))),
         ('words are kept', implies(both(in_scalar(w.m, v.s), in_word(seen(v, w.m), v.x)),
                                    both(v.ret, in_scalar(w.m, v.out.s))))])


def goes(v, w, taken=None):
    holds = jump(COMPARISONS[v.op], 32 if v.is32 else 64, w.x, w.y)
    return holds if (v.taken if taken is None else taken) else z3.Not(holds)


def operands(v, w, c):
    return [(w.x,), (w.y,)]


def compared(v, w, c):
    x, y = seen(v, w.x), seen(v, w.y)
    return [(x, y), (y, x)]


def compared_each(v, w, c):
    return [(seen(v, w.x),), (seen(v, w.y),)]


REFINE = {n: operands for n in ('scalar_wide', 'scalar_low', 'seal_side')}
REFINE.update({n: compared for n in ('refine_ne', 'refine_less', 'refine_set', 'refine_clear')})
Spec('scalar_refine', 'op:o is32:b taken:b a:*s= b:*s=', 'b', witness='xy',
     cases=[{'op': code, 'is32': n, 'taken': t} for code in JUMPS.values() for n in (False, True)
            for t in (True, False)], pre=lambda v: both(scalar_ok(v.a), scalar_ok(v.b)),
     uses={**REFINE, 'scalar_meet': operands, 'word_meet': compared_each}, post=lambda v, w: [
         ('results are well-formed', implies(v.ret, both(scalar_ok(v.out.a), scalar_ok(v.out.b)))),
         ('pairs are kept', implies(both(in_scalar(w.x, v.a), in_scalar(w.y, v.b), goes(v, w)), both(
             v.ret, in_scalar(w.x, v.out.a), in_scalar(w.y, v.out.b))))])
Spec('scalar_branch', 'op:o is32:b a:*s< b:*s<', 'i', witness='xy', uses={'scalar_refine': of_both},
     cases=[{'op': code, 'is32': n} for code in JUMPS.values() for n in (False, True)],
     pre=lambda v: both(scalar_ok(v.a), scalar_ok(v.b)), post=lambda v, w: [
         ('verdict is right', implies(both(in_scalar(w.x, v.a), in_scalar(w.y, v.b)), both(
             implies(num32(v.ret) == 0, goes(v, w, False)),
             implies(num32(v.ret) == 1, goes(v, w, True)))))])


def num32(x):
    return z3.BitVecVal(x, 32) if isinstance(x, int) else x
