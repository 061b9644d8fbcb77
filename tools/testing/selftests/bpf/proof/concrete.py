# SPDX-License-Identifier: GPL-2.0-only
"""What instructions do to words, written from RFC 9669 alone, as z3 terms.

A word of a width is a 64-bit term with zeros above. Products and quotients can
be the real operations, or symbols (Arithmetic.symbolic) about which only the
lemmas of lemmas.py are assumed; what holds for every such symbol holds for the
real operation.
"""
import z3

from sets import mask_of, num, sign_of

MUL = z3.Function('product', z3.BitVecSort(64), z3.BitVecSort(64), z3.BitVecSort(64))
UDIV = z3.Function('quotient', z3.BitVecSort(64), z3.BitVecSort(64), z3.BitVecSort(64))
OVERFLOWS = z3.Function('overflows', z3.BitVecSort(64), z3.BitVecSort(64), z3.BoolSort())


class Arithmetic:
    """Products and quotients, real or symbolic; remembers what was asked for."""

    def __init__(self, symbolic, opaque=False):
        self.symbolic, self.products, self.quotients = symbolic, [], []
        self.opaque = opaque

    def mul(self, a, b):
        a, b = num(a), num(b)
        if not self.symbolic:
            return a * b
        self.products.append((a, b))
        return MUL(a, b)

    def overflows(self, a, b):
        a, b = num(a), num(b)
        if not self.symbolic:
            return z3.Not(z3.BVMulNoOverflow(a, b, False))
        self.products.append((a, b))
        return OVERFLOWS(a, b)

    def udiv(self, a, b):
        a, b = num(a), num(b)
        if not self.symbolic:
            return z3.UDiv(a, b)
        self.quotients.append((a, b))
        return UDIV(a, b)

    def urem(self, a, b):
        if not self.symbolic:
            return z3.URem(num(a), num(b))
        return num(a) - self.mul(self.udiv(a, b), b)


def is_negative(x, width):
    return (x & sign_of(width)) != 0


def extend(x, width):
    """As a signed 64-bit number."""
    if width == 64:
        return num(x)
    return z3.SignExt(64 - width, z3.Extract(width - 1, 0, num(x)))


def magnitude(x, width):
    return z3.If(is_negative(x, width), (0 - x) & mask_of(width), x)


def divide(arith, is_signed, width, x, y):
    """Division by zero gives zero; the sign of a quotient is that of the signs."""
    if not is_signed:
        return z3.If(y == 0, num(0), arith.udiv(x, y))
    q = arith.udiv(magnitude(x, width), magnitude(y, width))
    differ = is_negative(x, width) != is_negative(y, width)
    return z3.If(y == 0, num(0), z3.If(differ, 0 - q, q))


def modulo(arith, is_signed, width, x, y):
    """The remainder by zero is the dividend; else it has the dividend's sign."""
    if not is_signed:
        return z3.If(y == 0, x, arith.urem(x, y))
    r = arith.urem(magnitude(x, width), magnitude(y, width))
    return z3.If(y == 0, x, z3.If(is_negative(x, width), 0 - r, r))


def unknown_operation(op, is_signed, width, x, y):
    """For proofs that hold whatever the operation does: only that it is one."""
    if op == 'neg':
        op, x, y = 'sub', num(0), x
    words = z3.BitVecSort(64)
    symbol = z3.Function(f'{"s" if is_signed else ""}{op}{width}', words, words, z3.BitVecSort(width))
    return symbol(x, y) if width == 64 else z3.ZeroExt(64 - width, symbol(x, y))


def alu(arith, op, is_signed, width, x, y):
    """One operation on words of a width."""
    x, y = num(x), num(y)
    if arith.opaque:
        return unknown_operation(op, is_signed, width, x, y)
    amount = y & num(width - 1)
    table = {
        'add': lambda: x + y, 'sub': lambda: x - y, 'mul': lambda: arith.mul(x, y),
        'or': lambda: x | y, 'and': lambda: x & y, 'xor': lambda: x ^ y,
        'lsh': lambda: x << amount, 'rsh': lambda: z3.LShR(x, amount),
        'arsh': lambda: extend(x, width) >> amount, 'neg': lambda: 0 - x,
        'div': lambda: divide(arith, is_signed, width, x, y),
        'mod': lambda: modulo(arith, is_signed, width, x, y),
    }
    return table[op]() & mask_of(width)


def jump(op, width, x, y):
    """Does the comparison hold?"""
    m = mask_of(width)
    x, y = num(x) & m, num(y) & m
    sx, sy = extend(x, width), extend(y, width)
    table = {
        'jeq': x == y, 'jne': x != y, 'jset': (x & y) != 0,
        'jgt': z3.UGT(x, y), 'jge': z3.UGE(x, y), 'jlt': z3.ULT(x, y), 'jle': z3.ULE(x, y),
        'jsgt': sx > sy, 'jsge': sx >= sy, 'jslt': sx < sy, 'jsle': sx <= sy,
    }
    return table[op]


def byte_swap(x, bits):
    """The low bytes in reverse order, zeros above."""
    parts = [z3.Extract(8 * i + 7, 8 * i, num(x)) for i in range(bits // 8)]
    whole = z3.Concat(*parts)
    return whole if bits == 64 else z3.ZeroExt(64 - bits, whole)


def low_part(x, bits):
    return num(x) & mask_of(bits)


OPCODES = {'add': 0x00, 'sub': 0x10, 'mul': 0x20, 'div': 0x30, 'or': 0x40, 'and': 0x50,
           'lsh': 0x60, 'rsh': 0x70, 'neg': 0x80, 'mod': 0x90, 'xor': 0xa0, 'arsh': 0xc0}
JUMPS = {'jeq': 0x10, 'jgt': 0x20, 'jge': 0x30, 'jset': 0x40, 'jne': 0x50, 'jsgt': 0x60,
         'jsge': 0x70, 'jlt': 0xa0, 'jle': 0xb0, 'jslt': 0xc0, 'jsle': 0xd0}
