// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entry of bpf(2): who may call, one copy of the attribute, the table of
 * commands.
 *
 * User memory is hostile and may change at any time, so the attribute is copied
 * exactly once, here; commands see only that copy. What the attribute points to
 * is copied once by the command's decode.
 *
 * The order of the checks is interface: privilege, size, bytes the kernel does
 * not know, the copy itself, the security module, the command number, bytes the
 * command does not use. Takes no lock.
 */
#include <linux/bpf.h>
#include <linux/ctype.h>
#include <linux/nospec.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#include "syscall.h"
#include "user_copy.h"

/* Programs running for a tracing event on this CPU; excludes nested ones. */
DEFINE_PER_CPU(int, bpf_prog_active);

/**
 * struct bpf_command - a row of the table of commands
 * @name: for people
 * @attr_end: offset behind the last field of union bpf_attr the command reads
 * @is_privileged: kernel.unprivileged_bpf_disabled closes it to the unprivileged
 * @decode: all checks; takes what @release gives back
 * @perform: acts; returns the result of the system call
 * @release: called after a decode that succeeded or failed; may be NULL
 */
struct bpf_command {
	const char *name;
	u16 attr_end;
	bool is_privileged;
	int (*decode)(struct bpf_request *req);
	int (*perform)(struct bpf_request *req);
	void (*release)(struct bpf_request *req);
};

#define ATTR_END(field)	offsetofend(union bpf_attr, field)

static const struct bpf_command commands[] = {
	[BPF_MAP_CREATE] = {
		"map_create", ATTR_END(map_extra), true,
		bpf_map_create_decode, bpf_map_create_perform,
		bpf_map_create_release,
	},
	[BPF_MAP_LOOKUP_ELEM] = {
		"map_lookup_elem", ATTR_END(flags), false,
		bpf_map_lookup_decode, bpf_map_lookup_perform,
		bpf_map_elem_release,
	},
	[BPF_MAP_UPDATE_ELEM] = {
		"map_update_elem", ATTR_END(flags), false,
		bpf_map_update_decode, bpf_map_update_perform,
		bpf_map_elem_release,
	},
	[BPF_MAP_DELETE_ELEM] = {
		"map_delete_elem", ATTR_END(key), false,
		bpf_map_delete_decode, bpf_map_delete_perform,
		bpf_map_elem_release,
	},
	[BPF_MAP_GET_NEXT_KEY] = {
		"map_get_next_key", ATTR_END(next_key), false,
		bpf_map_next_key_decode, bpf_map_next_key_perform,
		bpf_map_elem_release,
	},
	[BPF_PROG_LOAD] = {
		"prog_load", ATTR_END(core_relo_rec_size), true,
		bpf_prog_load_decode, bpf_prog_load_perform,
		bpf_prog_load_release,
	},
	[BPF_MAP_FREEZE] = {
		"map_freeze", ATTR_END(map_fd), false,
		bpf_map_freeze_decode, bpf_map_freeze_perform,
		bpf_map_elem_release,
	},
	[BPF_PROG_TEST_RUN] = {
		"prog_test_run", ATTR_END(test.batch_size), false,
		bpf_test_run_decode, bpf_test_run_perform,
		bpf_test_run_release,
	},
	[BPF_OBJ_GET_INFO_BY_FD] = {
		"obj_get_info_by_fd", ATTR_END(info), false,
		bpf_obj_info_decode, bpf_obj_info_perform,
		bpf_obj_info_release,
	},
	[BPF_BTF_LOAD] = {
		"btf_load", ATTR_END(btf_log_level), false,
		bpf_btf_load_decode, bpf_btf_load_perform,
	},
};

static const struct bpf_command *command_find(unsigned int cmd)
{
	if (cmd >= ARRAY_SIZE(commands) || !commands[cmd].decode)
		return NULL;
	return &commands[array_index_nospec(cmd, ARRAY_SIZE(commands))];
}

