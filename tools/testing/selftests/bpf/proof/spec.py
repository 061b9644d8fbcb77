# SPDX-License-Identifier: GPL-2.0-only
"""Specifications of C functions: to prove, and once proved to use.

A Spec says of one function: for all operands for which pre() holds and all
witnesses (concrete members), post() holds of the results. prove() shows it from
the assembly. handler() stands in for the function when a caller is proved: the
results become arbitrary, and "pre implies post" is assumed for the witnesses
that the caller's spec names in uses. An assumption is an instance of what was
proved, so which ones a caller picks can only make its own proof fail.

Kinds of parameters: t tnum, a arc (by value), n number, b flag; *t *a *w *s *n
pointers to tnum, arc, word, scalar, number; *p two pieces. After a pointer
comes how it is used: < read, > written, = both.
"""
from collections import Counter
from types import SimpleNamespace

import z3

import solve
from concrete import Arithmetic
from execute import NULL, Machine, Object, State, pointer
from ir import Unsupported
from lemmas import offset_lemma
from sets import (Arc, Piece, Scalar, Tnum, Word, both, implies, num)
from values import Terms, known, lower, term

# How long cadical may take for one goal.
CONFLICTS = 3000000
SCALARS = {'n': 64, 'i': 32, 'o': 8, 'b': 1}
SIZES = {'t': 16, 'a': 16, 'w': 56, 's': 64, 'n': 8, 'p': 64}


def symbol(name, width):
    """An arbitrary word of a width, as a 64-bit term."""
    if width == 64:
        return z3.BitVec(name, 64)
    return z3.ZeroExt(64 - width, z3.BitVec(name, width))


def further(name, steps, width):
    """The start of a range plus steps."""
    word = symbol(name + '.lo', width)
    return word + symbol(steps, width) if steps else word


def offset_arc(name, width):
    """The same as any range lo <= hi, but its length is a symbol of its own."""
    return Arc(further(name, None, width), further(name, name + '.steps', width))


def pair(make, name, width, fields):
    return make(*[symbol(f'{name}.{f}', width) for f in fields])


def make_tnum(name, width=64):
    return pair(Tnum, name, width, ('value', 'mask'))


def make_arc(name, width=64):
    return pair(Arc, name, width, ('lo', 'hi'))


def make_word(name, width):
    return Word(width, make_tnum(name + '.bits', width), make_arc(name + '.pos', width),
                make_arc(name + '.neg', width))


def make_scalar(name):
    return Scalar(make_tnum(name + '.bits'),
                  (make_arc(name + '.wide0'), make_arc(name + '.wide1')),
                  (make_arc(name + '.low0', 32), make_arc(name + '.low1', 32)))


def make_pieces(name, width):
    return tuple(Piece(make_tnum(f'{name}.{i}.bits', width), make_arc(f'{name}.{i}.range', width))
                 for i in range(2))


def widen(x):
    """32 bits to 64, below an if-then-else, so that sets.lifted() sees it."""
    if known(x):
        return x
    if z3.is_app_of(x, z3.Z3_OP_ITE):
        return z3.If(x.arg(0), *[term(widen(lower(x.arg(i))), 64) for i in (1, 2)])
    return z3.ZeroExt(32, x)


