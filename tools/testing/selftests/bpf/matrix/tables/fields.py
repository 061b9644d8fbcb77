#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Make C that prints the fields of union bpf_attr, of the header it is given.

  fields.py include/uapi/linux/bpf.h > fields.c

Each structure that stands directly in the union belongs to the commands that
have its first field. A row is "attr.STRUCT NAME OFFSET SIZE"; STRUCT is that
first field, or the structure's own name.
"""
import re
import sys

BASIC = re.compile(r"\s*(?:__u32|__u64|__s32|__aligned_u64|char)\s+(\w+)(\[.*\])?;")


def body_of_union(text):
    start = text.index("union bpf_attr {") + len("union bpf_attr {")
    return text[start:text.index("} __attribute__((aligned(8)));", start)]


def structs(body):
    """(prefix, fields) of each structure.

    Fields of a union inside count, those of a structure inside do not: they have
    a name of their own in front, and no command of today's has one.
    """
    nesting, fields = [], []
    for line in body.splitlines():
        if "{" in line:
            nesting.append(line.split()[0])
        elif "}" in line:
            nesting.pop()
            if not nesting:
                yield re.match(r"\s*}\s*(\w*)\s*;", line).group(1), fields
                fields = []
        elif BASIC.match(line) and "struct" not in nesting[1:]:
            fields.append(BASIC.match(line).group(1))
    if nesting:
        sys.exit("fields.py: braces do not match")


def main():
    with open(sys.argv[1]) as f:
        body = body_of_union(f.read())
    print("// SPDX-License-Identifier: GPL-2.0-only")
    print("#include <linux/bpf.h>\n#define FIELD(s, p, f) printf(\"attr.%s %s %zu %zu\\n\", s, #f, \\")
    print("\toffsetof(union bpf_attr, p f), sizeof(((union bpf_attr *)0)->p f))")
    print("void print_fields(void)\n{")
    for prefix, fields in structs(body):
        dot = f"{prefix}." if prefix else ""
        for field in fields:
            print(f"\tFIELD(\"{prefix or fields[0]}\", {dot}, {field});")
    print("}")


if __name__ == "__main__":
    main()
