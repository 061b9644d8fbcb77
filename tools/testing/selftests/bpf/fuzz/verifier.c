// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arbitrary instructions through bpf_check(), with all options; what is accepted
 * then runs twice and must do the same and nothing forbidden, see world_run.c.
 *
 * Input: four bytes of options, then 8 bytes an instruction.
 */
#include "target.h"

#define OPTIONS		4
#define INSNS_MAX	1024
#define RUNS		3

/* Descriptors that exist are few among 32 bits. */
static void name_maps(struct bpf_insn *insns, u32 len)
{
	for (u32 i = 0; i < len; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && insns[i].src_reg &&
		    insns[i].imm & ~0xff)
			insns[i].imm = FD_ARRAY + ((u32)insns[i].imm >> 8) % (FD_END - FD_ARRAY + 1);
}

static void set_options(struct world_load *load, const u8 *data)
{
	static const u32 flags[] = { 0, 0, BPF_F_STRICT_ALIGNMENT, BPF_F_ANY_ALIGNMENT };
	/* What name_maps() leaves is a place here; most lead to no map. */
	static u32 fds[256];

	for (u32 fd = FD_ARRAY; fd < FD_END; fd++)
		fds[fd] = fd;
	load->fd_array = data[1] < 128 ? fds : NULL;

	load->gpl = data[0] & 1;
	load->prog_flags = flags[data[0] >> 1 & 3];
	load->log_level = data[0] >> 3 & 7;
	load->log_size = 128u << (data[1] % 10);
	load->allocations = data[2] ? data[2] - 1 : -1;
	load->patience = 20;
}

/* The same program with another log has the same fate. */
static void compare_verdicts(const struct world_load *load)
{
	struct world_load plain = *load;
	const char *wrong;

	plain.log_level = 0;
	plain.allocations = -1;
	wrong = world_check(&plain);
	if (!wrong && plain.err != load->err)
		wrong = "verdict depends on the log";
	world_unload(&plain);
	if (wrong)
		found(wrong, load->insns, load->len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct bpf_insn insns[INSNS_MAX];
	struct world_load load = { .insns = insns };
	const char *wrong;

	if (size < OPTIONS + 8 || size > OPTIONS + sizeof(insns))
		return 0;
	load.len = (size - OPTIONS) / 8;
	memcpy(insns, data + OPTIONS, load.len * 8);
	name_maps(insns, load.len);
	set_options(&load, data);
	wrong = world_check(&load);
	if (!wrong && load.log_level && load.allocations < 0)
		compare_verdicts(&load);
	for (u32 i = 0; !wrong && !load.err && i < RUNS; i++)
		wrong = world_compare(&load, 1 + data[3] * RUNS + i);
	world_unload(&load);
	if (wrong && *wrong)
		found(wrong, insns, load.len);
	return 0;
}
