# SPDX-License-Identifier: GPL-2.0-only
# Where the prepared trees are, and the lock on each. Source after lib.sh.
#
# A tree is named by all that decides what is in it before the overlay comes:
# base version, remove list and patches. Objects are named by the configuration
# as well. Clones share them, so whoever syncs or builds holds the lock, and
# copies what it made into its own build/ before letting go.

OVERLAY_DIRS="Documentation arch block certs crypto drivers fs include init
	io_uring ipc kernel lib mm net rust samples security sound tools usr virt"

tree_dir() {
	local root
	root=$(cache_root)
	case $1 in
	ours) echo "$root/ours-$(base_version)-$(cat "$TOP/base/remove.list" "$TOP"/base/patches/* | short_hash)" ;;
	pristine) echo "$root/pristine-$(base_version)" ;;
	*) die "unknown tree $1" ;;
	esac
}

obj_dir() {
	echo "$(tree_dir "$1")/obj-$(grep -E '^(CONFIG_|# CONFIG_)' "$CONFIG" | sort | short_hash)"
}

# lock_tree ours|pristine: held until this shell ends. A child of the holder
# inherits TREE_LOCKED and does not lock again.
lock_tree() {
	local dir
	case " ${TREE_LOCKED:-} " in *" $1 "*) return ;; esac
	dir=$(tree_dir "$1")
	mkdir -p "$dir" || die "cannot write $dir: set LINUX_BPF_CACHE to a directory of yours"
	exec 9>"$dir/lock"
	if ! flock -n 9; then
		say "Waiting for another build in $dir"
		flock 9
	fi
	export TREE_LOCKED="${TREE_LOCKED:-} $1"
}
