# SPDX-License-Identifier: GPL-2.0-only
"""A guest in QEMU: its command line."""
import re
import subprocess

from vmlib import guest

# What scripts/guest/init is told of its channels.
CHANNELS = {"OUTPUT": "/dev/vport0p1", "RESULT": "/dev/vport0p2", "TERMINAL": "/dev/ttyS0"}


# Instruction counting: the guest's clock, and with it the time stamp counter,
# advances by one nanosecond with each instruction of its one processor, and idle
# time is skipped. Two runs of the same thing count the same, whatever the host
# does meanwhile; the guest's random numbers come from a seed. Without ERMS copies
# are by words: an iteration of a string instruction counts as one.
COUNTED = ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]
COUNTED_CPU = ",-erms,-fsrm"

# Before this version one emulated processor may translate an instruction while
# another one overwrites it, and keep the translation of the old one: a breakpoint
# that Linux puts there while it changes running code is then hit for ever.
TRANSLATES_ALONE = (8, 1)


def version():
    said = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, text=True).stdout
    return tuple(map(int, re.search(r"version (\d+)\.(\d+)", said).groups()))


def accelerator(accel, counted, take_turns, version_of_qemu=version):
    if accel == "kvm":
        return "kvm"
    if counted:
        return "tcg"
    return "tcg,thread=single" if take_turns and version_of_qemu() < TRANSLATES_ALONE else "tcg,thread=multi"


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
    def __init__(self, kernel, initrd, out, accel, mem, share_root, interactive, smp=2, extra=(),
                 cpu="max", seed=None, take_turns=False):
        counted = seed is not None
        super().__init__(out)
        self.patience = 12 if accel == "kvm" else None
        argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot",
                "-display", "none", "-cpu", cpu + COUNTED_CPU if counted else cpu, "-m", mem,
                # The MP table names one CPU for each socket.
                "-smp", f"{smp},sockets={smp},cores=1,threads=1",
                "-accel", accelerator(accel, counted, take_turns),
                "-kernel", kernel, "-initrd", initrd,
                "-append", " ".join(kernel_arguments(accel, interactive) + list(extra)),
                "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                "-device", "virtio-serial-pci",
                "-chardev", f"file,id=output,path={self.output}",
                "-device", "virtserialport,chardev=output,name=output,nr=1",
                "-chardev", f"file,id=result,path={self.result}",
                "-device", "virtserialport,chardev=result,name=result,nr=2"]
        if counted:
            argv += COUNTED + ["-seed", str(seed)]
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
