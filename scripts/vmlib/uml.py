# SPDX-License-Identifier: GPL-2.0-only
"""A guest that is a process of this machine: a kernel built for ARCH=um.

The serial lines write to the files of a Run through descriptors the process
inherits; nothing but the guest's init opens them, so the kernel's messages and
the command's output do not mix. The console must be a pipe: UML polls it.
"""
import os
import shutil
import subprocess
import tempfile

from vmlib import guest, kinds

CHANNELS = {"OUTPUT": "/dev/ttyS0", "RESULT": "/dev/ttyS1", "TERMINAL": "/dev/tty0"}


def is_image(path):
    """A bzImage is no ELF file, a UML kernel is."""
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def memory_folder(mem):
    """Where the guest's memory is a file: in memory if there is room."""
    free = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
    return "/dev/shm" if free > 2 * kinds.megabytes(mem) << 20 else tempfile.gettempdir()


class Run(guest.Run):
    PAUSE = 0.01

    def __init__(self, kernel, initrd, out, mem, interactive, extra=()):
        super().__init__(out)
        channels = [os.open(p, os.O_WRONLY | os.O_APPEND) for p in (self.output, self.result)]
        self.folder = tempfile.mkdtemp(prefix="uml-")
        argv = [kernel, f"mem={mem}", f"initrd={initrd}",
                *(f"ssl{n}=null,fd:{fd}" for n, fd in enumerate(channels)),
                f"uml_dir={self.folder}", "rdinit=/init", "panic=-1", "oops=panic", "printk.time=1",
                *(["loglevel=5"] if interactive else []), *extra]
        env = dict(os.environ, TMPDIR=memory_folder(mem))
        self.reader = None
        streams = {}
        if not interactive:
            with open(self.console, "ab") as log:
                self.reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
            streams = {"stdin": subprocess.DEVNULL, "stdout": self.reader.stdin, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(argv, env=env, pass_fds=channels,
                                        start_new_session=not interactive, **streams)
        if self.reader:
            self.reader.stdin.close()
        for fd in channels:
            os.close(fd)

    def kill(self):
        if self.reader:
            guest.kill_group(self.process)
        else:
            super().kill()

    def finish(self):
        # A kernel that panics leaves the processes of its programs behind.
        self.kill()
        if self.reader:
            self.reader.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        super().finish()
