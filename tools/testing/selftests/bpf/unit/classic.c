// SPDX-License-Identifier: GPL-2.0-only
/*
 * The classic checker against its rules written a second time, on single
 * instructions and jumps; converted programs against the reference machine, on
 * random programs and packets.
 *
 * usage: classic [random-programs]
 */
#include "classic_reference.h"
#include "tap.h"

#define MAX_LEN	80

static u64 state = 88172645463325252ULL;

static u32 below(u32 n)
{
	return world_random(&state) % n;
}

/* ---- the checker ---------------------------------------------------------------- */

static const u8 codes[] = {
	0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x80, 0x00, 0x60, 0x81, 0xb1, 0x01,
	0x61, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x94,
	0x9c, 0x54, 0x5c, 0x44, 0x4c, 0xa4, 0xac, 0x64, 0x6c, 0x74, 0x7c, 0x84,
	0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07,
	0x87,
};

static bool is_code(u32 code)
{
	return code < 256 && memchr(codes, code, sizeof(codes));
}

/* The second of three instructions, behind a store to M[3]. */
static bool may_stand(const struct sock_filter *i)
{
	switch (i->code) {
	case 0x20:
	case 0x28:
	case 0x30:
		return i->k < (u32)SKF_AD_OFF ||
		       (i->k % 4 == 0 && i->k < (u32)SKF_AD_OFF + SKF_AD_MAX);
	case 0x34:
	case 0x94:
		return i->k;
	case 0x64:
	case 0x74:
		return i->k < 32;
	case 0x60:
	case 0x61:
		return i->k == 3;
	case 0x02:
	case 0x03:
		return i->k < 16;
	case 0x05:
		return i->k < 1;
	case 0x15:
	case 0x1d:
	case 0x25:
	case 0x2d:
	case 0x35:
	case 0x3d:
	case 0x45:
	case 0x4d:
		return !i->jt && !i->jf;
	default:
		return is_code(i->code);
	}
}

static void check_single(void)
{
	static const u32 ks[] = {
		0, 1, 2, 3, 15, 16, 31, 32, 64, 0x7fffffff, 0x80000000, (u32)-0x1000,
		(u32)-0x1000 + 1, (u32)-0x1000 + 4, (u32)-0x1000 + 60, (u32)-0x1000 + 64,
		(u32)-0x1000 + 68, (u32)-0x1001, (u32)-0x100000, (u32)-0x200000, (u32)-1,
	};
	unsigned long wrong = 0, n = 0;
	u32 code, k, jumps;

	for (code = 0; code < 0x10000; code++)
		for (k = 0; k < ARRAY_SIZE(ks); k++)
			for (jumps = 0; jumps < (code < 256 ? 4 : 1); jumps++) {
				struct sock_filter p[] = {
					BPF_STMT(BPF_ST, 3),
					{ code, jumps & 1, jumps >> 1, ks[k] },
					BPF_STMT(BPF_RET | BPF_K, 0),
				};

				n++;
				if (!bpf_check_classic(p, 3) == may_stand(&p[1]))
					continue;
				if (!wrong++)
					printf("# code %#x jt %u jf %u k %#x\n", code, p[1].jt,
					       p[1].jf, p[1].k);
			}
	printf("# %lu instructions\n", n);
	tap_result(!wrong, "single instructions: all codes, edges of k");
}

static int check_of(const struct sock_filter *p, u32 len)
{
	return bpf_check_classic(p, len);
}

static void check_paths(void)
{
	const struct sock_filter one_side[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_ST, 5),
		BPF_STMT(BPF_LD | BPF_MEM, 5),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct sock_filter both_sides[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 2),
		BPF_STMT(BPF_ST, 5),
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_STX, 5),
		BPF_STMT(BPF_LD | BPF_MEM, 5),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct sock_filter open_end[] = {
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_LD | BPF_IMM, 1),
	};

	tap_result(check_of(one_side, 4) == -EINVAL, "scratch written on one path only");
	tap_result(!check_of(both_sides, 6), "scratch written on both paths");
	tap_result(check_of(open_end, 2) == -EINVAL, "the last instruction must return");
	machine_allocations_left = 0;
	tap_result(check_of(both_sides, 6) == -ENOMEM, "checker without memory");
	for (machine_allocations_left = 0; machine_allocations_left < 3;) {
		long n = machine_allocations_left;
		struct bpf_prog *prog = bpf_convert_filter(both_sides, 6);

		if (n < 3 && PTR_ERR(prog) != -ENOMEM)
			tap_result(false, "conversion without memory");
		machine_allocations_left = n + 1;
	}
	machine_allocations_left = -1;
	tap_result(!machine_live, "conversion without memory leaves nothing");
}

