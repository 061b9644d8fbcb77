# SPDX-License-Identifier: GPL-2.0-only
"""Run functions of an ir.Module on numbers that may be z3 terms.

Owns the meaning of the assembly. A value is a Python integer (known) or a
bit-vector term; an i1 is a bool or a Boolean term; a pointer is a list of
(condition, object, offset); a returned structure is a list.

Both ways of a branch on a term are run up to the block where they meet again
(the immediate post-dominator), and the two states become one with if-then-else.
A loop is unrolled until its condition is known; after BOUND rounds the path is
given up and "cannot get here" becomes a claim to prove. A loop with a cut (see
Cut) is not unrolled: its invariant is claimed at entry and after one round.

Whatever would be undefined in C or poison in the assembly (shift amounts, zero
divisors, stores outside of an object, overflow where a flag excludes it,
unreachable) becomes a claim with the path condition it is under. The caller
proves all claims. A read of memory never written gives one arbitrary value.
"""
import sys

import z3

from ir import Unsupported, resolve, sizeof, field_offset
from values import (DIVISIONS, FLAG_CLAIMS, SHIFTS, Terms, binary, cast, choose, compare,
                    known, land, leading_zeros, lnot, lower, overflowing, same, signed,
                    swapped, term)

sys.setrecursionlimit(20000)
BOUND = 130
EXIT = '<exit>'


class Object:
    """A piece of memory; the contents are in the state."""

    def __init__(self, name, size, writable=True, frame=None):
        self.name, self.size, self.writable, self.frame = name, size, writable, frame


class Routine:
    """What a function pointer points to."""

    def __init__(self, name):
        self.name, self.size = name, 0


NULL = Object('null', 0)
UNSET = Object('a pointer never set', 0)


def pointer(obj, offset=0):
    return [(True, obj, offset)]


def same_places(a, b):
    return len(a) == len(b) and all(same(c, d) and o is p and f == g
                                    for (c, o, f), (d, p, g) in zip(a, b))


class State:
    """What changes as a path goes on. Copied when paths part."""

    def __init__(self):
        self.memory, self.path, self.result = {}, True, None
        self.visits = {}

    def copy(self):
        other = State()
        other.memory = {o: dict(c) for o, c in self.memory.items()}
        other.path, other.result = self.path, self.result
        other.visits = dict(self.visits)
        return other


class Cut:
    """A loop that is proved by an invariant.

    block: label of the head. changes: names of the variables that the loop
    writes. claim(view): the invariant, a list of (text, term), where view reads
    the variables (View). measure(view): a 64-bit term that falls with each
    round. first(view): values that only the proof knows; step(view) gives those
    after a round from the ones before, view.ghosts.
    """

    def __init__(self, block, changes, claim, measure, first=None, step=None):
        self.block, self.claim, self.measure = block, claim, measure
        self.changes, self.first, self.step = changes, first, step


class View:
    """What an invariant may look at."""

    def __init__(self, machine, frame, state, entry, ghosts):
        self.machine, self.frame, self.state = machine, frame, state
        self.entry, self.ghosts = entry, ghosts

    def cell(self, name, offset=0, bits=64):
        """Eight bytes of a variable, or as many as bits says."""
        obj = self.machine.by_name(self.state, self.frame, name)
        return term(self.machine.load_at(self.state, obj, offset, bits), bits)

    def two(self, make, name, offset=0):
        """A tnum or an arc in a variable."""
        return make(self.cell(name, offset), self.cell(name, offset + 8))


def post_dominators(function):
    """Block to the nearest block that all its ways to the end go through."""
    blocks = list(function.blocks)
    after = {b: successors(function, b) or [EXIT] for b in blocks}
    doms = {b: set(blocks) | {EXIT} for b in blocks}
    doms[EXIT] = {EXIT}
    changed = True
    while changed:
        changed = False
        for b in reversed(blocks):
            new = {b} | set.intersection(*[doms[s] for s in after[b]])
            if new != doms[b]:
                doms[b], changed = new, True
    nearest = {}
    for b in blocks:
        strict = doms[b] - {b}
        nearest[b] = max(strict, key=lambda c: len(doms[c]))
    return nearest