class Layout:
    """Structures to and from the cells of an object."""

    @staticmethod
    def cells(kind, value):
        if kind == 'n':
            return [(0, 8, value)]
        if kind in 'ta':
            return [(0, 8, value[0]), (8, 8, value[1])]
        if kind == 'w':
            flat = [*value.bits, *value.pos, *value.neg]
            return [(0, 4, value.width)] + [(8 + 8 * i, 8, x) for i, x in enumerate(flat)]
        if kind == 's':
            wide = [*value.bits, *value.wide[0], *value.wide[1]]
            low = [z3.Extract(31, 0, x) if not known(x) else x
                   for x in (*value.low[0], *value.low[1])]
            low = [lower(z3.simplify(x)) if not known(x) else x for x in low]
            return [(8 * i, 8, x) for i, x in enumerate(wide)] + \
                   [(48 + 4 * i, 4, x) for i, x in enumerate(low)]
        flat = [x for p in value for part in p for x in part]
        return [(8 * i, 8, x) for i, x in enumerate(flat)]

    @staticmethod
    def read(kind, load):
        """load(offset, bits) gives one cell."""
        if kind == 'n':
            return load(0, 64)
        if kind == 't':
            return Tnum(load(0, 64), load(8, 64))
        if kind == 'a':
            return Arc(load(0, 64), load(8, 64))
        if kind == 'w':
            f = [load(8 + 8 * i, 64) for i in range(6)]
            return Word(load(0, 32), Tnum(*f[:2]), Arc(*f[2:4]), Arc(*f[4:]))
        if kind == 's':
            f = [load(8 * i, 64) for i in range(6)]
            low = [load(48 + 4 * i, 32) for i in range(4)]
            low = [widen(x) for x in low]
            return Scalar(Tnum(*f[:2]), (Arc(*f[2:4]), Arc(*f[4:])), (Arc(*low[:2]), Arc(*low[2:])))
        f = [load(8 * i, 64) for i in range(8)]
        return tuple(Piece(Tnum(*f[i:i + 2]), Arc(*f[i + 2:i + 4])) for i in (0, 4))

    @staticmethod
    def make(kind, name, width):
        table = {'t': lambda: make_tnum(name, width), 'a': lambda: make_arc(name, width),
                 'w': lambda: make_word(name, width), 's': lambda: make_scalar(name),
                 'n': lambda: symbol(name, width), 'p': lambda: make_pieces(name, width)}
        return table[kind]()


