# SPDX-License-Identifier: GPL-2.0-only
"""Facts about products and quotients that the solver cannot find at 64 bits.

Each lemma is a formula over any terms. A proof that takes products and quotients
as symbols assumes instances of lemmas; here each lemma is proved for the real
operations, once: by rewriting to polynomial normal form, by 64 cases that the
rewriter decides, or over the integers. "Over the integers" says of words a and b
that a * b is the integer product modulo 2^64, that it overflows if that product
is 2^64 or more, and that a / b is the integer q with a = q * b + r, 0 <= r < b.
"""
import z3

from concrete import Arithmetic
from sets import both, implies, mask_of, num, ule, ult

REGISTRY = {}
MODULUS = 1 << 64


class Lemma:
    """One fact; calling it gives an instance."""

    def __init__(self, name, count, fn, proof):
        self.name, self.count, self.fn, self.proof = name, count, fn, proof
        REGISTRY[name] = self

    def __call__(self, arith, *terms):
        return self.fn(arith, *[num(t) for t in terms])

    def prove(self):
        """(result, text) of the proof for the real operations."""
        for formula in self.proof(self):
            solver = z3.Solver()
            solver.add(z3.Not(formula))
            answer = solver.check()
            if answer == z3.sat:
                return 'refuted', str(solver.model())
            if answer != z3.unsat:
                return 'timeout', str(formula)[:200]
        return 'proved', self.proof.__name__


def rewriting(lemma):
    """The difference of both sides is a polynomial that rewrites to zero."""
    names = [z3.BitVec(n, 64) for n in 'abcd'[:lemma.count]]
    yield z3.simplify(lemma(Arithmetic(False), *names), som=True, blast_distinct=False)


def by_zero(lemma):
    """One factor is the numeral."""
    a = z3.BitVec('a', 64)
    yield z3.simplify(num(0) * a == 0)
    yield z3.simplify(a * num(0) == 0)


def by_parity(lemma):
    """a is 2 k + bit."""
    k, b = z3.BitVec('k', 64), z3.BitVec('b', 64)
    real = Arithmetic(False)
    for bit in (0, 1):
        left, right = (2 * k + bit) * b, bit * b + k * (2 * b)
        yield z3.simplify(left == right, som=True)
        # k, with its top bit clear, is a >> 1
        small = z3.BitVec('a', 64)
        yield implies((small & 1) == bit, 2 * z3.LShR(small, 1) + bit == small)
    yield lemma.fn(real, num(0), b)


def by_trailing_zeros(lemma):
    """b is a word with n zeros at its end, for each n."""
    a, b = z3.BitVecs('a b', 64)
    for n in range(64):
        shifted = b if not n else z3.Concat(z3.Extract(63 - n, 0, b), z3.BitVecVal(0, n))
        ends = z3.Extract(n, n, shifted) == 1
        low = (num(1) << n) - 1
        yield implies(ends, (shifted & (0 - shifted)) - 1 == low)
        if n:
            yield z3.simplify(z3.Extract(n - 1, 0, a * shifted)) == 0
    yield (a * num(0)) == 0


def by_power(lemma):
    """b is each power of two."""
    a = z3.BitVec('a', 64)
    for n in range(64):
        yield z3.UDiv(a, num(1 << n)) == z3.LShR(a, n)
        yield z3.LShR(a, n) * num(1 << n) == (a & ~num((1 << n) - 1))


def integers(*parts):
    """A proof over the integers, by steps that each use those before."""
    def proof(lemma):
        for part in parts:
            yield from part()
    proof.__name__ = 'over the integers'
    return proof


# Products

Lemma('product expands', 4, lambda s, x, y, i, j:
      s.mul(x + i, y + j) == s.mul(x, y) + s.mul(i, y + j) + s.mul(x, j), rewriting)
Lemma('product commutes', 2, lambda s, a, b: s.mul(a, b) == s.mul(b, a), rewriting)
Lemma('product by zero', 2, lambda s, a, b:
      implies(z3.Or(a == 0, b == 0), s.mul(a, b) == 0), by_zero)
