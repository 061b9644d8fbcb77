# SPDX-License-Identifier: GPL-2.0-only
# Shared by the shell scripts here: where things are, and how progress is told.
# Source it after setting TOP to the clone's root.

# A make that called us must not pass its own variables and jobs on to kbuild.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

BASE_SERIES=6.1
BASE_TESTED=6.1.192-2
BASE_TARBALL=${LINUX_BPF_TARBALL:-/usr/src/linux-source-$BASE_SERIES.tar.xz}
BUILD=$TOP/build

# A fixed path outside the clone: a fresh clone builds warm, and ccache, which
# sees absolute paths when building with O=, hits across clones.
cache_root() {
	if [ -n "${LINUX_BPF_CACHE:-}" ]; then
		echo "$LINUX_BPF_CACHE"
	elif mkdir -p /var/cache/linux-bpf 2>/dev/null && [ -w /var/cache/linux-bpf ]; then
		echo /var/cache/linux-bpf
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/linux-bpf"
	fi
}

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

mmss() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# with_progress LABEL LOG COUNT_COMMAND COMMAND...
# Runs COMMAND with its output in LOG; every few seconds prints the time passed
# and what COUNT_COMMAND says. Returns COMMAND's status.
with_progress() {
	local label=$1 log=$2 count=$3 start=$SECONDS pid rc tick=0
	shift 3
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill $pid 2>/dev/null; exit 130' INT TERM
	while kill -0 $pid 2>/dev/null; do
		sleep 1
		tick=$((tick + 1))
		if [ $((tick % 15)) = 0 ]; then
			say "  $label: $(mmss $((SECONDS - start))) $(eval "$count")"
		fi
	done
	wait $pid
	rc=$?
	trap - INT TERM
	[ $rc = 0 ] && say "  $label: done in $(mmss $((SECONDS - start))) $(eval "$count")"
	return $rc
}

# The Debian version of the base package; without dpkg (a tarball given by
# hand) its checksum stands in.
base_version() {
	local v=
	if [ -z "${LINUX_BPF_TARBALL:-}" ]; then
		v=$(dpkg-query -W -f '${Version}' "linux-source-$BASE_SERIES" 2>/dev/null) || v=
	fi
	[ -n "$v" ] || v=sum-$(sha256sum "$BASE_TARBALL" | cut -c1-12)
	echo "$v"
}

short_hash() { sha256sum | cut -c1-12; }
