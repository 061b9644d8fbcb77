# SPDX-License-Identifier: GPL-2.0-only
"""What the functions of tnum.h must do. All work on 64 bits."""
import z3

from concrete import alu, byte_swap, extend
from execute import Cut
from lemmas import instance, rows
from sets import (Tnum, both, either, implies, in_tnum, mask_of, num, tnum_fits, tnum_ok, ule,
                  ult)
from spec import Spec



def two_ok(v):
    return both(tnum_ok(v.a), tnum_ok(v.b))


def both_in(v, w):
    return both(in_tnum(w.x, v.a), in_tnum(w.y, v.b))


def can(t):
    """The bits that a member may have."""
    return num(t.value) | num(t.mask)


def operation(name, op, **more):
    """A function of two tnums that follows a concrete one."""
    Spec('tnum_' + name, 'a:t b:t', 't', pre=more.pop('pre', two_ok), witness='xy',
         post=lambda v, w: [
             ('result is well-formed', tnum_ok(v.ret)),
             ('result has the concrete one', implies(
                 both_in(v, w), in_tnum(alu(v.arith, op, False, 64, w.x, w.y), v.ret)))], **more)


def unary(name, params, fn, cases=({},), pre=None, **more):
    """A function of one tnum; fn(v, x) is the concrete one."""
    Spec('tnum_' + name, params, 't', cases, witness='x',
         pre=pre or (lambda v: tnum_ok(v.t)),
         post=lambda v, w: [
             ('result is well-formed', tnum_ok(v.ret)),
             ('result has the concrete one',
              implies(in_tnum(w.x, v.t), in_tnum(fn(v, w.x), v.ret)))], **more)


def amount(v):
    return z3.ZeroExt(32, v.amount) if not isinstance(v.amount, int) else num(v.amount)


def amount_ok(v):
    return both(tnum_ok(v.t), ult(amount(v), 64))


def extended(v, x):
    return extend(x & mask_of(v.bits), v.bits)


for _name in ('and', 'or', 'xor', 'add', 'sub'):
    operation(_name, _name)

unary('not', 't:t', lambda v, x: ~x)
unary('shl', 't:t amount:i', lambda v, x: x << amount(v), pre=amount_ok)
unary('shr', 't:t amount:i', lambda v, x: z3.LShR(x, amount(v)), pre=amount_ok)
unary('sar', 't:t amount:i', lambda v, x: x >> amount(v), pre=amount_ok)
unary('sext', 't:t bits:i', extended, [{'bits': n} for n in range(1, 65)])
unary('bswap', 't:t bits:i', lambda v, x: byte_swap(x, v.bits), [{'bits': n} for n in (16, 32, 64)])
unary('keep', 't:t keep:n', lambda v, x: x & v.keep)

Spec('tnum_const', 'value:n', 't', post=lambda v, w: [
    ('result is well-formed', tnum_ok(v.ret)),
    ('result has the word and no other', in_tnum(w.x, v.ret) == (w.x == v.value))], witness='x')
Spec('tnum_unknown', '', 't', post=lambda v, w: [
    ('result is well-formed', tnum_ok(v.ret)),
    ('result has every word', in_tnum(w.x, v.ret))], witness='x')
Spec('tnum_is_const', 't:t', 'b', pre=lambda v: tnum_ok(v.t), witness='xy', post=lambda v, w: [
    ('two members of a constant are one', implies(
        both(v.ret, in_tnum(w.x, v.t), in_tnum(w.y, v.t)), w.x == w.y)),
    ('else there are two', implies(z3.Not(v.ret), v.t.mask != 0))])
Spec('tnum_min', 't:t', 'n', pre=lambda v: tnum_ok(v.t), witness='x', post=lambda v, w: [
    ('no member is below', implies(in_tnum(w.x, v.t), ule(v.ret, w.x))),
    ('is a member', in_tnum(v.ret, v.t))])
Spec('tnum_max', 't:t', 'n', pre=lambda v: tnum_ok(v.t), witness='x', post=lambda v, w: [
    ('no member is above', implies(in_tnum(w.x, v.t), ule(w.x, v.ret))),
    ('is a member', in_tnum(v.ret, v.t))])
Spec('tnum_contains', 't:t v:n', 'b', pre=lambda v: tnum_ok(v.t), post=lambda v, w: [
    ('says whether it is a member', v.ret == in_tnum(v.v, v.t))])
Spec('tnum_is_aligned', 't:t size:n', 'b', [{'size': 1 << n} for n in range(64)],
     pre=lambda v: tnum_ok(v.t), witness='x', post=lambda v, w: [
         ('members are multiples', implies(both(v.ret, in_tnum(w.x, v.t)),
                                           (w.x & num(v.size - 1)) == 0))])
Spec('tnum_covers', 'outer:t inner:t', 'b', witness='x',
     pre=lambda v: both(tnum_ok(v.outer), tnum_ok(v.inner)),
     post=lambda v, w: [
         ('members of inner are in outer', implies(both(v.ret, in_tnum(w.x, v.inner)),
                                                   in_tnum(w.x, v.outer)))])
