# SPDX-License-Identifier: GPL-2.0-only
# Kinds of kernels, where their trees and objects are, and the locks on them.
# Source after lib.sh.
#
# A tree is named by all that decides what is in it before the overlay comes:
# base version, remove list and patches. Objects are named by architecture and
# configuration. Clones and kinds share them. Whoever builds holds the lock of
# the object directory, and copies what was made into the clone's build/ before
# letting go; the lock of the tree is for the time of a sync only. Always in
# this order: objects, tree.

OVERLAY_DIRS="Documentation arch block certs crypto drivers fs include init
	io_uring ipc kernel lib mm net rust samples security sound tools usr virt"

# Days after which an unused tree or object directory is removed.
CACHE_DAYS=${LINUX_BPF_CACHE_DAYS:-14}

kind_names() { awk '!/^#/ && NF { print $1 }' "$TOP/scripts/kinds"; }

# kind_field KIND NUMBER: a column of scripts/kinds
kind_field() {
	awk -v kind="$1" -v n="$2" '$1 == kind { print $n; found = 1 } END { exit !found }' "$TOP/scripts/kinds" ||
		die "unknown kind of kernel $1; there are: $(echo $(kind_names))"
}

tree_dir() {
	local root
	root=$(cache_root)
	case $1 in
	ours) echo "$root/ours-$(base_version)-$(cat "$TOP/base/remove.list" "$TOP"/base/patches/* | short_hash)" ;;
	pristine) echo "$root/pristine-$(base_version)" ;;
	*) die "unknown tree $1" ;;
	esac
}

# The effective lines of a kind's fragments: the last of a symbol wins.
kind_config() {
	local files f
	files=$(kind_field "$1" 4)
	for f in ${files//,/ }; do
		grep -E '^(CONFIG_[A-Z0-9_]+=|# CONFIG_[A-Z0-9_]+ is not set)' "$TOP/base/configs/$f" ||
			die "base/configs/$f is missing or empty"
	done | awk '{ s = $0; sub(/^# /, "", s); sub(/[ =].*/, "", s); line[s] = $0 }
		END { for (s in line) print line[s] }' | sort
}

obj_dir() {
	local arch
	arch=$(kind_field "$1" 3)
	[ "$arch" != x86 ] || arch=
	echo "$(tree_dir "$(kind_field "$1" 2)")/obj-${arch:+$arch-}$(kind_config "$1" | short_hash)"
}

# take_lock FD FILE WHAT
take_lock() {
	mkdir -p "${2%/*}" || die "cannot write ${2%/*}: set LINUX_BPF_CACHE to a directory of yours"
	eval "exec $1>\"\$2\""
	flock -n "$1" && return
	say "Waiting for $3"
	flock "$1"
}

# Held until unlock_tree or the end of this shell.
lock_tree() { take_lock 9 "$(tree_dir "$1")/lock" "another sync of $(tree_dir "$1")"; }
unlock_tree() { exec 9>&-; }

# Held until this shell ends.
lock_objects() { take_lock 8 "$(obj_dir "$1").lock" "another build of the $1 kernel"; }

# prune_cache: trees and object directories nobody used for a while. Whoever
# uses one touches its .used; a directory without gets one, its time starts now.
prune_cache() {
	local dir lock
	for dir in "$(cache_root)"/*/obj-*/ "$(cache_root)"/ours-*/ "$(cache_root)"/pristine-*/; do
		dir=${dir%/}
		[ -d "$dir" ] || continue
		[ -e "$dir/.used" ] || touch "$dir/.used"
		[ -n "$(find "$dir/.used" -mtime +"$CACHE_DAYS")" ] || continue
		case $dir in */obj-*) lock=$dir.lock ;; *) lock=$dir/lock ;; esac
		(
			flock -n 7 || exit 0
			say "Removing $dir, unused for $CACHE_DAYS days"
			rm -rf "$dir" "$dir.lock"
		) 7>>"$lock"
	done
}