/*
 * A caller without privilege may still use descriptors it was given, so only
 * the commands that make objects are closed.
 */
static bool caller_may(const struct bpf_command *command)
{
	if (!command || !command->is_privileged)
		return true;
	return !sysctl_unprivileged_bpf_disabled || bpf_capable();
}

/* The attribute as words; a command may end in the middle of one. */
#define ATTR_WORDS	(sizeof(union bpf_attr) / sizeof(u64))

/* All bytes of a word but the first @n, which is less than all. */
static u64 bytes_from(u32 n)
{
	return (__force u64)cpu_to_le64(~0ULL << n * BITS_PER_BYTE);
}

static bool has_stray_bytes(const union bpf_attr *attr,
			    const struct bpf_command *command)
{
	const u64 *word = (const u64 *)attr;
	u32 i = command->attr_end / sizeof(u64);
	u64 stray = 0;

	BUILD_BUG_ON(sizeof(*attr) % sizeof(u64));
	if (command->attr_end % sizeof(u64))
		stray = word[i++] & bytes_from(command->attr_end % sizeof(u64));
	for (; i < ATTR_WORDS; i++)
		stray |= word[i];
	return stray;
}

/*
 * What the caller knows of the attribute, and zeroes. Of what only the caller knows
 * nothing may be set.
 */
static int attr_copy(union bpf_attr *attr, const union bpf_attr __user *uattr, u32 size)
{
	const u8 __user *beyond = (const u8 __user *)(uattr + 1);

	if (size > sizeof(*attr)) {
		int zeroed = check_zeroed_user(beyond, size - sizeof(*attr));

		if (zeroed <= 0)
			return zeroed ?: -E2BIG;
		size = sizeof(*attr);
	}
	/* Padding between fields is compared with zero too. */
	memset((u8 *)attr + size, 0, sizeof(*attr) - size);
	return user_copy_in(attr, uattr, size);
}

static int command_run(const struct bpf_command *command,
		       const union bpf_attr *attr,
		       union bpf_attr __user *uattr)
{
	struct bpf_request_room room __uninitialized;
	struct bpf_request req = { .attr = attr, .uattr = uattr, .room = &room };
	int ret;

	if (has_stray_bytes(attr, command))
		return -EINVAL;

	ret = command->decode(&req);
	if (!ret)
		ret = command->perform(&req);
	if (command->release)
		command->release(&req);
	return ret;
}

SYSCALL_DEFINE3(bpf, int, cmd, union bpf_attr __user *, uattr, unsigned int, size)
{
	const struct bpf_command *command = command_find(cmd);
	union bpf_attr attr __uninitialized;
	int err;

	if (!caller_may(command))
		return -EPERM;
	if (size > PAGE_SIZE)
		return -E2BIG;

	err = attr_copy(&attr, uattr, size);
	if (err)
		return err;

	err = security_bpf(cmd, &attr, size);
	if (err)
		return err;

	return command ? command_run(command, &attr, uattr) : -EINVAL;
}

/**
 * bpf_obj_name_copy() - check and copy the name of a new object
 * @dst: BPF_OBJ_NAME_LEN bytes, filled up with zeroes
 * @src: BPF_OBJ_NAME_LEN bytes as the caller gave them
 *
 * Context: any.
 * Return: 0, or -EINVAL for a character other than letters (of Latin-1), digits,
 * '_' and '.', or a name that does not end.
 */
int bpf_obj_name_copy(char *dst, const char *src)
{
	size_t i;

	memset(dst, 0, BPF_OBJ_NAME_LEN);
	for (i = 0; i < BPF_OBJ_NAME_LEN; i++) {
		if (!src[i])
			return 0;
		if (!isalnum(src[i]) && src[i] != '_' && src[i] != '.')
			return -EINVAL;
		dst[i] = src[i];
	}
	return -EINVAL;
}
