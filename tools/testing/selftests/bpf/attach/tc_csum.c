// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_l3_csum_replace(), bpf_l4_csum_replace(): the checksum in the frame that
 * arrives is compared with one computed from all bytes.
 *
 * The frame carries an IPv4 and a UDP header at fixed places, but not under the
 * number of IPv4, so nobody but these tests looks at them.
 */
#include "tc.h"

#define IP		14
#define IP_SUM		(IP + 10)
#define IP_SADDR	(IP + 12)
#define UDP		(IP + 20)
#define UDP_PORT	UDP
#define UDP_SUM		(UDP + 6)
#define UDP_LEN		(FRAME_LEN - UDP)

static __u32 sum_of(const unsigned char *p, int len, __u32 sum)
{
	for (int i = 0; i < len; i += 2)
		sum += (__u32)p[i] << 8 | (i + 1 < len ? p[i + 1] : 0);
	return sum;
}

static __u16 fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum;
}

static __u16 ip_sum(const unsigned char *f)
{
	return fold(sum_of(f + IP, 20, 0) - sum_of(f + IP_SUM, 2, 0));
}

static __u16 udp_sum(const unsigned char *f)
{
	__u32 pseudo = sum_of(f + IP_SADDR, 8, 17 + UDP_LEN);

	return fold(sum_of(f + UDP, UDP_LEN, pseudo) - sum_of(f + UDP_SUM, 2, 0));
}

static __u16 at16(const unsigned char *f, int off)
{
	return (__u16)(f[off] << 8 | f[off + 1]);
}

static void put16(int off, __u16 v)
{
	frame[off] = (unsigned char)(v >> 8);
	frame[off + 1] = (unsigned char)v;
}

static void headers(void)
{
	for (int i = IP; i < FRAME_LEN; i++)
		frame[i] = (unsigned char)(i * 7 + 3);
	frame[IP] = 0x45;
	put16(IP_SUM, ip_sum(frame));
	put16(UDP_SUM, udp_sum(frame));
}

/* A checksum helper at @off; @from and @to as a program on this machine loads them. */
static long long replace(__u32 hook, int helper, int off, __u64 from, __u64 to, __u64 flags)
{
	return run_at(hook, SHOW(MOV_X(1, 6), MOV32_K(2, off), LD64(3, from), LD64(4, to),
				 LD64(5, flags), CALL(helper)));
}

/* The bytes of the frame, as a number loaded from memory. */
static __u64 raw(int off, int bytes)
{
	__u64 v = 0;

	memcpy(&v, frame + off, (size_t)bytes);
	return v;
}

/* Store @bytes of @to at @off, then fix a checksum for that. */
static long long change(__u32 hook, int off, int bytes, __u64 to, int helper, int sum,
			__u64 from_arg, __u64 to_arg, __u64 flags)
{
	return run_at(hook, SHOW(LD64(1, to), STX(BPF_DW, 10, 1, -32),
				 MOV_X(1, 6), MOV_K(2, off), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -32),
				 MOV_K(4, bytes), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes),
				 MOV_X(1, 6), MOV_K(2, sum), LD64(3, from_arg), LD64(4, to_arg),
				 LD64(5, flags), CALL(helper)));
}

#define L3	BPF_FUNC_l3_csum_replace
#define L4	BPF_FUNC_l4_csum_replace

static void test_values(const char *name, __u32 hook)
{
	__u64 addr = 0xb1c2d3e4, port = 0x3412, diff;

	headers();
	is(change(hook, IP_SADDR, 4, addr, L3, IP_SUM, raw(IP_SADDR, 4), addr, 4), 0,
	   "%s: l3, 4 bytes", name);
	is(at16(arrived.bytes, IP_SUM), ip_sum(arrived.bytes), "%s: sum of the header", name);
	is(change(hook, IP + 4, 2, port, L3, IP_SUM, raw(IP + 4, 2), port, 2), 0,
	   "%s: l3, 2 bytes", name);
	is(at16(arrived.bytes, IP_SUM), ip_sum(arrived.bytes), "%s: sum of the header", name);
	/* The difference of 16-bit words a and b is b + ~a. */
	diff = port + (raw(IP + 4, 2) ^ 0xffff);
	is(change(hook, IP + 4, 2, port, L3, IP_SUM, 0, diff, 0), 0, "%s: l3, a difference", name);
	is(at16(arrived.bytes, IP_SUM), ip_sum(arrived.bytes), "%s: sum of the header", name);
	is(change(hook, IP_SADDR, 4, addr, L3, IP_SUM, raw(IP_SADDR, 4) | 1ULL << 40,
		  addr | 5ULL << 32, 4), 0, "%s: l3, only 32 bits count", name);
	is(at16(arrived.bytes, IP_SUM), ip_sum(arrived.bytes), "%s: sum of the header", name);

	is(change(hook, UDP_PORT, 2, port, L4, UDP_SUM, raw(UDP_PORT, 2), port, 2), 0,
	   "%s: l4, a port", name);
	is(at16(arrived.bytes, UDP_SUM), udp_sum(arrived.bytes), "%s: sum of the datagram", name);
	is(change(hook, IP_SADDR, 4, addr, L4, UDP_SUM, raw(IP_SADDR, 4), addr, 4 | BPF_F_PSEUDO_HDR), 0,
	   "%s: l4, an address", name);
	is(at16(arrived.bytes, UDP_SUM), udp_sum(arrived.bytes), "%s: sum of the datagram", name);
	is(change(hook, UDP_PORT, 2, port, L4, UDP_SUM, 0, port + (raw(UDP_PORT, 2) ^ 0xffff), 0), 0,
	   "%s: l4, a difference", name);
	is(at16(arrived.bytes, UDP_SUM), udp_sum(arrived.bytes), "%s: sum of the datagram", name);
	is(change(hook, UDP_PORT, 2, port, L4, UDP_SUM, 0, port + (raw(UDP_PORT, 2) ^ 0xffff),
		  BPF_F_IPV6 | BPF_F_PSEUDO_HDR), 0, "%s: l4, a difference, IPv6", name);
	is(at16(arrived.bytes, UDP_SUM), udp_sum(arrived.bytes), "%s: sum of the datagram", name);
}

