# SPDX-License-Identifier: GPL-2.0-only
"""What the functions of scalar.h and scalar_parts.h must do, and those below them."""
import z3

from concrete import extend
from execute import Cut
from sets import (both, either, implies, in_halves, in_range, in_scalar, in_tnum, in_word, low_of,
                  mask_of, num, scalar_ok, tnum_fits, tnum_ok, ule, word_ok)
from spec import Layout, Spec
from spec_word import loose

M32 = mask_of(32)


def one(v, w, c):
    return [(w.x,)]


def wide_low(v, w, c):
    """Both a word and its low half, for a callee that may work at either width."""
    return [(w.x,), (low_of(w.x),)]


def in_both(x, wide, low):
    return both(in_word(x, wide), in_word(low_of(x), low))


# Opening and sealing

Spec('scalar_wide', 'x:*w> s:*s<', out_width=lambda v: 64, pre=lambda v: scalar_ok(v.s),
     witness='x', cases=[{'width': 64}],
     post=lambda v, w: [('result is well-formed', word_ok(v.out.x)),
                        ('members are in', implies(in_scalar(w.x, v.s), in_word(w.x, v.out.x)))])
Spec('scalar_low', 'x:*w> s:*s<', out_width=lambda v: 32, pre=lambda v: scalar_ok(v.s),
     witness='x', cases=[{'low': 32}],
     widths={'x': 'low'}, post=lambda v, w: [
         ('result is well-formed', word_ok(v.out.x)),
         ('members are in', implies(in_scalar(w.x, v.s), in_word(low_of(w.x), v.out.x)))])
HALVES = {'wide': 64, 'low': 32, 'x': 64, 'from': 64}
Spec('exchange_bits', 'wide:*w= low:*w=', 'b', widths=HALVES, witness='x', uses={'tnum_meet': one},
     pre=lambda v: loose(v.wide, v.low), post=lambda v, w: [
         ('members are kept', implies(in_both(w.x, v.wide, v.low),
                                      both(v.ret, in_both(w.x, v.out.wide, v.out.low)))),
         ('bits are well-formed', implies(v.ret, both(tnum_ok(v.out.wide.bits),
                                                      tnum_fits(v.out.low.bits, 32)))),
         ('bits agree', implies(v.ret, agree(v.out.wide, v.out.low))),
         ('ranges are left alone', both(
             *[a == b for n in ('wide', 'low') for f in ('pos', 'neg')
               for a, b in zip(getattr(getattr(v, n), f), getattr(getattr(v.out, n), f))]))])
Spec('low_from_wide', 'low:*w= wide:*w<', 'b', widths=HALVES, witness='x',
     pre=lambda v: loose(v.wide, v.low), uses={
         'word_empty': lambda v, w, c: [()], 'word_add_arc': lambda v, w, c: [(low_of(w.x),)],
         'word_meet': lambda v, w, c: [(low_of(w.x),)]}, post=lambda v, w: [
         ('members are kept', implies(in_both(w.x, v.wide, v.low),
                                      both(v.ret, in_word(low_of(w.x), v.out.low)))),
         ('result is well-formed', implies(both(v.ret, word_ok(v.low)), word_ok(v.out.low)))])
Spec('steps_to_low', 'from:n low:*w< down:b', 'n', [{'down': False}, {'down': True}], widths=HALVES,
     witness='x', pre=lambda v: loose(v.low), post=lambda v, w: [
         ('no allowed word is nearer', implies(
             allowed(w.x, v.low),
             ule(v.ret, ((start(v) - w.x) if v.down else (w.x - start(v))) & M32))),
         ('it leads to an allowed word', implies(
             word_ok(v.low), allowed(start(v) - v.ret if v.down else start(v) + v.ret, v.low))),
         ('less than once around', ule(v.ret, M32))])


def start(v):
    return num(vars(v)['from'])


def allowed(x, low):
    return in_halves(low_of(x), low)


def way_down(v, w, c):
    """A member, and on the way down also the word that the way up led to."""
    if not c.down:
        v.reached = start(c) + c.ret
        return [(w.x,)]
    return [(w.x,), (v.reached,)]


Spec('wide_from_low', 'wide:*w= low:*w<', 'b', widths=HALVES, witness='x',
     pre=lambda v: both(loose(v.wide), word_ok(v.low)), uses={'steps_to_low': way_down},
     post=lambda v, w: [
         ('members are kept', implies(in_both(w.x, v.wide, v.low),
                                      both(v.ret, in_word(w.x, v.out.wide)))),
         ('result is well-formed', implies(v.ret, word_ok(v.out.wide)))])


def agree(wide, low):
    return both(low_of(wide.bits.value) == low.bits.value, low_of(wide.bits.mask) == low.bits.mask)


