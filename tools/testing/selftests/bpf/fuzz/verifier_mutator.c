// SPDX-License-Identifier: GPL-2.0-only
/*
 * How libFuzzer changes the inputs of the target "verifier": half of the time
 * by whole instructions and fields, since few changes of a single byte leave a
 * program that gets past the first pass.
 */
#include "insn_table.h"
#include "target.h"

#define OPTIONS 4

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed);

static const u8 codes[] = {
#define CODE(label, code) code,
	BPF_INSN_TABLE(CODE)
};

static const s32 numbers[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 32, 63, 64, 255, -1, -2, -4, -8, -16, -64,
	-512, -513, 0x7fffffff, (s32)0x80000000, 1 << 16,
};

#define PICK(state, array) ((array)[world_random(state) % ARRAY_SIZE(array)])

static void change_field(u64 *state, struct bpf_insn *insn)
{
	switch (world_random(state) % 6) {
	case 0:
		insn->code = PICK(state, codes);
		break;
	case 1:
		insn->dst_reg = world_random(state) % 11;
		break;
	case 2:
		insn->src_reg = world_random(state) % 11;
		break;
	case 3:
		insn->off = world_random(state) % 2 ? (s16)(world_random(state) % 12) :
						      (s16)PICK(state, numbers);
		break;
	case 4:
		insn->imm = PICK(state, numbers);
		break;
	default:
		insn->imm = (u32)insn->imm + (u32)(world_random(state) % 5) - 2;
	}
}

/* Room for one more in front of @at. */
static void insert(u64 *state, struct bpf_insn *insns, u32 at, u32 len)
{
	memmove(&insns[at + 1], &insns[at], (len - at) * sizeof(*insns));
	insns[at] = insns[world_random(state) % (len + 1)];
	if (world_random(state) % 2)
		change_field(state, &insns[at]);
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed)
{
	struct bpf_insn *insns = (void *)(data + OPTIONS);
	u64 state = ((u64)seed << 1 | 1) * 0x9e3779b97f4a7c15ULL;
	u32 len = size < OPTIONS ? 0 : (size - OPTIONS) / 8, at;

	if (len < 2 || world_random(&state) % 4 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	at = world_random(&state) % len;
	switch (world_random(&state) % 4) {
	case 0:
		if (OPTIONS + 8 * (len + 1) > max_size)
			return LLVMFuzzerMutate(data, size, max_size);
		insert(&state, insns, at, len);
		return OPTIONS + 8 * (len + 1);
	case 1:
		memmove(&insns[at], &insns[at + 1], (len - at - 1) * sizeof(*insns));
		return OPTIONS + 8 * (len - 1);
	default:
		change_field(&state, &insns[at]);
		return OPTIONS + 8 * len;
	}
}