class Spec:
    """See the top of this file.

    function   name in C
    params     "name:kind" in C's order, a string
    ret        t a n i b, or v for none
    cases      list of constants that are tried one by one; names a parameter, or
               "width", which is the width of every symbol that has none
    pre(v)     what the caller must see to; post(v, w) list of (text, formula), or of
               (text, formula to prove, equivalent to assume)
    witness    names of concrete values, of the width of the case
    uses       callee: fn(v, w, args) giving the list of witness tuples
    cuts       fn(v, w) giving {(function, block): Cut}
    lemmas     fn(v, w, arith) giving facts proved in lemmas.py
    out_width  fn(v): width of the words written, where it is not that of v.width
    symbolic   products and quotients are symbols; opaque: all instructions are
    equal(v, w)  two terms that may be equal: proved apart for both answers, or None
    returns    the few numbers that it can return, if that is part of post()
    alias      list of (pointer, pointer) that are tried as one object, besides none
    offsets    witness: arc. The arc, a range by pre(), is given as a start and a
               length and the witness as the start plus steps: no loss, but easier
    """

    registry = {}

    def __init__(self, function, params, ret='v', cases=({},), pre=None, post=None, witness=(),
                 uses=None, cuts=None, lemmas=None, alias=(), name=None,
                 symbolic=False, opaque=False, widths=None, offsets=None, returns=(),
                 out_width=None, equal=None):
        self.function, self.ret, self.cases = function, ret, list(cases)
        self.params = [p.split(':') for p in params.split()]
        self.pre, self.post = pre or (lambda v: True), post
        self.witness, self.uses = tuple(witness), uses or {}
        self.cuts, self.lemmas, self.alias = cuts, lemmas, [None, *alias]
        self.name = name or function
        self.symbolic, self.opaque = symbolic or opaque, opaque
        self.widths, self.offsets = widths or {}, offsets or {}
        self.returns, self.out_width, self.equal = returns, out_width, equal
        if self.name in Spec.registry:
            raise ValueError(f'two specs are called {self.name}')
        Spec.registry[self.name] = self

    # Setting up a proof

    def operands(self, state, machine, case, alias):
        """Symbolic arguments: for the machine, and by name for the formulas."""
        args, v, where = [], SimpleNamespace(**case), {}
        for name, kind in self.params:
            width = self.width_in(case, name)
            if kind[0] == '*':
                value = case.get(name) if name in case else Layout.make(kind[1], name, width)
                if value is None:
                    args.append(pointer(NULL))
                    setattr(v, name, None)
                    continue
                if alias and name in alias and alias[0] in where:
                    obj, value = where[alias[0]], getattr(v, alias[0])
                else:
                    obj = machine.new_object(state, 'arg.' + name, SIZES[kind[1]])
                    if kind[2] != '>' or (alias and name == alias[0]):
                        for offset, size, x in Layout.cells(kind[1], value):
                            state.memory[obj][offset] = (size, lower(x))
                where[name] = obj
                setattr(v, name, value)
                args.append(pointer(obj))
            elif kind in SCALARS:
                value = case.get(name)
                if value is None:
                    bits = SCALARS[kind]
                    value = z3.Bool(name) if bits == 1 else symbol(name, width) if bits == 64 \
                        else z3.BitVec(name, bits)
                setattr(v, name, value)
                args.append(value)
            else:
                value = Layout.make(kind, name, width)
                if name in self.offsets.values():
                    value = offset_arc(name, width)
                setattr(v, name, value)
                args.extend(value)
        return args, v, where

    def results(self, v, load, result):
        """Add v.out and v.ret to the names."""
        v.out = SimpleNamespace()
        for name, kind in self.params:
            if kind[0] == '*' and kind[2] != '<' and getattr(v, name, 0) is not None:
                setattr(v.out, name, Layout.read(kind[1], lambda o, b, n=name: load(n, o, b)))
        v.ret = result
        if self.ret in ('t', 'a'):
            v.ret = (Tnum if self.ret == 't' else Arc)(*result)

    def width_in(self, case, name):
        width = self.widths.get(name, 'width')
        return case.get(width, 64) if isinstance(width, str) else width

    def witnesses(self, case):
        w = SimpleNamespace()
        for n in self.witness:
            width = self.width_in(case, n)
            value = symbol(n, width)
            if n in self.offsets:
                value = further(self.offsets[n], n + '.step', width)
            setattr(w, n, value)
        return w

    def prepare(self, modules, case, alias):
        """Run the function on symbols. Gives assumptions, goals and names."""
        machine = ProofMachine(modules, Arithmetic(self.symbolic, self.opaque))
        state = State()
        args, v, where = self.operands(state, machine, case, alias)
        w = self.witnesses(case)
        v.arith = machine.arith
        machine.contracts = {name: Spec.registry_handler(name, fn, v, w)
                             for name, fn in self.uses.items()}
        machine.cuts = self.cuts(v, w) if self.cuts else {}
        result = machine.call(state, '@' + self.function, args)
        self.results(v, lambda n, o, b: machine.load_at(state, where[n], o, b), result)
        posts = self.post(v, w)
        assumed = [term(self.pre(v), 1), *[term(f, 1) for f in machine.facts]]
        for witness, arc in self.offsets.items():
            width = case.get('width', 64)
            assumed.append(offset_lemma(width, *[symbol(n, width) for n in (
                arc + '.lo', arc + '.steps', witness + '.step')]))
        if self.lemmas:
            assumed += [term(f, 1) for f in self.lemmas(v, w, machine.arith)]
        goals = [(text, implies(path, what)) for path, what, text in machine.claims]
        goals += [(post[0], implies(state.path, post[1])) for post in posts]
        return assumed, goals, v, w, len(machine.claims)

    # Standing in for a proved function

    @staticmethod
    def registry_handler(name, chooser, v, w):
        name, _, wanted = name.partition('/')
        spec = Spec.registry[wanted or name]
        return lambda machine, state, args: spec.stand_in(machine, state, args, chooser, v, w)

    def stand_in(self, machine, state, args, chooser, outer_v, outer_w):
        v, where, args = SimpleNamespace(arith=machine.arith), {}, list(args)
        named = [name for name, _ in self.params]
        for key in self.cases[0]:
            if key not in named:
                setattr(v, key, self.inherited(outer_v, key))
        for name, kind in self.params:
            if kind[0] == '*':
                places = args.pop(0)
                if len(places) != 1:
                    raise Unsupported(f'{self.function} on an uncertain object')
                (_, obj, offset), = places
                where[name] = (obj, offset)
                value = None if obj is NULL else Layout.read(
                    kind[1], lambda o, b: machine.load_at(state, obj, offset + o, b)) \
                    if kind[2] != '>' else True
                setattr(v, name, value)
            elif kind in SCALARS:
                setattr(v, name, args.pop(0))
            else:
                make = Tnum if kind == 't' else Arc
                setattr(v, name, make(args.pop(0), args.pop(0)))
        result = self.forget(machine, state, v, where)
        self.results(v, lambda n, o, b: machine.load_at(state, where[n][0], where[n][1] + o, b), result)
        for values in chooser(outer_v, outer_w, v):
            w = SimpleNamespace(**dict(zip(self.witness, values)))
            machine.fact(implies(self.pre(v), both(*[post[-1] for post in self.post(v, w)])))
        return result

    @staticmethod
    def inherited(outer, key):
        """A constant of the case that is no parameter: the caller's, if it has one."""
        if key == 'width' and not hasattr(outer, key):
            return Spec.width_of(outer)
        return getattr(outer, key, None)

    def forget(self, machine, state, v, where):
        """Make all results arbitrary."""
        for name, kind in self.params:
            if kind[0] != '*' or kind[2] == '<' or where[name][0] is NULL:
                continue
            obj, offset = where[name]
            width = None
            if kind[1] == 'w':
                width = self.out_width(v) if self.out_width else \
                    v.width if kind[2] == '>' and hasattr(v, 'width') else \
                    machine.load_at(state, obj, offset, 32) if kind[2] == '=' else \
                    self.width_of(v)
                if not known(width):
                    raise Unsupported('width is not known')
            value = Layout.make(kind[1], f'{self.function}.{name}', 64)
            if kind[1] == 'w':
                value = value._replace(width=width)
            for at, size, x in Layout.cells(kind[1], value):
                x = x if known(x) else Terms.fresh(f'{self.function}.{name}', size * 8)
                machine.store_at(state, obj, offset + at, size, x)
        if self.ret in ('t', 'a'):
            return [Terms.fresh(self.function, 64), Terms.fresh(self.function, 64)]
        if self.ret == 'b':
            return z3.FreshConst(z3.BoolSort(), self.function)
        if self.returns:
            result = self.returns[-1]
            for value in self.returns[:-1]:
                result = z3.If(z3.FreshConst(z3.BoolSort()), z3.BitVecVal(value, 32), term(result, 32))
            return result
        return None if self.ret == 'v' else Terms.fresh(self.function, {'n': 64, 'i': 32}[self.ret])

    @staticmethod
    def width_of(v):
        return next((x.width for x in vars(v).values() if isinstance(x, Word)), None)


