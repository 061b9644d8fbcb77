// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose context is a packet: what they see of it as struct __sk_buff.
 *
 * A field is a row of one table: where it stands in the context, how much of it
 * exists, whether it may be written, and how a load of it is lowered to loads
 * from the real packet. Programs may load any naturally aligned part of a field;
 * the lowering then loads the whole of it and cuts the part out. The context
 * structure itself never exists in memory.
 *
 * Nothing here runs while a program does: the table serves the verifier.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/busy_poll.h>
#include <net/sch_generic.h>

/**
 * struct lowering - the replacement of one context load, as it grows
 * @out: instructions
 * @cnt: how many
 * @dst: register the load fills; the only one that may hold a value between
 * @skb: register with the packet, may be the same as @dst
 * @row: field being loaded
 */
struct lowering {
	struct bpf_insn *out;
	unsigned int cnt;
	u8 dst;
	u8 skb;
	const struct skb_field *row;
};

/**
 * struct skb_field - a field of the context
 * @off: its offset
 * @bytes: its length
 * @load: emits the load of all of it; NULL for memory that exists as it is
 * @src_off: for a plain load, offset in struct sk_buff
 * @src_size: for a plain load, BPF_B, BPF_H, BPF_W or BPF_DW
 * @writable: socket filters may store to it
 */
struct skb_field {
	u16 off;
	u16 bytes;
	void (*load)(struct lowering *low);
	u16 src_off;
	u8 src_size;
	bool writable;
};

static void emit(struct lowering *low, struct bpf_insn insn)
{
	low->out[low->cnt++] = insn;
}

static void emit_load(struct lowering *low, u8 size, int off)
{
	emit(low, BPF_LDX_MEM(size, low->dst, low->skb, off));
}

/* ---- loads of fields that need more than one instruction ----------------------- */

static void load_plain(struct lowering *low)
{
	emit_load(low, low->row->src_size, low->row->src_off);
}

static void load_pkt_type(struct lowering *low)
{
	emit_load(low, BPF_B, PKT_TYPE_OFFSET);
	emit(low, BPF_ALU32_IMM(BPF_AND, low->dst, PKT_TYPE_MAX));
#ifdef __BIG_ENDIAN_BITFIELD
	emit(low, BPF_ALU32_IMM(BPF_RSH, low->dst, 5));
#endif
}

static void load_vlan_present(struct lowering *low)
{
	emit_load(low, BPF_B, PKT_VLAN_PRESENT_OFFSET);
	if (PKT_VLAN_PRESENT_BIT)
		emit(low, BPF_ALU32_IMM(BPF_RSH, low->dst, PKT_VLAN_PRESENT_BIT));
	emit(low, BPF_ALU32_IMM(BPF_AND, low->dst, 1));
}

/* 0 for a packet without a device. */
static void load_ifindex(struct lowering *low)
{
	emit_load(low, BPF_SIZEOF(void *), offsetof(struct sk_buff, dev));
	emit(low, BPF_JMP_IMM(BPF_JEQ, low->dst, 0, 1));
	emit(low, BPF_LDX_MEM(BPF_W, low->dst, low->dst,
			      offsetof(struct net_device, ifindex)));
}

static void load_tc_index(struct lowering *low)
{
#ifdef CONFIG_NET_SCHED
	emit_load(low, BPF_H, offsetof(struct sk_buff, tc_index));
#else
	emit(low, BPF_MOV32_IMM(low->dst, 0));
#endif
}

/* The word also holds the sender's CPU: numbers too small are no NAPI ids. */
static void load_napi_id(struct lowering *low)
{
#ifdef CONFIG_NET_RX_BUSY_POLL
	emit_load(low, BPF_W, offsetof(struct sk_buff, napi_id));
	emit(low, BPF_JMP_IMM(BPF_JGE, low->dst, MIN_NAPI_ID, 1));
#endif
	emit(low, BPF_MOV32_IMM(low->dst, 0));
}

/* Leaves the address of the packet's shared info in the target register. */
static void load_shinfo(struct lowering *low)
{
#ifdef NET_SKBUFF_DATA_USES_OFFSET
	emit(low, BPF_LDX_MEM(BPF_FIELD_SIZEOF(struct sk_buff, end), BPF_REG_AX,
			      low->skb, offsetof(struct sk_buff, end)));
	emit_load(low, BPF_SIZEOF(void *), offsetof(struct sk_buff, head));
	emit(low, BPF_ALU64_REG(BPF_ADD, low->dst, BPF_REG_AX));
#else
	emit_load(low, BPF_SIZEOF(void *), offsetof(struct sk_buff, end));
#endif
}

static void load_gso_segs(struct lowering *low)
{
	load_shinfo(low);
	emit(low, BPF_LDX_MEM(BPF_H, low->dst, low->dst,
			      offsetof(struct skb_shared_info, gso_segs)));
}

static void load_gso_size(struct lowering *low)
{
	load_shinfo(low);
	emit(low, BPF_LDX_MEM(BPF_H, low->dst, low->dst,
			      offsetof(struct skb_shared_info, gso_size)));
}

