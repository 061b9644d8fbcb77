#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/bpf/verifier-messages.rst, from the rules and the programs that test them.

docs/messages.py          writes the document
docs/messages.py --check  tells whether it is the one that would be written

The rules are those of kernel/bpf/verifier/rules.h, the programs the table of
verifier/messages.c. Both are read as text; what is not understood is an error.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "../../../../.."))
RULES = os.path.join(TOP, "kernel/bpf/verifier/rules.h")
TABLE = os.path.join(TOP, "tools/testing/selftests/bpf/verifier/messages.c")
DOCUMENT = os.path.join(TOP, "Documentation/bpf/verifier-messages.rst")

HEAD = """.. SPDX-License-Identifier: GPL-2.0-only
.. Made by tools/testing/selftests/bpf/docs/messages.py: change rules.h or messages.c.

=============================
Why the verifier refuses
=============================

A refusal ends the log with a line in the words of Linux 6.1, which programs read, and a
report for people: every line that begins with a bar. Its first line names the rule; the
names do not change. Here is each rule, with the smallest program that it refuses and one
that is accepted. The group ``verifier_messages`` loads them all.

Registers, offsets and calls are written as in the log; ``goto +1`` leaves out one slot,
and a 64-bit immediate has two. ``array of 4 values of 8 bytes`` and the like stand for a
descriptor of such a map.
"""

MAPS = {
    "HASH_48": "hash, values of 48 bytes", "ARRAY_8": "array of 4 values of 8 bytes",
    "ARRAY_48": "array of 4 values of 48 bytes", "ONE_24": "array of 1 value of 24 bytes",
    "RDONLY_24": "array of 1 value of 24 bytes, BPF_F_RDONLY_PROG", "CLOSED": "a closed descriptor",
}
SIZES = {"BPF_B": "u8", "BPF_H": "u16", "BPF_W": "u32", "BPF_DW": "u64"}
ALU = {"BPF_ADD": "+=", "BPF_AND": "&=", "BPF_DIV": "/="}
JUMPS = {"BPF_JEQ": "==", "BPF_JNE": "!=", "BPF_JGT": ">", "BPF_JLT": "<"}
TYPES = {"BPF_PROG_TYPE_SCHED_CLS": "classifier", "BPF_PROG_TYPE_KPROBE": "kprobe"}
LONG = {
    "LIMIT_MAPS": ("lookups in 65 maps", "lookups in 64 maps"),
    "LIMIT_JUMP": ("``if r7 == 1 goto +12000`` over loads of ``gso_size``, of three to five instructions each",
                   "the same over 6000"),
}


