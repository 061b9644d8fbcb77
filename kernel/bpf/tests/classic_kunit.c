// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs over packets built by hand: bytes that lie half in the
 * linear part and half in a page, offsets relative to a header, ends. User
 * space cannot choose how a packet lies in memory; here it can be chosen.
 */
#include <kunit/test.h>
#include <linux/filter.h>
#include <linux/gfp.h>
#include <linux/skbuff.h>
#include <asm/unaligned.h>

#define LINEAR	24	/* bytes of the packet in the linear part */
#define LENGTH	64
#define NETWORK	14	/* offset of the network header */

/* Byte i of the packet is i + 1; bytes LINEAR.. lie in a page of their own. */
static struct sk_buff *make_packet(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(LINEAR, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *bytes;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_NOT_NULL(test, page);
	bytes = skb_put(skb, LINEAR);
	for (i = 0; i < LINEAR; i++)
		bytes[i] = i + 1;
	bytes = page_address(page);
	for (i = LINEAR; i < LENGTH; i++)
		bytes[i - LINEAR] = i + 1;
	skb_add_rx_frag(skb, 0, page, 0, LENGTH - LINEAR, PAGE_SIZE);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, NETWORK);
	return skb;
}

/* What big-endian @size bytes at @off of that packet are. */
static u32 expected(u32 off, u32 size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | (off++ + 1);
	return val;
}

/* Runs "load @code at @k; return A". */
static u32 load_at(struct kunit *test, struct sk_buff *skb, u16 code, u32 k)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_IMM, 0xdead),
		BPF_STMT(code, k),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog_kern fprog = { ARRAY_SIZE(filter), filter };
	struct bpf_prog *prog;
	u32 ret;

	KUNIT_ASSERT_EQ(test, 0, bpf_prog_create(&prog, &fprog));
	ret = bpf_prog_run_pin_on_cpu(prog, skb);
	bpf_prog_destroy(prog);
	return ret;
}

static const struct {
	u16 code;
	u32 size;
} widths[] = {
	{ BPF_LD | BPF_B | BPF_ABS, 1 },
	{ BPF_LD | BPF_H | BPF_ABS, 2 },
	{ BPF_LD | BPF_W | BPF_ABS, 4 },
};

/* A load that is not all inside the packet ends the program with 0. */
static void loads_everywhere(struct kunit *test)
{
	struct sk_buff *skb = make_packet(test);
	u32 w, off;

	for (w = 0; w < ARRAY_SIZE(widths); w++) {
		u32 size = widths[w].size;

		for (off = 0; off < LENGTH + 8; off++) {
			u32 want = off + size <= LENGTH ? expected(off, size) : 0;

			KUNIT_EXPECT_EQ_MSG(test, want,
					    load_at(test, skb, widths[w].code, off),
					    "%u bytes at %u", size, off);
		}
	}
	kfree_skb(skb);
}

static void loads_from_headers(struct kunit *test)
{
	struct sk_buff *skb = make_packet(test);
	u32 w, off;

	for (w = 0; w < ARRAY_SIZE(widths); w++) {
		u32 size = widths[w].size;

		for (off = 0; off < LENGTH; off++) {
			u32 net = NETWORK + off;
			u32 want = net + size <= LENGTH ? expected(net, size) : 0;

			KUNIT_EXPECT_EQ_MSG(test, want,
					    load_at(test, skb, widths[w].code,
						    SKF_NET_OFF + off),
					    "%u bytes at network + %u", size, off);
		}
		KUNIT_EXPECT_EQ(test, expected(3, size),
				load_at(test, skb, widths[w].code, SKF_LL_OFF + 3));
		/* Neither a header nor an extension. */
		KUNIT_EXPECT_EQ(test, 0, load_at(test, skb, widths[w].code, 0x80000000));
	}
	kfree_skb(skb);
}

/* The packet's length and the low bits of a header's first byte, as X. */
static void loads_of_x(struct kunit *test)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 30),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog_kern fprog = { ARRAY_SIZE(filter), filter };
	struct sk_buff *skb = make_packet(test);
	struct bpf_prog *prog;

	KUNIT_ASSERT_EQ(test, 0, bpf_prog_create(&prog, &fprog));
	KUNIT_EXPECT_EQ(test, LENGTH + 4 * (expected(30, 1) & 0xf),
			bpf_prog_run_pin_on_cpu(prog, skb));
	bpf_prog_destroy(prog);
	kfree_skb(skb);
}

static void refused_and_untouched(struct kunit *test)
{
	struct sock_filter no_return[] = { BPF_STMT(BPF_LD | BPF_IMM, 1) };
	struct sock_filter far_jump[] = {
		BPF_STMT(BPF_JMP | BPF_JA, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog_kern fprog = { ARRAY_SIZE(no_return), no_return };
	struct bpf_prog *prog = NULL;

	KUNIT_EXPECT_EQ(test, -EINVAL, bpf_prog_create(&prog, &fprog));
	fprog = (struct sock_fprog_kern) { ARRAY_SIZE(far_jump), far_jump };
	KUNIT_EXPECT_EQ(test, -EINVAL, bpf_prog_create(&prog, &fprog));
	fprog.len = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, bpf_prog_create(&prog, &fprog));
	fprog = (struct sock_fprog_kern) { BPF_MAXINSNS + 1, far_jump };
	KUNIT_EXPECT_EQ(test, -EINVAL, bpf_prog_create(&prog, &fprog));
	KUNIT_EXPECT_NULL(test, prog);
}

static struct kunit_case classic_cases[] = {
	KUNIT_CASE(loads_everywhere),
	KUNIT_CASE(loads_from_headers),
	KUNIT_CASE(loads_of_x),
	KUNIT_CASE(refused_and_untouched),
	{}
};

static struct kunit_suite classic_suite = {
	.name = "bpf_classic",
	.test_cases = classic_cases,
};

kunit_test_suite(classic_suite);
