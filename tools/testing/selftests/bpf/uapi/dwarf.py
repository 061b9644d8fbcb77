# SPDX-License-Identifier: GPL-2.0-only
"""Types of an object file, from its debug information as readelf prints it.

types(OBJECT) gives {"enum NAME = VALUE", ...} facts as a flat dictionary:
  "NAME"              of an enumerator: its value
  "struct NAME"       size in bytes
  "struct NAME.a.b"   "offset in bits, size in bits, what it is" of each member
Anonymous members are looked through: their members belong to the outer type.
"""
import re
import subprocess

SKIP = {"DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"}
WORDS = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union", "DW_TAG_enumeration_type": "enum"}


class Die:
    def __init__(self, tag):
        self.tag, self.attr, self.children = tag, {}, []


def parse(obj):
    """{offset: Die} and the top-level ones in order."""
    text = subprocess.run(["readelf", "--wide", "--debug-dump=info", obj], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    dies, stack, top, current = {}, [], [], None
    for line in text.split("\n"):
        head = re.match(r" *<(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \((\w+)\)", line)
        if head:
            depth, current = int(head.group(1)), Die(head.group(3))
            dies[int(head.group(2), 16)] = current
            del stack[depth:]
            (stack[-1].children if stack else []).append(current)
            stack.append(current)
            if depth == 1:
                top.append(current)
            continue
        attr = re.match(r" +<[0-9a-f]+> +(DW_AT_\w+) *: (.*)", line)
        if attr and current:
            # "(data1) 8", "(strp) (offset: 0x3f): name", "(indirect string, ...): name", or just the value
            value = re.sub(r"^(\([^)]*\):? +)+", "", attr.group(2)).strip()
            current.attr[attr.group(1)] = value
    return dies, top


class Types:
    def __init__(self, obj):
        self.dies, top = parse(obj)
        self.facts = {}
        for die in top:
            if "DW_AT_declaration" in die.attr:
                continue
            if die.tag == "DW_TAG_enumeration_type":
                self.enum(die)
            elif die.tag in WORDS and "DW_AT_name" in die.attr:
                name = f"{WORDS[die.tag]} {die.attr['DW_AT_name']}"
                self.facts[name] = f"{die.attr['DW_AT_byte_size']} bytes"
                self.members(die, name, 0)

    def enum(self, die):
        for child in die.children:
            self.facts[child.attr["DW_AT_name"]] = int(child.attr["DW_AT_const_value"], 0)

    def target(self, die):
        """What a DIE's type is behind names and qualifiers; None for void."""
        while True:
            ref = die.attr.get("DW_AT_type")
            if ref is None:
                return None
            die = self.dies[int(re.search(r"<0x([0-9a-f]+)>", ref).group(1), 16)]
            if die.tag not in SKIP:
                return die

    def describe(self, die):
        """(bytes, text) of a type."""
        if die is None:
            return 0, "void"
        size = int(die.attr.get("DW_AT_byte_size", 0))
        if die.tag == "DW_TAG_array_type":
            each, text = self.describe(self.target(die))
            for sub in die.children:
                bound = sub.attr.get("DW_AT_upper_bound")
                count = int(bound) + 1 if bound and bound.isdigit() else int(sub.attr.get("DW_AT_count", 0))
                each, text = each * count, f"{text}[{count}]"
            return each, text
        if die.tag == "DW_TAG_pointer_type":
            return size, "pointer to " + self.describe(self.target(die))[1]
        if die.tag == "DW_TAG_base_type":
            return size, die.attr["DW_AT_encoding"].split("(")[-1].strip(")")
        return size, f"{WORDS.get(die.tag, die.tag)} {die.attr.get('DW_AT_name', '(unnamed)')}"

    def members(self, die, prefix, base):
        for m in die.children:
            if m.tag != "DW_TAG_member":
                continue
            kind = self.target(m)
            size, text = self.describe(kind)
            at = base + 8 * int(m.attr.get("DW_AT_data_member_location", 0)) + int(m.attr.get("DW_AT_data_bit_offset", 0))
            unnamed = kind is not None and kind.tag in WORDS and "DW_AT_name" not in kind.attr
            if unnamed and kind.tag == "DW_TAG_enumeration_type":
                self.enum(kind)
            inside = prefix
            if "DW_AT_name" in m.attr:
                inside = f"{prefix}.{m.attr['DW_AT_name']}"
                bits = int(m.attr.get("DW_AT_bit_size", 8 * size))
                self.facts[inside] = f"bit {at}, {bits} bits, {text}"
            if unnamed and kind.tag != "DW_TAG_enumeration_type":
                self.members(kind, inside, at)


def types(obj):
    return Types(obj).facts
