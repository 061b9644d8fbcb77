// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs as symbols: what kallsyms, which asks for as much or as little as it
 * likes, gets by address and by number, while programs come and go.
 */
#include "glue.h"
#include "tap.h"

static bool privileged = true;
#define bpf_capable()	privileged

int bpf_jit_kallsyms = 1, bpf_jit_harden;
#include "jit_ksym.c"

#define PROGRAMS	40

static struct bpf_prog_aux aux[PROGRAMS];
static struct bpf_prog progs[PROGRAMS];
static struct bpf_jit_symbol known[PROGRAMS];

static unsigned long address(unsigned int i)
{
	return 0x10000 + 0x100 * i;
}

static void add(unsigned int i)
{
	known[i] = (struct bpf_jit_symbol){
		.start = address(i), .end = address(i) + 64,
	};
	snprintf(aux[i].name, sizeof(aux[i].name), "p%u", i);
	progs[i].aux = &aux[i];
	bpf_jit_symbol_add(&known[i], &progs[i]);
}

/* ---- by address ------------------------------------------------------------------- */

static void test_lookup(void)
{
	char name[KSYM_NAME_LEN], *modname = (char *)name;
	unsigned long size = 0, offset = 0, at = address(0) + 12;

	add(0);
	tap_result(bpf_address_lookup(at, &size, &offset, &modname, name) == name && size == 64 &&
		   offset == 12 && !strcmp(name, "bpf_prog_0000000000000000_p0"),
		   "name, size and offset of a program");
	tap_result(!modname, "it is in no module");
	size = 0;
	offset = 0;
	tap_result(bpf_address_lookup(at, NULL, &offset, NULL, name) && offset == 12 &&
		   bpf_address_lookup(at, &size, NULL, NULL, name) && size == 64 &&
		   __bpf_address_lookup(at, NULL, NULL, name),
		   "nobody needs to ask for size, offset or module");
	modname = name;
	tap_result(!bpf_address_lookup(address(1), NULL, NULL, &modname, name) && modname == name,
		   "where there is no program nothing is written");
	tap_result(__bpf_address_lookup(address(0), NULL, NULL, name) &&
		   __bpf_address_lookup(address(0) + 63, NULL, NULL, name) &&
		   !__bpf_address_lookup(address(0) + 64, NULL, NULL, name) &&
		   !is_bpf_text_address(address(0) + 64) && !is_bpf_text_address(address(0) - 1),
		   "from its first byte to its last");
	bpf_jit_harden = 1;
	tap_result(!__bpf_address_lookup(at, NULL, NULL, name) && is_bpf_text_address(at),
		   "hardened: text without a name");
	bpf_jit_harden = 0;
	bpf_jit_symbol_del(&known[0]);
	tap_result(!is_bpf_text_address(at), "a program that has gone is not found");
}

/* ---- by number --------------------------------------------------------------------- */

/* Every one of @mask is told once, and no other; how many questions that took. */
static bool told(u64 mask)
{
	char name[KSYM_NAME_LEN], want[KSYM_NAME_LEN], type;
	unsigned long value;
	unsigned int n, i;
	u64 seen = 0;

	for (n = 0; !bpf_get_kallsym(n, &value, &type, name); n++) {
		i = (value - address(0)) / 0x100;
		snprintf(want, sizeof(want), "bpf_prog_0000000000000000_p%u", i);
		if (i >= PROGRAMS || value != known[i].start || strcmp(name, want) || type != 't' ||
		    seen >> i & 1)
			return false;
		seen |= BIT_ULL(i);
	}
	return seen == mask;
}

static void test_list(void)
{
	bool good = told(0);
	unsigned int i;
	u64 mask = 0;

	for (i = 0; i < PROGRAMS; i++) {
		add(i);
		mask |= BIT_ULL(i);
		good &= told(mask);
	}
	/* From the middle, the end and the front. */
	for (i = 0; i < PROGRAMS; i++) {
		unsigned int gone = (i * 7 + 20) % PROGRAMS;

		bpf_jit_symbol_del(&known[gone]);
		mask &= ~BIT_ULL(gone);
		good &= told(mask);
	}
	tap_result(good, "each program is told once, as they come and go");
}

static void test_unlisted(void)
{
	bool good;

	privileged = false;
	add(0);
	privileged = true;
	progs[1].was_classic = 1;
	add(1);
	progs[1].was_classic = 0;
	add(2);
	tap_result(told(BIT_ULL(2)) && is_bpf_text_address(address(0) + 5) &&
		   is_bpf_text_address(address(1) + 5), "only programs of the privileged have names");
	bpf_jit_symbol_del(&known[0]);
	bpf_jit_symbol_del(&known[1]);

	symbols.names.room = 1;
	add(3);
	good = told(BIT_ULL(2)) && is_bpf_text_address(address(3) + 5);
	bpf_jit_symbol_del(&known[3]);
	bpf_jit_symbol_del(&known[2]);
	symbols.names.room = XA_PLACES;
	tap_result(good && told(0), "without memory a program runs unnamed");
}

int main(void)
{
	test_lookup();
	test_list();
	test_unlisted();
	return tap_status();
}
