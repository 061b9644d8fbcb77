// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of values in programs, maps that are closed to programs in a direction,
 * and numbers that are known because nobody can change them.
 */
#include "cases.h"

/* r2 decides: returns 1, or reads a register that was never written. */
#define MUST_BE(number)								\
	MOV_K(0, 1), JMP_K(BPF_JEQ, 2, number, 1), MOV_X(0, 9), EXIT()
#define UNKNOWN		"R9 !read_ok"

/* What two numbers of 64 bits are: 1 if they are equal */
#define EQUALS(r, v)	LD64(3, v), MOV_K(0, 1), JMP_X(BPF_JEQ, r, 3, 1), MOV_K(0, 0), EXIT()

static const struct vcase cases[] = {
	/* where the address may be */
	RUNS("the value's first byte", 5, LD_VALUE(1, ONE_24, 0), LDX(BPF_B, 0, 1, 0), EXIT()),
	RUNS("its last byte", 1, LD_VALUE(1, ONE_24, 23), LDX(BPF_B, 0, 1, 0), EXIT()),
	RUNS("its last word", 1, LD_VALUE(1, ONE_24, 16), LDX(BPF_DW, 1, 1, 0),
	     EQUALS(1, 0x0102030405060708)),
	RUNS("in front of the address", 5, LD_VALUE(1, ONE_24, 20), LDX(BPF_B, 0, 1, -20), EXIT()),
	BAD("in front of the value", EACCES,
	    "invalid access to map value, value_size=24 off=-1 size=1",
	    LD_VALUE(1, ONE_24, 20), LDX(BPF_B, 0, 1, -21), EXIT()),
	BAD("behind the value", EACCES,
	    "invalid access to map value, value_size=24 off=24 size=1",
	    LD_VALUE(1, ONE_24, 20), LDX(BPF_B, 0, 1, 4), EXIT()),
	BAD("over its end", EACCES,
	    "invalid access to map value, value_size=24 off=23 size=2",
	    LD_VALUE(1, ONE_24, 23), LDX(BPF_H, 0, 1, 0), EXIT()),
	BAD("an address behind the value", EINVAL,
	    "invalid access to map value pointer, value_size=24 off=24",
	    LD_VALUE(1, ONE_24, 24), RET(0)),
	BAD("an address far behind", EINVAL,
	    "invalid access to map value pointer, value_size=24 off=536870911",
	    LD_VALUE(1, ONE_24, (1 << 29) - 1), RET(0)),
	BAD("farther than pointers go", EINVAL,
	    "direct value offset of 536870912 is not allowed",
	    LD_VALUE(1, ONE_24, 1 << 29), RET(0)),
	BAD("a negative one", EINVAL, "direct value offset of 4294967295 is not allowed",
	    LD_VALUE(1, ONE_24, -1), RET(0)),
	BAD("of an array with several", 524,
	    "invalid access to map value pointer, value_size=8 off=0",
	    LD_VALUE(1, ARRAY_8, 0), RET(0)),
	BAD("of a hash", EINVAL, "no direct value access support for this map type",
	    LD_VALUE(1, HASH_48, 0), RET(0)),
	BAD("of a hash, farther than pointers go", EINVAL,
	    "direct value offset of 536870912 is not allowed",
	    LD_VALUE(1, HASH_48, 1 << 29), RET(0)),
	RUNS("it moves like any", 5, MOV_X(6, 1), LD_VALUE(1, ONE_24, 0), NUMBER(2),
	     ALU_K(BPF_AND, 2, 0), ALU_X(BPF_ADD, 1, 2), LDX(BPF_B, 0, 1, 0), EXIT()),
	GOOD("by a number within its size", LDX(BPF_W, 2, 1, 0),
	     ALU_K(BPF_AND, 2, 15), LD_VALUE(1, ONE_24, 8), ALU_X(BPF_ADD, 1, 2),
	     LDX(BPF_B, 0, 1, 0), EXIT()),
	BAD("by a number beyond it", EACCES, "R1 max value is outside of the allowed memory range",
	    LDX(BPF_W, 2, 1, 0), ALU_K(BPF_AND, 2, 31), LD_VALUE(1, ONE_24, 0),
	    ALU_X(BPF_ADD, 1, 2), LDX(BPF_B, 0, 1, 0), EXIT()),
	GOOD("it is not null", LD_VALUE(1, ONE_24, 0), JMP_K(BPF_JNE, 1, 0, 1), MOV_X(0, 9), RET(0)),
	BAD("it is no map", EACCES, "R1 type=map_value expected=map_ptr",
	    ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_VALUE(1, ONE_24, 0),
	    CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	GOOD("it is a key", LD_VALUE(2, ONE_24, 20), LD_MAP(1, ARRAY_8),
	     CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	BAD("not over its end", EACCES, "invalid access to map value, value_size=24 off=21 size=4",
	    LD_VALUE(2, ONE_24, 21), LD_MAP(1, ARRAY_8), CALL(BPF_FUNC_map_lookup_elem), RET(0)),

	/* directions */
	RUNS("it is written", 7, LD_VALUE(1, ONE_24, 8), ST(BPF_DW, 1, 8, 7), LDX(BPF_B, 0, 1, 8), EXIT()),
	BAD("unless the map is closed", EACCES, "write into map forbidden, value_size=24 off=16 size=8",
	    LD_VALUE(1, RDONLY_24, 8), ST(BPF_DW, 1, 8, 7), RET(0)),
	BAD("to a register's number", EACCES, "write into map forbidden, value_size=24 off=0 size=1",
	    LD_VALUE(1, RDONLY_24, 0), MOV_K(2, 1), STX(BPF_B, 1, 2, 0), RET(0)),
	BAD("also by atomics", EACCES, "write into map forbidden, value_size=24 off=8 size=8",
	    LD_VALUE(1, RDONLY_24, 8), MOV_K(2, 1), ATOMIC(BPF_DW, BPF_ADD, 1, 2, 0), RET(0)),
	BAD("also at an unknown place", EACCES, "write into map forbidden, value_size=24 off=0 size=1",
	    LDX(BPF_W, 2, 1, 0), ALU_K(BPF_AND, 2, 7), LD_VALUE(1, RDONLY_24, 0),
	    ALU_X(BPF_ADD, 1, 2), ST(BPF_B, 1, 0, 1), RET(0)),
	BAD("also through a lookup", EACCES, "write into map forbidden, value_size=24 off=0 size=4",
	    VALUE(RDONLY_24), ST(BPF_W, 0, 0, 1), RET(0)),
	BAD("also by an update", EACCES, "write into map forbidden",
	    ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_VALUE(3, ONE_24, 0),
	    MOV_K(4, 0), LD_MAP(1, RDONLY_24), CALL(BPF_FUNC_map_update_elem), RET(0)),
	BAD("also by a delete", EACCES, "write into map forbidden",
	    ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, RDONLY_24),
	    CALL(BPF_FUNC_map_delete_elem), RET(0)),
	GOOD("an update takes it as a value", ST(BPF_DW, 10, -8, 0), MOV_X(2, 10),
	     ALU_K(BPF_ADD, 2, -8), LD_VALUE(3, RDONLY_24, 0), MOV_K(4, 0), LD_MAP(1, ONE_24),
	     CALL(BPF_FUNC_map_update_elem), RET(0)),
	GOOD("frozen is not closed", LD_VALUE(1, FROZEN_24, 8), ST(BPF_DW, 1, 8, 7), RET(0)),
	GOOD("what is not for reading is written", LD_VALUE(1, WRONLY_24, 8), ST(BPF_DW, 1, 8, 7), RET(0)),
	BAD("and not read", EACCES, "read from map forbidden, value_size=24 off=8 size=4",
	    LD_VALUE(1, WRONLY_24, 8), LDX(BPF_W, 0, 1, 0), EXIT()),
	BAD("nor by atomics", EACCES, "read from map forbidden, value_size=24 off=8 size=8",
	    LD_VALUE(1, WRONLY_24, 8), MOV_K(2, 1), ATOMIC(BPF_DW, BPF_ADD, 1, 2, 0), RET(0)),
	BAD("nor as a key", EACCES, "read from map forbidden, value_size=24 off=8 size=4",
	    LD_VALUE(2, WRONLY_24, 8), LD_MAP(1, ARRAY_8), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	BAD("nor as a value", EACCES, "read from map forbidden, value_size=24 off=0 size=24",
	    ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_VALUE(3, WRONLY_24, 0),
	    MOV_K(4, 0), LD_MAP(1, ONE_24), CALL(BPF_FUNC_map_update_elem), RET(0)),
	GOOD("a text that stands in it is printed", LD_VALUE(1, CONSTANT_24, 0), MOV_K(2, 8),
	     CALL(BPF_FUNC_trace_printk), RET(0)),

	/* what nobody can write is known */
	RUNS("a constant byte", 1, LD_VALUE(1, CONSTANT_24, 0), LDX(BPF_B, 2, 1, 0), MUST_BE(5)),
	RUNS("two bytes", 1, LD_VALUE(1, CONSTANT_24, 8), LDX(BPF_H, 2, 1, 0), MUST_BE(0xfffe)),
	RUNS("a word", 1, LD_VALUE(1, CONSTANT_24, 16), LDX(BPF_W, 2, 1, 4), MUST_BE(0x01020304)),
	RUNS("a double word", 1, LD_VALUE(1, CONSTANT_24, 16), LDX(BPF_DW, 2, 1, -8), MUST_BE(-2)),
	RUNS("at an odd place", 1, LD_VALUE(1, CONSTANT_24, 5), LDX(BPF_W, 2, 1, 12), MUST_BE(0x04050607)),
	RUNS("the address was moved", 1, LD_VALUE(1, CONSTANT_24, 0), ALU_K(BPF_ADD, 1, 20),
	     LDX(BPF_B, 2, 1, -4), MUST_BE(8)),
	RUNS("through a lookup", 1, VALUE(CONSTANT_24), LDX(BPF_B, 2, 0, 0), MUST_BE(5)),
	BAD("it is this number", EACCES, UNKNOWN,
	    LD_VALUE(1, CONSTANT_24, 0), LDX(BPF_B, 2, 1, 0), MUST_BE(6)),
	BAD("a word has its upper half clear", EACCES, UNKNOWN,
	    LD_VALUE(1, CONSTANT_24, 8), LDX(BPF_W, 2, 1, 0), MUST_BE(-2)),
	BAD("what is not frozen may change", EACCES, UNKNOWN,
	    LD_VALUE(1, RDONLY_24, 0), LDX(BPF_B, 2, 1, 0), MUST_BE(5)),
	BAD("what programs may write may change", EACCES, UNKNOWN,
	    LD_VALUE(1, FROZEN_24, 0), LDX(BPF_B, 2, 1, 0), MUST_BE(5)),
	BAD("most values may change", EACCES, UNKNOWN,
	    LD_VALUE(1, ONE_24, 0), LDX(BPF_B, 2, 1, 0), MUST_BE(5)),
	BAD("at an unknown place all is unknown", EACCES, UNKNOWN,
	    LDX(BPF_W, 3, 1, 0), ALU_K(BPF_AND, 3, 1), LD_VALUE(1, CONSTANT_24, 0),
	    ALU_X(BPF_ADD, 1, 3), LDX(BPF_B, 2, 1, 0), MUST_BE(5)),
	GOOD("a constant is within bounds", LD_VALUE(1, CONSTANT_24, 0), LDX(BPF_DW, 2, 1, 0),
	     LD_VALUE(3, ONE_24, 0), ALU_X(BPF_ADD, 3, 2), LDX(BPF_B, 0, 3, 18), EXIT()),
	BAD("or beyond them", EACCES, "invalid access to map value, value_size=24 off=24 size=1",
	    LD_VALUE(1, CONSTANT_24, 0), LDX(BPF_DW, 2, 1, 0),
	    LD_VALUE(3, ONE_24, 0), ALU_X(BPF_ADD, 3, 2), LDX(BPF_B, 0, 3, 19), EXIT()),
	BAD("one that may change is not", EACCES, "unbounded memory access",
	    LD_VALUE(1, RDONLY_24, 0), LDX(BPF_DW, 2, 1, 0), LD_VALUE(3, ONE_24, 0),
	    JMP_K(BPF_JSLT, 2, 0, 2), ALU_X(BPF_ADD, 3, 2), LDX(BPF_B, 0, 3, 0), RET(0)),
	{ .name = "one of several is unknown", .err = -EACCES, .log = UNKNOWN,
	  .differs = "Linux 6.1 refuses every load of such a value",
	  .insns = { VALUE(FROZEN_2), LDX(BPF_B, 2, 0, 0), MUST_BE(0) } },
	{ .name = "but read", .differs = "Linux 6.1 refuses every load of such a value",
	  .insns = { VALUE(FROZEN_2), LDX(BPF_B, 0, 0, 0), EXIT() } },
};

/* ---- maps by their place in an array ----------------------------------------------- */

static int load_at(const void *fds, const struct bpf_insn *insns, size_t cnt)
{
	union bpf_attr a;
	int fd;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(insns);
	a.insn_cnt = (__u32)cnt;
	a.license = ptr64("GPL");
	a.log_level = 1;
	a.log_buf = ptr64(prog_log);
	a.log_size = sizeof(prog_log);
	a.fd_array = ptr64(fds);
	prog_log[0] = '\0';
	fd = (int)sys_bpf(BPF_PROG_LOAD, &a);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

#define LOAD_AT(fds, ...) \
	load_at(fds, (struct bpf_insn[]){ __VA_ARGS__ }, ARRAY_LEN(((struct bpf_insn[]){ __VA_ARGS__ })))

static void places(void)
{
	int *pages = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int *fds = pages + PAGE / sizeof(*pages) - 3;

	munmap(pages + PAGE / sizeof(*pages), PAGE);
	fds[0] = case_fds[ARRAY_8];
	fds[1] = case_fds[ONE_24];
	fds[2] = -1;
	is(LOAD_AT(fds, LD_MAP_AT(1, 0), RET(0)), 0, "a map by its place");
	is(LOAD_AT(fds, LD_VALUE_AT(1, 1, 8), LDX(BPF_DW, 0, 1, 8), EXIT()), 0, "a value by its place");
	is(LOAD_AT(fds, LD_VALUE_AT(1, 1, 8), LDX(BPF_DW, 0, 1, 9), EXIT()), -EACCES, "not over its end");
	is_str(prog_log, "invalid access to map value, value_size=24 off=17 size=8", "... text");
	is(LOAD_AT(fds, LD_VALUE_AT(1, 0, 0), RET(0)), -524, "a value of several");
	is(LOAD_AT(fds, LD_MAP_AT(1, 2), RET(0)), -EBADF, "a closed descriptor at its place");
	is_str(prog_log, "fd -1 is not pointing to valid bpf_map", "... text");
	is(LOAD_AT(fds, LD_MAP_AT(1, 3), RET(0)), -EFAULT, "a place that cannot be read");
	is(LOAD_AT(fds, LD_VALUE_AT(1, 3, 0), RET(0)), -EFAULT, "... of a value");
	is(LOAD_AT(fds + 1, LD_MAP_AT(1, -1), RET(0)), 0, "the place in front");
	is(LOAD_AT(fds, LD_MAP_AT(1, 0x7fffffff), RET(0)), -EFAULT, "a place far away");
	is(LOAD_AT((void *)8, LD_MAP_AT(1, 0), RET(0)), -EFAULT, "no array");
	is(LOAD_AT(NULL, LD_MAP_AT(1, 0), RET(0)), -EPROTO, "none at all");
	is(LOAD_AT((void *)8, LD_MAP(1, case_fds[ARRAY_8]), RET(0)), 0, "nobody reads it without need");
	is(LOAD_AT(fds, LD64_SRC(1, BPF_PSEUDO_MAP_IDX, 0, 1), RET(0)), -EINVAL, "a place and a number");
	is_str(prog_log, "unrecognized bpf_ld_imm64 insn", "... text");
	munmap(pages, PAGE);
}

int main(void)
{
	cases_setup();
	if (!getenv("PROBE"))
		places();
	return cases_run(cases, ARRAY_LEN(cases));
}
