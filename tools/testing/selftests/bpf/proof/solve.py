# SPDX-License-Identifier: GPL-2.0-only
"""Is a set of formulas over bit-vectors satisfiable?

Owns the choice of engine: z3's own procedure up to a limit of work, which
settles most questions at once; then z3 makes clauses of the formulas (rewriting,
equation solving, one Boolean for each bit) and the SAT solver cadical decides
them. Both limits count steps, not seconds, so that no result depends on the
machine; a time is only the last resort (the caller's limit of processor seconds).

Must never: call a question settled that neither engine answered.
"""
import re
import signal
import subprocess
import tempfile

import z3

# Steps of z3; about one to three seconds.
WORK = 4000000
CLAUSES = ('simplify', 'propagate-values', 'solve-eqs', 'elim-uncnstr', 'simplify',
           'max-bv-sharing', 'bit-blast', 'tseitin-cnf')
# The same without what eliminates variables, to read their values off.
PLAIN = ('simplify', 'bit-blast', 'tseitin-cnf')


def by_z3(formulas, work):
    """(answer, model) within so many steps."""
    solver = z3.SolverFor('QF_BV')
    solver.set('rlimit', work)
    solver.add(*formulas)
    answer = solver.check()
    return answer, solver.model() if answer == z3.sat else None


def clauses(formulas, steps):
    """The same question as clauses of Booleans: a z3 goal."""
    goal = z3.Goal()
    goal.add(*formulas)
    parts = z3.Then(*steps)(goal)
    if len(parts) != 1:
        raise ValueError('clauses of one goal')
    return parts[0]


def dimacs(goal):
    """Text for cadical, and the names of the numbers that have one."""
    # z3 numbers the variables with gaps, which cadical does not take.
    lines, numbers, names = [], {}, {}
    for line in goal.dimacs().split('\n'):
        if line.startswith('c '):
            _, number, name = line.split(' ', 2)
            names[number] = name
        elif line and line[0] != 'p':
            lines.append(re.sub(r'\d+', lambda m: m.group() if m.group() == '0' else
                                str(numbers.setdefault(m.group(), len(numbers) + 1)), line))
    text = f'p cnf {len(numbers)} {len(lines)}\n' + '\n'.join(lines) + '\n'
    return text, {number: names[old] for old, number in numbers.items() if old in names}


def cadical(goal, conflicts):
    """(answer, names of the Booleans that are true)."""
    if goal.inconsistent():
        return z3.unsat, set()
    text, names = dimacs(goal)
    with tempfile.NamedTemporaryFile('w', suffix='.cnf') as file:
        file.write(text)
        file.flush()
        done = subprocess.run(['cadical', '-q', '-c', str(conflicts), file.name],
                              stdout=subprocess.PIPE, check=False, text=True)
    answers = {10: z3.sat, 20: z3.unsat, 0: z3.unknown, -signal.SIGXCPU: z3.unknown}
    if done.returncode not in answers:
        raise ValueError(f'cadical: exit status {done.returncode}')
    literals = ' '.join(re.findall(r'^v (.*)', done.stdout, re.M)).split()
    return answers[done.returncode], {names.get(int(x)) for x in literals if int(x) > 0}


def constants(formulas):
    """The variables of formulas."""
    found, seen, waiting = {}, set(), list(formulas)
    while waiting:
        x = waiting.pop()
        if x.get_id() in seen:
            continue
        seen.add(x.get_id())
        if z3.is_const(x) and x.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            found[x.get_id()] = x
        waiting += x.children()
    return list(found.values())


def by_bits(formulas, conflicts):
    """A model: every variable as bits with names, which cadical gives values."""
    table, parts = [], {}
    for n, x in enumerate(constants(formulas)):
        bits = [f'bit.{n}.{i}' for i in range(x.size() if z3.is_bv(x) else 1)]
        parts[x] = bits
        ones = [z3.If(z3.Bool(b), z3.BitVecVal(1, 1), z3.BitVecVal(0, 1)) for b in bits]
        table.append((x, z3.Bool(bits[0]) if z3.is_bool(x) else
                      ones[0] if len(ones) == 1 else z3.Concat(*ones)))
    goal = clauses([z3.substitute(f, *table) for f in formulas], PLAIN)
    answer, true = cadical(goal, conflicts)
    if answer != z3.sat:
        return None
    solver = z3.SolverFor('QF_BV')
    solver.add(*formulas)
    for x, bits in parts.items():
        solver.add(x == (bits[0] in true if z3.is_bool(x) else
                         int(''.join(str(int(b in true)) for b in bits), 2)))
    if solver.check() != z3.sat:
        raise ValueError('what cadical found is no model')
    return solver.model()


def by_cadical(formulas, conflicts):
    """(answer, model) within so many conflicts; sat only with a model at hand."""
    answer, _ = cadical(clauses(formulas, CLAUSES), conflicts)
    model = by_bits(formulas, conflicts) if answer == z3.sat else None
    return z3.unknown if answer == z3.sat and not model else answer, model


def check(formulas, conflicts):
    """(answer, model, engine)."""
    answer, model = by_z3(formulas, WORK)
    if answer != z3.unknown:
        return answer, model, 'z3'
    return *by_cadical(formulas, conflicts), 'cadical'