def rounds_cut(v, w):
    """Each round keeps the members; after one both words have halves with members."""
    def claim(view):
        wide, low = (Layout.read('w', lambda o, n, x=x: view.cell('arg.' + x, o, n))
                     for x in ('wide', 'low'))
        wide, low = wide._replace(width=64), low._replace(width=32)
        done = z3.Extract(31, 0, view.cell('round', 0, 32))
        return [('well-formed', loose(wide, low)),
                ('inhabited', either(done == 0, both(word_ok(wide), word_ok(low)))),
                ('members', implies(in_both(w.x, v.wide, v.low), in_both(w.x, wide, low))),
                ('rounds', z3.ULE(done, 4))]
    return {('close_up', 'for.cond'): Cut(
        'for.cond', ('round', 'arg.wide', 'arg.low', 'wide_before', 'low_before'), claim,
        lambda view: num(9) - z3.ZeroExt(32, view.cell('round', 0, 32)))}


Spec('close_up', 'wide:*w= low:*w=', 'b', widths=HALVES, witness='x', cuts=rounds_cut,
     pre=lambda v: loose(v.wide, v.low), uses={
         'exchange_bits': one, 'word_tighten': wide_low, 'low_from_wide': one, 'wide_from_low': one,
         'word_equal': lambda v, w, c: []}, post=lambda v, w: [
         ('members are kept', implies(in_both(w.x, v.wide, v.low),
                                      both(v.ret, in_both(w.x, v.out.wide, v.out.low)))),
         ('result is well-formed', implies(v.ret, both(word_ok(v.out.wide), word_ok(v.out.low)))),
         ('bits agree', implies(v.ret, agree(v.out.wide, v.out.low)))])


def sealed(v, w, ok):
    return [('result is well-formed', implies(ok, scalar_ok(v.out.s))),
            ('members are kept', implies(in_both(w.x, v.wide, v.low),
                                         both(ok, in_scalar(w.x, v.out.s))))]


Spec('scalar_seal', 's:*s> wide:*w= low:*w=', 'b', widths=HALVES, witness='x',
     uses={'close_up': one, 'scalar_unknown': one},
     pre=lambda v: loose(v.wide, v.low), post=lambda v, w: sealed(v, w, v.ret))
Spec('scalar_seal_result', 's:*s> wide:*w= low:*w=', widths=HALVES, witness='x',
     uses={'scalar_seal': one, 'scalar_unknown': one},
     pre=lambda v: loose(v.wide, v.low), post=lambda v, w: sealed(v, w, True))

# Making one


def makes(name, params, given, cases=({},), ret='v', **more):
    """given(v, x): x must be in the result. A flag returned says if there is any."""
    def post(v, w):
        ok = v.ret if ret == 'b' else True
        return [('result is well-formed', implies(ok, scalar_ok(v.out.s))),
                ('result has the word', implies(given(v, w.x), both(ok, in_scalar(w.x, v.out.s))))]
    Spec(name, params, ret, cases, witness='x', post=post, **more)


def fit_bytes(v, x):
    return (num(x) & ~mask_of(8 * v.bytes)) == 0


def extended_bytes(v, x):
    return extend(num(x) & mask_of(8 * v.bytes), 8 * v.bytes) == num(x)


BYTES = [{'bytes': n} for n in (1, 2, 4, 8)]
WORDS = {'word_unknown': wide_low, 'word_clip': one, 'scalar_seal_result': one}
makes('scalar_const', 's:*s> v:n', lambda v, x: x == v.v)
makes('scalar_unknown', 's:*s>', lambda v, x: True)
makes('scalar_bits', 's:*s> bits:t', lambda v, x: in_tnum(x, v.bits), pre=lambda v: tnum_ok(v.bits))
makes('scalar_unknown_bits', 's:*s> bits:i', lambda v, x: (num(x) & ~mask_of(v.bits)) == 0,
      [{'bits': n} for n in (1, 8, 16, 31, 32, 33, 63, 64)])
makes('scalar_unknown_bytes', 's:*s> bytes:i', fit_bytes, BYTES)
makes('scalar_unknown_sx', 's:*s> bytes:i', extended_bytes, BYTES,
      uses={'scalar_unknown': one, 'scalar_sext': one})
makes('set_arc', 's:*s> arc:a', lambda v, x: z3.If(
    ule(v.arc.lo, v.arc.hi), in_range(x, v.arc), either(ule(v.arc.lo, x), ule(x, v.arc.hi))), uses=WORDS)
makes('scalar_set_urange', 's:*s> lo:n hi:n', lambda v, x: both(ule(v.lo, x), ule(x, v.hi)), ret='b',
      uses={'set_arc': one})
makes('scalar_set_srange', 's:*s> lo:n hi:n', lambda v, x: both(num(v.lo) <= x, x <= num(v.hi)),
      ret='b', uses={'set_arc': one})

