# SPDX-License-Identifier: GPL-2.0-only
# Results of shell tests. Source it, use check and finish.

ktap_run=0
ktap_failed=0

# check NAME COMMAND... - one result; what a failing command printed is shown
check() {
	ktap_name=$1
	shift
	ktap_run=$((ktap_run + 1))
	if ktap_out=$("$@" 2>&1); then
		echo "ok $ktap_run - $ktap_name"
	else
		ktap_failed=$((ktap_failed + 1))
		echo "not ok $ktap_run - $ktap_name"
		printf '%s\n' "$ktap_out" | tail -n 15 | sed 's/^/# /'
	fi
}

# equal GOT WANT - for use in check
equal() {
	[ "$1" = "$2" ] || { echo "got '$1', want '$2'"; return 1; }
}

# holds TEXT PATTERN - for use in check: a line of TEXT matches
holds() {
	printf '%s\n' "$1" | grep -q -- "$2" || { echo "no '$2' in:"; printf '%s\n' "$1"; return 1; }
}

# skip NAME REASON
skip() {
	ktap_run=$((ktap_run + 1))
	echo "ok $ktap_run - $1 # SKIP $2"
}

finish() {
	echo "1..$ktap_run"
	[ $ktap_failed = 0 ]
	exit
}

# until_true TENTHS COMMAND... - wait for something, not for a time
until_true() {
	ktap_left=$1
	shift
	until "$@" >/dev/null 2>&1; do
		ktap_left=$((ktap_left - 1))
		[ $ktap_left -gt 0 ] || return 1
		sleep 0.1
	done
}

# two_namespaces - near and far, joined by near0 (10.7.0.1) and far0 (10.7.0.2), up
two_namespaces() {
	sh samples/net.sh && ip -n near link set near0 up && ip -n far link set far0 up &&
		until_true 50 ip netns exec near ping -q -c 1 -W 1 10.7.0.2
}
