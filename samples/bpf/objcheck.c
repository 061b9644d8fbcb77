// SPDX-License-Identifier: GPL-2.0-only
/* See objcheck.h. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include "objcheck.h"
#include "raw_bpf.h"

static void lacks(const char *what, const char *name, const char *why)
{
	printf("  not offered by this kernel: %s (%s): %s\n", what, name, why);
}

static bool loads(struct bpf_insn *insns, size_t cnt)
{
	int fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, cnt, "GPL", 0, NULL, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Global variables live in an array whose element a program addresses directly. */
static bool has_global_data(void)
{
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	struct bpf_insn insns[] = {
		LD64_SRC(BPF_REG_1, BPF_PSEUDO_MAP_VALUE, fd, 0),
		MOV_K(BPF_REG_0, 0),
		EXIT(),
	};
	bool has = fd >= 0 && loads(insns, ARRAY_LEN(insns));

	if (fd >= 0)
		close(fd);
	return has;
}

static bool has_calls(void)
{
	struct bpf_insn insns[] = {
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1),
		EXIT(),
		MOV_K(BPF_REG_0, 0),
		EXIT(),
	};

	return loads(insns, ARRAY_LEN(insns));
}

static void check_insns(const struct bpf_program *prog, bool calls)
{
	const struct bpf_insn *insns = bpf_program__insns(prog);
	enum bpf_prog_type type = bpf_program__type(prog);
	bool told_call = false, told_helper[256] = { false };
	char text[64];

	for (size_t i = 0; i < bpf_program__insn_cnt(prog); i++) {
		const struct bpf_insn *insn = &insns[i];

		if (insn->code != (BPF_JMP | BPF_CALL))
			continue;
		if (insn->src_reg == BPF_PSEUDO_CALL && !calls && !told_call) {
			told_call = true;
			lacks("a function that is not inlined", bpf_program__name(prog),
			      "mark it static __always_inline");
		}
		if (insn->src_reg || insn->imm <= 0 || insn->imm >= 256 || told_helper[insn->imm])
			continue;
		told_helper[insn->imm] = true;
		if (!libbpf_probe_bpf_helper(type, insn->imm, NULL)) {
			snprintf(text, sizeof(text), "number %d", insn->imm);
			lacks("helper function", text, bpf_program__name(prog));
		}
	}
}

static void check_map(const struct bpf_map *map, bool global)
{
	enum bpf_map_type type = bpf_map__type(map);

	if (bpf_map__is_internal(map)) {
		if (!global)
			lacks("global data", bpf_map__name(map), "keep it in an ARRAY map; harmless if unused");
	} else if (libbpf_probe_bpf_map_type(type, NULL) != 1) {
		lacks("map type", bpf_map__name(map), libbpf_bpf_map_type_str(type) ?: "unknown");
	}
}

void objcheck(struct bpf_object *obj)
{
	bool global = has_global_data(), calls = has_calls();
	struct bpf_program *prog;
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		check_map(map, global);
	bpf_object__for_each_program(prog, obj) {
		enum bpf_prog_type type = bpf_program__type(prog);

		if (libbpf_probe_bpf_prog_type(type, NULL) != 1)
			lacks("program type", bpf_program__name(prog),
			      libbpf_bpf_prog_type_str(type) ?: "unknown");
		else
			check_insns(prog, calls);
	}
}
