# SPDX-License-Identifier: GPL-2.0-only
"""Read a guest's console log: which lines say that the kernel is unwell?

The log holds NUL and escape bytes from the firmware, so it is cleaned before
anything is matched. A plain "bug" is no sign: the PCI code always says
"report a bug".
"""
import re

WARNING = re.compile("|".join((
    r"\bWARNING: ", r"\bBUG: ", r"\bBUG at ", r"kernel BUG", r"\bOops\b", r"Call Trace:",
    r"Kernel panic", r"possible recursive", r"possible circular", r"possible irq lock",
    r"possible deadlock", r"inconsistent lock state", r"lock held when returning",
    r"locks? still held", r"bad unlock balance", r"Invalid wait context",
    r"suspicious RCU", r"Illegal context switch in RCU", r"UBSAN", r"KASAN:", r"KCSAN:",
    r"KMSAN:", r"KFENCE:", r"lockdep: ", r"DEBUG_LOCKS_WARN",
    r"unreferenced object", r"new suspected memory leaks", r"refcount_t:", r"general protection",
    r"detected (?:expedited )?stalls?\b", r"self-detected stall", r"rcu.*kthread starved",
    r"soft lockup", r"hard LOCKUP", r"blocked for more than", r"scheduling while atomic",
    r"sleeping function called", r"unable to handle", r"Bad page", r"bad page state",
    r"list_(?:add|del) corruption", r"double fault", r"stack guard page", r"nobody cared",
    r"usercopy: ", r"detected buffer overflow", r"stack-protector:", r"Unpatched return thunk",
    r"ODEBUG:", r"workqueue lockup", r"=+\[ cut here \]=+", r"-+\[ cut here \]-+",
    r"SLUB .*corrupt", r"(?:Redzone|Poison) overwritten", r"Object already free",
    r"invalid opcode:", r"Out of memory:",
)))

# Notices about the machine, not about the kernel's state. On some hosts' CPUs
# the mitigation code says WARNING, also when a test turns a sysctl.
HARMLESS = re.compile(r"report a bug|(?:Spectre V2|RETBleed|Spectre V1|MDS|TAA|SRBDS|MMIO)\s*:\s*WARNING")

_ESCAPES = re.compile(rb"\x1b\[[0-9;?=]*[A-Za-z]|\x1bc|[\x00\x07\x08\x0e\x0f\r]")


def lines(path):
    try:
        with open(path, "rb") as f:
            raw = f.read()
    except FileNotFoundError:
        return []
    return _ESCAPES.sub(b"", raw).decode("utf-8", "replace").split("\n")


def warnings(log, context=18):
    """The lines of a log that tell of trouble, each with what follows it."""
    out, until = [], -1
    for i, line in enumerate(log):
        if WARNING.search(line) and not HARMLESS.search(line):
            until = i + context
        if i <= until:
            out.append(line)
    return out
