# SPDX-License-Identifier: GPL-2.0-only
"""The registry of test groups, tests.list; its format is described there."""
import os
import shlex
import sys

from vmlib import kinds

TOP = kinds.TOP
TESTS = os.path.join(TOP, "tools/testing/selftests/bpf")

# Not in this list by accident: a word nobody reads would switch nothing.
WORDS = {"ours", "compare", "debug", "gate", "nightly", "alone", "turns", "kunit"}


class Group:
    """One line of tests.list."""

    def __init__(self, line):
        fields = line.split(None, 4)
        if len(fields) != 5 or fields[1] not in ("initramfs", "9p", "host") or not fields[3].isdigit():
            sys.exit(f"test: tests.list: NAME ROOT NEEDS TIMEOUT COMMAND... wanted: {line}")
        self.name, self.root, needs, self.timeout = fields[0], fields[1], fields[2], int(fields[3])
        self.words = shlex.split(fields[4])
        self.needs = [] if needs == "-" else needs.split(",")
        for need in self.needs:
            if need not in WORDS and not need.startswith(("CONFIG_", "!CONFIG_", "mem=", "arg=", "cpu=", "vm:")):
                sys.exit(f"test: tests.list: {self.name} needs an unknown thing: {need}")

    def lacks(self, kind, options):
        """Why the group cannot run on this kind of kernel, or None."""
        if kind.uml and self.root == "9p":
            return "UML has no 9p root"
        for need in self.needs:
            if need.startswith("CONFIG_") and need not in options:
                return f"kernel without {need}"
            if need.startswith("!") and need[1:] in options:
                return f"kernel with {need[1:]}"
            if need == "kunit" and "CONFIG_KUNIT" not in options:
                return "kernel without CONFIG_KUNIT"
            if need == "ours" and kind.tree != "ours":
                return "of our kernel only"
            if need.startswith(("arg=", "cpu=")) and (kind.uml or kind.slower > 1):
                return "a guest of this kind is shared"
            if need.startswith("vm:") and kind.uml:
                return f"UML has no {need[3:]}"
        return None

    def files(self, kind):
        """(host path, name below /tests) of each file that COMMAND names."""
        for word in self.words:
            name = os.path.normpath(word.lstrip("+"))
            for base in (os.path.join(TOP, "build/tests"), os.path.join(TOP, "build", kind), TESTS):
                if name not in (".", "..") and os.path.exists(os.path.join(base, name)):
                    yield os.path.join(base, name), name
                    break
            else:
                if word.startswith(("+", "./")):
                    raise FileNotFoundError(f"{word} is neither in build/tests nor in {os.path.relpath(TESTS, TOP)}")

    def command(self):
        words = [w for w in self.words if not w.startswith("+")]
        return f"mkdir -p /tests && cd /tests && {' '.join(map(shlex.quote, words))}"

    def arguments(self):
        """Of the guest's kernel."""
        return [n[4:].replace("@", ",") for n in self.needs if n.startswith("arg=")]

    def cpu(self):
        return next((n[4:] for n in self.needs if n.startswith("cpu=")), "max")

    def memory(self, kind):
        sizes = [kind.memory] + [n[4:] for n in self.needs if n.startswith("mem=")]
        return max(sizes, key=kinds.megabytes)


def read():
    with open(os.path.join(TESTS, "tests.list")) as f:
        groups = [Group(l.strip()) for l in f if l.strip() and not l.startswith("#")]
    names = [g.name for g in groups]
    if len(set(names)) != len(names):
        sys.exit("test: tests.list: a name stands there twice")
    return groups
