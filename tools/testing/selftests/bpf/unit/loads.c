// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_check() on programs of the fuzzer's corpus under conditions a fuzzer meets
 * rarely: each allocation fails once, the task is killed at each pause, the
 * user's log cannot be written or has any size. The verdict is then an errno of
 * its own or the usual one, and nothing is left behind.
 *
 * usage: loads CORPUS.hex
 */
#include "tap.h"
#include "world.h"

#define PROGRAMS_MAX	400
#define INSNS_MAX	300

static struct bpf_insn insns[INSNS_MAX];
static u32 len;
static unsigned long loads, failures;

static struct world_load again(void)
{
	return (struct world_load){ .insns = insns, .len = len, .gpl = true, .allocations = -1 };
}

/* One load; true if its verdict is @want or, if it is not 0, @other. */
static bool verdict_is(struct world_load *load, int want, int other)
{
	const char *complaint = world_check(load);
	bool good;

	good = !complaint && (load->err == want || (other && load->err == other));
	world_unload(load);
	loads++;
	if (good)
		return true;
	if (failures++ < 5)
		printf("# verdict %d instead of %d or %d: %s\n", load->err, want, other,
		       complaint ?: "");
	return false;
}

static void without_memory(int want)
{
	for (long n = 0; n < 400; n++) {
		struct world_load load = again();
		const char *complaint;

		load.allocations = n;
		load.log_level = n % 3;
		load.log_size = 4096;
		complaint = world_check(&load);
		loads++;
		if ((complaint || (load.err != -ENOMEM && load.err != want)) && failures++ < 5)
			printf("# allocation %ld fails: verdict %d, usually %d: %s\n", n, load.err,
			       want, complaint ?: "");
		/* All it takes was there: from here on nothing fails. */
		if (load.spare > 0) {
			world_unload(&load);
			return;
		}
		world_unload(&load);
	}
}

static void killed(int want)
{
	for (u32 n = 1; n < 40; n++) {
		struct world_load load = again();

		load.patience = n;
		if (!verdict_is(&load, want, -EAGAIN))
			return;
	}
}

static void logs(int want)
{
	struct world_load load;

	for (u32 size = 128; size < 4096; size = size * 3 / 2 + 1) {
		load = again();
		load.log_level = 2;
		load.log_size = size;
		verdict_is(&load, want, 0);
	}
	for (u32 level = 1; level < 8; level++) {
		load = again();
		load.log_level = level;
		load.log_size = 40000;
		verdict_is(&load, want, 0);
	}
	load = again();
	load.log_level = 1;
	load.log_size = 127;
	verdict_is(&load, -EINVAL, 0);
	load.log_level = 8;
	load.log_size = 4096;
	verdict_is(&load, -EINVAL, 0);
	user_memory_gone = true;
	load.log_level = 1;
	verdict_is(&load, -EFAULT, 0);
	user_memory_gone = false;
}

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A line of the corpus: four bytes of options, then instructions. */
static bool read_program(FILE *f)
{
	static char line[16 * INSNS_MAX + 64];
	u8 *bytes = (u8 *)insns;
	u32 n;

	while (fgets(line, sizeof(line), f)) {
		n = strspn(line, "0123456789abcdef");
		if (n < 8 + 16 || n > 8 + 16 * INSNS_MAX)
			continue;
		len = (n - 8) / 16;
		for (u32 i = 0; i < len * 8; i++)
			bytes[i] = digit(line[8 + 2 * i]) << 4 | digit(line[9 + 2 * i]);
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	FILE *f = fopen(argc > 1 ? argv[1] : "../fuzz/corpus/verifier.hex", "r");
	u32 programs = 0, accepted = 0;

	while (f && read_program(f) && programs < PROGRAMS_MAX) {
		struct world_load load = again();

		programs++;
		world_check(&load);
		accepted += !load.err;
		world_unload(&load);
		without_memory(load.err);
		killed(load.err);
		logs(load.err);
	}
	printf("# %u programs, %u accepted, %lu loads\n", programs, accepted, loads);
	tap_result(accepted > 20 && programs > accepted && !failures,
		   "loads that run out of memory, are killed, cannot write their log");
	return tap_status();
}
