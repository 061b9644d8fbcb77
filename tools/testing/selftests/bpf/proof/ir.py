# SPDX-License-Identifier: GPL-2.0-only
"""Read LLVM 14 assembly text into Python objects.

Owns the syntax only; execute.py owns the meaning. Knows what clang -O0 and
opt's sroa leave of the scalar domain, and raises Unsupported for all else, so
that nothing is skipped in silence. Function bodies are parsed when asked for.

Types are tuples: ('i', bits), ('ptr',), ('arr', n, type), ('struct', types),
('void',). Operands: ('reg', name), ('glob', name), ('const', integer),
('undef',), ('null',), ('zero',), ('agg', [(type, operand)]).
"""
import re

TOKEN = re.compile(r'''\s*(
    c"[^"]*" | [%@]"[^"]*" | [%@][-\w.$]+ | \#\d+ | ![-\w.]* | "[^"]*" |
    \.\.\. | -?\d+ | [A-Za-z_][\w.]* | [-\[\]{}()<>*,=:|]
)''', re.X)

BINARY = {'add', 'sub', 'mul', 'udiv', 'sdiv', 'urem', 'srem', 'shl', 'lshr',
          'ashr', 'and', 'or', 'xor'}
CASTS = {'zext', 'sext', 'trunc', 'bitcast', 'ptrtoint', 'inttoptr'}
FLAGS = {'nuw', 'nsw', 'exact'}
ATTRS = {'noundef', 'zeroext', 'signext', 'nonnull', 'noalias', 'nocapture',
         'writeonly', 'readonly', 'immarg', 'returned', 'dso_local', 'internal',
         'hidden', 'unnamed_addr', 'local_unnamed_addr', 'tail', 'notail',
         'musttail', 'fastcc', 'ccc', 'private', 'constant', 'global'}


class Unsupported(Exception):
    """The assembly has something that this reader does not know."""


class Insn:
    """One instruction: what it is, where the result goes, and its fields."""

    def __init__(self, op, dest, **fields):
        self.op, self.dest = op, dest
        self.__dict__.update(fields)


class Words:
    """The tokens of one line, eaten from the left."""

    def __init__(self, text, structs):
        self.items = TOKEN.findall(text)
        self.at, self.structs = 0, structs

    def peek(self, ahead=0):
        place = self.at + ahead
        return self.items[place] if place < len(self.items) else None

    def next(self):
        word = self.peek()
        self.at += 1
        return word

    def take(self, word):
        if self.peek() == word:
            self.at += 1
            return True
        return False

    def want(self, word):
        if not self.take(word):
            raise Unsupported(f'wanted {word}: {" ".join(self.items)}')

    def skip_attributes(self):
        while self.peek() in ATTRS or self.peek() in ('align', 'dereferenceable'):
            if self.next() == 'align':
                self.next()
            elif self.take('('):
                self.next()
                self.want(')')

    def types_until(self, end):
        found = []
        while not self.take(end):
            if self.take('...'):
                continue
            found.append(self.type())
            self.skip_attributes()
            self.take(',')
        return found

    def base_type(self):
        word = self.next()
        if word == 'void':
            return ('void',)
        if re.fullmatch(r'i\d+', word):
            return ('i', int(word[1:]))
        if word[0] == '%':
            return ('name', word, self.structs)
        if word == '[':
            count = int(self.next())
            self.want('x')
            inner = self.type()
            self.want(']')
            return ('arr', count, inner)
        if word == '{':
            return ('struct', tuple(self.types_until('}')))
        raise Unsupported(f'type {word}: {" ".join(self.items)}')

    def type(self):
        found = self.base_type()
        while True:
            if self.take('*'):
                found = ('ptr',)
            elif self.peek() == '(':
                self.next()
                self.types_until(')')
                found = ('func',)
            else:
                return resolve(found)

    def operand(self):
        word = self.next()
        if word[0] == '%':
            return ('reg', word)
        if word[0] == '@':
            return ('glob', word)
        if re.fullmatch(r'-?\d+', word):
            return ('const', int(word))
        simple = {'true': ('const', 1), 'false': ('const', 0),
                  'undef': ('undef',), 'poison': ('undef',),
                  'null': ('null',), 'zeroinitializer': ('zero',)}
        if word in simple:
            return simple[word]
        if word in '[{':
            return ('agg', self.typed_list({'[': ']', '{': '}'}[word]))
        raise Unsupported(f'operand {word}: {" ".join(self.items)}')

    def typed(self):
        kind = self.type()
        self.skip_attributes()
        return kind, self.operand()

    def typed_list(self, end):
        found = []
        while not self.take(end):
            found.append(self.typed())
            self.take(',')
        return found