Spec('tnum_join', 'a:t b:t', 't', pre=two_ok, witness='x', post=lambda v, w: [
    ('result is well-formed', tnum_ok(v.ret)),
    ('no bit that neither can have', (can(v.ret) & ~(can(v.a) | can(v.b))) == 0),
    ('result has the members of both', implies(either(in_tnum(w.x, v.a), in_tnum(w.x, v.b)),
                                               in_tnum(w.x, v.ret)))])
Spec('tnum_meet', 't:*t= other:t', 'b', pre=lambda v: both(tnum_ok(v.t), tnum_ok(v.other)),
     witness='x', post=lambda v, w: [
         ('result is well-formed', tnum_ok(v.out.t)),
         ('common members are kept', implies(both(in_tnum(w.x, v.t), in_tnum(w.x, v.other)),
                                             both(v.ret, in_tnum(w.x, v.out.t)))),
         ('no bit that it could not have', implies(v.ret, (can(v.out.t) & ~can(v.t)) == 0)),
         ('nothing is let in', implies(both(v.ret, in_tnum(w.x, v.out.t)),
                                       both(in_tnum(w.x, v.t), in_tnum(w.x, v.other)))),
         ('unchanged if nothing is common', implies(
             z3.Not(v.ret), both(v.out.t.value == v.t.value, v.out.t.mask == v.t.mask)))])
Spec('tnum_of_range', 'lo:n hi:n', 't', pre=lambda v: ule(v.lo, v.hi), witness='x',
     post=lambda v, w: [
         ('result is well-formed', tnum_ok(v.ret)),
         ('result has the range', implies(both(ule(v.lo, w.x), ule(w.x, v.hi)),
                                          in_tnum(w.x, v.ret))),
         *[(f'fits {n} bits if the end does', implies(ule(v.hi, mask_of(n)), tnum_fits(v.ret, n)))
           for n in (8, 16, 32)]])


def next_member(name, before):
    """tnum_ceil and tnum_floor: before(a, b) is the order they walk in."""
    Spec('tnum_' + name, 't:t from:n member:*n>', 'b', pre=lambda v: tnum_ok(v.t), witness='x',
         post=lambda v, w: [
             ('finds a member', implies(v.ret, in_tnum(v.out.member, v.t))),
             ('not before the start', implies(v.ret, before(vars(v)['from'], v.out.member))),
             ('passes none', implies(
                 both(in_tnum(w.x, v.t), before(vars(v)['from'], w.x)),
                 both(v.ret, before(v.out.member, w.x))))])


next_member('ceil', ule)
next_member('floor', lambda a, b: ule(b, a))


# Products: row by row, with an invariant.

def rows_cut(v, w):
    """Partial sum s, and what is left of the factors: s + p * q is the product."""
    def claim(view):
        p, q, s = view.ghosts
        a, b, total = (view.two(Tnum, n) for n in ('a', 'b', 'retval'))
        return [('well-formed', both(tnum_ok(a), tnum_ok(b), tnum_ok(total))),
                ('members', implies(both_in(v, w), both(in_tnum(p, a), in_tnum(q, b),
                                                        in_tnum(s, total)))),
                ('product', s + v.arith.mul(p, q) == v.arith.mul(w.x, w.y))]

    def step(view):
        p, q, s = view.ghosts
        return (z3.LShR(p, 1), q << 1, s + z3.If((p & 1) == 1, q, num(0)))

    return {('mul_by_rows', 'while.cond'): Cut(
        'while.cond', ('a', 'b', 'retval'), claim,
        lambda view: view.cell('a') | view.cell('a', 8),
        first=lambda view: (w.x, w.y, num(0)), step=step)}


operation('mul', 'mul', symbolic=True, uses={'mul_by_rows': lambda v, w, c: [(w.x, w.y), (w.y, w.x)]},
          lemmas=lambda v, w, s: [instance('product commutes', s, w.x, w.y)])
Spec('mul_by_rows', 'a:t b:t', 't', pre=two_ok, witness='xy', symbolic=True, cuts=rows_cut,
     lemmas=lambda v, w, s: rows(s), post=lambda v, w: [
         ('result is well-formed', tnum_ok(v.ret)),
         ('result has the product', implies(both_in(v, w), in_tnum(v.arith.mul(w.x, w.y), v.ret)))])


# Remainders, at the width and signedness of the instruction.

def mod_facts(v, w, s):
    facts = [instance('multiple keeps zeros', s, a, b) for a, b in list(s.products)]
    return facts + [instance('product by zero', s, a, b) for a, b in list(s.products)]


Spec('tnum_mod', 'a:t b:t', 't', [{'width': w, 'signed': s} for w in (32, 64) for s in (False, True)],
     pre=lambda v: both(tnum_fits(v.a, v.width), tnum_fits(v.b, v.width)), witness='xy',
     symbolic=True, lemmas=mod_facts, post=lambda v, w: [
         ('result is well-formed', tnum_ok(v.ret)),
         ('result has the remainder', implies(both_in(v, w), in_tnum(
             alu(v.arith, 'mod', v.signed, v.width, w.x, w.y),
             Tnum(v.ret.value & mask_of(v.width), v.ret.mask & mask_of(v.width)))))])