Lemma('row of a product', 2, lambda s, a, b:
      s.mul(a, b) == z3.If((a & 1) == 1, b, num(0)) + s.mul(z3.LShR(a, 1), b << 1), by_parity)
Lemma('multiple keeps zeros', 2, lambda s, a, b:
      (s.mul(a, b) & ((b & (0 - b)) - 1)) == 0, by_trailing_zeros)


def sign_lemma(width):
    """Negating a factor negates the product, modulo 2^width."""
    m = mask_of(width)
    return Lemma(f'product of a negative, {width} bits', 2, lambda s, a, b: both(
        (s.mul((0 - a) & m, b) & m) == ((0 - s.mul(a, b)) & m),
        (s.mul(b, (0 - a) & m) & m) == ((0 - s.mul(b, a)) & m)), low_rewriting(width))


def low_rewriting(width):
    def proof(lemma):
        a, b = z3.BitVecs('a b', width)
        yield z3.simplify((0 - a) * b == 0 - a * b, som=True)
        yield z3.simplify(b * (0 - a) == 0 - b * a, som=True)
        yield low_half_of_product(width)
    proof.__name__ = 'rewriting'
    return proof


def low_half_of_product(width):
    """The low bits of a product are the product of the low bits."""
    a, b = z3.BitVecs('a b', 64)
    cut = [z3.Extract(width - 1, 0, x) for x in (a, b)]
    return z3.simplify(z3.Extract(width - 1, 0, a * b) == cut[0] * cut[1], som=True)


NEGATIVE = {w: sign_lemma(w) for w in (8, 16, 32, 64)}
Lemma('low half of a product', 2, lambda s, a, b:
      (s.mul(a, b) & mask_of(32)) == (s.mul(a & mask_of(32), b & mask_of(32)) & mask_of(32)),
      low_rewriting(32))


def identity(left, right):
    """Two integer polynomials are the same."""
    return z3.simplify(left - right, som=True) == 0


def no_negative_product():
    """The one nonlinear step: two that are not negative have such a product."""
    x, y = z3.Ints('x y')
    return z3.Implies(z3.And(x >= 0, y >= 0), x * y >= 0)


def bounded_product():
    a, b, c, d, k, p = z3.Ints('a b c d k p')
    yield no_negative_product()     # of c - a and d, and of a and d - b, so that
    yield identity((c - a) * d + a * (d - b), c * d - a * b)
    # is not negative: a * b <= c * d < 2^64, and so for the remainders by 2^64.
    yield z3.Implies(z3.And(0 <= k, k <= p, p < MODULUS), k % MODULUS <= p % MODULUS)


Lemma('product in bounds', 4, lambda s, a, b, c, d: implies(
    both(ule(a, c), ule(b, d), z3.Not(s.overflows(c, d))),
    ule(s.mul(a, b), s.mul(c, d))), integers(bounded_product))

# Quotients


def monotone_quotient():
    """a = q b + r and c = p d + t, with a <= c and b >= d. If q > p, then:"""
    a, b, q, r, c, d, p, t = z3.Ints('a b q r c d p t')
    yield no_negative_product()     # of q - p - 1 and b, and of p + 1 and b - d; both sum to
    yield identity((q - p - 1) * b + (p + 1) * (b - d), q * b - p * d - d)
    x, y = z3.Ints('x y')           # so with x for q b and y for p d
    yield z3.Implies(z3.And(x - y - d >= 0, a == x + r, c == y + t, r >= 0, t < d), a > c)


def quotient_bounds():
    """a = q b + r with a >= 0: q is not negative, not above a, and q b neither."""
    a, b, q, r, x = z3.Ints('a b q r x')
    yield no_negative_product()     # of -1 - q and b, if q < 0
    yield identity((-1 - q) * b, 0 - b - q * b)
    yield z3.Implies(z3.And(0 - b - x >= 0, a == x + r, r < b), a < 0)
    yield identity(q * (b - 1), q * b - q)
    yield z3.Implies(z3.And(x - q >= 0, a == x + r, r >= 0), q <= a)
    yield z3.Implies(z3.And(a == x + r, 0 <= r, r < b), z3.And(x <= a, a - x < b))


