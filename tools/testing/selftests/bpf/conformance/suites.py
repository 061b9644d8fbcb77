# SPDX-License-Identifier: GPL-2.0-only
"""Which of upstream's suites are run, how each is built, run and read.

The sources are those of the base package, in the prepared pristine tree; they are
compiled where they lie and never copied. What a suite needs beyond them (lists
that its own build would generate, wrappers) is written here.
"""
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(HERE)))))
OUT = os.path.join(TOP, "build/conformance")
SELFTESTS = "tools/testing/selftests/bpf"

# Needs type information of the kernel to be generated for; left out.
NO_SKELETON = ("map_tests/task_storage_map.c",)


class Suite:
    """name      in tables and in the file of expectations
    program   built, or "test_bpf.ko"
    sources   below the selftests of the pristine tree
    read      which parser of results.py
    percase   each case in a process of its own
    limit     seconds in the guest
    """

    def __init__(self, name, program, sources, read, limit, percase=False, env="", objects=(), note=""):
        self.name, self.program, self.sources, self.read = name, program, sources, read
        self.limit, self.percase, self.env, self.objects, self.note = limit, percase, env, objects, note

    def binary(self):
        return os.path.join(OUT, "bin", self.program)

    def command(self):
        if self.program == "test_bpf.ko":
            return "dmesg -n 4; insmod ./test_bpf.ko; dmesg | grep 'test_bpf: '"
        before = ("mkdir -p /mnt; ip link set lo up; ulimit -l unlimited; "
                  "[ ! -e /proc/sys/kernel/unprivileged_bpf_disabled ] || "
                  "echo 0 >/proc/sys/kernel/unprivileged_bpf_disabled; ")
        # libbpf's remarks would fall into the middle of the verifier's lines.
        errors = "2>/dev/null" if self.read == "verifier" else "2>&1"
        return f"{before}{self.env} ./{self.program} {errors}; rc=$?; echo; echo suite exit $rc"

    def puts(self, kernel):
        """(file here, name in the guest)"""
        if self.program == "test_bpf.ko":
            yield os.path.join(TOP, "build", kernel, "test_bpf.ko"), "/t/test_bpf.ko"
            return
        yield self.binary(), f"/t/{self.program}"
        for name in self.objects:
            yield os.path.join(OUT, "bin", name), f"/t/{name}"


CGROUP = ("testing_helpers.c", "cgroup_helpers.c")
VERIFIER = ("test_verifier.c", "testing_helpers.c", "cap_helpers.c")

SUITES = [
    Suite("verifier", "test_verifier", VERIFIER, "verifier", 900,
          note="programs are loaded, and run where the kernel can run them"),
    Suite("verifier_log", "test_verifier_log", ("test_verifier_log.c",), "whole", 60),
    Suite("tag", "test_tag", ("test_tag.c", "testing_helpers.c"), "whole", 300),
    Suite("maps", "test_maps", ("test_maps.c", "testing_helpers.c", "map_tests/*.c"), "percase", 1800, percase=True,
          env="CONFORMANCE_CASE_SECONDS=240",
          objects=("test_map_in_map.bpf.o", "sockmap_parse_prog.bpf.o", "sockmap_verdict_prog.bpf.o",
                   "sockmap_tcp_msg_prog.bpf.o"),
          note="one case is left out, it needs type information of the kernel to be built"),
    Suite("lru_map", "test_lru_map", ("test_lru_map.c",), "percase", 600, percase=True),
    Suite("lpm_map", "test_lpm_map", ("test_lpm_map.c",), "percase", 900, percase=True),
    Suite("sock", "test_sock", ("test_sock.c",) + CGROUP, "lines", 60),
    Suite("sysctl", "test_sysctl", ("test_sysctl.c",) + CGROUP, "lines", 60),
    Suite("cgroup_storage", "test_cgroup_storage", ("test_cgroup_storage.c",) + CGROUP, "whole", 60),
    Suite("dev_cgroup", "test_dev_cgroup", ("test_dev_cgroup.c",) + CGROUP, "whole", 60,
          objects=("dev_cgroup.bpf.o",)),
    Suite("test_bpf", "test_bpf.ko", (), "test_bpf", 600),
]


