# SPDX-License-Identifier: GPL-2.0-only
"""The stripped base: the tarball of the base without what base/remove.list names.

Kept in the cache, named by what decides its content: the list of its files,
the few files of it that patches change, and, for --check, the whole tree as a
git repository with one commit.
"""
import hashlib
import os
import re
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHELL = '. "$TOP/scripts/lib.sh"; . "$TOP/scripts/tree-env.sh"; '


def shell(command):
    """What a line of shell prints, with the functions of scripts/*.sh."""
    return subprocess.run(["bash", "-euc", SHELL + command], env={**os.environ, "TOP": TOP}, text=True,
                          check=True, stdout=subprocess.PIPE).stdout.strip()


def overlay_dirs():
    return shell('echo $OVERLAY_DIRS').split()


def overlay_files():
    """As scripts/prepare lays them over the base, from this clone's working tree."""
    tops = [d for d in overlay_dirs() if os.path.isdir(os.path.join(TOP, d))]
    out = subprocess.run(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "--", *tops], text=True,
                         check=True, stdout=subprocess.PIPE).stdout
    return sorted({f for f in out.split("\n") if f and os.path.isfile(os.path.join(TOP, f))})


def removed():
    """A predicate: is the path one of base/remove.list, or below one?"""
    rx = []
    with open(os.path.join(TOP, "base/remove.list")) as f:
        for line in f:
            line = line.strip()
            if line and not line.startswith("#"):
                rx.append("[^/]*".join(re.escape(p) for p in line.rstrip("/").split("*")) + "(/.*)?")
    return re.compile("(" + "|".join(rx) + r")\Z").match


class Base:
    def __init__(self):
        self.tarball = shell('echo "$BASE_TARBALL"')
        self.version = shell("base_version")
        with open(os.path.join(TOP, "base/remove.list"), "rb") as f:
            key = hashlib.sha256(f.read()).hexdigest()[:12]
        self.dir = os.path.join(shell("cache_root"), f"series-{self.version}-{key}")
        self.tree = os.path.join(self.dir, "linux")
        os.makedirs(self.dir, exist_ok=True)

    def _tar(self, *args):
        return subprocess.run(["tar", *args, "-f", self.tarball], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def files(self):
        """Paths of all files of the stripped base."""
        path = os.path.join(self.dir, "files")
        if not os.path.exists(path):
            gone = removed()
            names = [n.partition("/")[2] for n in self._tar("-t").split("\n")]
            with open(path + ".tmp", "w") as f:
                f.writelines(n + "\n" for n in sorted(names) if n and not n.endswith("/") and not gone(n))
            os.rename(path + ".tmp", path)
        with open(path) as f:
            return f.read().split()

    def originals(self, paths):
        """A directory with these files of the stripped base in it."""
        orig = os.path.join(self.dir, "orig")
        os.makedirs(orig, exist_ok=True)
        missing = [p for p in paths if not os.path.exists(os.path.join(orig, p))]
        if missing:
            root = os.path.basename(self.tarball).split(".tar")[0]
            self._tar("-x", "-C", orig, "--strip-components=1", *(f"{root}/{p}" for p in missing))
        return orig

    def git(self, *args, **kw):
        return subprocess.run(["git", "-C", self.tree, *args], check=True, text=True, stdout=subprocess.PIPE,
                              **kw).stdout.strip()

    def repository(self):
        """The whole stripped base as a git repository; its one commit is "base"."""
        if not os.path.exists(os.path.join(self.dir, "complete")):
            print(f"# unpacking the stripped base in {self.tree}", flush=True)
            shutil.rmtree(self.tree, ignore_errors=True)
            os.makedirs(self.tree)
            self._tar("-x", "-C", self.tree, "--strip-components=1")
            gone = removed()
            for folder, folders, names in os.walk(self.tree):
                for name in names + folders:
                    path = os.path.join(folder, name)
                    if gone(os.path.relpath(path, self.tree)):
                        (shutil.rmtree if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
                folders[:] = [d for d in folders if os.path.isdir(os.path.join(folder, d))]
            self.git("init", "-q", "-b", "base")
            for key, value in (("gc.auto", "0"), ("core.looseCompression", "1"), ("user.name", "base"),
                               ("user.email", "base@localhost"), ("advice.detachedHead", "false")):
                self.git("config", key, value)
            self.git("add", "-A", "-f")
            self.git("commit", "-q", "-m", f"linux-source {self.version} without base/remove.list")
            open(os.path.join(self.dir, "complete"), "w").close()
        return self.tree
