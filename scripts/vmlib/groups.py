# SPDX-License-Identifier: GPL-2.0-only
"""Run test groups: each in a guest of its own, or where a boot is dear, several
in one guest; groups without a guest on this machine.

Every run writes below a directory of its own, so two runs never meet. Groups of
one guest find it as those before them left it, so one that changes what others
see must put it back; on the product kernel each has a guest of its own.
"""
import os
import re
import shlex
import subprocess
import time
import uuid

from vmlib import console, guest, kinds, ktap

TOP = kinds.TOP
BOOT = os.path.join(TOP, "scripts/boot")

# Groups share a guest for each processor if their kind is slower than this.
DEAR = 2

# A boot of UML takes as much as a small group does, mostly for the programs of its
# init: so many guests a processor, to balance the load and to bound what one that
# dies takes with it.
UML_GUESTS = 3

# Some kinds run their KUnit suites at every boot unless told not to.
NO_KUNIT = "kunit.enable=0"


def environment(kind):
    """What a test may ask about its kernel: the kind; PRISTINE for what is meant
    to differ; NO_BPF_EVENTS if it has no tracing; QUICK if less of the same will
    do, since a system call of UML takes 40 microseconds and the groups run in full
    in the VM; BPF_RECORD if programs shall be told, see record.h of the tests."""
    words = {"KERNEL_KIND": kind.name}
    if kind.uml:
        words["QUICK"] = "1"
    if kind.tree == "pristine":
        words["PRISTINE"] = "1"
    if "CONFIG_BPF_EVENTS" not in kind.options():
        words["NO_BPF_EVENTS"] = "1"
    if os.environ.get("BPF_RECORD"):
        words["BPF_RECORD"] = "1"
    return "".join(f"export {k}={v}; " for k, v in words.items())


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def boot(kind, groups, script, limits, accel, out):
    """One guest: (status, what scripts/boot complained of, output)."""
    timeout, idle = limits
    argv = [BOOT, "--kernel", kind.name, "--accel", accel, "--quiet", "--root", groups[0].root,
            "--timeout", str(timeout), "--idle", str(idle), "--out", out,
            "--mem", max((g.memory(kind) for g in groups), key=kinds.megabytes)]
    if not any("kunit" in g.needs for g in groups):
        argv += ["--append", NO_KUNIT]
    for arg in dict.fromkeys(kind.append + [a for g in groups for a in g.arguments()]):
        argv += ["--append", arg]
    for group in groups:
        if group.cpu() != "max":
            argv += ["--cpu", group.cpu()]
    if any("turns" in g.needs for g in groups):
        argv += ["--take-turns"]
    for host, name in dict.fromkeys(f for g in groups for f in g.files(kind.name)):
        argv += ["--put", f"{host}:/tests/{name}"]
    done = subprocess.run(argv + ["--", "sh", "-c", environment(kind) + script], stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True, errors="replace")
    return done.returncode, done.stderr, read(os.path.join(out, "output.log"))


def single(group, kind, accel, where):
    """A ktap.Result of the group in a guest of its own."""
    out = os.path.join(where, group.name)
    try:
        status, complaint, output = boot(kind, [group], group.command(), (group.timeout, 0), accel, out)
    except FileNotFoundError as e:
        return ktap.broken(str(e))
    if "kunit" in group.needs:
        result = ktap.parse_kunit(console.lines(os.path.join(out, "console.log")), status)
    else:
        result = ktap.parse(output, status)
    # What scripts/boot says of a panic, hang or kernel warning.
    result.notes += complaint.splitlines()
    if "compare" in group.needs and kind.name == "ours":
        _, _, theirs = boot(kinds.KINDS["pristine"], [group], group.command(), (group.timeout, 0), accel,
                            out + ".pristine")
        result.compare(output, theirs)
    return result


def batch_script(groups, kind, nonce):
    """The groups one after the other, between lines no program prints by accident;
    those in the log are urgent enough for any log level."""
    lines = []
    for g in groups:
        limit = int(g.timeout * kind.slower)
        lines.append(f"echo '<1>{nonce} {g.name}' >/dev/kmsg; echo; echo {nonce} begin {g.name}; "
                     f"timeout -s KILL {limit} sh -c {shlex.quote(g.command())}; "
                     f"status=$?; echo; echo {nonce} end {g.name} $status")
    return "\n".join(lines + [f"echo '<1>{nonce} after' >/dev/kmsg"])


def shares(groups, kind, jobs):
    """GROUPS by the guest they share, or None if each has its own."""
    if kind.slower < DEAR and not kind.uml:
        return None
    count = min(jobs * (UML_GUESTS if kind.uml else 1), len(groups))
    # Neighbours of tests.list are alike and take alike: deal them out.
    together = [[g for g in groups if g.root == root] for root in ("initramfs", "9p")]
    return [part[n::count] for part in together for n in range(count) if part[n::count]]