class ProofMachine(Machine):
    """A machine whose products and quotients may be symbols."""

    def __init__(self, modules, arith):
        super().__init__(modules)
        self.arith = arith

    def arithmetic(self, how, a, b, bits):
        simple = known(a) or known(b)
        if bits == 64 and self.arith.symbolic and how in ('mul', 'udiv') and not (known(a) and known(b)):
            if how == 'mul' and simple and (b if known(b) else a) in (0, 1):
                return super().arithmetic(how, a, b, bits)
            return getattr(self.arith, how)(a, b)
        return super().arithmetic(how, a, b, bits)

    def intrinsic(self, state, name, args):
        if name == '@llvm.umul.with.overflow.i64' and self.arith.symbolic:
            return [self.arith.mul(*args), self.arith.overflows(*args)]
        return super().intrinsic(state, name, args)


def values_of(model, prefix, thing):
    """Readable values of a structure under a model."""
    if thing is None or isinstance(thing, str):
        return f'{prefix}={thing}'
    if isinstance(thing, tuple):
        fields = getattr(thing, '_fields', range(len(thing)))
        return f'{prefix}={{' + ' '.join(values_of(model, f, x) for f, x in zip(fields, thing)) + '}'
    if known(thing):
        return f'{prefix}={int(thing):#x}'
    value = model.eval(thing, model_completion=True)
    return f'{prefix}={value.as_long():#x}' if z3.is_bv_value(value) else f'{prefix}={value}'


