# SPDX-License-Identifier: GPL-2.0-only
"""What the suites print, as a list of cases.

Statuses, from good to bad:
  pass   the suite's own verdict
  load   accepted as wanted, but the program was not run: the suite says so
  skip   the suite left the case out
  fail   the suite's verdict, or the case never came to an end
"""
import re

RANK = {"pass": 3, "load": 2, "skip": 1, "fail": 0}


class Case:
    def __init__(self, ident, name, status, text="", newer=()):
        self.ident, self.name, self.status, self.text = ident, name.strip(), status, text
        self.reason = ""
        # What the case uses that Linux 4.3 did not have, see shim.c.
        self.newer = sorted(set(newer))

    def record(self):
        return {"case": self.ident, "name": self.name, "status": self.status, "reason": self.reason,
                "newer": self.newer}


def verifier(text):
    """A line "#17/p NAME ... OK" a case, and what follows belongs to it."""
    parts = re.split(r"(?m)^#(\d+/[pu]) ", text)
    cases = {}
    for ident, body in zip(parts[1::2], parts[2::2]):
        newer = re.findall(r"(?m)^class (.*)$", body)
        body = re.sub(r"(?m)^class .*\n", "", body)
        first = body.split("\n", 1)[0]
        found = (re.search(r"(?m)(?:^|\s)(FAIL)\b", body) or re.search(r"(?m)(?:^|\s)(SKIP)\b", body) or
                 re.search(r"\s(OK)\s*\Z", body))
        status = {"OK": "pass", "SKIP": "skip"}.get(found.group(1) if found else "", "fail")
        name = first[:found.start()] if found and found.end() <= len(first) else first
        if "Did not run the program" in name:
            name = name.replace("Did not run the program (not supported)", "")
            status = "load" if status == "pass" else status
        cases[ident] = Case(ident, name, status, body, newer)
    return list(cases.values())


def percase(text):
    """The lines of percase.c."""
    cases = []
    for found in re.finditer(r"(?ms)^case (\d+) begin (\S+)$(.*?)(?=^case \d+ begin|\Z)", text):
        ident, name, body = found.groups()
        end = re.search(rf"(?m)^case {ident} end (.*)$", body)
        status = "pass" if end and end.group(1) == "pass" else "fail"
        # A map type that this machine's kernel lacks.
        if status == "pass" and re.search(r"\bSKIP|skipping|not supported|\[SKIP\]", body):
            status = "skip"
        cases.append(Case(ident, name, status, body if end else body + "\nnever ended\n"))
    return cases or whole(text)


def lines(text):
    """A line "Test case: NAME .. [PASS]" a case."""
    cases = [Case(str(n), name, {"PASS": "pass", "SKIP": "skip"}.get(word, "fail"), body)
             for n, (name, body, word) in enumerate(
                 re.findall(r"(?s)Test case: ([^\n]*?) \.\.(.*?)\[(PASS|FAIL|SKIP)\]", text))]
    return cases or whole(text)


def whole(text):
    end = re.search(r"(?m)^suite exit (\d+)$", text)
    status = "pass" if end and end.group(1) == "0" else "fail"
    return [Case("0", "whole", status, text)]


def test_bpf(text):
    """Kernel messages of the module: "test_bpf: #3 NAME jited:0 12 PASS"; its
    three parts number their cases from 0 each, so they are numbered through."""
    cases = []
    for name, word in re.findall(r"test_bpf: #\d+ (.*?)\s*(?:jited:.*?)?\b(PASS|FAIL|SKIP)\b", text):
        cases.append(Case(str(len(cases)), name, word.lower(), name))
    summaries = re.findall(r"test_bpf: (?:\w+: )?Summary: (\d+) PASSED, (\d+) FAILED", text)
    told = sum(int(a) + int(b) for a, b in summaries)
    if len(summaries) != 3 or told < len(cases):
        cases.append(Case("summary", "summary", "fail", text[-2000:]))
    if told > len(cases):
        # The ring of kernel messages is too small for all: count them by the summaries.
        failed = sum(int(b) for _, b in summaries)
        cases = [Case(str(i), "", "pass" if i >= failed else "fail") for i in range(told)]
    return cases


PARSERS = {"verifier": verifier, "percase": percase, "lines": lines, "whole": whole, "test_bpf": test_bpf}


def counts(cases):
    table = dict.fromkeys(RANK, 0)
    for c in cases:
        table[c.status] += 1
    return table
