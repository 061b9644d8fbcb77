#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# bpftool asks for every program type, map type and helper by thousands of small
# loads: the kernel answers all of them, and says what it offers.

. clients/ktap.sh

out=$(bpftool feature probe kernel 2>&1)
check "feature probe finishes" equal $? 0
check "bpf(2) is there" holds "$out" "^bpf() syscall is available"
check "socket filters are offered" holds "$out" "^eBPF program_type socket_filter is available"
check "hash maps are offered" holds "$out" "^eBPF map_type hash is available"
check "array maps are offered" holds "$out" "^eBPF map_type array is available"
helpers=$(printf '%s\n' "$out" | sed -n '/helpers supported for program type socket_filter/,/eBPF helpers/p')
for h in map_lookup_elem map_update_elem map_delete_elem ktime_get_ns get_prandom_u32 \
	get_smp_processor_id; do
	check "socket filters may call $h" holds "$helpers" "- bpf_$h\$"
done
check "and not skb_store_bytes" sh -c "! printf '%s\n' '$helpers' | grep -q 'bpf_skb_store_bytes\$'"
finish
