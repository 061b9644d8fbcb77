#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bpftrace: what it says the kernel has, one-liners that need no more, and what it
# says of those that do. $PRISTINE is set on a kernel that has it all.

. clients/ktap.sh
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing

# What programs of this kernel can use, by the names of bpftrace: kprobes and uprobes,
# three of its types of maps, one helper of its list.
has="probe_read hash array perf_event_array kprobe"

strace -qq -e trace=bpf -o /tmp/calls bpftrace --info 2>/tmp/info
check "--info finishes" equal $? 0
check "... and leaves no call undecoded" equal "$(grep -c '^bpf(0x' /tmp/calls)" 0

told() {
	sed -n "s/^  $1: \([a-z]*\)\$/\1/p" /tmp/info
}
for feature in $has; do
	check "it tells of $feature" equal "$(told $feature)" yes
done
check "any number of instructions" holds "$(cat /tmp/info)" "Instruction limit: 1000000"

# It says so of maps per CPU without having asked: not the kernel's answer.
check "it never asks for hashes per CPU" equal "$(grep -c 'map_type=BPF_MAP_TYPE_PERCPU_HASH' /tmp/calls)" 0

there=no
[ -z "$PRISTINE" ] || there=yes
lacks="probe_read_str probe_read_user probe_read_user_str probe_read_kernel
	probe_read_kernel_str get_current_cgroup_id send_signal get_boot_ns stack_trace
	tracepoint perf_event raw_tp_special"
for feature in $lacks; do
	check "it knows about $feature" equal "$(told $feature)" $there
done
for feature in "percpu array" "Loop support" "map batch"; do
	check "it knows about $feature" equal "$(told "$feature")" $there
done
for feature in override_return dpath skboutput btf kfunc iter:task iter:task_file kprobe_multi; do
	check "it tells of no $feature" equal "$(told $feature)" no
done

# traced PROGRAM: what bpftrace prints of it while 5 reads of 777 bytes happen
traced() {
	bpftrace -c "/bin/dd if=/dev/zero of=/dev/null bs=777 count=5 status=none" -e "$1" 2>&1
}
# lines TEXT PATTERN
lines() {
	printf '%s\n' "$1" | grep -c -- "$2"
}

text=$(traced 'kprobe:vfs_read /arg2 == 777/ {
	printf("%s %d %d %d\n", comm, arg2, pid == tid, uid); @n[comm, arg2]++; @last = arg2;
}')
check "printf: a line for each event" equal "$(lines "$text" '^dd 777 1 0$')" 5
check "a counter in a map" holds "$text" '^@n\[dd, 777\]: 5$'
check "a variable in a map" holds "$text" '^@last: 777$'

text=$(traced 'kprobe:vfs_read /arg2 == 777/ { @from[tid] = nsecs; @cpu[cpu] = 1; }
	kretprobe:vfs_read /@from[tid]/ {
		printf("%d to %s, %d\n", retval, comm, nsecs > @from[tid]); delete(@from[tid]);
	}
	END { clear(@cpu); printf("the end\n"); }')
check "a function's start and end, by a map" equal "$(lines "$text" '^777 to dd, 1$')" 5
check "what was deleted is not in the map" equal "$(lines "$text" '^@from')" 0
check "nor what was cleared" equal "$(lines "$text" '^@cpu')" 0
check "a program at the end" holds "$text" '^the end$'

text=$(traced 'uprobe:/lib/x86_64-linux-gnu/libc.so.6:read /arg2 == 777/ { printf("asks %d\n", arg2); }
	uretprobe:/lib/x86_64-linux-gnu/libc.so.6:read /retval == 777/ {
		$i = 0; unroll (3) { $i++; } printf("gets %d, %r\n", $i, buf(reg("sp"), 2));
	}')
check "a function of libc is called" equal "$(lines "$text" '^asks 777$')" 5
# Two bytes: a printable one stands for itself.
check "... and returns, with memory that is read" \
	equal "$(lines "$text" '^gets 3, \(\\x..\|\\\\\|.\)\(\\x..\|\\\\\|.\)$')" 5

text=$(bpftrace -e 'BEGIN { @ = 3; printf("%d\n", @); exit(); }' 2>&1)
check "a program of its own" holds "$text" '^3$'

# lacking NAME PROGRAM COMPLAINT - works where all is there, else says what is missing
lacking() {
	text=$(bpftrace -v --unsafe -c /bin/true -e "$2" 2>&1)
	status=$?
	if [ -n "$PRISTINE" ]; then
		check "without $1" equal $status 0
	else
		check "without $1" refused $status "$3"
	fi
}
refused() {
	[ "$1" != 0 ] && holds "$text" "$2" && ! printf '%s\n' "$text" | grep -i "segfault\|assert"
}
lacking count 'kprobe:vfs_read { @ = hist(arg2); }' "failed to create map: '@': Invalid argument"
lacking stacks 'kprobe:vfs_read { printf("%s", kstack); }' "failed to create stack id map: Invalid argument"
lacking str 'kprobe:do_sys_openat2 { printf("%s", str(arg1)); }' '^unknown func bpf_probe_read_str#45$'
lacking curtask 'kprobe:vfs_read { printf("%p", curtask); }' '^unknown func bpf_get_current_task#35$'
lacking signal 'kprobe:do_exit { signal(18); }' 'BPF_FUNC_send_signal not available'
lacking cgroup 'kprobe:vfs_read { printf("%d", cgroup); }' 'BPF_FUNC_get_current_cgroup_id is not available'
lacking interval 'interval:ms:200 { printf("x"); }' 'Error loading program: interval:ms:200$'
lacking profile 'profile:hz:99 { printf("x"); }' 'Error loading program: profile:hz:99$'

text=$(traced 'kprobe:vfs_read /arg2 == 777/ { @++; }')
check "and all is as before" holds "$text" '^@: 5$'
finish