def successors(function, label):
    last = function.blocks[label][-1]
    if last.op == 'br':
        return last.targets
    if last.op == 'switch':
        return [last.default] + [target for _, target in last.cases]
    return []


class Machine:
    """Runs functions. contracts: name to handler(machine, state, args)."""

    bound = BOUND

    def __init__(self, modules, contracts=None, cuts=None, unwrapped=None):
        self.modules = modules
        self.functions, self.home = {}, {}
        for module in modules:
            for name, function in module.functions.items():
                if name not in self.functions:
                    self.functions[name] = function
        self.contracts = contracts or {}
        self.cuts = cuts or {}
        self.claims, self.facts, self.used = [], [], set()
        self.objects, self.depth = {}, 0
        self.nearest = {}
        self.active_cuts = {}

    # Memory

    def new_object(self, state, name, size, frame=None):
        obj = Object(name, size, True, frame)
        state.memory[obj] = {}
        return obj

    @staticmethod
    def by_name(state, frame, name):
        """A variable of the function that runs, or an argument of the proof."""
        frame = None if name.startswith('arg.') else frame
        return next(o for o in reversed(state.memory) if (o.frame, o.name) == (frame, name))

    def load_at(self, state, obj, offset, bits):
        size = bits // 8
        cells = state.memory[obj]
        if offset in cells and cells[offset][0] == size:
            return cells[offset][1]
        if not any(o < offset + size and offset < o + s for o, (s, _) in cells.items()):
            cells[offset] = (size, Terms.fresh(f'{obj.name}_{offset}', bits))
            return cells[offset][1]
        parts = [self.byte(state, obj, offset + i) for i in reversed(range(size))]
        if all(known(p) for p in parts):
            return int.from_bytes(bytes(parts), 'big')
        return z3.simplify(z3.Concat(*[term(p, 8) for p in parts]))

    def byte(self, state, obj, at):
        cells = state.memory[obj]
        for o, (s, value) in cells.items():
            if o <= at < o + s:
                if isinstance(value, list):
                    raise Unsupported('part of a pointer')
                if known(value):
                    return value >> 8 * (at - o) & 255
                return z3.Extract(8 * (at - o) + 7, 8 * (at - o), value)
        cells[at] = (1, Terms.fresh(f'{obj.name}_{at}', 8))
        return cells[at][1]

    def store_at(self, state, obj, offset, size, value):
        cells = state.memory[obj]
        for o, (s, old) in list(cells.items()):
            if o < offset + size and offset < o + s and (o, s) != (offset, size):
                bytes_ = {i: self.byte(state, obj, i) for i in range(o, o + s)
                          if not offset <= i < offset + size}
                del cells[o]
                for i, b in bytes_.items():
                    cells[i] = (1, b)
        cells[offset] = (size, value)

    def inside(self, state, places, size, what):
        """Claim that an access stays within its object; give the places that do."""
        good = []
        for cond, obj, offset in places:
            if obj.size and 0 <= offset <= obj.size - size and isinstance(obj, Object):
                good.append((cond, obj, offset))
            else:
                self.claim(state, lnot(cond), f'{what} within {obj.name}')
        return good

    def load(self, state, places, kind):
        if kind[0] == 'struct':
            return [self.load(state, self.field(places, kind, i), resolve(k))
                    for i, k in enumerate(kind[1])]
        size = sizeof(kind)
        good = self.inside(state, places, size, 'load')
        if not good:
            return Terms.fresh('nowhere', size * 8)
        result = None
        for cond, obj, offset in reversed(good):
            value = self.load_at(state, obj, offset, size * 8)
            result = value if result is None else self.merge(cond, value, result, size * 8)
        return self.typed(result, kind)

    @staticmethod
    def typed(value, kind):
        if kind[0] == 'ptr' and not isinstance(value, list):
            raise Unsupported('number as a pointer')
        return value

    @staticmethod
    def field(places, kind, index):
        return [(c, o, f + field_offset(kind, index)) for c, o, f in places]

    def store(self, state, places, kind, value):
        if kind[0] == 'struct':
            for i, (k, part) in enumerate(zip(kind[1], value)):
                self.store(state, self.field(places, kind, i), resolve(k), part)
            return
        size = sizeof(kind)
        for cond, obj, offset in self.inside(state, places, size, 'store'):
            if not obj.writable:
                self.claim(state, lnot(cond), f'no store to {obj.name}')
            if not (known(cond) and cond):
                old = self.load_at(state, obj, offset, size * 8)
                value_here = self.merge(cond, value, old, size * 8)
            else:
                value_here = value
            self.store_at(state, obj, offset, size, value_here)

    def copy(self, state, to, source, size):
        """memcpy() by the cells that are there, so that their shape is kept."""
        source = self.inside(state, source, size, 'copy from')
        _, first, start = source[0]
        shape = [(o - start, c[0]) for o, c in state.memory[first].items()
                 if start <= o and o + c[0] <= start + size]
        values = []
        for at, width in shape:
            value = self.load_at(state, first, start + at, width * 8)
            for cond, obj, offset in source[1:]:
                value = self.merge(cond, self.load_at(state, obj, offset + at, width * 8),
                                   value, width * 8)
            values.append((at, width, value))
        for cond, obj, offset in self.inside(state, to, size, 'copy to'):
            if known(cond):
                for o in [o for o in state.memory[obj] if offset <= o < offset + size]:
                    del state.memory[obj][o]
            for at, width, value in values:
                if not known(cond):
                    value = self.merge(cond, value, self.load_at(state, obj, offset + at, width * 8),
                                       width * 8)
                self.store_at(state, obj, offset + at, width, value)

    # Merging

    def merge(self, cond, a, b, bits):
        if self.is_pointer(a) or self.is_pointer(b):
            a, b = [x if self.is_pointer(x) else pointer(UNSET) for x in (a, b)]
            if same_places(a, b):
                return a
            no = lnot(cond)
            return [(land(cond, c), o, f) for c, o, f in a] + \
                   [(land(no, c), o, f) for c, o, f in b]
        if isinstance(a, list):
            return [self.merge(cond, x, y, 64 if not self.boolean(x, y) else 1)
                    for x, y in zip(a, b)]
        if self.boolean(a, b):
            bits = 1
        return choose(cond, a, b, bits)

    @staticmethod
    def is_pointer(x):
        return isinstance(x, list) and bool(x) and isinstance(x[0], tuple)

    @staticmethod
    def boolean(a, b):
        return any(isinstance(x, (bool, z3.BoolRef)) for x in (a, b))

    @staticmethod
    def width(a, b):
        for x in (a, b):
            if isinstance(x, z3.BitVecRef):
                return x.size()
        return 64

    def merge_states(self, cond, a, b):
        if a is None or b is None:
            return a or b
        state, env = a
        other, other_env = b
        for obj in set(state.memory) | set(other.memory):
            self.merge_cells(cond, state, other, obj)
        for name in list(env):
            if name in other_env:
                x, y = env[name], other_env[name]
                if x is not y and not same(x, y):
                    env[name] = self.merge(cond, x, y, self.width(x, y))
        if state.result is not None and other.result is not None:
            x, y = state.result, other.result
            state.result = self.merge(cond, x, y, self.width(x, y))
        return state, env

    def merge_cells(self, cond, state, other, obj):
        if obj not in state.memory or obj not in other.memory:
            state.memory.setdefault(obj, other.memory.get(obj))
            return
        mine, theirs = state.memory[obj], other.memory[obj]
        for offset in sorted(set(mine) | set(theirs)):
            if offset not in mine or offset not in theirs or \
               mine[offset][0] != theirs[offset][0]:
                size = (mine.get(offset) or theirs.get(offset))[0]
            else:
                size = mine[offset][0]
            there = theirs.get(offset)
            if offset in mine and there and mine[offset][0] == there[0]:
                x, y = mine[offset][1], there[1]
            else:
                x = self.load_at(state, obj, offset, size * 8)
                y = self.load_at(other, obj, offset, size * 8)
            if x is y or same(x, y):
                continue
            self.store_at(state, obj, offset, size, self.merge(cond, x, y, size * 8))

    # Claims

    def claim(self, state, what, text):
        if known(what) and what:
            return
        self.claims.append((state.path, what, text))

    def fact(self, what):
        """Something known to hold whatever the path, as an instance of a contract."""
        self.facts.append(what)

    # Calls

    def call(self, state, name, args):
        """Run a function, or take its contract. Returns its result."""
        name = name if name.startswith('@') else '@' + name
        if name[1:] in self.contracts and self.depth:
            self.used.add(name[1:])
            return self.contracts[name[1:]](self, state, args)
        if name.startswith('@llvm.'):
            return self.intrinsic(state, name, args)
        if name not in self.functions:
            raise Unsupported(f'call of {name}')
        function = self.functions[name]
        env = {param: value for (_, param), value in zip(function.params, args)}
        if function not in self.nearest:
            self.nearest[function] = post_dominators(function)
        outer, state.result = state.result, None
        visits, state.visits = state.visits, {}
        self.depth += 1
        start = next(iter(function.blocks))
        done = self.run(function, start, state, env, EXIT)
        self.depth -= 1
        if done is None:
            raise Unsupported(f'{name} never returns')
        final, _ = done
        state.path = final.path
        state.memory = {o: c for o, c in final.memory.items() if o.frame != function.name}
        result = final.result
        state.result, state.visits = outer, visits
        return result

    def intrinsic(self, state, name, args):
        if name.startswith(('@llvm.lifetime', '@llvm.dbg', '@llvm.assume')):
            return None
        if name.startswith('@llvm.memcpy'):
            return self.copy(state, args[0], args[1], args[2])
        if name.startswith('@llvm.is.constant'):
            return False
        if name.startswith('@llvm.ctlz.i64'):
            self.claim(state, lnot(land(args[1], compare('eq', args[0], 0, 64))), 'ctlz of zero')
            return leading_zeros(args[0])
        if name.startswith('@llvm.bswap.i'):
            return swapped(args[0], int(name.rsplit('i', 1)[1]))
        if '.with.overflow.i64' in name:
            return overflowing(name.split('.')[1], args[0], args[1])
        raise Unsupported(name)

    # Blocks

    def run(self, function, label, state, env, stop):
        """From the start of a block to the start of stop (or its return)."""
        while label != stop:
            cut = self.cuts.get((function.name[1:], label[1:]))
            if cut:
                if not self.at_cut(cut, function, state, env):
                    return None
            count = state.visits[label] = state.visits.get(label, 0) + 1
            if count > self.bound:
                self.claim(state, False, f'loop {label} ends within {self.bound} rounds')
                return None
            for insn in function.blocks[label]:
                if insn.op in ('br', 'switch', 'ret', 'unreachable'):
                    break
                if insn.op != 'phi':
                    env[insn.dest] = self.step(function, state, env, insn)
            if insn.op == 'ret':
                state.result = None if insn.value is None else \
                    self.value(function, env, insn.type, insn.value)
                return state, env
            if insn.op == 'unreachable':
                self.claim(state, False, 'unreachable')
                return None
            label, state, env = self.leave(function, label, state, env, insn)
            if state is None:
                return None
        return state, env

    def leave(self, function, label, state, env, insn):
        """Follow the end of a block; both ways, if it must be."""
        if insn.op == 'switch':
            value = self.value(function, env, insn.type, insn.value)
            arms = [(compare('eq', value, c, insn.type[1]), t) for c, t in insn.cases]
            return self.fork(function, label, state, env, arms, insn.default)
        if insn.cond is None:
            target = insn.targets[0]
            self.enter(function, label, target, env)
            return target, state, env
        cond = self.value(function, env, ('i', 1), insn.cond)
        return self.fork(function, label, state, env, [(cond, insn.targets[0])], insn.targets[1])

    def fork(self, function, label, state, env, arms, default):
        arms = [(c, t) for c, t in arms if not (known(c) and not c)]
        if not arms or (known(arms[0][0]) and arms[0][0]):
            target = arms[0][1] if arms else default
            self.enter(function, label, target, env)
            return target, state, env
        cond, target = arms[0]
        meet = self.nearest[function][label]
        other, other_env = state.copy(), dict(env)
        before = state.path
        state.path = yes_path = land(before, cond)
        other.path = no_path = land(before, lnot(cond))
        self.enter(function, label, target, env)
        yes = self.run(function, target, state, env, meet)
        label_no, state_no, env_no = self.fork(function, label, other, other_env, arms[1:], default)
        no = state_no and self.run(function, label_no, state_no, env_no, meet)
        if yes and no:
            plain = yes[0].path is yes_path and no[0].path is no_path
            path = before if plain else z3.Or(term(yes[0].path, 1), term(no[0].path, 1))
        else:
            path = (yes or no)[0].path if yes or no else False
        done = self.merge_states(cond, yes, no)
        if done is None:
            return meet, None, None
        done[0].path = path
        return meet, done[0], done[1]

    def enter(self, function, source, target, env):
        """Give the phis of a block their values for the edge taken."""
        values = []
        for insn in function.blocks.get(target, []):
            if insn.op != 'phi':
                break
            values.append((insn.dest, self.value(function, env, insn.type, insn.incoming[source])))
        env.update(values)

    # Instructions

    def value(self, function, env, kind, operand):
        what = operand[0]
        if what == 'reg':
            return env[operand[1]]
        if what == 'const':
            bits = kind[1]
            return bool(operand[1] & 1) if bits == 1 else operand[1] & ((1 << bits) - 1)
        if what == 'null':
            return pointer(NULL)
        if what == 'glob':
            return self.global_pointer(function, operand[1])
        kind = resolve(kind)
        if kind[0] == 'struct':
            return [self.value(function, env, k, operand) for k in kind[1]]
        if what == 'zero':
            return 0
        return Terms.fresh('undef', kind[1]) if kind[1] > 1 else False

    def global_pointer(self, function, name):
        if name not in function.module.globals:
            return pointer(self.objects.setdefault(name, Routine(name)))
        key = (function.module, name)
        if key not in self.objects:
            kind, value = function.module.constant(name)
            obj = self.objects[key] = Object(name, sizeof(kind), False)
            obj.cells = {}
            self.lay_out(function, obj.cells, 0, kind, value)
        return pointer(self.objects[key])

    def lay_out(self, function, cells, at, kind, value):
        """Write an initializer to the cells of a constant object."""
        kind = resolve(kind)
        if kind[0] in ('arr', 'struct'):
            count = kind[1] if kind[0] == 'arr' else len(kind[1])
            for i in range(count):
                inner = kind[2] if kind[0] == 'arr' else kind[1][i]
                place = i * sizeof(inner) if kind[0] == 'arr' else field_offset(kind, i)
                part = value[1][i][1] if value[0] == 'agg' else value
                self.lay_out(function, cells, at + place, inner, part)
        elif kind[0] == 'ptr':
            target = pointer(NULL) if value[0] in ('null', 'zero') else \
                self.global_pointer(function, value[1])
            cells[at] = (8, target)
        else:
            cells[at] = (sizeof(kind), 0 if value[0] == 'zero' else
                         value[1] & ((1 << kind[1]) - 1))

    def step(self, function, state, env, insn):
        return getattr(self, 'do_' + insn.op)(function, state, env, insn)

    def do_alloca(self, function, state, env, insn):
        return pointer(self.new_object(state, insn.dest[1:], sizeof(insn.type), function.name))

    def do_load(self, function, state, env, insn):
        places = self.value(function, env, ('ptr',), insn.address)
        for _, obj, _ in places:
            if isinstance(obj, Object) and obj not in state.memory and hasattr(obj, 'cells'):
                state.memory[obj] = dict(obj.cells)
        return self.load(state, places, insn.type)

    def do_store(self, function, state, env, insn):
        places = self.value(function, env, ('ptr',), insn.address)
        self.store(state, places, insn.type, self.value(function, env, insn.type, insn.value))

    def do_getelementptr(self, function, state, env, insn):
        places = self.value(function, env, ('ptr',), insn.base)
        kind = insn.type
        for i, (index_kind, operand) in enumerate(insn.index):
            index = self.value(function, env, index_kind, operand)
            if i and kind[0] == 'struct':
                places = self.field(places, kind, index)
                kind = resolve(kind[1][index])
                continue
            if i:
                kind = resolve(kind[2])
            places = self.indexed(state, places, index, index_kind[1], sizeof(kind))
        return places

    def indexed(self, state, places, index, bits, size):
        if known(index):
            return [(c, o, f + signed(index, bits) * size) for c, o, f in places]
        found = []
        for cond, obj, offset in places:
            hits = []
            for at in range(offset % size, obj.size, size):
                hit = compare('eq', index, (at - offset) // size & ((1 << bits) - 1), bits)
                hits.append(hit)
                if not (known(hit) and not hit):
                    found.append((land(cond, hit), obj, at))
            self.claim(state, z3.Or(lnot(cond), *[term(h, 1) for h in hits]), f'index within {obj.name}')
        return found

    def do_binary(self, function, state, env, insn):
        bits = insn.type[1]
        a = self.value(function, env, insn.type, insn.left)
        b = self.value(function, env, insn.type, insn.right)
        if insn.how in DIVISIONS:
            self.claim(state, compare('ne', b, 0, bits), 'divisor is not zero')
            if insn.how in ('sdiv', 'srem'):
                self.claim(state, lnot(land(compare('eq', a, 1 << (bits - 1), bits),
                                            compare('eq', b, (1 << bits) - 1, bits))),
                           'quotient fits')
        if insn.how in SHIFTS:
            self.claim(state, compare('ult', b, bits, bits), 'shift amount below width')
        for flag in insn.flags:
            if (insn.how, flag) not in FLAG_CLAIMS:
                raise Unsupported(f'{insn.how} {flag}')
            good = FLAG_CLAIMS[insn.how, flag](term(a, bits), term(b, bits))
            self.claim(state, lower(z3.simplify(good)), f'{insn.how} {flag}')
        return self.arithmetic(insn.how, a, b, bits)

    def arithmetic(self, how, a, b, bits):
        """Subclasses may take products and quotients out."""
        return binary(how, a, b, bits)

    def do_icmp(self, function, state, env, insn):
        a = self.value(function, env, insn.type, insn.left)
        b = self.value(function, env, insn.type, insn.right)
        if insn.type[0] == 'ptr':
            if len(a) > 1 or len(b) > 1:
                raise Unsupported('comparison of uncertain pointers')
            equal = a[0][1:] == b[0][1:]
            return equal if insn.how == 'eq' else not equal
        return compare(insn.how, a, b, insn.type[1])

    def do_select(self, function, state, env, insn):
        cond = self.value(function, env, ('i', 1), insn.cond)
        yes = self.value(function, env, insn.type, insn.yes)
        no = self.value(function, env, insn.type, insn.no)
        if known(cond):
            return yes if cond else no
        return self.merge(cond, yes, no, insn.type[1] if insn.type[0] == 'i' else 64)

    def do_cast(self, function, state, env, insn):
        value = self.value(function, env, insn.source, insn.value)
        return cast(insn.op, value, insn.source[1], insn.type[1])

    do_zext = do_sext = do_trunc = do_cast

    def do_bitcast(self, function, state, env, insn):
        return self.value(function, env, insn.source, insn.value)

    def do_freeze(self, function, state, env, insn):
        return self.value(function, env, insn.type, insn.value)

    def do_extractvalue(self, function, state, env, insn):
        return self.value(function, env, insn.type, insn.whole)[insn.at]

    def do_insertvalue(self, function, state, env, insn):
        whole = list(self.value(function, env, insn.type, insn.whole))
        whole[insn.at] = self.value(function, env, *insn.value)
        return whole

    def do_call(self, function, state, env, insn):
        args = [self.value(function, env, k, o) for k, o in insn.args]
        if insn.callee[0] == 'glob':
            name = insn.callee[1]
        else:
            (_, routine, _), = env[insn.callee[1]]
            name = routine.name
        return self.call(state, name, args)

    # Cuts

    def at_cut(self, cut, function, state, env):
        """First time: claim, forget, assume. Second time: claim, and end the path."""
        key = (function.name, cut.block, self.depth)
        frame = function.name
        if state.visits.get('cut ' + cut.block):
            entry, ghosts, before, frozen = self.active_cuts[key]
            view = View(self, frame, state, entry, ghosts)
            now = View(self, frame, state, entry, cut.step(view) if cut.step else ())
            for text, what in cut.claim(now):
                self.claim(state, what, f'{cut.block}: round keeps {text}')
            self.claim(state, z3.ULT(cut.measure(now), before), f'{cut.block}: measure falls')
            self.check_frozen(cut, state, frozen)
            return False
        entry = View(self, frame, state.copy(), None, ())
        ghosts = cut.first(entry) if cut.first else ()
        for text, what in cut.claim(View(self, frame, state, entry, ghosts)):
            self.claim(state, what, f'{cut.block}: entry has {text}')
        widths = {}
        for name in cut.changes:
            self.forget(state, frame, name, widths)
        ghosts = tuple(Terms.fresh('ghost', g.size()) for g in ghosts)
        view = View(self, frame, state, entry, ghosts)
        state.path = land(state.path, *[term(what, 1) for _, what in cut.claim(view)])
        state.visits['cut ' + cut.block] = 1
        changed = [self.by_name(state, frame, name) for name in cut.changes]
        kept = [o for o in state.memory if o not in changed]
        frozen = {o: dict(state.memory[o]) for o in kept}
        frozen.update({o: {0: (4, value)} for o, value in widths.items()})
        self.active_cuts[key] = (entry, ghosts, cut.measure(view), frozen)
        return True

    def forget(self, state, frame, name, fixed):
        """Make a variable arbitrary, but not the width of a word."""
        obj = self.by_name(state, frame, name)
        for offset, (size, value) in list(state.memory[obj].items()):
            if isinstance(value, list):
                raise Unsupported(f'{name} is a pointer')
            if obj.size == 56 and offset == 0:
                fixed[obj] = value
                continue    # a word's width, which check_frozen() looks after
            state.memory[obj][offset] = (size, Terms.fresh(f'{name}_{offset}', size * 8))

    @staticmethod
    def check_frozen(cut, state, frozen):
        for obj, cells in frozen.items():
            for offset, (size, value) in cells.items():
                now = state.memory[obj].get(offset)
                if now and isinstance(value, list) and same_places(now[1], value):
                    continue
                if not now or now[0] != size or not (now[1] is value or same(now[1], value)):
                    raise Unsupported(f'loop {cut.block} changes {obj.name}')
