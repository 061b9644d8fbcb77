# SPDX-License-Identifier: GPL-2.0-only
"""Operations on values that are Python numbers or z3 terms.

Owns folding: an operation on known numbers gives a number, so that concrete
runs never touch z3. An i1 is a bool or a Boolean term, all others are unsigned
numbers or bit-vector terms. What makes an operation undefined is the caller's
business (execute.py).
"""
import z3

from ir import Unsupported


class Terms:
    """Operations that fold known operands, for values of both kinds."""

    count = 0

    @staticmethod
    def fresh(name, bits):
        Terms.count += 1
        return z3.BitVec(f'{name}!{Terms.count}', bits)


def known(x):
    return isinstance(x, (int, bool))


def term(x, bits):
    """As a z3 term."""
    if bits == 1:
        return z3.BoolVal(bool(x)) if known(x) else x
    return z3.BitVecVal(x, bits) if known(x) else x


def lower(x):
    """Fold a term that turns out to be a numeral."""
    if z3.is_bv_value(x):
        return x.as_long()
    if z3.is_true(x) or z3.is_false(x):
        return z3.is_true(x)
    return x


def land(*parts):
    parts = [p for p in parts if not (known(p) and p)]
    if any(known(p) for p in parts):
        return False
    return parts[0] if len(parts) == 1 else z3.And(*parts) if parts else True


def lnot(x):
    return (not x) if known(x) else z3.Not(x)


def same(a, b):
    if a is b:
        return True
    if known(a) or known(b):
        return known(a) and known(b) and a == b
    return isinstance(a, z3.ExprRef) and isinstance(b, z3.ExprRef) and a.eq(b)


def choose(cond, a, b, bits):
    if known(cond):
        return a if cond else b
    if same(a, b):
        return a
    return z3.If(cond, term(a, bits), term(b, bits))


def signed(x, bits):
    return x - (1 << bits) if x >> (bits - 1) else x


def truncated(fn, a, b, bits):
    """Signed division rounds to zero."""
    sa, sb = signed(a, bits), signed(b, bits)
    quotient = abs(sa) // abs(sb)
    quotient = quotient if (sa < 0) == (sb < 0) else -quotient
    return quotient if fn == 'div' else sa - quotient * sb


FOLD = {
    'add': lambda a, b, n: a + b, 'sub': lambda a, b, n: a - b,
    'mul': lambda a, b, n: a * b, 'and': lambda a, b, n: a & b,
    'or': lambda a, b, n: a | b, 'xor': lambda a, b, n: a ^ b,
    'udiv': lambda a, b, n: a // b, 'urem': lambda a, b, n: a % b,
    'sdiv': lambda a, b, n: truncated('div', a, b, n),
    'srem': lambda a, b, n: truncated('mod', a, b, n),
    'shl': lambda a, b, n: a << b, 'lshr': lambda a, b, n: a >> b,
    'ashr': lambda a, b, n: signed(a, n) >> b,
}

BUILD = {
    'add': lambda a, b: a + b, 'sub': lambda a, b: a - b,
    'mul': lambda a, b: a * b, 'and': lambda a, b: a & b,
    'or': lambda a, b: a | b, 'xor': lambda a, b: a ^ b,
    'udiv': z3.UDiv, 'urem': z3.URem, 'sdiv': lambda a, b: a / b,
    'srem': z3.SRem, 'shl': lambda a, b: a << b, 'lshr': z3.LShR,
    'ashr': lambda a, b: a >> b,
}

COMPARE = {
    'eq': (lambda a, b: a == b, lambda a, b: a == b, False),
    'ne': (lambda a, b: a != b, lambda a, b: a != b, False),
    'ult': (lambda a, b: a < b, z3.ULT, False),
    'ule': (lambda a, b: a <= b, z3.ULE, False),
    'ugt': (lambda a, b: a > b, z3.UGT, False),
    'uge': (lambda a, b: a >= b, z3.UGE, False),
    'slt': (lambda a, b: a < b, lambda a, b: a < b, True),
    'sle': (lambda a, b: a <= b, lambda a, b: a <= b, True),
    'sgt': (lambda a, b: a > b, lambda a, b: a > b, True),
    'sge': (lambda a, b: a >= b, lambda a, b: a >= b, True),
}

