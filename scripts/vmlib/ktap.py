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


_STAMP = re.compile(r"^(?:<\d>)?\[ *\d+\.\d+\] ")


class _Level:
    """The checks seen at one depth of nested KTAP."""

    def __init__(self):
        self.plan, self.seen = None, 0

    def close(self, result, where):
        if self.seen and self.plan is None:
            result.fail(f"{where}: no plan line")
        elif self.plan is not None and self.plan != self.seen:
            result.failed += max(self.plan - self.seen, 1)
            result.failures.append(f"{where}: {self.seen} checks seen, {self.plan} planned")


def parse_kunit(log, status):
    """Result of the KUnit suites in a console log: nested KTAP, four blanks a
    level. What stands before an "ok" at a deeper level are its parts, and only
    the innermost checks count."""
    r, levels, started, inner = Result(), [], False, []
    for line in log:
        line = _STAMP.sub("", line)
        if not started:
            started = line.startswith(("TAP version", "KTAP version"))
            continue
        text = line.lstrip(" ")
        depth = (len(line) - len(text)) // 4
        planned, check = _PLAN.match(text), _CHECK.match(text)
        if not planned and not check:
            if text.startswith("# Subtest:"):
                inner = inner[:max(depth - 1, 0)] + [text[len("# Subtest:"):].strip()]
            continue
        while len(levels) <= depth:
            levels.append(_Level())
        if planned:
            levels[depth].plan = int(planned.group(1))
            continue
        parts = len(levels) > depth + 1
        failed_before = r.failed
        while len(levels) > depth + 1:
            levels.pop().close(r, check.group(3) or "?")
        levels[depth].seen += 1
        if int(check.group(2)) != levels[depth].seen:
            r.fail(f"number {check.group(2)} where {levels[depth].seen} was due: {text}")
            levels[depth].seen = int(check.group(2))
        name = ": ".join(inner[:depth] + [check.group(3) or "?"])
        if not parts:
            r.check(check.group(1), levels[depth].seen, name)
        elif check.group(1) and r.failed == failed_before and not _suite_failed(r, check.group(3)):
            r.fail(f"suite {name}")
        if depth == 0 and levels[0].plan == levels[0].seen:
            break
    if not started:
        r.fail("no KUnit results on the console")
    while levels:
        levels.pop().close(r, "KUnit")
    if started and not r.passed + r.failed + r.skipped:
        r.fail("no KUnit suite ran")
    if status and not r.failed:
        r.fail(f"exit status {status}")
    return r


def _suite_failed(result, suite):
    """Has a part of SUITE been counted as a failure already?"""
    return any(f"- {suite}: " in f or f": {suite}: " in f for f in result.failures)
