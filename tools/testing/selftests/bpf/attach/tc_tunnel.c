// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_skb_get_tunnel_key(), bpf_skb_set_tunnel_key(): what a program sets it reads
 * again, in every size and with every flag.
 *
 * A key that is set says where to send to; one that is read, where from. So what
 * is set as remote is read as local.
 */
#include "tc.h"
#include <pthread.h>

#define SIZE	((int)sizeof(struct bpf_tunnel_key))
/* A key on the stack begins here; what is read goes to the second. */
#define SET_AT	(-128)
#define GET_AT	(-256)

#define KEY_WORD(i)	((int)(0x11111111u * (i) + 0x01020304u))

/* Words of a key on the stack; tos, ttl, ext are in word 5. */
static int emit_key(struct bpf_insn *prog, int tunnel_ext, int label)
{
	int n = 0;

	prog[n++] = MOV_X(6, 1);
	for (int i = 0; i < SIZE / 4; i++)
		prog[n++] = ST(BPF_W, 10, SET_AT + 4 * i, KEY_WORD(i));
	prog[n++] = ST(BPF_B, 10, SET_AT + (int)offsetof(struct bpf_tunnel_key, tunnel_tos), 0x28);
	prog[n++] = ST(BPF_B, 10, SET_AT + (int)offsetof(struct bpf_tunnel_key, tunnel_ttl), 77);
	prog[n++] = ST(BPF_H, 10, SET_AT + (int)offsetof(struct bpf_tunnel_key, tunnel_ext), tunnel_ext);
	prog[n++] = ST(BPF_W, 10, SET_AT + (int)offsetof(struct bpf_tunnel_key, tunnel_label), label);
	return n;
}

static int emit_call(struct bpf_insn *prog, int helper, int at, int size, __u64 flags)
{
	const struct bpf_insn call[] = {
		MOV_X(1, 6), MOV_X(2, 10), ALU_K(BPF_ADD, 2, at), MOV_K(3, size), LD64(4, flags),
		CALL(helper),
	};

	memcpy(prog, call, sizeof(call));
	return ARRAY_LEN(call);
}

static int emit_end(struct bpf_insn *prog)
{
	const struct bpf_insn end[] = { STORE_RESULT(0), MOV_K(0, TC_ACT_OK), EXIT() };

	memcpy(prog, end, sizeof(end));
	return ARRAY_LEN(end);
}

static long long set(int size, __u64 flags, int ext, int label)
{
	struct bpf_insn prog[64];
	int n = emit_key(prog, ext, label);

	n += emit_call(prog + n, BPF_FUNC_skb_set_tunnel_key, SET_AT, size, flags);
	n += emit_end(prog + n);
	return run_at(EGRESS, prog_load(BPF_PROG_TYPE_SCHED_CLS, prog, (size_t)n));
}

/* The 8 bytes at @at of a key that was read after one of @set_size was set. */
static long long get(int set_size, __u64 set_flags, int size, __u64 flags, int at)
{
	struct bpf_insn prog[128];
	int n = emit_key(prog, 0, set_flags & BPF_F_TUNINFO_IPV6 ? 0x3512345 : 0);

	if (set_size)
		n += emit_call(prog + n, BPF_FUNC_skb_set_tunnel_key, SET_AT, set_size, set_flags);
	for (int off = 0; off < 64; off += 8)
		prog[n++] = ST(BPF_DW, 10, GET_AT + off, -1);
	n += emit_call(prog + n, BPF_FUNC_skb_get_tunnel_key, GET_AT, size, flags);
	if (at >= 0)
		prog[n++] = LDX(BPF_W, 0, 10, GET_AT + at);
	n += emit_end(prog + n);
	return run_at(EGRESS, prog_load(BPF_PROG_TYPE_SCHED_CLS, prog, (size_t)n));
}

#define AT(f)	((int)offsetof(struct bpf_tunnel_key, f))
#define V6	BPF_F_TUNINFO_IPV6

static void test_sizes(void)
{
	char row[80];
	int good = 0;

	for (int v6 = 0; v6 < 2; v6++) {
		for (int way = 0; way < 2; way++) {
			for (int size = 1; size <= 64; size++) {
				long long ret = way ? get(SIZE, v6 ? V6 : 0, size, v6 ? V6 : 0, -1) :
						      set(size, v6 ? V6 : 0, 0, 0);

				row[size - 1] = ret == 0 ? '+' : ret == -EINVAL ? '.' : '?';
				good += !ret;
			}
			row[64] = 0;
			printf("verdict %s%s %s\n", way ? "get" : "set", v6 ? " IPv6" : "", row);
		}
	}
	is(good, 5 + 5 + 5 + 4, "sizes that are taken");
	is(set(8, 0, 0, 0), 0, "the first form of the structure");
	is(set(SIZE, 0, 0, 0), 0, "the last");
	is(set(12, 0, 0, 0), -EINVAL, "none");
	is(set(8, V6, 0, 0), 0, "an IPv6 key with one word of the address");
	is(get(SIZE, V6, 8, V6, -1), -EINVAL, "is not read that way");
}

