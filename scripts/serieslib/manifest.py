# SPDX-License-Identifier: GPL-2.0-only
"""base/series/manifest: which file of the overlay goes into which patch.

Every file must be named by exactly one patch; that is checked here and nowhere
else. The format is told at the manifest's top.
"""
import os
import re

MESSAGE_WIDTH = 75


class Error(Exception):
    """What a person has to mend, in one or more lines."""


class Patch:
    def __init__(self, name):
        self.name = name
        self.wanted, self.unwanted = [], []
        self.shows, self.boots = [], []
        self.links = None
        self.files = []
        self.subject = self.body = None

    def takes(self, path):
        return any(g(path) for g in self.wanted) and not any(g(path) for g in self.unwanted)


def glob(pattern):
    """A predicate on paths: * stays inside a directory, a trailing / means all below."""
    rx = "[^/]*".join(re.escape(p) for p in pattern.rstrip("/").split("*"))
    return re.compile(rx + ("/.*" if pattern.endswith("/") else "") + r"\Z").match


def parse(path):
    patches = []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if not line[0].isspace():
                patches.append(Patch(words[0]))
            elif not patches:
                raise Error(f"{path}:{number}: a file before the first patch")
            elif words[0] in ("shows", "boots"):
                getattr(patches[-1], words[0]).extend(words[1:])
            elif words[0] == "links":
                patches[-1].links = words[1]
            elif words[0].startswith("!"):
                patches[-1].unwanted.append(glob(words[0][1:]))
            else:
                patches[-1].wanted.append(glob(words[0]))
    names = [p.name for p in patches]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise Error(f"{path}: patches named twice: {' '.join(sorted(twice))}")
    return patches


def assign(patches, files):
    """Give each patch its files."""
    wrong = []
    for path in files:
        takers = [p for p in patches if p.takes(path)]
        if len(takers) == 1:
            takers[0].files.append(path)
        else:
            wrong.append(f"{path}: " + ("named by no patch" if not takers else
                                        "named by " + ", ".join(p.name for p in takers)))
    wrong += [f"{p.name}: takes no file" for p in patches if not p.files]
    if wrong:
        raise Error("base/series/manifest:\n  " + "\n  ".join(wrong))


def included(top, path):
    """The files of the overlay that a source of the kernel may mean by its includes."""
    with open(os.path.join(top, path), errors="replace") as f:
        for opening, name in re.findall(r'(?m)^#\s*include\s+(["<])([^">]+)', f.read()):
            if opening == '"':
                yield os.path.normpath(os.path.join(os.path.dirname(path), name))
            else:
                yield from (f"include/{name}", f"include/uapi/{name}")


def check_order(patches, top):
    """No patch may include what only a later one brings."""
    brings = {f: n for n, p in enumerate(patches) for f in p.files}
    wrong = [f"{path} of {p.name} includes {other} of {patches[brings[other]].name}, a later patch"
             for n, p in enumerate(patches) for path in p.files
             if re.match(r"(kernel|net|include|arch|lib)/.*\.[chS]$", path)
             for other in included(top, path) if brings.get(other, n) > n]
    if wrong:
        raise Error("base/series/manifest:\n  " + "\n  ".join(wrong))


def read_text(path):
    """(subject, body) of a message."""
    try:
        with open(path) as f:
            subject, _, body = f.read().partition("\n")
    except FileNotFoundError:
        raise Error(f"{path} is missing: the patch's subject and message") from None
    lines = [subject] + body.split("\n")
    wrong = [l for l in lines if len(l) > MESSAGE_WIDTH]
    # git am would take these for the end of the message.
    wrong += [l for l in lines if re.match(r"---|diff -|Index: |From ", l)]
    if not subject or not body.strip() or not body.startswith("\n"):
        raise Error(f"{path}: subject, an empty line, and a message are needed")
    if wrong:
        raise Error(f"{path}: too long, or not to be had in a mail: {wrong[0]}")
    return subject, body.strip()


def read(folder, files):
    """The patches in order, each with its files and message."""
    patches = parse(os.path.join(folder, "manifest"))
    assign(patches, files)
    check_order(patches, os.path.dirname(os.path.dirname(folder)))
    for p in patches:
        p.subject, p.body = read_text(os.path.join(folder, p.name + ".txt"))
    unused = {n[:-4] for n in os.listdir(folder) if n.endswith(".txt")} - {p.name for p in patches} - {"cover"}
    if unused:
        raise Error("base/series: messages without a patch: " + " ".join(sorted(unused)))
    return patches