def equal_quotients():
    """c = a + e = q b + (r + e) with r + e < b: there is only one quotient."""
    b, q, r, p, t = z3.Ints('b q r p t')
    yield no_negative_product()     # of q - p - 1 and b, or of p - q - 1 and b
    yield identity((q - p - 1) * b, q * b - p * b - b)
    yield identity((p - q - 1) * b, p * b - q * b - b)
    x, y = z3.Ints('x y')           # x is q b, y is p b
    either = z3.Or(x - y - b >= 0, y - x - b >= 0)
    yield z3.Implies(z3.And(either, x + r == y + t, 0 <= r, r < b, 0 <= t, t < b), False)


Lemma('quotient is monotone', 4, lambda s, a, b, c, d: implies(
    both(ule(a, c), ule(d, b), d != 0), ule(s.udiv(a, b), s.udiv(c, d))),
      integers(monotone_quotient))
Lemma('remainder below divisor', 2, lambda s, a, b: implies(b != 0, both(
    ule(s.udiv(a, b), a), ule(s.mul(s.udiv(a, b), b), a), ult(s.urem(a, b), b))),
      integers(quotient_bounds))
Lemma('quotient stays between multiples', 4, lambda s, a, b, c, d: implies(
    both(b == d, b != 0, ule(a, c), ult(c - a, b - s.urem(a, b))), s.udiv(a, b) == s.udiv(c, d)),
      integers(equal_quotients))
Lemma('quotient of less is zero', 2, lambda s, a, b: implies(ult(a, b), both(
    s.udiv(a, b) == 0, s.mul(s.udiv(a, b), b) == 0)), integers(equal_quotients, quotient_bounds))


def power_of_two(s, a, b):
    powers = [both(s.udiv(a, b) == z3.LShR(a, n), s.urem(a, b) == (a & (b - 1)))
              for n in range(64)]
    return both(*[implies(b == num(1 << n), powers[n]) for n in range(64)])


Lemma('quotient by a power of two', 2, power_of_two, by_power)


# Steps from the start of a range

def offset_lemma(width, lo, steps, step):
    """A member is not further than the end; a range in one half is shorter than it."""
    hi, sign = lo + steps, num(1 << (width - 1))
    return both(implies(both(ule(lo, lo + step), ule(lo + step, hi)), ule(step, steps)),
                implies(both(ule(lo, hi), (lo & sign) == (hi & sign), ule(hi, mask_of(width))),
                        ult(steps, sign)))


def by_bits(width):
    def proof(lemma):
        words = [z3.ZeroExt(64 - width, z3.BitVec(n, width)) if width < 64 else z3.BitVec(n, 64)
                 for n in 'abc']
        yield lemma(None, *words)
    proof.__name__ = f'bits of {width}'
    return proof


for _width in (8, 16, 32, 64):
    Lemma(f'steps in a range, {_width} bits', 3,
          lambda s, a, b, c, n=_width: offset_lemma(n, a, b, c), by_bits(_width))


# Instances

def instance(name, arith, *terms):
    return REGISTRY[name](arith, *terms)


def pairs(arith):
    """What is known of all quotients that a proof speaks of."""
    facts, asked = [], list(arith.quotients)
    asked = [p for i, p in enumerate(asked)
             if not any(p[0].eq(q[0]) and p[1].eq(q[1]) for q in asked[:i])]
    for a, b in asked:
        facts.append(instance('remainder below divisor', arith, a, b))
        facts.append(instance('quotient of less is zero', arith, a, b))
        for c, d in asked:
            facts.append(instance('quotient is monotone', arith, a, b, c, d))
            facts.append(instance('quotient stays between multiples', arith, a, b, c, d))
    return facts


def rows(arith):
    """What is known of all products that a proof speaks of, row by row."""
    facts = []
    for a, b in list(arith.products):
        facts.append(instance('row of a product', arith, a, b))
        facts.append(instance('product by zero', arith, a, b))
        facts.append(instance('product commutes', arith, a, b))
    return facts