# Asking one


def asks(name, ret, text, fn, uses=None):
    Spec(name, 's:*s<', ret, pre=lambda v: scalar_ok(v.s), witness='xy', uses=uses or {},
         post=lambda v, w: [(text, implies(both(in_scalar(w.x, v.s), in_scalar(w.y, v.s)), fn(v, w)))])


def small(v):
    return num(v.ret) if v.ret.size() == 64 else z3.ZeroExt(32, v.ret)


def sext_low(x):
    return z3.SignExt(32, z3.Extract(31, 0, x))


asks('scalar_is_const', 'b', 'two members of a constant are one', lambda v, w: implies(v.ret, w.x == w.y))
asks('scalar_is_const32', 'b', 'low halves are one',
     lambda v, w: implies(v.ret, low_of(w.x) == low_of(w.y)))
asks('scalar_is_unknown', 'b', 'yes or no', lambda v, w: either(v.ret, z3.Not(v.ret)))
for _name, _fn in (('umin', lambda v, w: ule(v.ret, w.x)), ('umax', lambda v, w: ule(w.x, v.ret)),
                   ('smin', lambda v, w: v.ret <= w.x), ('smax', lambda v, w: w.x <= v.ret)):
    asks('scalar_' + _name, 'n', 'bounds the members', _fn)
for _name, _fn in (('u32min', lambda v, w: ule(small(v), low_of(w.x))),
                   ('u32max', lambda v, w: ule(low_of(w.x), small(v))),
                   ('s32min', lambda v, w: z3.SignExt(32, v.ret) <= sext_low(w.x)),
                   ('s32max', lambda v, w: sext_low(w.x) <= z3.SignExt(32, v.ret))):
    asks('scalar_' + _name, 'i', 'bounds the low halves', _fn)
Spec('scalar_const_value', 's:*s<', 'n', pre=lambda v: both(scalar_ok(v.s), v.s.bits.mask == 0),
     witness='x', post=lambda v, w: [('the only member', implies(in_scalar(w.x, v.s), w.x == v.ret))])
Spec('scalar_const_value32', 's:*s<', 'i', witness='x',
     pre=lambda v: both(scalar_ok(v.s), low_of(v.s.bits.mask) == 0), post=lambda v, w: [
         ('the only low half', implies(in_scalar(w.x, v.s), low_of(w.x) == z3.ZeroExt(32, v.ret)))])
Spec('scalar_contains', 's:*s< v:n', 'b', pre=lambda v: scalar_ok(v.s), post=lambda v, w: [
    ('says whether it is a member', v.ret == in_scalar(v.v, v.s))])
Spec('scalar_tnum', 's:*s<', 't', pre=lambda v: scalar_ok(v.s), witness='x', post=lambda v, w: [
    ('has the members', implies(in_scalar(w.x, v.s), in_tnum(w.x, v.ret))),
    ('is well-formed', tnum_ok(v.ret))])

# Order of sets


def pair_ok(v):
    names = ('outer', 'inner') if hasattr(v, 'outer') else ('a', 'b')
    return both(*[scalar_ok(getattr(v, n)) for n in names])


Spec('scalar_covers', 'outer:*s< inner:*s<', 'b', pre=pair_ok, witness='x', post=lambda v, w: [
    ('members of inner are in outer', implies(both(v.ret, in_scalar(w.x, v.inner)),
                                              in_scalar(w.x, v.outer)))])
Spec('scalar_equal', 'a:*s< b:*s<', 'b', pre=pair_ok, witness='x', post=lambda v, w: [
    ('equal ones have the same members', implies(v.ret, in_scalar(w.x, v.a) == in_scalar(w.x, v.b)))])
Spec('scalar_join', 'dst:*s> a:*s< b:*s<', pre=pair_ok, witness='x', alias=[('dst', 'a'), ('dst', 'b')],
     uses={'scalar_wide': one, 'scalar_low': one, 'word_join': wide_low}, post=lambda v, w: [
         ('result is well-formed', scalar_ok(v.out.dst)),
         ('members of both are in', implies(either(in_scalar(w.x, v.a), in_scalar(w.x, v.b)),
                                            in_scalar(w.x, v.out.dst)))])
Spec('scalar_meet', 'dst:*s> a:*s< b:*s<', 'b', pre=pair_ok, witness='x',
     alias=[('dst', 'a'), ('dst', 'b')], uses={
         'scalar_wide': one, 'scalar_low': one, 'word_meet': wide_low, 'scalar_seal': one},
     post=lambda v, w: [
         ('result is well-formed', implies(v.ret, scalar_ok(v.out.dst))),
         ('common members are kept', implies(both(in_scalar(w.x, v.a), in_scalar(w.x, v.b)),
                                             both(v.ret, in_scalar(w.x, v.out.dst))))])
