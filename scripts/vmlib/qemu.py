# SPDX-License-Identifier: GPL-2.0-only
"""A guest in QEMU: its command line."""
import subprocess

from vmlib import guest

# What scripts/guest/init is told of its channels.
CHANNELS = {"OUTPUT": "/dev/vport0p1", "RESULT": "/dev/vport0p2", "TERMINAL": "/dev/ttyS0"}


def kernel_arguments(accel, interactive):
    args = ["rdinit=/init", "panic=-1", "oops=panic", "printk.devkmsg=on",
            "random.trust_cpu=on", "no_timer_check", "printk.time=1", "log_buf_len=4M"]
    if interactive:
        args.append("loglevel=5")  # warnings and worse
    if accel == "tcg":
        # An emulated CPU on a busy host may stand still for many seconds.
        args += ["rcupdate.rcu_cpu_stall_timeout=60", "watchdog_thresh=40"]
    return args


class Run(guest.Run):
    def __init__(self, kernel, initrd, out, accel, mem, share_root, interactive, smp=2, extra=()):
        super().__init__(out)
        self.patience = 12 if accel == "kvm" else None
        argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot",
                "-display", "none", "-cpu", "max", "-m", mem,
                # The MP table names one CPU for each socket.
                "-smp", f"{smp},sockets={smp},cores=1,threads=1",
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
        self.process = subprocess.Popen(argv, stderr=self.stderr,
                                        stdin=None if interactive else subprocess.DEVNULL)