def pieces(lines, nonce):
    """{group: its lines} of an output or console log, "" for what came before the
    first; status of those that ended."""
    found, status, current = {"": []}, {}, ""
    for line in lines:
        mark = line.find(nonce + " ")
        if mark < 0:
            if current is not None:
                found[current].append(line)
            continue
        words = line[mark:].split()[1:]
        if words[0] == "end":
            status[words[1]], current = int(words[2]), None
        else:
            current = words[-1]
            found.setdefault(current, [])
    return found, status


def batch(groups, kind, accel, where, label):
    """{name: ktap.Result} of groups in as few guests as their kernel survives;
    LABEL tells these guests from others of the run."""
    results, number = {}, 0
    while groups:
        number += 1
        nonce = "group-" + uuid.uuid4().hex[:12]
        guest_name = label if number == 1 else f"{label}-again-{number}"
        out = os.path.join(where, "guest-" + guest_name)
        limits = sum(g.timeout for g in groups) + 120, max(g.timeout for g in groups) + 60
        began = time.monotonic()
        status, complaint, output = boot(kind, groups, batch_script(groups, kind, nonce), limits, accel, out)
        seconds = time.monotonic() - began
        said, ended = pieces(output.splitlines(), nonce)
        log = console.lines(os.path.join(out, "console.log"))
        told, _ = pieces(log, nonce)
        took = durations(log, nonce)
        for g in groups:
            if g.name in said:
                results[g.name] = batched(g, said[g.name], ended.get(g.name), told, complaint)
                if "kunit" in g.needs:
                    results[g.name] = ktap.parse_kunit(log, ended.get(g.name) or 0)
                results[g.name].seconds = took.get(g.name, 0)
                keep(os.path.join(where, g.name), said[g.name], told.get(g.name, []))
        if len(said) == 1:
            # Nothing ran: the fault is the kernel's or the runner's.
            for g in groups:
                results[g.name] = ktap.broken("the guest ran no group")
                results[g.name].notes += complaint.splitlines()
        last = results["after-" + guest_name] = after(told, status, complaint)
        last.seconds = round(seconds, 1)
        groups = [g for g in groups if g.name not in results]
    return results


def durations(log, nonce):
    """{group: seconds} by the guest's clock: from its mark in the log to the next."""
    marks = [(float(m.group(1)), m.group(2)) for m in
             (re.search(r"\[ *(\d+\.\d+)\] .*" + nonce + r" (\S+)", line) for line in log) if m]
    return {name: round(end - began, 1) for (began, name), (end, _) in zip(marks, marks[1:])}


def keep(folder, output, log):
    """What belongs to one group, where a guest of its own would have left it."""
    os.makedirs(folder, exist_ok=True)
    for name, lines in (("output.log", output), ("console.log", log)):
        with open(os.path.join(folder, name), "w") as f:
            f.writelines(line + "\n" for line in lines)


def batched(group, output, status, told, complaint):
    result = ktap.parse("\n".join(output), status or 0)
    if status is None:
        result.fail("the guest ended in this group")
        result.notes += complaint.splitlines()
    elif status == 137:
        result.fail("time limit reached")
    warned = console.warnings(told.get(group.name, []))
    if warned:
        result.fail("the kernel warned")
        result.notes += warned
    return result


def after(told, status, complaint):
    """What the kernel said while it booted and when the groups were done: leaks are
    found then."""
    result = ktap.Result()
    outside = console.warnings(told[""]) + console.warnings(told.get("after", []))
    if "after" not in told:
        result.fail(f"the guest did not reach its end, status {status}")
        result.notes += complaint.splitlines()
    elif outside:
        result.fail("the kernel warned before or after the groups")
        result.notes += outside
    else:
        result.passed = 1
    return result


def host_command(argv, timeout, cwd=TOP):
    """A program of this machine that speaks the same protocol."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, text=True,
                               stdin=subprocess.DEVNULL, errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        guest.kill_group(process)
        result = ktap.parse(process.communicate()[0], 0)
        result.fail(f"time limit of {timeout} s reached")
        return result
    return ktap.parse(output, process.returncode)


def host(group, kind):
    """Its files are taken where they are, first of all from build/tests."""
    try:
        where = {w: path for w in group.words for path, name in group.files(kind)
                 if os.path.normpath(w.lstrip("+")) == name}
    except FileNotFoundError as e:
        return ktap.broken(str(e))
    return host_command([where.get(w, w) for w in group.words if not w.startswith("+")], group.timeout)


def status_of(argv, timeout):
    """A program of which only the exit status counts; its output is shown."""
    began = time.monotonic()
    process = subprocess.Popen(argv, cwd=TOP, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        guest.kill_group(process)
        return ktap.broken(f"time limit of {timeout} s reached")
    if code:
        return ktap.broken(f"exit status {code} after {time.monotonic() - began:.0f} s")
    result = ktap.Result()
    result.passed = 1
    return result
