# SPDX-License-Identifier: GPL-2.0-only
"""Makefiles and Kconfig files as they are in the middle of the series.

A line of a Makefile comes with the source of its object, an option of Kconfig
with the patch whose "shows" line names it. So every state of the tree builds,
and the last one is the overlay's own file, byte by byte: the caller compares.
"""
import os
import re

from .manifest import Error


def grows(path):
    name = os.path.basename(path)
    return path.split("/")[0] not in ("tools", "samples") and (name == "Makefile" or name.startswith("Kconfig"))


def _object_there(folder, word, exists):
    if word.endswith("/"):
        return exists(os.path.join(folder, word, "Makefile"))
    if not word.endswith(".o"):
        return True
    return any(exists(os.path.join(folder, word[:-2] + ext)) for ext in (".c", ".S"))


def _makefile_line(line, folder, exists):
    """The line without objects that are not there yet; None if nothing stays."""
    flags = re.match(r"(?:CFLAGS|CFLAGS_REMOVE|AFLAGS|KASAN_SANITIZE|UBSAN_SANITIZE|GCOV_PROFILE|OBJECT_FILES_NON_STANDARD)_(\S+\.o)\s*[:+]?=", line)
    if flags:
        return line if _object_there(folder, flags.group(1), exists) else None
    objects = re.match(r"([\w-]+-(?:y|m|\$\([^)]*\)|objs)\s*[:+]?=)(.*)", line)
    if not objects:
        return line
    words = objects.group(2).split()
    stay = [w for w in words if _object_there(folder, w, exists)]
    if stay == words:
        return line
    return f"{objects.group(1)} {' '.join(stay)}" if stay else None


def makefile(text, path, exists):
    """TEXT of the Makefile at PATH with what EXISTS says is in the tree."""
    if re.search(r"(?m)^[^#\n]*\\$", text):
        raise Error(f"{path}: a line goes on in the next one, where its objects are not seen; write two")
    folder = os.path.dirname(path)
    blocks = []
    for block in text.rstrip("\n").split("\n\n"):
        lines = block.split("\n")
        stay = [l for l in (_makefile_line(l, folder, exists) for l in lines) if l is not None]
        joined = re.sub(r"(?m)^if\w+ .*\n(?:else\n)?endif(\n|$)", "", "\n".join(stay)).rstrip("\n")
        empty = all(l.startswith("#") for l in joined.split("\n"))
        if joined and (joined == block or not empty):
            blocks.append(joined)
    return "\n\n".join(blocks) + "\n"


def kconfig(text, hidden):
    """TEXT without the options in HIDDEN, and without menus that they leave empty."""
    parts = re.split(r"(?m)^(?=config |menuconfig |menu |endmenu|#)", text)
    stay = [p for p in parts if not (re.match(r"(?:menu)?config (\S+)", p) and
                                     re.match(r"(?:menu)?config (\S+)", p).group(1) in hidden)]
    joined = "".join(stay)
    if joined != text:
        joined = re.sub(r'(?m)^menu ".*"\n\s*endmenu\n?', "", joined).rstrip("\n") + "\n"
    return joined


def state(text, path, exists, hidden):
    """What the file at PATH holds when the tree is as EXISTS and HIDDEN say."""
    if os.path.basename(path) == "Makefile":
        return makefile(text, path, exists)
    return kconfig(text, hidden)
