// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_skb_store_bytes(): what is written arrives, and nobody else's copy changes.
 */
#include "tc.h"

/* The same byte @len times at @off, from the stack. */
static int store(int off, int len, long long flags)
{
	struct bpf_insn prog[128];
	int n = 0;

	prog[n++] = MOV_X(6, 1);
	for (int at = 16; at <= 504; at += 8)
		prog[n++] = ST(BPF_DW, 10, -8 - at, 0x5a5a5a5a);
	prog[n++] = MOV_X(1, 6);
	prog[n++] = MOV32_K(2, off);
	prog[n++] = MOV_X(3, 10);
	prog[n++] = ALU_K(BPF_ADD, 3, -512);
	prog[n++] = MOV_K(4, len);
	memcpy(prog + n, (struct bpf_insn[]){ LD64(5, flags) }, 2 * sizeof(*prog));
	n += 2;
	prog[n++] = CALL(BPF_FUNC_skb_store_bytes);
	memcpy(prog + n, (struct bpf_insn[]){ STORE_RESULT(0) }, 10 * sizeof(*prog));
	n += ARRAY_LEN(((struct bpf_insn[]){ STORE_RESULT(0) }));
	prog[n++] = MOV_K(0, TC_ACT_OK);
	prog[n++] = EXIT();
	return prog_load(BPF_PROG_TYPE_SCHED_CLS, prog, (size_t)n);
}

/* Bytes that differ from what was sent, and whether they are those. */
static bool only_changed(int off, int len)
{
	for (int i = 0; i < FRAME_LEN; i++) {
		bool inside = i >= off && i < off + len;
		/* What is stored is words of 0x5a5a5a5a, extended to 8 bytes. */
		unsigned char want = !inside ? frame[i] : (i - off) % 8 < 4 ? 0x5a : 0;

		if (arrived.bytes[i] != want)
			return false;
	}
	return arrived.len == FRAME_LEN;
}

int main(void)
{
	tc_init();
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		const char *name = hooks[h].name;
		__u32 hook = hooks[h].hook;
		int taps;

		is(run_at(hook, store(20, 1, 0)), 0, "%s: one byte", name);
		ok(only_changed(20, 1), "%s: arrives", name);
		is(run_at(hook, store(21, 32, 1)), 0, "%s: more than 16 bytes, checksum asked for", name);
		ok(only_changed(21, 32), "%s: arrive", name);
		is(run_at(hook, store(40, 150, 3)), 0, "%s: a lot, hash invalidated", name);
		ok(only_changed(40, 150), "%s: arrives", name);
		is(run_at(hook, store(199, 1, 2)), 0, "%s: the last byte", name);
		ok(only_changed(199, 1), "%s: arrives", name);
		is(run_at(hook, store(0, 6, 0)), 0, "%s: the link layer header", name);

		is(run_at(hook, store(199, 2, 0)), -EFAULT, "%s: over the end", name);
		ok(only_changed(0, 0), "%s: nothing is written", name);
		is(run_at(hook, store(200, 1, 0)), -EFAULT, "%s: behind the end", name);
		is(run_at(hook, store(0x7fffffff, 1, 0)), -EFAULT, "%s: far behind", name);
		is(run_at(hook, store((int)0x80000000, 1, 0)), -EFAULT, "%s: 2 GiB behind", name);
		is(run_at(hook, store(-1, 4, 0)), -EFAULT, "%s: in front", name);
		for (int bit = 2; bit < 64; bit += bit < 8 ? 1 : 23)
			is(run_at(hook, store(20, 1, 1LL << bit)), -EINVAL, "%s: flag bit %d", name, bit);
		is(run_at(hook, store(-1, 1, 4)), -EINVAL, "%s: flags are looked at first", name);

		/* A socket that sees everything holds the same bytes as the packet. */
		taps = open_frames("t1", ETH_P_ALL);
		run_at(hook, store(20, 8, 0));
		ok(only_changed(20, 8), "%s: changed where it goes", name);
		receive(taps, 200);
		ok(only_changed(20, hook == EGRESS ? 8 : 0), "%s: not what a tap was given before", name);
		close(taps);
	}
	return finish();
}
