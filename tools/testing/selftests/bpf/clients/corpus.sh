#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loads every object of clients/corpus, compiled for three instruction sets; the
# verdict must be the one its source announces. "6.1 gives up" marks what the
# base's kernel refuses, after minutes.

. clients/ktap.sh

verdict() {
	case $1 in
	loads*)
		out=$(samples/objrun --load "$2" 2>&1) || { echo "$out"; return 1; }
		;;
	"refused: "*)
		out=$(samples/objrun --load "$2" 2>&1) && { echo "it loads"; return 1; }
		printf '%s\n' "$out" | grep -qF -- "${1#refused: }" || { echo "$out"; return 1; }
		;;
	*)
		echo "no verdict in the source"
		return 1
		;;
	esac
}

for source in clients/corpus/*.bpf.c; do
	name=${source##*/}
	name=${name%.bpf.c}
	want=$(sed -n 's,^// verdict: ,,p' "$source")
	case "$PRISTINE $want" in
	"1 loads; 6.1 gives up")
		skip "$name" "beyond the limits of the base's kernel"
		continue
		;;
	esac
	if [ -n "$NO_BPF_EVENTS" ] && grep -q 'bpf_trace_printk\|bpf_printk' "$source"; then
		skip "$name" "kernel without CONFIG_BPF_EVENTS"
		continue
	fi
	for cpu in v1 v2 v3; do
		check "$name for $cpu: $want" verdict "$want" clients/corpus/$name.$cpu.o
	done
done
finish