/* A checksum that is 0 in the frame, or becomes 0. */
static void test_zero(const char *name, __u32 hook)
{
	__u16 sum;

	headers();
	put16(UDP_SUM, 0);
	is(replace(hook, L4, UDP_SUM, 1, 2, 2 | BPF_F_MARK_MANGLED_0), 0, "%s: no checksum", name);
	is(at16(arrived.bytes, UDP_SUM), 0, "%s: stays none", name);
	is(replace(hook, L4, UDP_SUM, 1, 2, 3 | BPF_F_MARK_MANGLED_0), 0,
	   "%s: not even the size is looked at", name);
	is(replace(hook, L4, UDP_SUM, 0x100, 0x200, 2), 0, "%s: a 0 without the flag", name);
	sum = at16(arrived.bytes, UDP_SUM);
	is(sum, 0xfffe, "%s: is replaced", name);
	is(replace(hook, L4, UDP_SUM, 0x100, 0x200, 2 | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE), 0,
	   "%s: enforced", name);
	is(at16(arrived.bytes, UDP_SUM), sum, "%s: is replaced too", name);

	/* ~0x0001 with 0x0001 taken out and ~0 + 2... : a sum that becomes 0 */
	put16(UDP_SUM, 1);
	is(replace(hook, L4, UDP_SUM, 0x100, 0x200, 2), 0, "%s: one that becomes 0", name);
	is(at16(arrived.bytes, UDP_SUM), 0, "%s: 0 without the flag", name);
	is(replace(hook, L4, UDP_SUM, 0x100, 0x200, 2 | BPF_F_MARK_MANGLED_0), 0, "%s: with it", name);
	is(at16(arrived.bytes, UDP_SUM), 0xffff, "%s: all ones", name);
}

static void test_errors(const char *name, __u32 hook, int helper, const char *layer, __u64 good)
{
	headers();
	for (int size = 0; size <= 15; size++)
		if (size && size != 2 && size != 4)
			is(replace(hook, helper, IP_SUM, 1, 2, (__u64)size), -EINVAL,
			   "%s: %s: %d bytes", name, layer, size);
	for (int bit = 4; bit < 64; bit++)
		if (!(good >> bit & 1) && (bit < 12 || bit % 10 == 1))
			is(replace(hook, helper, IP_SUM, 1, 2, 2 | 1ULL << bit), -EINVAL,
			   "%s: %s: flag bit %d", name, layer, bit);
	is(replace(hook, helper, IP_SUM, 1, 2, 0), -EINVAL, "%s: %s: difference and a from", name, layer);
	is(replace(hook, helper, 25, 1, 2, 2), -EFAULT, "%s: %s: odd offset", name, layer);
	is(replace(hook, helper, FRAME_LEN, 1, 2, 2), -EFAULT, "%s: %s: behind", name, layer);
	is(replace(hook, helper, FRAME_LEN - 2, 1, 2, 2), 0, "%s: %s: the last two", name, layer);
	is(replace(hook, helper, 0x10000, 1, 2, 2), -EFAULT, "%s: %s: 64 KiB behind", name, layer);
	is(replace(hook, helper, -2, 1, 2, 2), -EFAULT, "%s: %s: in front", name, layer);
	is(replace(hook, helper, -2, 1, 2, 1ULL << 40), -EINVAL, "%s: %s: flags first", name, layer);
	is(replace(hook, helper, -2, 1, 2, 3), -EFAULT, "%s: %s: the size last", name, layer);
	is(memcmp(arrived.bytes, frame, FRAME_LEN), 0, "%s: %s: nothing is written", name, layer);
}

int main(void)
{
	tc_init();
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		test_values(hooks[h].name, hooks[h].hook);
		test_zero(hooks[h].name, hooks[h].hook);
		test_errors(hooks[h].name, hooks[h].hook, L3, "l3", 0);
		test_errors(hooks[h].name, hooks[h].hook, L4, "l4",
			    BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_IPV6);
	}
	return finish();
}
