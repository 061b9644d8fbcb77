# SPDX-License-Identifier: GPL-2.0-only
"""Run the benchmark in a guest that counts instructions, and read what it prints.

The protocol is told at the top of bench/main.c in the self-tests. A line that is
not understood, a guest that warns or dies, and a missing end are errors: a figure
nobody can explain must not look like one.
"""
import collections
import os
import shlex
import subprocess
import tempfile

from vmlib import kinds

TOP = kinds.TOP
PROGRAM = os.path.join(TOP, "build/tests/bench/bench")

Key = collections.namedtuple("Key", "group name size engine")
Figure = collections.namedtuple("Figure", "cost unit check gate")


class Error(Exception):
    """What a person has to look at."""


class Measured:
    """One run on one kernel."""

    def __init__(self):
        self.rows = {}      # Key: Figure, in the order they were measured
        self.none = {}      # Key: reason
        self.native = {}    # Key without an engine: instructions

    def take(self, line):
        kind, *f = line.split("\t")
        if kind == "row" and len(f) == 8:
            self.rows[Key(f[0], f[1], int(f[2]), f[3])] = Figure(float(f[5]), f[4], f[6], f[7] == "1")
        elif kind == "none" and len(f) == 5:
            self.none[Key(f[0], f[1], int(f[2]), f[3])] = f[4]
        elif kind == "native" and len(f) == 6:
            self.native[Key(f[0], f[1], int(f[2]), "")] = float(f[5])
        else:
            raise Error(f"the benchmark printed: {line}")


def parse(text):
    """A Measured for each time the benchmark ran."""
    *parts, rest = text.split("end\n")
    if rest or not parts:
        raise Error("the benchmark did not reach its end; what it printed last: " + text[-200:])
    found = []
    for part in parts:
        found.append(Measured())
        for line in part.splitlines():
            found[-1].take(line)
    return found


def build():
    log = os.path.join(TOP, "build/bench.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "w") as f:
        rc = subprocess.run(["make", "-C", os.path.join(TOP, "tools/testing/selftests/bpf"), "bench"],
                            stdout=f, stderr=subprocess.STDOUT).returncode
    if rc:
        raise Error(f"the benchmark does not build, see {os.path.relpath(log)}")


# The guest's clock counts instructions, so samples by time are samples by those.
PROFILE = """cd /tmp && echo 0 >/proc/sys/kernel/kptr_restrict &&
perf record -q -e cpu-clock:k -F 20000 -o data -- /bench {words} >bench.log 2>&1 || cat bench.log
perf report -i data --stdio --sort sym 2>/dev/null | grep -v '^#' | grep . | head -n 40"""


def guest(kernel, script, out, seed, timeout, *more):
    """(exit status, complaint, output) of one guest that counts."""
    done = subprocess.run([os.path.join(TOP, "scripts/boot"), "--kernel", kernel, "--count", "--seed", str(seed),
                           "--quiet", "--timeout", str(timeout), "--out", out, "--put", f"{PROGRAM}:/bench", *more,
                           "--", "sh", "-c", script],
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors="replace")
    with open(os.path.join(out, "output.log"), errors="replace") as f:
        return done.returncode, done.stderr, f.read()


def scratch():
    os.makedirs(os.path.join(TOP, "build/boot"), exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=os.path.join(TOP, "build/boot"))


def profile(kernel, words):
    with scratch() as out:
        status, complaint, output = guest(kernel, PROFILE.format(words=shlex.join(words)), out, 1, 1200,
                                          "--root", "9p")
    if status:
        raise Error(f"the guest with the {kernel} kernel ended with {status}:\n{complaint}{output[-2000:]}")
    return output


def measure(kernel, *calls, seed=1, timeout=1200):
    """A Measured for each of CALLS, the words of one, all in one guest."""
    script = " && ".join(shlex.join(["/bench", *words]) for words in calls)
    with scratch() as out:
        status, complaint, output = guest(kernel, script, out, seed, timeout)
    if status:
        raise Error(f"the guest with the {kernel} kernel ended with {status}:\n{complaint}{output[-2000:]}")
    return parse(output)


def compiler():
    version = subprocess.run(["gcc", "-dumpfullversion"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return "gcc-" + version.strip()


def base_version():
    with open(os.path.join(TOP, "build/base-version")) as f:
        return f.read().strip()
