#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs a few statements of C as a program in the kernel, once, and shows what they
# return. They see ctx and the maps of try.bpf.c.
#
#	try.sh [socket | tc | action | kprobe] 'STATEMENTS'
#	try.sh -c OBJECT TYPE 'STATEMENTS'	compile only
#
# TRY_OBJECTS may name a directory of objects that are compiled already, each named
# after its type and statements by cksum.

here=$(dirname "$0")
object=
[ "$1" = -c ] && { object=$2; shift 2; }
type=socket
[ $# = 2 ] && { type=$1; shift; }
[ $# = 1 ] || { sed -n '3,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
case $type in
kprobe)	context="struct pt_regs" ;;
*)	context="struct __sk_buff" ;;
esac

compile() {
	clang -O2 -g -Wall -target bpf "-I/usr/include/$(uname -m)-linux-gnu" \
		"-DTRY=$2" "-DTRY_SECTION=\"$type\"" "-DTRY_CONTEXT=$context" \
		-c "$here/try.bpf.c" -o "$1"
}

if [ -n "$object" ]; then
	compile "$object" "$1"
	exit
fi
object=$TRY_OBJECTS/$(echo "$type $1" | cksum | tr -d ' ').o
if [ ! -e "$object" ]; then
	object=$(mktemp) || exit
	trap 'rm -f "$object"' EXIT
	compile "$object" "$1" || exit
fi
"$here/try" "$object"
