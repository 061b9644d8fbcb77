#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# perf records what programs at probes let through, and what they tell.

. clients/ktap.sh
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
probes=/sys/kernel/tracing/kprobe_events
data=/tmp/perf.data

# The load: 40 reads of 777 bytes, 30 of 778, and those of starting programs.
load=/tmp/load
printf '%s\n' 'for n in "777 40" "778 30"; do set -- $n' \
	'dd if=/dev/zero of=/dev/null bs=$1 count=$2 status=none; done' >$load

# record EVENT: what all processes do meanwhile, as text for lines()
record() {
	rm -f $data $data.text
	perf record -q -a -o $data -e "$1" -- sh $load 2>&1 && perf script -i $data >$data.text
}
# lines PATTERN: how many lines of that text match
lines() {
	grep -c -- "$1" $data.text
}
# refused EVENT: by the kernel, not by perf
refused() {
	! perf record -v -o $data -e "$1" -- true >$data.text 2>&1 && grep "invalid mem access" $data.text
}
no_probes() {
	equal "$(cat $probes /sys/kernel/tracing/uprobe_events)" ""
}

check "a program at a probe" record clients/perf_read.bpf.o
check "only where it returns 1 there is an event" equal "$(lines 'dd .* perf_bpf_probe:read: ')" 40
check "... and none of anybody else" equal "$(lines perf_bpf_probe:read:)" 40
check "all that it tells arrives" equal "$(lines 'dd .* __bpf_stdout__: .* vfs_read+')" 70
check "... as it was told" equal "$(lines '0000: 09 03 00 00 '),$(lines '0000: 0a 03 00 00 ')" 40,30

# How many name the process that perf saw, in bytes 4 and 5, and how many another.
tellers() {
	awk '/__bpf_stdout__/ { pid = $2 }
		/0000:/ { if ($9 $8 == sprintf("%04x", pid)) good++; else bad++ }
		END { print good + 0, bad + 0 }' $data.text
}
check "... by the processes that perf shows" equal "$(tellers)" "70 0"
check "nothing is left when perf ends" no_probes

counted=$(perf stat -x, -e clients/perf_read.bpf.o -- sh $load 2>&1 | sed -n 's/^\([0-9]*\),.*perf_bpf_probe:read.*/\1/p')
check "perf stat counts what the program lets through" equal "$counted" 40

wanted='clients/perf_maps.bpf.o/map:asked.value=777,map:given.value=778/'
check "programs at a function of libc and at a return" record "$wanted"
check "calls of read(), by the number that perf put into a map" equal "$(lines 'dd .* perf_bpf_probe:call: ')" 40
check "returns of vfs_read(), by another" equal "$(lines 'dd .* perf_bpf_probe:end__return: ')" 30
check "... and no other events" equal "$(lines perf_bpf_probe:)" 70
wanted='clients/perf_maps.bpf.o/map:asked.value=778,map:given.value=5/'
check "with other numbers" record "$wanted"
check "other events" equal "$(lines perf_bpf_probe:call:),$(lines perf_bpf_probe:)" 30,30

# Source text, which perf gives to clang.
source() {
	printf '%s\n' "#define SEC(name) __attribute__((section(name), used))" \
		"SEC(\"source=vfs_read\") int on_read(unsigned long *regs)" "{ return $1; }" \
		'char LICENSE[] SEC("license") = "GPL";' \
		'int VERSION SEC("version") = LINUX_VERSION_CODE;' >/tmp/probe.c
}
printf '[llvm]\n\tkbuild-dir = ""\n' >/tmp/.perfconfig
export PERF_CONFIG=/tmp/.perfconfig
source "regs[12] == 777"
check "a program as source text" record /tmp/probe.c
check "its events" equal "$(lines perf_bpf_probe:source:)" 40
source "0"
check "a program that lets nothing through" record /tmp/probe.c
check "no event" equal "$(lines .)" 0
source "*(int *)regs[12]"
check "a program that the verifier refuses" refused /tmp/probe.c
check "leaves no probe" no_probes

check "perf's own test of programs at probes" \
	holds "$(perf test 'BPF filter' 2>&1)" "Basic BPF filtering *: Ok"
finish
