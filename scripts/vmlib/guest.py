# SPDX-License-Identifier: GPL-2.0-only
"""Follow one guest, whatever runs it, from its start to its end.

A Run owns one process (a group of them under UML) and the files it writes:
console.log, output.log with what the command printed, and result with what the
guest's init says. It never decides whether the guest did well: it reports what
was seen.
"""
import os
import signal
import sys
import time


class Run:
    # /dev/kvm exists on some machines where no guest comes up under it: it
    # stops in the firmware for ever. Seconds until init must have spoken.
    patience = None
    PAUSE = 0.05

    def __init__(self, out):
        self.out = out
        self.console = os.path.join(out, "console.log")
        self.output = os.path.join(out, "output.log")
        self.result = os.path.join(out, "result")
        for path in (self.console, self.output, self.result):
            open(path, "wb").close()
        self.stderr = open(os.path.join(out, "host.log"), "wb")
        self.start = time.monotonic()
        self.process = None
        self.idle = 0

    def said(self, word):
        """What the guest's init wrote after WORD in its last such line, or None."""
        with open(self.result, errors="replace") as f:
            found = [l.split(None, 1)[1].strip() for l in f if l.startswith(word + " ") and l.endswith("\n")]
        return found[-1] if found else None

    def elapsed(self):
        return time.monotonic() - self.start

    def kill(self):
        self.process.kill()
        self.process.wait()

    def finish(self):
        """After the process has ended or was killed."""
        self.stderr.close()

    def follow(self, timeout, idle, echo):
        """Until the guest ends: "ended", or why it was killed ("timeout", "no-init")."""
        shown, came_up, size, spoke = 0, False, 0, self.start
        while True:
            running = self.process.poll() is None
            if echo:
                shown = self._copy_output(shown)
            if not running:
                return "ended" if came_up or self.said("init") else "no-init"
            came_up = came_up or self.said("init") is not None
            if self.patience and not came_up and self.elapsed() > self.patience:
                self.kill()
                return "no-init"
            if os.path.getsize(self.output) != size:
                size, spoke = os.path.getsize(self.output), time.monotonic()
            self.idle = time.monotonic() - spoke
            if timeout and self.elapsed() > timeout or idle and self.idle > idle:
                self.kill()
                if echo:
                    self._copy_output(shown)
                return "timeout"
            time.sleep(self.PAUSE)

    def _copy_output(self, shown):
        with open(self.output, "rb") as f:
            f.seek(shown)
            data = f.read()
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return shown + len(data)

    def host_said(self):
        """What the process itself complained of."""
        with open(self.stderr.name, errors="replace") as f:
            return f.read().strip()


def kill_group(leader):
    """End a process and all it started; it leads a session of its own."""
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    leader.wait()
