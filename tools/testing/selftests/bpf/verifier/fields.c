// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to the context become longer when a program is made ready to run.
 * Every field, read and written in every width there is, stands in the span of a
 * jump back and of jumps forward: each must still lead where it led before.
 */
#include "front.h"

#include <stddef.h>

#define COPIES	5
#define ENDS_AT	9

static __u32 type;

/* What the program answers over a packet of 64 bytes, or -errno of its load. */
static int answer(const struct bpf_insn *insns, size_t cnt)
{
	static const char packet[64];
	int fd = prog_load(type, insns, cnt), err;
	union bpf_attr a;

	if (fd < 0)
		return fd;
	memset(&a, 0, sizeof(a));
	a.test.prog_fd = (__u32)fd;
	a.test.data_in = ptr64(packet);
	a.test.data_size_in = sizeof(packet);
	err = (int)sys_bpf(BPF_PROG_TEST_RUN, &a);
	close(fd);
	return err ?: (int)a.test.retval;
}

/* The access alone: is there such a one? */
static bool exists(struct bpf_insn access)
{
	const struct bpf_insn insns[] = { MOV_X(6, 1), MOV_K(2, 0), access, MOV_K(0, 0), EXIT() };

	return answer(insns, ARRAY_LEN(insns)) == 0;
}

/*
 * Over the copies, then back over them to their beginning; they run; a jump that no
 * value decides leads over another stretch of them, then the end. Whoever lands beside
 * one of these places has missed or met an instruction that changes the answer.
 */
static int spanned(struct bpf_insn access, int stored)
{
	struct bpf_insn insns[64], *in = insns;

	*in++ = MOV_X(6, 1);
	*in++ = MOV_K(2, stored);
	*in++ = MOV_K(9, 0);
	*in++ = MOV_K(0, 1);
	*in++ = LDX(BPF_W, 7, 6, 0);		/* the length, 64 bytes */
	*in++ = JA(COPIES + 4);			/* to the jump back */
	*in++ = LDX(BPF_W, 9, 6, 0);		/* it comes here */
	for (int i = 0; i < COPIES; i++)
		*in++ = access;
	*in++ = JMP_K(BPF_JGT, 7, 40, 3);	/* over the jump back */
	*in++ = MOV_K(0, 2);
	*in++ = EXIT();
	*in++ = JA(-COPIES - 5);
	*in++ = JMP_K(BPF_JGT, 7, 40, COPIES + 1);
	for (int i = 0; i < COPIES; i++)
		*in++ = access;
	*in++ = MOV_K(9, 0);
	*in++ = MOV_K(0, ENDS_AT);		/* it comes here */
	*in++ = JMP_K(BPF_JGT, 9, 40, 1);
	*in++ = MOV_K(0, 3);
	*in++ = EXIT();
	return answer(insns, (size_t)(in - insns));
}

static void check(const char *name, __u8 mode, int *fields)
{
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	int wrong = 0, found = 0;

	for (int off = 0; off < (int)sizeof(struct __sk_buff); off++)
		for (int s = 0; s < 4; s++) {
			struct bpf_insn access = mode == BPF_LDX ? LDX(sizes[s], 3, 6, off) :
								   STX(sizes[s], 6, 2, off);
			int small, large;

			if (off % (1 << s) || !exists(access))
				continue;
			found++;
			small = spanned(access, 0);
			/* A store may jump over itself for a value that is too large. */
			large = mode == BPF_LDX ? small : spanned(access, -1);
			if (small != ENDS_AT || large != ENDS_AT) {
				note("size %d at %d: %d %d\n%s", 1 << s, off, small, large, prog_log);
				wrong++;
			}
		}
	is(wrong, 0, "%s: jumps over each of %d accesses", name, found);
	*fields = found;
}

int main(void)
{
	/* Those of Linux 6.1 but addresses, of the packet and of its socket. */
	static const struct { __u32 type; const char *name; int loads, stores; } types[] = {
		{ BPF_PROG_TYPE_SOCKET_FILTER, "socket filter", 149, 37 },
		{ BPF_PROG_TYPE_SCHED_CLS, "classifier", 166, 43 },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		char name[64];
		int found;

		type = types[i].type;
		snprintf(name, sizeof(name), "%s, loads", types[i].name);
		check(name, BPF_LDX, &found);
		ok(found >= types[i].loads, "%s: as many as there are", name);
		snprintf(name, sizeof(name), "%s, stores", types[i].name);
		check(name, BPF_STX, &found);
		ok(found >= types[i].stores, "%s: as many as there are", name);
	}
	return finish();
}