def run(argv, log):
    """Messages of the compiler name upstream's lines: they stay in the log."""
    with open(log, "a") as f:
        f.write(f"$ {' '.join(argv)}\n")
        f.flush()
        if subprocess.run(argv, stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode:
            raise SystemExit(f"conformance: {argv[0]} failed, see {os.path.relpath(log, TOP)}")


def newest(*paths):
    return max(os.path.getmtime(p) for p in paths)


def fresh(target, *sources):
    return os.path.exists(target) and os.path.getmtime(target) >= newest(*sources)


def write(path, text):
    """Only if it differs, for the time stamp."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    with open(path, "w") as f:
        f.write(text)


class Builder:
    """Compiles suites from the tree TREE into build/conformance."""

    def __init__(self, tree):
        self.tree = tree
        self.tests = os.path.join(tree, SELFTESTS)
        self.log = os.path.join(OUT, "build.log")
        self.lib = os.path.join(OUT, "libbpf")
        os.makedirs(os.path.join(OUT, "bin"), exist_ok=True)

    def library(self):
        target = os.path.join(self.lib, "libbpf.a")
        # Another base package: other sources with perhaps older time stamps.
        stamp = os.path.join(OUT, "tree")
        write(stamp, self.tree + "\n")
        if not fresh(target, stamp):
            os.makedirs(self.lib, exist_ok=True)
            run(["make", "-C", os.path.join(self.tree, "tools/lib/bpf"), f"OUTPUT={self.lib}/",
                 f"DESTDIR={self.lib}/inst", "prefix=", f"-j{os.cpu_count()}",
                 f"{self.lib}/libbpf.a", "install_headers"], self.log)
            os.utime(target)
        return target

    def names(self, folder):
        left_out = [os.path.basename(p) for p in NO_SKELETON]
        return sorted(n for n in os.listdir(os.path.join(self.tests, folder))
                      if n.endswith(".c") and n not in left_out)

    def lists(self):
        """What the suites include of their own case files."""
        made = os.path.join(OUT, "include")
        write(os.path.join(made, "verifier/tests.h"),
              "".join(f'#include "verifier/{n}"\n' for n in self.names("verifier")))
        return made

    def map_tests(self):
        """The functions that the files of map_tests/ offer, from their symbols."""
        target = os.path.join(OUT, "include/map_tests/tests.h")
        if fresh(target, os.path.join(OUT, "tree"), __file__):
            return
        found, unit = [], os.path.join(OUT, "map_test.o")
        for source in self.expand(("map_tests/*.c",)):
            run(["gcc", "-w", "-D_GNU_SOURCE"] + self.flags() + ["-c", source, "-o", unit], self.log)
            names = subprocess.run(["nm", "--defined-only", unit], stdout=subprocess.PIPE, text=True, check=True)
            found += re.findall(r"(?m) T test_(\w+)$", names.stdout)
        write(target, "".join(f"DEFINE_TEST({n})\n" for n in found))
        os.utime(target)

    def expand(self, sources):
        for source in sources:
            folder, name = os.path.split(source)
            for n in self.names(folder) if name == "*.c" else [name]:
                yield os.path.join(self.tests, folder, n)

    def flags(self):
        made = self.lists()
        tools = os.path.join(self.tree, "tools")
        return [f"-I{made}", f"-I{self.tests}", f"-I{tools}/include", f"-I{tools}/include/uapi",
                f"-I{self.lib}/inst/include", f"-I{tools}/lib"]

    def program(self, suite):
        target = suite.binary()
        own = [os.path.join(HERE, n) for n in ("shim.c", "percase.c", "suites.py")]
        library = self.library()
        flags = self.flags()
        if "map_tests/*.c" in suite.sources:
            self.map_tests()
        if fresh(target, library, *own):
            return
        argv = ["gcc", "-w", "-static", "-no-pie", "-D_GNU_SOURCE"] + flags
        extra = []
        if suite.percase:
            wrapper = os.path.join(OUT, "percase.o")
            run(["gcc", "-O2", "-Wall", "-c", own[1], "-o", wrapper], self.log)
            argv += ["-O0", "-fno-omit-frame-pointer", "-finstrument-functions"]
            extra = [wrapper]
        elif suite.read == "verifier":
            argv += ["-O0", "-Wl,--wrap=syscall"]
            extra = [own[0]]
        run(argv + ["-o", target + ".new"] + list(self.expand(suite.sources)) + extra +
            [library, "-lcap", "-lelf", "-lz", "-lpthread"], self.log)
        os.rename(target + ".new", target)

    def bpf_object(self, name):
        target = os.path.join(OUT, "bin", name)
        source = os.path.join(self.tests, "progs", name.replace(".bpf.o", ".c"))
        if not fresh(target, os.path.join(OUT, "tree")):
            run(["clang", "-O2", "-g", "-target", "bpf", "-D__TARGET_ARCH_x86", f"-I{self.lib}/inst/include",
                 f"-I{self.tree}/tools/include/uapi", "-I/usr/include/x86_64-linux-gnu",
                 "-c", source, "-o", target], self.log)

    def suite(self, suite):
        if suite.program == "test_bpf.ko":
            return
        self.program(suite)
        for name in suite.objects:
            self.bpf_object(name)
