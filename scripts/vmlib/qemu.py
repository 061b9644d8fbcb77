# SPDX-License-Identifier: GPL-2.0-only
"""Start QEMU on a kernel and an initramfs, and follow it to its end.

A Run owns one QEMU process and the files it writes. It never decides whether
the guest did well: it reports what was seen.
"""
import os
import subprocess
import sys
import time

# /dev/kvm exists on some machines where no guest comes up under it: it stops
# in the firmware for ever. So KVM counts only once init has spoken.
KVM_PATIENCE = 12


def kernel_arguments(accel, interactive):
    args = ["console=ttyS0", "rdinit=/init", "panic=-1", "oops=panic",
            "random.trust_cpu=on", "no_timer_check", "printk.time=1", "log_buf_len=4M"]
    if interactive:
        args.append("loglevel=5")  # warnings and worse
    if accel == "tcg":
        # An emulated CPU on a busy host may stand still for many seconds.
        args += ["rcupdate.rcu_cpu_stall_timeout=60", "watchdog_thresh=40"]
    return args


class Run:
    def __init__(self, kernel, initrd, out, accel, mem, share_root, interactive, smp=2, extra=()):
        self.out, self.accel, self.interactive = out, accel, interactive
        self.console = os.path.join(out, "console.log")
        self.output = os.path.join(out, "output.log")
        self.result = os.path.join(out, "result")
        for path in (self.console, self.output, self.result):
            open(path, "wb").close()
        argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot",
                "-display", "none", "-cpu", "max", "-smp", str(smp), "-m", mem,
                "-accel", "kvm" if accel == "kvm" else "tcg,thread=multi",
                "-kernel", kernel, "-initrd", initrd,
                "-append", " ".join(kernel_arguments(accel, interactive) + list(extra)),
                "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                "-device", "virtio-serial-pci",
                "-chardev", f"file,id=output,path={self.output}",
                "-device", "virtserialport,chardev=output,name=output,nr=1",
                "-chardev", f"file,id=result,path={self.result}",
                "-device", "virtserialport,chardev=result,name=result,nr=2"]
        if interactive:
            argv += ["-chardev", f"stdio,id=console,mux=on,signal=off,logfile={self.console}",
                     "-serial", "chardev:console", "-mon", "chardev=console"]
        else:
            argv += ["-chardev", f"file,id=console,path={self.console}",
                     "-serial", "chardev:console"]
        if share_root:
            argv += ["-virtfs", "local,path=/,mount_tag=host,security_model=none,"
                     "readonly=on,multidevs=remap"]
        self.start = time.monotonic()
        self.stderr = open(os.path.join(out, "qemu.log"), "wb")
        self.process = subprocess.Popen(argv, stderr=self.stderr,
                                        stdin=None if interactive else subprocess.DEVNULL)

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

    def follow(self, timeout, echo):
        """Until the guest ends: "ended", or why it was killed ("timeout", "no-init")."""
        shown, came_up = 0, False
        while True:
            running = self.process.poll() is None
            if echo:
                shown = self._copy_output(shown)
            if not running:
                return "ended" if came_up or self.said("init") else "no-init"
            came_up = came_up or self.said("init") is not None
            if self.accel == "kvm" and not came_up and self.elapsed() > KVM_PATIENCE:
                self.kill()
                return "no-init"
            if timeout and self.elapsed() > timeout:
                self.kill()
                if echo:
                    self._copy_output(shown)
                return "timeout"
            time.sleep(0.05)

    def _copy_output(self, shown):
        with open(self.output, "rb") as f:
            f.seek(shown)
            data = f.read()
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return shown + len(data)

    def qemu_said(self):
        self.stderr.flush()
        with open(self.stderr.name, errors="replace") as f:
            return f.read().strip()