DIVISIONS = ('udiv', 'urem', 'sdiv', 'srem')
SHIFTS = ('shl', 'lshr', 'ashr')
FLAG_CLAIMS = {
    ('add', 'nuw'): lambda a, b: z3.BVAddNoOverflow(a, b, False),
    ('sub', 'nuw'): lambda a, b: z3.UGE(a, b),
    ('mul', 'nuw'): lambda a, b: z3.BVMulNoOverflow(a, b, False),
    ('add', 'nsw'): lambda a, b: z3.And(z3.BVAddNoOverflow(a, b, True),
                                        z3.BVAddNoUnderflow(a, b)),
    ('sub', 'nsw'): lambda a, b: z3.And(z3.BVSubNoOverflow(a, b),
                                        z3.BVSubNoUnderflow(a, b, True)),
    ('mul', 'nsw'): lambda a, b: z3.And(z3.BVMulNoOverflow(a, b, True),
                                        z3.BVMulNoUnderflow(a, b)),
}


def binary(how, a, b, bits):
    """An operation whose claims have been seen to."""
    if bits == 1:
        if known(a) and known(b):
            return bool(FOLD[how](int(a), int(b), 1) & 1)
        a, b = term(a, 1), term(b, 1)
        table = {'and': z3.And, 'or': z3.Or, 'xor': z3.Xor}
        return lower(z3.simplify(table[how](a, b)))
    if known(a) and known(b):
        if (how in DIVISIONS and not b) or (how in SHIFTS and b >= bits):
            return Terms.fresh('undefined', bits)
        return FOLD[how](a, b, bits) & ((1 << bits) - 1)
    if known(b) and not b and how in ('add', 'sub', 'or', 'xor', *SHIFTS):
        return a
    if known(a) and not a and how in ('add', 'or', 'xor'):
        return b
    built = BUILD[how](term(a, bits), term(b, bits))
    return lower(z3.simplify(built)) if known(a) or known(b) else built


def few(x):
    """An if-then-else over numerals only."""
    return not known(x) and (z3.is_bv_value(x) or z3.is_app_of(x, z3.Z3_OP_ITE) and
                             few(x.arg(1)) and few(x.arg(2)))


def compare(how, a, b, bits):
    fold, build, is_signed = COMPARE[how]
    for i, (x, y) in enumerate(((a, b), (b, a))):
        if known(y) and few(x) and not z3.is_bv_value(x):
            ways = [compare(how, *((lower(x.arg(n)), y) if not i else (y, lower(x.arg(n)))), bits)
                    for n in (1, 2)]
            return lower(z3.simplify(z3.If(x.arg(0), *[term(w, 1) for w in ways])))
    if known(a) and known(b):
        if is_signed:
            a, b = signed(a, bits), signed(b, bits)
        return fold(a, b)
    if bits == 1:
        return lower(z3.simplify(build(term(a, 1), term(b, 1))))
    return lower(z3.simplify(build(term(a, bits), term(b, bits))))


def cast(op, x, source, target):
    if op == 'trunc':
        if target == 1:
            return bool(x & 1) if known(x) else lower(z3.simplify(z3.Extract(0, 0, x) == 1))
        return x & ((1 << target) - 1) if known(x) else z3.simplify(z3.Extract(target - 1, 0, x))
    if source == 1:
        yes = (1 << target) - 1 if op == 'sext' else 1
        return choose(x, yes, 0, target)
    if known(x):
        return (signed(x, source) if op == 'sext' else x) & ((1 << target) - 1)
    return (z3.SignExt if op == 'sext' else z3.ZeroExt)(target - source, x)


def leading_zeros(x):
    """Count from the top; 64 for zero."""
    if known(x):
        return 64 - x.bit_length()
    result = z3.BitVecVal(64, 64)
    for i in range(64):
        result = z3.If(z3.Extract(i, i, x) == 1, z3.BitVecVal(63 - i, 64), result)
    return result


def swapped(x, bits):
    count = bits // 8
    if known(x):
        return int.from_bytes(x.to_bytes(count, 'little'), 'big')
    return z3.Concat(*[z3.Extract(8 * i + 7, 8 * i, x) for i in range(count)])


def overflowing(how, a, b):
    if known(a) and known(b):
        whole = a + b if how == 'uadd' else a * b
        return [whole & ((1 << 64) - 1), whole >> 64 != 0]
    a, b = term(a, 64), term(b, 64)
    if how == 'uadd':
        return [a + b, z3.ULT(a + b, a)]
    if how == 'umul':
        return [a * b, z3.Not(z3.BVMulNoOverflow(a, b, False))]
    raise Unsupported(how)
