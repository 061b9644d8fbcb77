// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check mode over files of instructions, such as a fuzzer's corpus.
 *
 *	replay FILE|DIRECTORY...
 *
 * A file is the instructions, 8 bytes each; four bytes in front, if its length
 * leaves that remainder, are a fuzzer's options and are passed over. Whatever
 * number stands for a map, one of three is taken. Each program is checked as a
 * socket filter and as a program of the model. A file whose name ends in .hex has
 * one of them on each line, as digits. One that ends in .list has what tests loaded
 * in guests, with type and maps, see record.h of the tests; each is checked as that.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "modes.h"
#include "types.h"

#define RUNS 16

static struct {
	u32 inputs, findings;
} sum;

static void name_maps(struct load *load)
{
	for (u32 i = 0; i < load->len; i++)
		if (load->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    load->insns[i].src_reg == BPF_PSEUDO_MAP_FD)
			load->insns[i].imm = (u32)load->insns[i].imm % 3;
}

static void check_as(struct load *load, const struct bpf_verifier_ops *ops, const char *name)
{
	const char *wrong;

	load->ops = ops;
	wrong = modes_check(load, load->len, RUNS);
	if (!wrong)
		return;
	sum.findings++;
	printf("# %s: %s\n", name, wrong);
}

static void check_bytes(const u8 *bytes, size_t size, const char *name)
{
	static struct load load;

	if (size % 8 == 4)
		bytes += 4;
	load.len = min(size / 8, LOAD_MAX_INSNS);
	memcpy(load.insns, bytes, load.len * sizeof(*load.insns));
	if (!load.len)
		return;
	sum.inputs++;
	load.gpl = true;
	name_maps(&load);
	check_as(&load, &sk_filter_verifier_ops, name);
	check_as(&load, &load_model_ops, name);
}

static u8 input[8 * LOAD_MAX_INSNS];

static void check_lines(FILE *file, const char *name)
{
	static char line[2 * sizeof(input) + 2];

	while (fgets(line, sizeof(line), file)) {
		unsigned int byte;
		size_t n = 0;

		while (sscanf(line + 2 * n, "%2x", &byte) == 1)
			input[n++] = byte;
		if (*line != '#')
			check_bytes(input, n, name);
	}
}

/* ---- recorded programs --------------------------------------------------------- */

static void name_recorded_maps(const char *text)
{
	u32 n = 0;
	int len;

	for (; n < LOAD_MAX_FDS && *text != '-' && *text; n++, text += len) {
		struct bpf_map *map = &load_maps[n];

		*map = (struct bpf_map){};
		if (sscanf(text, "%u:%u:%u:%u:%u,%n", &map->map_type, &map->key_size,
			   &map->value_size, &map->max_entries, &map->map_flags, &len) != 5)
			break;
	}
}

static void check_recorded(FILE *file, const char *name)
{
	static char line[2 * sizeof(input) + 256];
	static struct load load;
	u32 type, flags, gpl, number = 0;
	char maps[256];
	int at;

	while (fgets(line, sizeof(line), file)) {
		unsigned int byte;
		size_t n = 0;
		char where[64];

		number++;
		if (*line == '#')
			continue;
		if (sscanf(line, "%u %u %u %255s %n", &type, &flags, &gpl, maps, &at) != 4 ||
		    type >= TYPES || !types_ops[type]) {
			printf("# %s:%u: no program\n", name, number);
			sum.findings++;
			continue;
		}
		while (sscanf(line + at + 2 * n, "%2x", &byte) == 1)
			((u8 *)load.insns)[n++] = byte;
		load.len = n / sizeof(*load.insns);
		load.gpl = gpl;
		load.attr.prog_flags = flags;
		name_recorded_maps(maps);
		snprintf(where, sizeof(where), "recorded.list:%u", number);
		sum.inputs++;
		check_as(&load, types_ops[type], where);
	}
}

static void check_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	const char *dot = strrchr(name, '.');

	if (!file)
		return;
	if (dot && !strcmp(dot, ".hex"))
		check_lines(file, name);
	else if (dot && !strcmp(dot, ".list"))
		check_recorded(file, name);
	else
		check_bytes(input, fread(input, 1, sizeof(input), file), name);
	fclose(file);
}

static void check_path(const char *name)
{
	struct dirent *entry;
	DIR *dir = opendir(name);
	char *path;

	if (!dir) {
		check_file(name);
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    asprintf(&path, "%s/%s", name, entry->d_name) < 0)
			continue;
		check_path(path);
		free(path);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	bool good;

	load_maps[2] = (struct bpf_map){
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 64,
		.max_entries = 4,
	};
	for (int i = 1; i < argc; i++)
		check_path(argv[i]);
	good = sum.inputs && modes_count.accepted && !sum.findings;
	printf("%s 1 - %u inputs: %u programs accepted, %u refused, %llu steps checked, %u findings\n1..1\n",
	       good ? "ok" : "not ok", sum.inputs, modes_count.accepted,
	       modes_count.refused, witness_steps, sum.findings);
	return !good;
}