def split(text):
    """Arguments of a macro: commas outside of parentheses."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


def place(reg, off):
    off = re.sub(r"^FIELD\((\w+)\)$", r"offset of \1", off)
    return f"r{reg} {off}" if off.startswith("-") else f"r{reg} + {off}"


def distance(off):
    return off if off.startswith("-") else "+" + off


def stores(size, at, value):
    return f"*({SIZES[size]} *)({at}) = {value}"


def insn(what, fields):
    """An instruction that is given field by field."""
    code, dst, src, off, imm = fields
    if "BPF_KFUNC" in src or "PSEUDO_KFUNC" in src:
        return f"call kernel-function {imm}"
    if code == "BPF_JMP | BPF_EXIT":
        return f"exit, its imm field {imm}"
    if code == "BPF_LD | BPF_IMM | BPF_DW":
        return f"r{dst} = {imm} ll, without its second slot"
    if re.match(r"0x\w+$", code):
        return f"opcode {code}"
    raise SystemExit(f"messages.py: {what} is not understood")


ONE = {
    "MOV_K": lambda d, i: f"r{d} = {i}",
    "MOV_X": lambda d, s: f"r{d} = r{s}",
    "MOV32_X": lambda d, s: f"w{d} = w{s}",
    "ALU_K": lambda op, d, i: f"r{d} {ALU[op]} {i}",
    "ALU_X": lambda op, d, s: f"r{d} {ALU[op]} r{s}",
    "LDX": lambda z, d, s, o: f"r{d} = *({SIZES[z]} *)({place(s, o)})",
    "STX": lambda z, d, s, o: stores(z, place(d, o), f"r{s}"),
    "ST": lambda z, d, o, i: stores(z, place(d, o), i),
    "LD64": lambda d, v: f"r{d} = {v} ll",
    "LD64_SRC": lambda d, s, lo, hi: f"r{d} = {lo} ll, of an object of kind {s}",
    "LD_MAP": lambda d, m: f"r{d} = map: {MAPS[m]}",
    "LD_MAP_AT": lambda d, n: f"r{d} = map: number {n} of fd_array",
    "LD_VALUE": lambda d, m, o: f"r{d} = address of the value + {o}: {MAPS[m]}",
    "LDABS": lambda z, i: f"r0 = *({SIZES[z]} *)skb[{i}]",
    "JMP_K": lambda op, d, i, o: f"if r{d} {JUMPS[op]} {i} goto {distance(o)}",
    "JMP_X": lambda op, d, s, o: f"if r{d} {JUMPS[op]} r{s} goto {distance(o)}",
    "JA": lambda o: f"goto {distance(o)}",
    "CALL": lambda f: "call " + f.replace("BPF_FUNC_", "bpf_"),
    "FN": lambda o: f"call the function at {distance(o)}",
    "EXIT": lambda: "exit",
}

MANY = {
    "LOOKUP": "ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, {0}), "
              "CALL(BPF_FUNC_map_lookup_elem)",
    "VALUE": "MOV_X(6, 1), LOOKUP({0}), JMP_K(BPF_JNE, 0, 0, 1), EXIT()",
    "NUMBER": "LDX(BPF_W, {0}, 6, 0)",
}


def lines(program):
    """A program as text, an instruction a line."""
    for what in split(program):
        m = re.fullmatch(r"(\w+)\((.*)\)", what, re.S)
        name, args = m.group(1), split(m.group(2))
        if name in MANY:
            yield from lines(MANY[name].format(*args))
        elif name == "INSN":
            yield insn(what, args)
        elif name in ONE:
            yield ONE[name](*args)
        else:
            raise SystemExit(f"messages.py: {what} is not understood")


def read(path):
    with open(path) as f:
        return f.read()


def rules():
    """Name, what is wrong, what is needed, repair, of each rule."""
    text = re.sub(r"\\\n", "", read(RULES).split("#define VERIFIER_RULES(X)")[1])
    return re.findall(r'X\((\w+),\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)"\)', text)


def parens(text, start):
    """From behind an opening parenthesis up to its own end."""
    depth, i = 1, start
    while depth:
        depth += (text[i] == "(") - (text[i] == ")")
        i += 1
    return text[start:i - 1]


def rows():
    """The table of programs, by rule: errno, classic text, the rest of the row."""
    table = read(TABLE).split("static const struct message messages[] = {")[1].split("\n};")[0]
    found = {}
    for row in re.split(r"\n\t\{ (?=\")", table)[1:]:
        name, err, text = re.match(r'"(\w+)", (\w+), "([^"]*)"', row).groups()
        found[name] = (err.rstrip("_"), text, row)
    return found


def program(row, which):
    at = row.index(which + "_PROG(") + len(which) + 6
    return ["    " + line for line in lines(re.sub(r"\s+", " ", parens(row, at)))]


def section(rule, row):
    name, wrong, need, repair = rule
    err, text, body = row
    kind = re.search(r"\.type = (\w+)", body)
    licence = re.search(r'\.license = "(\w+)"', body)
    out = [f".. _verifier-{name.lower().replace('_', '-')}:", "", name, "-" * len(name), "",
           f"{wrong[0].upper()}{wrong[1:]}: {err}, \"{text}\".", ""]
    out += [f"Needed: {need}.", "", f"Repair: {repair}.", ""]
    if ".make" in body:
        bad, good = LONG[name]
        return out + [f"Refused: {bad}. Accepted: {good}.", ""]
    of = f" (a {TYPES[kind.group(1)]})" if kind else ""
    of += f" (licence \"{licence.group(1)}\")" if licence else ""
    out += [f"Refused{of}::", ""] + program(body, "BAD") + ["", "Accepted::", ""] + program(body, "GOOD")
    return out + [""]


def document():
    found, out = rows(), [HEAD]
    for rule in rules():
        if rule[0] not in found:
            raise SystemExit(f"messages.py: no program for the rule {rule[0]}")
        out += section(rule, found.pop(rule[0]))
    if found:
        raise SystemExit(f"messages.py: no rule for {sorted(found)}")
    return "\n".join(out).rstrip("\n") + "\n"


def check():
    """What is wrong with the document, as check.py wants it."""
    try:
        fresh = os.path.exists(DOCUMENT) and read(DOCUMENT) == document()
    except (SystemExit, AttributeError, KeyError, TypeError) as e:
        return [str(e)]
    return [] if fresh else ["Documentation/bpf/verifier-messages.rst is old: run docs/messages.py"]


def main():
    if sys.argv[1:] == ["--check"]:
        bad = check()
        print("\n".join(bad) or "fresh")
        sys.exit(bool(bad))
    with open(DOCUMENT, "w") as f:
        f.write(document())


if __name__ == "__main__":
    main()