def resolve(kind):
    """Look a named structure up, if its definition has been read already."""
    if kind[0] == 'name':
        return kind[2].get(kind[1], kind)
    return kind


def sizeof(kind):
    """Size in bytes, as the ABI of x86-64 lays it out."""
    kind = resolve(kind)
    if kind[0] == 'i':
        return max(1, (kind[1] + 7) // 8)
    if kind[0] == 'ptr':
        return 8
    if kind[0] == 'arr':
        return kind[1] * sizeof(kind[2])
    return field_offset(kind, len(kind[1]))


def alignof(kind):
    """Alignment in bytes."""
    kind = resolve(kind)
    if kind[0] == 'arr':
        return alignof(kind[2])
    if kind[0] == 'struct':
        return max([alignof(k) for k in kind[1]], default=1)
    return sizeof(kind)


def field_offset(kind, index):
    """Where a field starts; index one past the last gives the size."""
    at = 0
    for field in kind[1][:index]:
        at = -(-at // alignof(field)) * alignof(field) + sizeof(field)
    end = alignof(kind[1][index]) if index < len(kind[1]) else alignof(kind)
    return -(-at // end) * end


def parse_call(words, dest):
    words.skip_attributes()
    kind = words.type()
    callee = words.operand()
    words.want('(')
    return Insn('call', dest, type=kind, callee=callee, args=words.typed_list(')'))


def parse_phi(words, dest):
    kind, incoming = words.type(), {}
    while words.take('['):
        value = words.operand()
        words.want(',')
        incoming[words.next()] = value
        words.want(']')
        words.take(',')
    return Insn('phi', dest, type=kind, incoming=incoming)


def parse_branch(words, dest):
    if words.take('label'):
        return Insn('br', None, cond=None, targets=[words.next()])
    _, cond = words.typed()
    targets = []
    while words.take(','):
        words.want('label')
        targets.append(words.next())
    return Insn('br', None, cond=cond, targets=targets)


def parse_switch(words, dest):
    kind, value = words.typed()
    words.want(',')
    words.want('label')
    default, cases = words.next(), []
    words.want('[')
    while not words.take(']'):
        _, constant = words.typed()
        words.want(',')
        words.want('label')
        cases.append((constant[1], words.next()))
    return Insn('switch', None, type=kind, value=value, cases=cases, default=default)


def parse_gep(words, dest):
    inbounds = words.take('inbounds')
    kind = words.type()
    words.want(',')
    _, base = words.typed()
    index = []
    while words.take(','):
        index.append(words.typed())
    return Insn('getelementptr', dest, type=kind, base=base, index=index,
                inbounds=inbounds)


def parse_compare(words, dest):
    how = words.next()
    kind, left = words.typed()
    words.want(',')
    return Insn('icmp', dest, how=how, type=kind, left=left, right=words.operand())


def parse_aggregate(words, dest, op):
    kind, whole = words.typed()
    words.want(',')
    value = None
    if op == 'insertvalue':
        value = words.typed()
        words.want(',')
    return Insn(op, dest, type=kind, whole=whole, value=value, at=int(words.next()))


def parse_memory(words, dest, op):
    if op == 'alloca':
        return Insn(op, dest, type=words.type())
    if op == 'load':
        kind = words.type()
        words.want(',')
        return Insn(op, dest, type=kind, address=words.typed()[1])
    kind, value = words.typed()
    words.want(',')
    return Insn(op, None, type=kind, value=value, address=words.typed()[1])


def parse_value(words, dest, op):
    if op in BINARY:
        flags = set()
        while words.peek() in FLAGS:
            flags.add(words.next())
        kind, left = words.typed()
        words.want(',')
        return Insn('binary', dest, how=op, type=kind, left=left,
                    right=words.operand(), flags=flags)
    if op in CASTS:
        kind, value = words.typed()
        words.want('to')
        return Insn(op, dest, source=kind, value=value, type=words.type())
    if op == 'select':
        _, cond = words.typed()
        words.want(',')
        kind, yes = words.typed()
        words.want(',')
        return Insn(op, dest, cond=cond, type=kind, yes=yes, no=words.typed()[1])
    if op == 'freeze':
        kind, value = words.typed()
        return Insn(op, dest, type=kind, value=value)
    raise Unsupported(f'instruction {op}')


def parse_insn(text, structs):
    words, dest = Words(text, structs), None
    if words.peek(1) == '=':
        dest = words.next()
        words.next()
    words.skip_attributes()
    op = words.next()
    special = {'call': parse_call, 'phi': parse_phi, 'br': parse_branch,
               'switch': parse_switch, 'getelementptr': parse_gep,
               'icmp': parse_compare}
    if op in special:
        return special[op](words, dest)
    if op in ('alloca', 'load', 'store'):
        return parse_memory(words, dest, op)
    if op in ('extractvalue', 'insertvalue'):
        return parse_aggregate(words, dest, op)
    if op == 'ret':
        if words.peek() == 'void':
            return Insn('ret', None, type=('void',), value=None)
        kind, value = words.typed()
        return Insn('ret', None, type=kind, value=value)
    if op == 'unreachable':
        return Insn(op, None)
    return parse_value(words, dest, op)


class Function:
    """Name, parameters and basic blocks of one function."""

    def __init__(self, module, head, lines):
        self.module, self.lines, self._blocks = module, lines, None
        start = head.index('@')
        words = Words(head[head.index('define') + 6:start], module.structs)
        words.skip_attributes()
        self.result = words.type()
        words = Words(head[start:], module.structs)
        self.name = words.next()
        words.want('(')
        self.params = []
        while not words.take(')'):
            if words.take('...'):
                continue
            kind = words.type()
            words.skip_attributes()
            self.params.append((kind, words.next()))
            words.take(',')

    @property
    def blocks(self):
        """Label to instructions; the first block is the entry."""
        if self._blocks is None:
            self._blocks = self.read_blocks()
        return self._blocks

    def read_blocks(self):
        blocks, label = {}, None
        text = '\n'.join(self.lines)
        text = re.sub(r'\[\s*\n', '[ ', text)
        text = re.sub(r'\n\s+(i\d+ -?\d+, label)', r' \1', text)
        text = re.sub(r'\n\s+\]', ' ]', text)
        for line in text.split('\n'):
            line = re.sub(r'\s+;.*', '', line.split(', !')[0]).rstrip()
            head = re.fullmatch(r'("?[-\w.$]+"?):.*', line)
            if head:
                label = '%' + head.group(1)
                blocks[label] = []
            elif line.strip():
                if label is None:
                    raise Unsupported(f'{self.name}: entry has no label')
                blocks[label].append(parse_insn(line.strip(), self.module.structs))
        return blocks


class Module:
    """One file of assembly."""

    def __init__(self, text):
        self.structs, self.globals, self.functions = {}, {}, {}
        head, lines = None, []
        for line in text.split('\n'):
            if line.startswith('define'):
                head, lines = line, []
            elif line == '}' and head:
                function = Function(self, head, lines)
                self.functions[function.name] = function
                head = None
            elif head:
                lines.append(line)
            else:
                self.read_outside(line)

    def read_outside(self, line):
        match = re.match(r'(%[-\w.]+) = type (.*)', line)
        if match and match.group(2) != 'opaque':
            self.structs[match.group(1)] = Words(match.group(2), self.structs).type()
        match = re.match(r'(@[-\w.]+) = (?:\w+ )*?constant (.*?), align', line)
        if match:
            self.globals[match.group(1)] = match.group(2)

    def constant(self, name):
        """Type and initializer of a constant object."""
        return Words(self.globals[name], self.structs).typed()
