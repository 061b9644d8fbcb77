# SPDX-License-Identifier: GPL-2.0-only
"""Apply the series to the stripped base, compile every prefix, boot milestones.

Prints KTAP. Three object directories live through all prefixes, so each step
compiles what its patch brought:

  nonet     without networking; linked until "classic" takes over
  classic   networking, seccomp, no bpf(2); linked from "links classic" on
  syscall   with bpf(2); before "links syscall" only the objects that are there,
            with Kconfig as it is at the end of the series, since the option is
            not offered yet

A patch that changes no kernel file leaves the kernel as it was and is not
compiled.
"""
import os
import re
import shutil
import subprocess
import time

from . import base

TOP = base.TOP
LOGS = os.path.join(TOP, "build/series-check")
KERNEL = ("arch/", "include/", "kernel/", "lib/", "net/", "security/", "mm/", "fs/", "drivers/", "init/")
# Where the subsystem's objects are, as targets of make.
OBJECT_DIRS = ("kernel/bpf/", "net/bpf/")
KINDS = ("nonet", "classic", "syscall")


class Failed(Exception):
    """First line: what; the others: diagnostics."""


class Check:
    def __init__(self, the_base, patches, out, written):
        self.base, self.patches, self.out, self.written = the_base, patches, out, written
        self.tree, self.number = the_base.tree, 0
        self.failed = 0
        self.linked = None
        self.env = {**os.environ, "LC_ALL": "C"}
        self.cc = ["CC=gcc", "HOSTCC=gcc"]
        if shutil.which("ccache"):
            self.env.setdefault("CCACHE_DIR", base.shell("cache_root") + "/ccache")
            self.cc = ["CC=ccache gcc", "HOSTCC=ccache gcc"]

    def say(self, name, run):
        """One check: RUN raises Failed, or returns what to add to the line."""
        began = time.monotonic()
        self.number += 1
        try:
            more = run() or ""
            print(f"ok {self.number} - {name}{more}", end="")
        except Failed as e:
            lines = str(e).split("\n")
            print(f"not ok {self.number} - {name}: {lines[0]}", end="")
            self.failed += 1
            more = "".join(f"\n#   {l}" for l in lines[1:41])
            print(more, end="")
        print(f"\n# {time.monotonic() - began:.0f} s", flush=True)

    # ---- the tree

    def apply(self):
        self.base.repository()
        git = self.base.git
        subprocess.run(["git", "-C", self.tree, "am", "-q", "--abort"], stderr=subprocess.DEVNULL)
        git("checkout", "-q", "-f", "base")
        git("clean", "-q", "-f", "-d", "-x")
        git("checkout", "-q", "-B", "series")
        done = subprocess.run(["git", "-C", self.tree, "am", "-q", "--keep-cr",
                               *(os.path.join(self.out, n) for n in self.written)],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode or done.stdout.strip():
            raise Failed("git am is not clean\n" + done.stdout)
        self.commits = git("rev-list", "--reverse", "base..series").split()
        if len(self.commits) != len(self.patches):
            raise Failed(f"{len(self.commits)} commits of {len(self.patches)} patches")
        return f" ({len(self.commits)} patches)"

    def same_tree(self):
        """The tree at the end is the one scripts/prepare makes."""
        done = subprocess.run([os.path.join(TOP, "scripts/build"), "ours", "--tree-only"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise Failed("scripts/build ours --tree-only fails\n" + done.stdout)
        prepared = base.shell("tree_dir ours") + "/linux"
        done = subprocess.run(["rsync", "-rlnci", "--delete", "--exclude=/.git", "--exclude=/MAINTAINERS",
                               prepared + "/", self.tree + "/"], text=True, check=True, stdout=subprocess.PIPE)
        wrong = [l for l in done.stdout.split("\n") if l and not l.startswith((".d", ".f"))]
        for path in base.overlay_files():
            if os.access(os.path.join(TOP, path), os.X_OK) != os.access(os.path.join(self.tree, path), os.X_OK):
                wrong.append(f"{path}: may be executed in one tree only")
        if wrong:
            raise Failed("differences to the prepared tree\n" + "\n".join(wrong))

    def maintainers(self):
        done = subprocess.run(["scripts/get_maintainer.pl", "--no-git", "--no-git-fallback", "-f",
                               "kernel/bpf/verifier/scalar.c"], cwd=self.tree, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        people = [l for l in done.stdout.strip().split("\n") if "linux-kernel@" not in l]
        if done.returncode or len(people) != 1 or "(maintainer:BPF [in-kernel" not in people[0]:
            raise Failed("get_maintainer.pl says otherwise\n" + done.stdout)

    def patch_style(self):
        """The mails without their diffs: of the files themselves scripts/check asks."""
        mails = []
        for name in self.written:
            with open(os.path.join(self.out, name), errors="replace") as f:
                text = f.read()
            mails.append(os.path.join(LOGS, name))
            with open(mails[-1], "w") as f:
                f.write(text[:text.index("\ndiff --git") + 1])
        done = subprocess.run(["scripts/checkpatch.pl", "--strict", "--terse", "--no-summary", "--show-types",
                               "--ignore", "NOT_UNIFIED_DIFF,FILE_PATH_CHANGES", *mails],
                              cwd=self.tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wrong = [l for l in done.stdout.split("\n") if re.search(r": (ERROR|WARNING|CHECK):", l)]
        if wrong:
            raise Failed("checkpatch on the mails\n" + "\n".join(wrong))

    # ---- kernels

    def objects(self, kind):
        return os.path.join(self.base.dir, "obj-" + kind)

    def make(self, kind, log, *targets):
        """Compile; Failed with what is wrong, warnings of our files included."""
        jobs = os.environ.get("JOBS", str(os.cpu_count()))
        began = os.path.getsize(log) if os.path.exists(log) else 0
        with open(log, "a") as f:
            rc = subprocess.run(["nice", "make", "-s", "-C", self.tree, "O=" + self.objects(kind), *self.cc,
                                 "KBUILD_BUILD_USER=series", "KBUILD_BUILD_HOST=" + kind,
                                 "-j" + jobs, *targets], stdout=f, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL, env=self.env).returncode
        with open(log, errors="replace") as f:
            f.seek(began)
            said = [l.rstrip().replace(self.tree + "/", "") for l in f]
        ours = tuple(p for patch in self.patches for p in patch.files)
        warned = [l for l in said if re.match(r"[^ ]+:\d+:\d+: warning:", l) and l.split(":")[0] in ours]
        if rc or warned:
            bad = [l for l in said if re.search(r"error|undefined reference|warning:|Error \d", l)]
            raise Failed(f"{kind}: make {' '.join(targets)} fails, see {os.path.relpath(log, TOP)}\n" +
                         "\n".join(bad or said[-20:]))

    def configure(self, kind, hidden):
        obj = self.objects(kind)
        os.makedirs(obj, exist_ok=True)
        fragment = os.path.join(obj, "fragment")
        with open(fragment, "w") as f:
            for name in ["small.config"] * (kind != "nonet") + [f"series-{kind}.config"]:
                with open(os.path.join(TOP, "base/configs", name)) as part:
                    f.writelines(l for l in part if not re.match(r"CONFIG_(\w+)=", l) or
                                 re.match(r"CONFIG_(\w+)=", l).group(1) not in hidden)
        done = subprocess.run([os.path.join(TOP, "scripts/configure"), self.tree, obj, fragment, *self.cc],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env)
        if done.returncode:
            raise Failed(f"{kind}: configuration\n{done.stdout}")

    def configure_at(self, kind, index, at_end):
        """With Kconfig of this prefix, or of the end of the series."""
        if self.patches[index].shows or not os.path.exists(os.path.join(self.objects(kind), ".config")):
            hidden = set() if at_end else {s for p in self.patches[index + 1:] for s in p.shows}
            with self.kconfig(at_end):
                self.configure(kind, hidden)

    def kconfig(self, at_end):
        check = self

        class Swapped:
            def __enter__(self):
                if at_end:
                    check.base.git("checkout", "-q", "series", "--", "kernel/bpf/Kconfig")

            def __exit__(self, *args):
                if at_end:
                    check.base.git("reset", "-q", "--hard")
        return Swapped()

    def existing_objects(self):
        """make targets of the subsystem's objects outside of its directories."""
        found = [d for d in OBJECT_DIRS if os.path.exists(os.path.join(self.tree, d, "Makefile"))]
        for patch in self.patches:
            for path in patch.files:
                if path.endswith(".c") and path.startswith(("net/core/", "kernel/trace/", "net/ipv4/", "net/unix/")) \
                        and os.path.exists(os.path.join(self.tree, path)):
                    found.append(path[:-2] + ".o")
        return found

    def compile(self, index, patch):
        self.base.git("checkout", "-q", self.commits[index])
        if patch.links:
            self.linked = patch.links
        if not any(f.startswith(KERNEL) or f.startswith("base/patches/") for f in patch.files):
            return " # no kernel file"
        log = os.path.join(LOGS, f"{index + 1:04}-{patch.name}.log")
        first = "nonet" if self.linked == "nonet" else "classic"
        self.configure_at(first, index, False)
        self.make(first, log, "vmlinux")
        with_syscall = self.linked == "syscall"
        self.configure_at("syscall", index, not with_syscall)
        if with_syscall:
            self.make("syscall", log, "vmlinux")
            return " (linked: classic, syscall)"
        with self.kconfig(True):
            self.make("syscall", log, *self.existing_objects())
        return f" (linked: {first}; every object)"

    def boot(self, index, patch):
        """Run tests in a guest with the kernels of this prefix."""
        log = os.path.join(LOGS, f"{index + 1:04}-{patch.name}.log")
        kernel, ran = None, 0
        tests = [os.path.join(TOP, "build/tests", w) for w in patch.boots if w not in KINDS]
        with open(log, "a") as f:
            if subprocess.run(["make", "-s", "-C", os.path.join(TOP, "tools/testing/selftests/bpf"), *tests],
                              stdout=f, stderr=subprocess.STDOUT).returncode:
                raise Failed(f"test programs do not build, see {os.path.relpath(log, TOP)}")
        for word in patch.boots:
            if word in KINDS:
                kernel = word
                self.make(kernel, log, "bzImage")
                continue
            image = os.path.join(self.objects(kernel), "arch/x86/boot/bzImage")
            program = os.path.join(TOP, "build/tests", word)
            done = subprocess.run([os.path.join(TOP, "scripts/boot"), "--kernel", image, "--timeout", "300",
                                   "--put", f"{program}:/tests/{word}", "--", f"/tests/{word}"],
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
            with open(log, "a") as f:
                f.write(f"== {kernel}: {word}\n{done.stdout}")
            passed = len(re.findall(r"(?m)^ok ", done.stdout))
            if done.returncode or not passed or re.search(r"(?m)^not ok", done.stdout):
                raise Failed(f"{word} on {kernel} ended with {done.returncode}\n" + done.stdout[-3000:])
            ran += passed
        return f" ({ran} tests passed)"


def run(the_base, patches, out, written, first=1):
    """Every check; the exit status."""
    c = Check(the_base, patches, out, written)
    began = time.monotonic()
    shutil.rmtree(LOGS, ignore_errors=True)
    os.makedirs(LOGS)
    boots = [i for i, p in enumerate(patches) if p.boots and i + 1 >= first]
    print(f"1..{4 + len(patches) - first + 1 + len(boots)}", flush=True)
    c.say("git am is clean", c.apply)
    if c.failed:
        return 1
    c.say("the tree at the end is the prepared one", c.same_tree)
    c.say("get_maintainer.pl finds the subsystem", c.maintainers)
    c.say("checkpatch finds nothing in the mails", c.patch_style)
    for kind in KINDS:
        shutil.rmtree(c.objects(kind), ignore_errors=True)
    for index, patch in enumerate(patches):
        if index + 1 < first:
            c.linked = patch.links or c.linked
            continue
        c.say(f"{index + 1:04} {patch.name} compiles", lambda: c.compile(index, patch))
        if patch.boots:
            c.say(f"{index + 1:04} {patch.name} boots", lambda: c.boot(index, patch))
    c.base.git("checkout", "-q", "series")
    print(f"# {len(patches)} patches, {c.number - c.failed} passed, {c.failed} failed, "
          f"{(time.monotonic() - began) / 60:.1f} min")
    return 1 if c.failed else 0
