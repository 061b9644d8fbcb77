# SPDX-License-Identifier: GPL-2.0-only
"""Judge what a test program printed (the protocol is in tests.list).

A program that dies half way, or runs fewer checks than it announced, must never
look like one that passed: every promise it did not keep counts as a failure.
"""
import itertools
import re

_CHECK = re.compile(r"(not )?ok (\d+)(?:\s+(?:-\s*)?(.*))?$")
_PLAN = re.compile(r"1\.\.(\d+)(?:\s*# SKIP\s*(.*))?$")
_SKIP = re.compile(r"\s*# SKIP\b\s*(.*)$")


class Result:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures, self.skips, self.notes = [], [], []
        self.seconds = 0

    def fail(self, text):
        self.failed += 1
        self.failures.append(text)

    def skip(self, text):
        self.skipped += 1
        self.skips.append(text)

    def check(self, failed, number, name):
        skip = _SKIP.search(name)
        if failed:
            self.fail(f"{number} - {name}")
        elif skip:
            self.skip(f"{name[:skip.start()]}: {skip.group(1) or 'no reason given'}")
        else:
            self.passed += 1

    def compare(self, ours, theirs):
        """The "verdict" lines of two kernels must be equal, and there must be some."""
        mine, other = ([l for l in t.splitlines() if l.startswith("verdict ")] for t in (ours, theirs))
        if not other:
            self.fail("the pristine kernel gave no verdicts to compare with")
        for a, b in itertools.zip_longest(mine, other, fillvalue="(none)"):
            if a == b:
                self.passed += 1
            else:
                self.fail(f"ours: {a}; pristine: {b}")


def broken(text):
    r = Result()
    r.fail(text)
    return r


def skipped(text):
    r = Result()
    r.skip(text)
    return r


def parse(output, status):
    """Result of a program that printed OUTPUT and ended with STATUS."""
    r = Result()
    plan, seen = None, 0
    for line in output.replace("\r", "").splitlines():
        planned, check = _PLAN.match(line), _CHECK.match(line)
        if planned:
            if plan is not None:
                r.fail("a second plan line: " + line)
            plan = int(planned.group(1))
            if plan == 0 and planned.group(2) is not None:
                r.skip(planned.group(2) or "no reason given")
        elif check:
            seen += 1
            if int(check.group(2)) != seen:
                r.fail(f"number {check.group(2)} where {seen} was due: {line}")
                seen = int(check.group(2))
            else:
                r.check(check.group(1), seen, check.group(3) or "")
        elif line.startswith("Bail out!"):
            r.fail(line)
        elif line.startswith("#"):
            r.notes.append(line)
    if plan is None:
        r.fail("no plan line (1..N)")
    elif plan != seen:
        r.failed += max(plan - seen, 1)
        r.failures.append(f"{seen} checks seen, {plan} planned")
    elif plan == 0 and not r.skipped:
        r.fail("an empty plan")
    if status:
        if not r.failed:
            r.fail(f"exit status {status}")
        # What was printed last, for a program that said nothing of it.
        r.notes += ["exit status %d; last output:" % status] + output.splitlines()[-8:]
    return r