/* ---- random programs -------------------------------------------------------------- */

static u32 some_k(u8 code, u32 left)
{
	switch (code) {
	case 0x20:
	case 0x28:
	case 0x30:
		if (below(3) == 0)
			return (u32)SKF_AD_OFF + 4 * below(SKF_AD_MAX / 4);
		if (below(8) == 0)
			return (u32)(below(2) ? SKF_NET_OFF : SKF_LL_OFF) + below(64);
		return below(120);
	case 0x40:
	case 0x48:
	case 0x50:
	case 0xb1:
		return below(8) ? below(100) : world_random(&state);
	case 0x34:
	case 0x94:
		return 1 + below(1000);
	case 0x64:
	case 0x74:
		return below(32);
	case 0x60:
	case 0x61:
	case 0x02:
	case 0x03:
		return below(16);
	case 0x05:
		return below(left < 4 ? left : 4);
	case 0x06:
		return world_random(&state);
	default:
		return below(3) ? below(70) : world_random(&state);
	}
}

/* Stores first, so that every scratch word may be read. */
static u32 random_program(struct sock_filter *p)
{
	u32 len = 20 + below(MAX_LEN - 20), i;

	for (i = 0; i < 16; i++)
		p[i] = (struct sock_filter)BPF_STMT(BPF_ST, i);
	for (; i < len - 1; i++) {
		u32 left = len - i - 1, reach = left < 6 ? left : 6;
		u8 code = codes[below(sizeof(codes))];

		if (BPF_CLASS(code) == BPF_RET && below(6))
			code = BPF_LD | BPF_IMM;
		p[i] = (struct sock_filter){ code, below(reach), below(reach),
					     some_k(code, left) };
	}
	p[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	return len;
}

static void check_random(unsigned long programs)
{
	unsigned long accepted = 0, failures = 0, n;
	struct sock_filter p[MAX_LEN];
	char name[80];

	for (n = 0; n < programs && failures < 3; n++) {
		u32 len = random_program(p);
		const char *wrong;

		if (bpf_check_classic(p, len))
			continue;
		accepted++;
		wrong = classic_compare(p, len, n + 1);
		if (!wrong)
			continue;
		failures++;
		printf("# %s\n", wrong);
		for (u32 i = 0; i < len; i++)
			printf("#  { %#x, %u, %u, %#x },\n", p[i].code, p[i].jt, p[i].jf, p[i].k);
	}
	snprintf(name, sizeof(name), "%lu random programs: the verdicts of the reference", accepted);
	tap_result(!failures && accepted > programs / 2, name);
}

/* Every code alone reaches the verdict, over packets. */
static void check_each(void)
{
	unsigned long wrong = 0, n = 0;

	for (u32 c = 0; c < sizeof(codes); c++)
		for (u32 i = 0; i < 300; i++) {
			struct sock_filter p[] = {
				BPF_STMT(BPF_LDX | BPF_IMM, below(2) ? below(40) :
					 (u32)world_random(&state)),
				BPF_STMT(BPF_LD | BPF_IMM, world_random(&state)),
				BPF_STMT(BPF_ST, 0),
				{ codes[c], below(2), below(2), some_k(codes[c], 2) },
				BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
				BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
				BPF_STMT(BPF_RET | BPF_A, 0),
			};

			if (bpf_check_classic(p, ARRAY_SIZE(p)))
				continue;
			n++;
			if (classic_compare(p, ARRAY_SIZE(p), i + 1) && !wrong++)
				printf("# code %#x k %#x\n", p[3].code, p[3].k);
		}
	printf("# %lu programs\n", n);
	tap_result(!wrong && n > 10000, "every code: the verdicts of the reference");
}

int main(int argc, char **argv)
{
	/* Maps of the world stay; what is made here must go. */
	machine_live = 0;
	check_single();
	check_paths();
	check_each();
	check_random(argc > 1 ? strtoul(argv[1], NULL, 0) : 20000);
	tap_result(!machine_live, "nothing leaked");
	return tap_status();
}
