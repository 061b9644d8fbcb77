#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run the command lines of documents and compare what they print.

  lines.py DOCUMENT...               in a guest, in a directory with samples/
  lines.py --compile DIR DOCUMENT... on the host: the programs of try.sh into DIR

In a literal block a line that starts with "# " is a command, run in a tree like
this one; what stands below it, to the next command or the end of the block, is
what it prints. A line "[...]" stands for any number of lines, as does "..." within
a line for any text. Prints KTAP.
"""
import os
import re
import shlex
import subprocess
import sys

TRY = "build/samples/try.sh"


def examples(path):
    """(line number, command, [lines of output]) of each command of a document."""
    with open(path) as f:
        lines = f.read().split("\n")
    found, literal, margin = [], False, 0
    for number, line in enumerate(lines, 1):
        text = line.expandtabs()
        indent = len(text) - len(text.lstrip())
        if not text.strip():
            continue
        if literal and indent <= margin:
            literal = False
        if literal and text.lstrip().startswith("# "):
            found.append((number, text.strip()[2:], indent, []))
        elif literal and found and found[-1][2] <= indent and found[-1][0] > start:
            found[-1][3].append(text[found[-1][2]:].rstrip())
        if not literal and text.rstrip().endswith("::"):
            literal, margin, start = True, indent, number
    return [(n, c, o) for n, c, _, o in found]


def pattern(wanted):
    """What the output must match as a whole."""
    parts = []
    for line in wanted:
        if line.strip() == "[...]":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(re.escape(p) for p in line.split("...")) + r"\n")
    return re.compile("".join(parts))


def compile_all(out, documents):
    """The objects that try.sh looks for, named as it names them."""
    os.makedirs(out, exist_ok=True)
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../../samples/bpf")
    for _, command, _ in (e for d in documents for e in examples(d)):
        words = shlex.split(command)
        if words[0] != TRY:
            continue
        kind, code = words[1:] if len(words) == 3 else ("socket", words[1])
        name = subprocess.run(["cksum"], input=f"{kind} {code}\n", text=True, stdout=subprocess.PIPE,
                              check=True).stdout.replace(" ", "").strip()
        made = os.path.join(out, name + ".o")
        if not os.path.exists(made):
            subprocess.run(["sh", os.path.join(here, "try.sh"), "-c", made, kind, code], check=True)


def tree(samples):
    """A directory in which the commands find what they name."""
    top = "/tmp/tree"
    os.makedirs(top + "/build", exist_ok=True)
    os.makedirs(top + "/samples", exist_ok=True)
    for link in ("build/samples", "samples/bpf"):
        if not os.path.islink(f"{top}/{link}"):
            os.symlink(samples, f"{top}/{link}")
    return top


def run(command, top, **environment):
    return subprocess.run(["sh", "-c", command], cwd=top, env=dict(os.environ, **environment), text=True,
                          errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120).stdout


def main():
    documents = sys.argv[1:]
    if documents[0] == "--compile":
        compile_all(documents[1], documents[2:])
        return 0
    top, count, failed = tree(os.path.abspath("samples")), 0, 0
    objects = os.path.abspath("docs/objects")
    for document in documents:
        for number, command, wanted in examples(document):
            # The first is compiled here, as a person's would be.
            found = run(command, top, TRY_OBJECTS=objects if count else "/none")
            found = "".join(l.rstrip().expandtabs() + "\n" for l in found.splitlines())
            count += 1
            good = pattern(wanted).fullmatch(found) if wanted else False
            failed += not good
            print(f"{'ok' if good else 'not ok'} {count} - {os.path.basename(document)}:{number}: {command}")
            if not good:
                print("".join(f"# printed: {l}\n" for l in found.splitlines()[:40]), end="")
            sys.stdout.flush()
    print(f"1..{count}")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