/* ---- the table --------------------------------------------------------------------- */

#define CTX(field)						\
	.off = offsetof(struct __sk_buff, field),		\
	.bytes = sizeof_field(struct __sk_buff, field)
#define PLAIN(field, member)					\
	{							\
		CTX(field), .load = load_plain,			\
		.src_off = offsetof(struct sk_buff, member),	\
		.src_size = BPF_FIELD_SIZEOF(struct sk_buff, member), \
	}

/* Ordered by offset; what stands between the rows does not exist. */
static const struct skb_field skb_fields[] = {
	PLAIN(len, len),
	{ CTX(pkt_type), .load = load_pkt_type },
	PLAIN(mark, mark),
	PLAIN(queue_mapping, queue_mapping),
	PLAIN(protocol, protocol),
	{ CTX(vlan_present), .load = load_vlan_present },
	PLAIN(vlan_tci, vlan_tci),
	PLAIN(vlan_proto, vlan_proto),
	PLAIN(priority, priority),
	PLAIN(ingress_ifindex, skb_iif),
	{ CTX(ifindex), .load = load_ifindex },
	{ CTX(tc_index), .load = load_tc_index },
	{ CTX(cb), .writable = true },
	PLAIN(hash, hash),
	{ CTX(napi_id), .load = load_napi_id },
	{ CTX(gso_segs), .load = load_gso_segs },
	{ CTX(gso_size), .load = load_gso_size },
};

/* The row that holds all of an access, or NULL. */
static const struct skb_field *find_field(int off, int size)
{
	const struct skb_field *row;

	for (row = skb_fields; row < skb_fields + ARRAY_SIZE(skb_fields); row++)
		if (off >= row->off && off + size <= row->off + row->bytes)
			return row;
	return NULL;
}

static bool sk_filter_is_valid_access(const struct bpf_insn_access *access)
{
	const struct skb_field *row;

	if (access->off < 0 || access->off % access->size)
		return false;
	row = find_field(access->off, access->size);
	return row && (access->type == BPF_READ || row->writable);
}

/* ---- lowering ------------------------------------------------------------------------ */

/* The control block is memory of the packet that the context shows as it is.
 * Whoever runs the program keeps its own data there: say that it must be saved.
 */
static unsigned int lower_cb(const struct bpf_insn_access *access,
			     const struct bpf_insn *insn, struct bpf_insn *out)
{
	int off = access->off - offsetof(struct __sk_buff, cb) +
		  offsetof(struct sk_buff, cb) +
		  offsetof(struct qdisc_skb_cb, data);

	access->prog->cb_access = 1;
	*out = *insn;
	out->off = off;
	return 1;
}

/* Cut @size bytes at @at out of a field of @bytes bytes that fills @dst. */
static void emit_part(struct lowering *low, int at, int size, int bytes)
{
#ifdef __BIG_ENDIAN
	int shift = 8 * (bytes - at - size);
#else
	int shift = 8 * at;
#endif

	if (shift)
		emit(low, BPF_ALU32_IMM(BPF_RSH, low->dst, shift));
	emit(low, BPF_ALU32_IMM(BPF_AND, low->dst, BIT(8 * size) - 1));
}

static unsigned int skb_lower_ctx_access(const struct bpf_insn_access *access,
					 const struct bpf_insn *insn,
					 struct bpf_insn *out)
{
	const struct skb_field *row = find_field(access->off, access->size);
	struct lowering low = {
		.out = out,
		.dst = insn->dst_reg,
		.skb = insn->src_reg,
		.row = row,
	};

	if (!row->load)
		return lower_cb(access, insn, out);

	row->load(&low);
	if (access->size < row->bytes)
		emit_part(&low, access->off - row->off, access->size, row->bytes);
	return low.cnt;
}

/* ---- helpers -------------------------------------------------------------------------- */

static const struct bpf_func_proto *const sk_filter_helpers[] = {
	[BPF_FUNC_map_lookup_elem]	= &bpf_map_lookup_elem_proto,
	[BPF_FUNC_map_update_elem]	= &bpf_map_update_elem_proto,
	[BPF_FUNC_map_delete_elem]	= &bpf_map_delete_elem_proto,
	[BPF_FUNC_ktime_get_ns]		= &bpf_ktime_get_ns_proto,
	[BPF_FUNC_get_prandom_u32]	= &bpf_get_prandom_u32_proto,
	[BPF_FUNC_get_smp_processor_id]	= &bpf_get_smp_processor_id_proto,
};

static const struct bpf_func_proto *
sk_filter_get_func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	/* Printing shows what the kernel does to all of its users. */
	if (id == BPF_FUNC_trace_printk)
		return perfmon_capable() ? bpf_get_trace_printk_proto() : NULL;
	return (u32)id < ARRAY_SIZE(sk_filter_helpers) ? sk_filter_helpers[id] :
							 NULL;
}

const struct bpf_verifier_ops sk_filter_verifier_ops = {
	.get_func_proto = sk_filter_get_func_proto,
	.is_valid_access = sk_filter_is_valid_access,
	.lower_ctx_access = skb_lower_ctx_access,
	.has_packet_loads = true,
};
