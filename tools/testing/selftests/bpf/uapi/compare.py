#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Our uapi headers: installed, used alone, and compared with the system's.

compare.py [WORKDIR]     prints KTAP; WORKDIR is build/uapi

The system's headers (linux-libc-dev) are those of the unmodified kernel of the
same version. Both are given to the compiler, and every macro, enumerator, type
size and member that comes out is compared; nobody reads them. What may differ
stands in differences.list with its reason.
"""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import dwarf
import macros

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "../../../../.."))
HEADERS = ("bpf.h", "bpf_common.h", "filter.h", "btf.h", "bpf_perf_event.h")
SYSTEM = ["/usr/include", "/usr/include/x86_64-linux-gnu"]
STRICT = ["-Wall", "-Wextra", "-pedantic"]


def sh(argv):
    return subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL)


class Test:
    def __init__(self, work):
        self.work = work
        self.ours = [os.path.join(work, "include")]
        self.number = self.failed = 0

    def report(self, name, wrong):
        self.number += 1
        print(f"{'not ok' if wrong else 'ok'} {self.number} - {name}", flush=True)
        for line in wrong[:60]:
            print("#   " + line)
        self.failed += bool(wrong)

    def install(self):
        """headers_install works"""
        tree = os.path.join(TOP, "build/linux")
        if not os.path.exists(tree):
            tree = TOP
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        done = sh(["make", "-s", "-C", os.path.realpath(tree), "O=" + os.path.join(self.work, "obj"),
                   "INSTALL_HDR_PATH=" + self.work, "headers_install"])
        missing = [h for h in HEADERS if not os.path.exists(os.path.join(self.ours[0], "linux", h))]
        return (done.stdout.split("\n") if done.returncode else []) + [f"{h} was not installed" for h in missing]

    def alone(self, compiler, source):
        """Compile and run with nothing but our headers; as system headers and as the program's own."""
        program = os.path.join(self.work, "alone")
        bare = [compiler, *STRICT, "-nostdinc"] + (["-nostdinc++"] if compiler.endswith("++") else [])
        done = sh(bare + ["-isystem", self.ours[0], "-H", os.path.join(HERE, source), "-o", program])
        wrong = [l for l in done.stdout.split("\n") if "warning:" in l or "error:" in l]
        outside = [l for l in re.findall(r"(?m)^\.+ (\S+)", done.stdout) if not l.startswith(self.ours[0] + "/")]
        wrong += [f"taken from elsewhere: {l}" for l in outside]
        if not done.returncode:
            done = sh([program])
        if done.returncode:
            wrong.append(f"ended with {done.returncode}")
        return wrong + self.noise(bare, source)

    def each(self):
        """Every header is complete by itself, in C and in C++, as the system's is."""
        wrong = []
        for header in HEADERS:
            for language in ("c", "c++"):
                def bad(folders):
                    argv = ["gcc", "-x", language, "-fsyntax-only", "-nostdinc", "-include", "linux/" + header,
                            *(f for d in folders for f in ("-isystem", d)), "/dev/null"]
                    return sh(argv).returncode
                if bad(self.ours) and not bad(SYSTEM):
                    wrong.append(f"{header} is not complete in {language}")
        return wrong

    def noise(self, bare, source):
        """Kinds of warnings our header gives as an ordinary file that the system's does not."""
        def kinds(folders):
            said = sh(bare + [f for d in folders for f in ("-I", d)] +
                      ["-fsyntax-only", os.path.join(HERE, source)]).stdout
            return set(re.findall(r"warning: .*\[(-W[^\]]*)\]", said))
        return [f"a warning the system's header does not give: {k}" for k in kinds(self.ours) - kinds(SYSTEM)]

    def facts(self, folders, name):
        folder = os.path.join(self.work, name)
        os.makedirs(folder, exist_ok=True)
        include = "\n".join(f"#include <linux/{h}>" for h in HEADERS)
        source = os.path.join(folder, "all.c")
        with open(source, "w") as f:
            f.write(include + "\n")
        cc = ["gcc"] + [f for d in folders for f in ("-isystem", d)]
        subprocess.run(cc + ["-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types", "-c", source, "-o",
                             folder + "/all.o"], check=True)
        facts = dict(dwarf.types(folder + "/all.o"))
        facts.update(macros.values(cc, include, source, HEADERS, folder))
        return facts

    def compare(self):
        """Lists of what differs, by kind."""
        ours, system = self.facts(self.ours, "ours"), self.facts(SYSTEM, "system")
        self.counts = (len(ours), len(system))
        with open(os.path.join(HERE, "differences.list")) as f:
            allowed = {tuple(l.split(None, 2)[:2]) for l in f if l.strip() and not l.startswith("#")}
        found = {}
        for name in sorted(set(ours) | set(system)):
            if name not in ours:
                found[("missing", name)] = f"missing {name} (the system has: {system[name]})"
            elif name not in system:
                found[("extra", name)] = f"extra {name}: {ours[name]}"
            elif ours[name] != system[name]:
                found[("other", name)] = f"other {name}: {ours[name]}, the system has {system[name]}"
        key = lambda k: (k[0], k[1].replace(" ", "_"))
        new = [text for k, text in found.items() if key(k) not in allowed]
        stale = [f"{kind} {name}: listed, but does not differ" for kind, name in
                 sorted(allowed - {key(k) for k in found})]
        return new, stale, len(found)


def main():
    t = Test(os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build/uapi")))
    print("1..6")
    wrong = t.install()
    t.report("headers_install works", wrong)
    if wrong:
        sys.exit(1)
    t.report("a C program includes <linux/bpf.h> alone", t.alone("gcc", "alone.c"))
    t.report("a C++ program includes <linux/bpf.h> alone", t.alone("g++", "alone.cc"))
    t.report("every header is complete by itself", t.each())
    new, stale, count = t.compare()
    t.report("every value, size and offset is the system's, or its difference has a reason", new)
    t.report("differences.list names no difference that is gone", stale)
    print(f"# {t.counts[0]} names compared with {t.counts[1]} of the system, {count} known differences")
    sys.exit(1 if t.failed else 0)


if __name__ == "__main__":
    main()