static void test_flags(void)
{
	for (int bit = 0; bit < 64; bit += bit < 10 ? 1 : 13)
		printf("verdict flag %d: set %lld, get %lld\n", bit, set(SIZE, 1ULL << bit, 0, 0),
		       get(SIZE, 0, SIZE, 1ULL << bit, -1));
	is(set(SIZE, 1ULL << 40, 0, 0), -EINVAL, "set: unknown flag");
	is(get(SIZE, 0, SIZE, 1ULL << 40, -1), -EINVAL, "get: unknown flag");
	is(get(SIZE, 0, SIZE, V6, -1), -EPROTO, "get: an IPv4 key asked for as IPv6");
	is(get(SIZE, V6, SIZE, 0, -1), -EPROTO, "get: an IPv6 key asked for as IPv4");
	is(get(SIZE, V6, 8, 0, -1), -EPROTO, "get: family before size");
	is(get(SIZE, 0, 12, V6, -1), -EPROTO, "get: of any size");
	is(get(0, 0, SIZE, 0, -1), -EINVAL, "get: no key");
	is(get(0, 0, SIZE, 0, 0), 0, "get: memory is 0 then");
	is(get(SIZE, 0, 12, 0, 8), 0, "get: and after a wrong size");
	is(get(SIZE, 0, SIZE, V6, 40), 0, "get: and after a wrong family");
	is(set(SIZE, 0, 1, 0), -EINVAL, "set: tunnel_ext is reserved");
	is(set(AT(tunnel_ext), 0, 1, 0), 0, "set: also where it is not passed");
	is(set(SIZE, 0, 0, 1), -EINVAL, "set: IPv4 has no label");
	is(set(SIZE, V6, 0, 0xfffff), 0, "set: IPv6 has");
	is(set(AT(tunnel_label), 0, 0, 1), 0, "set: one that is not passed");
}

static void test_values(void)
{
	is(get(SIZE, 0, SIZE, 0, AT(tunnel_id)), (unsigned int)KEY_WORD(0), "id");
	is(get(SIZE, 0, SIZE, 0, AT(remote_ipv4)), (unsigned int)KEY_WORD(7), "IPv4: local is remote");
	is(get(SIZE, 0, SIZE, 0, AT(local_ipv4)), (unsigned int)KEY_WORD(1), "IPv4: remote is local");
	is(get(SIZE, 0, SIZE, 0, AT(remote_ipv6[1])), 0, "IPv4: nothing behind the address");
	is(get(SIZE, 0, SIZE, 0, AT(tunnel_tos)), 77 << 8 | 0x28, "tos and ttl");
	is(get(SIZE, 0, SIZE, 0, AT(tunnel_label)), 0, "IPv4: no label");
	is(get(8, 0, SIZE, 0, AT(tunnel_id)), (unsigned int)KEY_WORD(0), "8 bytes: id");
	is(get(8, 0, SIZE, 0, AT(local_ipv4)), (unsigned int)KEY_WORD(1), "8 bytes: address");
	is(get(8, 0, SIZE, 0, AT(tunnel_tos)), 0, "8 bytes: tos and ttl are 0");
	is(get(8, 0, SIZE, 0, AT(remote_ipv4)), 0, "8 bytes: no other address");
	is(get(SIZE, 0, 8, 0, AT(remote_ipv4)), (unsigned int)KEY_WORD(7), "read as 8 bytes");
	is(get(SIZE, 0, 8, 0, 8), 0xffffffffu, "read as 8 bytes: no more is written");
	for (int i = 0; i < 4; i++) {
		is(get(SIZE, V6, SIZE, V6, AT(remote_ipv6[i])), (unsigned int)KEY_WORD(7 + i),
		   "IPv6: remote word %d", i);
		is(get(SIZE, V6, SIZE, V6, AT(local_ipv6[i])), (unsigned int)KEY_WORD(1 + i),
		   "IPv6: local word %d", i);
	}
	is(get(SIZE, V6, SIZE, V6, AT(tunnel_label)), 0x12345, "IPv6: 20 bits of the label");
	for (int bit = 1; bit < 4; bit++)
		printf("verdict flags set with bit %d: %llx\n", bit,
		       get(SIZE, 1ULL << bit, SIZE, BPF_F_TUNINFO_FLAGS, AT(tunnel_tos)) & 0xffffffff);
	printf("verdict flags: %llx, not asked for: %llx\n",
	       get(SIZE, 0, SIZE, BPF_F_TUNINFO_FLAGS, AT(tunnel_tos)) & 0xffffffff,
	       get(SIZE, 0, SIZE, 0, AT(tunnel_tos)) & 0xffffffff);
}

static pthread_barrier_t together;

static void *load_one(void *arg)
{
	const struct bpf_insn insns[] = {
		MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), ST(BPF_DW, 10, -8, 0), MOV_K(3, 8), MOV_K(4, 0),
		CALL(BPF_FUNC_skb_set_tunnel_key), MOV_K(0, 0), EXIT(),
	};
	int *fd = arg;

	pthread_barrier_wait(&together);
	*fd = prog_load_log(BPF_PROG_TYPE_SCHED_CLS, insns, ARRAY_LEN(insns), "GPL", 0, NULL, 0);
	return NULL;
}

/* What the helper needs is made when the first program asks: here eight do at once. */
static void test_first_loads(void)
{
	pthread_t threads[8];
	int fds[8], loaded = 0;

	pthread_barrier_init(&together, NULL, ARRAY_LEN(threads));
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_create(&threads[i], NULL, load_one, &fds[i]);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		pthread_join(threads[i], NULL);
		loaded += fds[i] >= 0;
		if (fds[i] >= 0)
			close(fds[i]);
	}
	is(loaded, ARRAY_LEN(threads), "set_tunnel_key: eight first programs at once");
}

int main(void)
{
	tc_init();
	test_first_loads();
	test_values();
	test_sizes();
	test_flags();
	return finish();
}
