// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which classic instructions the kernel takes from a user: every opcode with a
 * set of operands that lie on both sides of each limit. The "verdict" lines,
 * for comparison between kernels, have one character an operand: '+' accepted,
 * '.' refused with EINVAL, otherwise the last digit of the errno.
 */
#include "classic.h"

static const __u32 operands[] = {
	0, 1, 2, 3, 4, 15, 16, 31, 32, 33, 64, 4095, 4096, 0x7fffffff, 0x80000000,
	(__u32)SKF_LL_OFF - 1, (__u32)SKF_LL_OFF, (__u32)SKF_NET_OFF - 1, (__u32)SKF_NET_OFF,
	(__u32)SKF_AD_OFF - 1,
	(__u32)SKF_AD_OFF, (__u32)SKF_AD_OFF + 1, (__u32)SKF_AD_OFF + 2, (__u32)SKF_AD_OFF + 3,
	(__u32)SKF_AD_OFF + 4, (__u32)SKF_AD_OFF + 8, (__u32)SKF_AD_OFF + 12,
	(__u32)SKF_AD_OFF + 16, (__u32)SKF_AD_OFF + 20, (__u32)SKF_AD_OFF + 24,
	(__u32)SKF_AD_OFF + 28, (__u32)SKF_AD_OFF + 32, (__u32)SKF_AD_OFF + 36,
	(__u32)SKF_AD_OFF + 40, (__u32)SKF_AD_OFF + 44, (__u32)SKF_AD_OFF + 48,
	(__u32)SKF_AD_OFF + 52, (__u32)SKF_AD_OFF + 56, (__u32)SKF_AD_OFF + 60,
	(__u32)SKF_AD_OFF + 61, (__u32)SKF_AD_OFF + 64, (__u32)SKF_AD_OFF + 68,
	(__u32)SKF_AD_OFF + 0x800, (__u32)-4, (__u32)-1,
};

/* One instruction among others that make everything about it but itself legal. */
static int try_insn(int fd, __u16 code, __u8 jt, __u8 jf, __u32 k)
{
	return ATTACH(fd, CSTMT(BPF_ST, 0), CSTMT(BPF_ST, 1), CSTMT(BPF_ST, 15),
		      CSTMT(BPF_ST, 2), CSTMT(BPF_ST, 3), CSTMT(BPF_ST, 4),
		      { code, jt, jf, k },
		      CSTMT(BPF_RET | BPF_K, 0), CSTMT(BPF_RET | BPF_K, 0),
		      CSTMT(BPF_RET | BPF_K, 0));
}

static char letter(int err)
{
	return err == 0 ? '+' : err == -EINVAL ? '.' : (char)('0' + -err % 10);
}

static void try_operands(int fd, __u16 code)
{
	char row[ARRAY_LEN(operands) + 1];
	int good = 0;

	for (size_t i = 0; i < ARRAY_LEN(operands); i++) {
		int err = try_insn(fd, code, 0, 0, operands[i]);

		row[i] = letter(err);
		good += row[i] != '.';
	}
	row[ARRAY_LEN(operands)] = '\0';
	if (good)
		printf("verdict code %#x %s\n", code, row);
}

static void try_branches(int fd, __u16 code)
{
	char row[32];
	int n = 0;

	for (__u8 jt = 0; jt < 5; jt++)
		for (__u8 jf = 0; jf < 5; jf++)
			row[n++] = letter(try_insn(fd, code, jt, jf, 0));
	row[n] = '\0';
	printf("verdict branch %#x %s\n", code, row);
}

int main(void)
{
	unsigned int accepted = 0;
	int sk[2];

	open_pair(sk);
	for (unsigned int code = 0; code < 0x200; code++)
		try_operands(sk[0], (__u16)code);
	for (unsigned int code = 0; code < 0x100; code++)
		if (BPF_CLASS(code) == BPF_JMP && !try_insn(sk[0], (__u16)code, 1, 1, 1))
			try_branches(sk[0], (__u16)code);

	for (unsigned int code = 0x200; code < 0x10000; code += 7)
		accepted += !try_insn(sk[0], (__u16)code, 0, 0, 0);
	is(accepted, 0, "opcodes above 0xff");
	is(try_insn(sk[0], BPF_RET | BPF_K, 9, 9, 7), 0, "jump fields of a return do not matter");
	is(try_insn(sk[0], BPF_RET | BPF_X, 0, 0, 0), -EINVAL, "return of X");
	is(try_insn(sk[0], BPF_LDX | BPF_W | BPF_ABS, 0, 0, 0), -EINVAL,
	   "seccomp's own load is not for users");
	return finish();
}
