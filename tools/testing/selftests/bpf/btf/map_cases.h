/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types of maps: which fit. The form: name; errno of Linux 6.1, and ours if it is
 * another one; the map; numbers of the types of key and value; the types as in blob.h.
 */
#ifndef _BTF_MAP_CASES_H
#define _BTF_MAP_CASES_H

#include <errno.h>
#include <linux/bpf.h>

struct map_case {
	const char *name;
	int err;		/* -errno of Linux 6.1 */
	int ours;		/* ours where it differs */
	unsigned int type, key_size, value_size, max, key, value;
	const char *types;
};

#define NOT_SUPPORTED	524

#define BASIC	"INT 'int' 4 32  STRUCT*2 's' 8 'a' 1 0 'b' 1 32  INT 'long' 8 64 " \
		"TYPEDEF 'td' 1  FLOAT 'float' 4  ENUM*1 'e' 4 'E' 1  VAR 'v' 1 0 " \
		"DATASEC*1 '.bss' 4 7 0 4  INT 'half' 4 16  ARRAY 0 0 1 1 2  PTR 0 1 "
#define LOCK	"INT 'int' 4 32  STRUCT*1 'bpf_spin_lock' 4 'val' 1 0 "

#define HASH	BPF_MAP_TYPE_HASH
#define ARRAY_	BPF_MAP_TYPE_ARRAY
#define PROGS	BPF_MAP_TYPE_PROG_ARRAY
#define EVENTS	BPF_MAP_TYPE_PERF_EVENT_ARRAY

static const struct map_case map_cases[] = {
	{ "hash", 0, 0, HASH, 4, 8, 4, 1, 2, BASIC },
	{ "hash, names for types", 0, 0, HASH, 4, 4, 4, 4, 4, BASIC },
	{ "hash, key of another size", -EINVAL, 0, HASH, 8, 8, 4, 1, 2, BASIC },
	{ "hash, value of another size", -EINVAL, 0, HASH, 4, 4, 4, 1, 2, BASIC },
	{ "hash, no type for the key", -EINVAL, 0, HASH, 4, 8, 4, 0, 2, BASIC },
	{ "hash, no type for the value", -EINVAL, 0, HASH, 4, 8, 4, 1, 0, BASIC },
	{ "hash, key of no type there is", -EINVAL, 0, HASH, 4, 8, 4, 100, 2, BASIC },
	{ "hash, value of no type there is", -EINVAL, 0, HASH, 4, 8, 4, 1, 100, BASIC },
	{ "hash, a number beyond 2^31", -EINVAL, 0, HASH, 4, 8, 4, 0x80000001, 2, BASIC },
	{ "hash, a structure for key", 0, 0, HASH, 8, 8, 4, 2, 3, BASIC },
	{ "hash, an array for value", 0, 0, HASH, 4, 8, 4, 1, 10, BASIC },
	{ "hash, a pointer for value", 0, 0, HASH, 4, 8, 4, 1, 11, BASIC },
	{ "hash, a float for key", 0, 0, HASH, 4, 8, 4, 5, 2, BASIC },
	{ "array", 0, 0, ARRAY_, 4, 8, 4, 1, 2, BASIC },
	{ "array, another name for int", 0, 0, ARRAY_, 4, 8, 4, 4, 2, BASIC },
	{ "array, a float for index", -EINVAL, 0, ARRAY_, 4, 8, 4, 5, 2, BASIC },
	{ "array, an enum for index", -EINVAL, 0, ARRAY_, 4, 8, 4, 6, 2, BASIC },
	{ "array, half an int for index", -EINVAL, 0, ARRAY_, 4, 8, 4, 9, 2, BASIC },
	{ "array, no index, no section", -EINVAL, 0, ARRAY_, 4, 8, 1, 0, 2, BASIC },
	{ "array, no index, a section", 0, 0, ARRAY_, 4, 4, 1, 0, 8, BASIC },
	{ "array, no index, a section twice", -EINVAL, 0, ARRAY_, 4, 4, 2, 0, 8, BASIC },
	{ "array, a section of another size", -EINVAL, 0, ARRAY_, 4, 8, 1, 0, 8, BASIC },
	{ "array, index and section", 0, 0, ARRAY_, 4, 4, 2, 1, 8, BASIC },
	{ "array, a last record for index", -EINVAL, 0, ARRAY_, 4, 4, 1, 2, 1,
	  "INT 0 4 32  FLOAT 0 4  @hdr_len=25 @pad=00 @strings=00" },
	{ "programs", 0, 0, PROGS, 4, 4, 4, 1, 1, BASIC },
	{ "events", -NOT_SUPPORTED, 0, EVENTS, 4, 4, 4, 1, 1, BASIC },
	{ "events, types that do not fit", -EINVAL, 0, EVENTS, 4, 4, 4, 1, 2, BASIC },
	{ "a lock", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 3,
	  LOCK "STRUCT*2 's' 8 'l' 2 0 'v' 1 32" },
	{ "a lock as value", 0, -EOPNOTSUPP, HASH, 4, 4, 4, 1, 2, LOCK },
	{ "a lock in a structure in a structure", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 4,
	  LOCK "STRUCT*2 's' 8 'l' 2 0 'v' 1 32  STRUCT*1 't' 8 's' 3 0" },
	{ "a lock in a union", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 4,
	  LOCK "UNION*1 'u' 4 'l' 2 0  STRUCT*2 't' 8 's' 3 0 'v' 1 32" },
	{ "locks in an array", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 4,
	  LOCK "ARRAY 0 0 2 1 2  STRUCT*1 't' 8 's' 3 0" },
	{ "a lock by another name", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 5,
	  LOCK "TYPEDEF 'td' 2  VOLATILE 0 3  STRUCT*2 't' 8 's' 4 0 'v' 1 32" },
	{ "a lock in a section", 0, -EOPNOTSUPP, ARRAY_, 4, 4, 1, 0, 4,
	  LOCK "VAR 'l' 2 0  DATASEC*1 '.bss' 4 3 0 4" },
	{ "a lock behind a pointer", 0, 0, HASH, 4, 8, 4, 1, 3, LOCK "PTR 0 2" },
	{ "a structure by the name of a function", 0, 0, HASH, 4, 4, 4, 1, 3,
	  LOCK "STRUCT*1 'bpf_spin_locks' 4 'v' 1 0" },
	{ "a timer in a structure in a structure", 0, -EOPNOTSUPP, HASH, 4, 16, 4, 1, 5,
	  "INT 'int' 4 32  INT 'long' 8 64  STRUCT*2 'bpf_timer' 16 'a' 2 0 'b' 2 64 "
	  "STRUCT*1 's' 16 't' 3 0  STRUCT*1 't' 16 's' 4 0" },
	{ "a pointer of the kernel", 0, -EOPNOTSUPP, HASH, 4, 8, 4, 1, 5,
	  "INT 'int' 4 32  STRUCT*1 'task' 4 'v' 1 0  TYPE_TAG 'kptr' 2  PTR 0 3 "
	  "STRUCT*1 's' 8 'p' 4 0" },
};

#endif