def counterexample(model, v, w, text):
    hidden = ('arith', 'out', 'ret')
    parts = [values_of(model, n, x) for n, x in vars(v).items() if n not in hidden]
    parts += [values_of(model, n, x) for n, x in vars(w).items()]
    if v.ret is not None:
        parts.append(values_of(model, 'returned', v.ret))
    parts += [values_of(model, 'new ' + n, x) for n, x in vars(v.out).items()]
    return f'not so: {text}; ' + ', '.join(parts)


def flatten(formulas):
    """Replace each product and quotient by a variable, the same for the same one.

    Of products it keeps only that equal operands have the same, so what is proved
    without knowing more still holds.
    """
    formulas, variables = [z3.simplify(f, som=True) for f in formulas], {}
    seen = set()

    def visit(x):
        if x.get_id() in seen:
            return
        seen.add(x.get_id())
        if z3.is_app(x) and x.decl().kind() == z3.Z3_OP_UNINTERPRETED and x.num_args():
            variables[x.get_id()] = x
        for child in x.children():
            visit(child)

    for f in formulas:
        visit(f)
    table = [(x, z3.FreshConst(x.sort(), x.decl().name())) for x in variables.values()]
    equal = [implies(both(*[p == q for p, q in zip(x.children(), y.children())]), x == y)
             for i, x in enumerate(variables.values()) for y in list(variables.values())[:i]
             if x.decl().eq(y.decl())]
    formulas += [z3.simplify(f, som=True) for f in equal]
    # Outermost first, so that a product inside of another goes with it.
    heights = {}

    def height(x):
        if x.get_id() not in heights:
            heights[x.get_id()] = 1 + max([height(c) for c in x.children()], default=0)
        return heights[x.get_id()]

    for pair_ in sorted(table, key=lambda p: -height(p[0])):
        formulas = [z3.substitute(f, pair_) for f in formulas]
    return formulas


def contradictory(assumed):
    """A proof from assumptions that exclude each other would prove anything."""
    solver = z3.SolverFor('QF_BV')
    solver.set('rlimit', solve.WORK)
    solver.add(*assumed)
    return solver.check() == z3.unsat


def decide(assumed, goals, names, rewrite):
    """Prove every goal. Gives (result, text or counts by engine)."""
    v, w = names
    if rewrite:
        flat = flatten([*[g for _, g in goals], *assumed])
        assumed, goals = flat[len(goals):], list(zip([t for t, _ in goals], flat))
    if contradictory(assumed):
        return 'vacuous', 'no operands fit the assumptions'
    engines = Counter()
    for text, goal in goals:
        answer, model, engine = solve.check([*assumed, z3.Not(goal)], CONFLICTS)
        if answer == z3.sat:
            return 'refuted', counterexample(model, v, w, text)
        if answer != z3.unsat:
            return 'open', f'neither engine ends: {text}'
        engines[engine] += 1
    return 'proved', engines


def prove(spec, modules, case, alias=None):
    """One obligation; where the spec names two terms, for these different and equal."""
    assumed, goals, v, w, _ = spec.prepare(modules, case, alias)
    rest = (v, w), spec.symbolic or spec.offsets
    terms = spec.equal and spec.equal(v, w)
    if not terms:
        return decide(assumed, goals, *rest)
    left, right = [z3.simplify(t, som=True) for t in terms]
    answer = decide([*assumed, left != right], goals, *rest)
    if answer[0] != 'proved':
        return answer
    assumed = [z3.substitute(z3.simplify(f, som=True), (left, right)) for f in assumed]
    result, text = decide(assumed, [(t, z3.substitute(z3.simplify(g, som=True), (left, right)))
                                    for t, g in goals], *rest)
    return result, answer[1] + text if result == 'proved' else text
