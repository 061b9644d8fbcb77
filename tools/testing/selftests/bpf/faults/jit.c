// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making machine code when memory runs out: each allocation of a load fails once,
 * those of the emitter, of pages for images and of changing their protection
 * included. A program that gets no machine code is interpreted and gives the same, or
 * refused by a kernel without an interpreter; a load that fails leaves nothing, no page
 * of code and no name. See sweep.h.
 */
#include "../engine.h"
#include "sweep.h"

#define LEN_MAX	4000

/* No number of user space. */
#define ENOTSUPP	524

static struct bpf_insn insns[LEN_MAX];
static size_t len;

/* Programs that have a name, this kernel's own included. */
static int names_of_programs(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, " bpf_prog_") != NULL;
	if (f)
		fclose(f);
	return n;
}

/* ---- programs ------------------------------------------------------------------------ */

static void add(struct bpf_insn insn)
{
	if (len == LEN_MAX)
		bail("program too long");
	insns[len++] = insn;
}

/* A program fixes which engine it is for: each load has one of its own. */
static int array = -1;

static void add_tail_call(long slot)
{
	const struct bpf_insn call[] = {
		MOV_X(1, 6), LD_MAP(2, array), MOV_K(3, (int)slot), CALL(BPF_FUNC_tail_call),
	};

	for (size_t i = 0; i < ARRAY_LEN(call); i++)
		add(call[i]);
}

/*
 * Gives the sum of the first bytes of the packet, by code of all kinds: constants,
 * packet loads, jumps short and long, divisions, tail calls that go nowhere.
 *
 * arg[0]: rounds
 * arg[1]: its constants are hidden
 * arg[2]: slots of an array of programs; the round calls one
 */
static bool summing(const struct op *op)
{
	if (op->arg[2])
		array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, (__u32)op->arg[2], 0);
	len = 0;
	add(MOV_X(6, 1));
	add(MOV_K(7, 0));
	for (long i = 0; i < op->arg[0]; i++) {
		if (op->arg[2])
			add_tail_call(i % op->arg[2]);
		add(LDABS(BPF_B, i % 4));
		add(JMP_K(BPF_JGT, 0, 200, 2));
		add(ALU_X(BPF_ADD, 7, 0));
		add(ALU_K(BPF_MOD, 7, 0x10001));
	}
	add(MOV_X(0, 7));
	add(ALU_K(BPF_MOD, 0, 50));
	add(ALU_K(BPF_ADD, 0, 1));
	add(EXIT());
	return true;
}

/* ---- loading ------------------------------------------------------------------------- */

static const __u8 packet[64] = { 3, 201, 5, 7 };

/* What summing() says of it. */
static int wanted(long rounds)
{
	unsigned int sum = 0;

	for (long i = 0; i < rounds; i++)
		if (packet[i % 4] <= 200)
			sum = (sum + packet[i % 4]) % 0x10001;
	return (int)(sum % 50) + 1;
}

static unsigned long loaded, interpreted, refused, wrong;
/* Of a kernel with an interpreter. */
static bool has_choice;

static long load(const struct op *op)
{
	long fd = prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", 0);

	refused += fd == -ENOTSUPP;
	return fd;
}

/* Nothing disturbs it any more: whichever engine it got runs it. */
static void run_and_close(const struct op *op, long fd)
{
	if (op->arg[2])
		close(array);
	if (fd < 0)
		return;
	loaded++;
	interpreted += is_jited((int)fd) == 0;
	if (filter_run((int)fd, packet, sizeof(packet), NULL) != wanted(op->arg[0])) {
		note("%s: %s, a wrong result", op->name, is_jited((int)fd) == 1 ? "JIT" : "interpreter");
		wrong++;
	}
	close((int)fd);
}

/*
 * Images of more than a page get pages of their own beside those of the program
 * that stays, and give them back: each load allocates some. A socket must be able
 * to pay for what it runs.
 */
static const struct op loads[] = {
	{ .name = "code of a program of 24 instructions", .arg = { 5 } },
	{ .name = "code of more than a page", .arg = { 150 } },
	{ .name = "hidden constants", .only = ONE_FAILS, .arg = { 40, 1 } },
	{ .name = "tail calls to known slots", .arg = { 14, 0, 7 } },
};

static void sweep_load(const struct op *which)
{
	struct op op = *which;

	op.prepare = summing;
	op.run = load;
	op.undo = run_and_close;
	op.other_err = has_choice ? 0 : -ENOTSUPP;
	jit_set("harden", op.arg[1] ? "2" : "0");
	sweep(&op);
	jit_set("harden", "0");
}

/* Pages and names go when the programs do, after a grace period. */
static bool code_again(long bytes, int names)
{
	for (int tries = 0; tries < 500; tries++) {
		if (jit_text_bytes() <= bytes && names_of_programs() <= names)
			return true;
		usleep(10000);
	}
	return false;
}

int main(int argc, char **argv)
{
	int stays, names;
	long bytes;

	if (!have_jit()) {
		skip("machine code", "no CONFIG_BPF_JIT");
		return finish();
	}
	if (!sweep_begin(argv))
		return finish();
	has_choice = have_interpreter();
	jit_set("enable", "1");
	jit_set("kallsyms", "1");
	stays = FILTER(MOV_K(0, 1), EXIT());
	ok(stays >= 0 && is_jited(stays) == 1, "undisturbed, a program is machine code");
	bytes = jit_text_bytes();
	names = names_of_programs();
	ok(bytes > 0 && names > 0, "its pages and its name can be seen");

	for (size_t i = 0; i < ARRAY_LEN(loads); i++)
		sweep_load(&loads[i]);
	is(wrong, 0, "programs that give something else");
	if (has_choice)
		ok(interpreted > 10 && interpreted < loaded && !refused,
		   "of %lu programs %lu got no machine code and were interpreted", loaded,
		   interpreted);
	else
		ok(!interpreted && refused > 10,
		   "%lu loads found no memory for their code and were refused", refused);
	/* An empty chunk stays if it is not larger than the rest. */
	ok(code_again(2 * bytes, names), "pages and names are as before: %ld bytes, %ld now",
	   bytes, jit_text_bytes());
	close(stays);
	return sweep_end();
}
