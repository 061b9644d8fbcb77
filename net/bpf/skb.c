// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose context is a packet: what they see of it as struct __sk_buff.
 *
 * A field is a row of one table: where it stands in the context, how much of it
 * exists, which programs may read and write it, and how a load or store of it is
 * lowered to loads and stores of the real packet. Programs may load any naturally
 * aligned part of most fields; the lowering then loads the whole of it and cuts
 * the part out. Only whole fields are stored. The context structure itself never
 * exists in memory.
 *
 * Nothing here runs while a program does: the table serves the verifier.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/busy_poll.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#include "skb.h"

/**
 * struct lowering - the replacement of one context access, as it grows
 * @out: instructions
 * @cnt: how many
 * @dst: register a load fills; besides BPF_REG_AX the only one that may hold a
 *	value between
 * @val: register with the value to store, not to be changed
 * @skb: register with the packet, may be the same as @dst or @val
 * @row: field being accessed
 * @prog: program that does it
 */
struct lowering {
	struct bpf_insn *out;
	unsigned int cnt;
	u8 dst;
	u8 val;
	u8 skb;
	const struct skb_field *row;
	struct bpf_prog *prog;
};

/**
 * struct skb_field - a field of the context
 * @off: its offset
 * @bytes: its length
 * @read: SKB_* of those who may load it
 * @write: SKB_* of those who may store to it
 * @whole: no part of it may be loaded
 * @value: what a load gives
 * @src_size: for a plain access, BPF_B, BPF_H, BPF_W or BPF_DW
 * @src_off: for a plain access, offset in struct sk_buff
 * @load: emits the load of all of it; NULL for memory that exists as it is
 * @store: emits the store of all of it
 */
struct skb_field {
	u16 off;
	u16 bytes;
	u8 read;
	u8 write;
	bool whole;
	u8 value;
	u8 src_size;
	u16 src_off;
	void (*load)(struct lowering *low);
	void (*store)(struct lowering *low);
};

static void emit(struct lowering *low, struct bpf_insn insn)
{
	low->out[low->cnt++] = insn;
}

static void emit_load(struct lowering *low, u8 size, int off)
{
	emit(low, BPF_LDX_MEM(size, low->dst, low->skb, off));
}

static void emit_store(struct lowering *low, u8 size, int off)
{
	emit(low, BPF_STX_MEM(size, low->skb, low->val, off));
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

static void load_hwtstamp(struct lowering *low)
{
	load_shinfo(low);
	emit(low, BPF_LDX_MEM(BPF_DW, low->dst, low->dst,
			      offsetof(struct skb_shared_info, hwtstamps.hwtstamp)));
}

/* ---- the time of a packet --------------------------------------------------------- */

/* What skb->tstamp means is said by a bit beside it: a time to send at on the
 * monotonic clock, or when the packet was received. A packet that is forwarded
 * inside the machine comes in with a time to send at. A program that does not
 * look at the bit, tstamp_type, is spared the difference: on ingress it finds no
 * such times, and what it stores there is a time of receipt.
 */
#ifdef CONFIG_NET_CLS_ACT
static bool is_spared(const struct lowering *low)
{
	return !low->prog->tstamp_type_access;
}
#endif

#define TIME_BITS_OFFSET	PKT_VLAN_PRESENT_OFFSET

static void load_tstamp(struct lowering *low)
{
#ifdef CONFIG_NET_CLS_ACT
	u8 both = TC_AT_INGRESS_MASK | SKB_MONO_DELIVERY_TIME_MASK;

	if (is_spared(low)) {
		emit(low, BPF_LDX_MEM(BPF_B, BPF_REG_AX, low->skb, TIME_BITS_OFFSET));
		emit(low, BPF_ALU32_IMM(BPF_AND, BPF_REG_AX, both));
		emit(low, BPF_JMP32_IMM(BPF_JNE, BPF_REG_AX, both, 2));
		emit(low, BPF_MOV64_IMM(low->dst, 0));
		emit(low, BPF_JMP_A(1));
	}
#endif
	emit_load(low, BPF_DW, offsetof(struct sk_buff, tstamp));
}

static void store_tstamp(struct lowering *low)
{
#ifdef CONFIG_NET_CLS_ACT
	if (is_spared(low)) {
		emit(low, BPF_LDX_MEM(BPF_B, BPF_REG_AX, low->skb, TIME_BITS_OFFSET));
		emit(low, BPF_JMP32_IMM(BPF_JSET, BPF_REG_AX, TC_AT_INGRESS_MASK, 1));
		emit(low, BPF_JMP_A(2));
		emit(low, BPF_ALU32_IMM(BPF_AND, BPF_REG_AX,
					0xff & ~SKB_MONO_DELIVERY_TIME_MASK));
		emit(low, BPF_STX_MEM(BPF_B, low->skb, BPF_REG_AX, TIME_BITS_OFFSET));
	}
#endif
	emit_store(low, BPF_DW, offsetof(struct sk_buff, tstamp));
}

static void load_tstamp_type(struct lowering *low)
{
	emit_load(low, BPF_B, TIME_BITS_OFFSET);
	emit(low, BPF_ALU32_IMM(BPF_AND, low->dst, SKB_MONO_DELIVERY_TIME_MASK));
	emit(low, BPF_JMP32_IMM(BPF_JEQ, low->dst, 0, 1));
	emit(low, BPF_MOV32_IMM(low->dst, BPF_SKB_TSTAMP_DELIVERY_MONO));
}

/* ---- stores ------------------------------------------------------------------------ */

static void store_plain(struct lowering *low)
{
	emit_store(low, low->row->src_size, low->row->src_off);
}

/* The highest number stands for no queue: it is not stored, nor what is above. */
static void store_queue_mapping(struct lowering *low)
{
	emit(low, BPF_JMP_IMM(BPF_JGE, low->val, NO_QUEUE_MAPPING, 1));
	store_plain(low);
}

static void store_tc_index(struct lowering *low)
{
#ifdef CONFIG_NET_SCHED
	emit_store(low, BPF_H, offsetof(struct sk_buff, tc_index));
#else
	emit(low, BPF_MOV64_REG(low->val, low->val));
#endif
}

/* ---- the table --------------------------------------------------------------------- */

#define ANY	(SKB_SOCKET | SKB_TC)

#define CTX(field)						\
	.off = offsetof(struct __sk_buff, field),		\
	.bytes = sizeof_field(struct __sk_buff, field)
#define PLAIN(field, member)					\
	CTX(field), .read = ANY, .load = load_plain,		\
	.src_off = offsetof(struct sk_buff, member),		\
	.src_size = BPF_FIELD_SIZEOF(struct sk_buff, member)
/* In the control block, in front of what programs see of it. */
#define QDISC_CB(field, member)					\
	CTX(field), .read = SKB_TC, .load = load_plain,		\
	.src_off = offsetof(struct sk_buff, cb) +		\
		   offsetof(struct qdisc_skb_cb, member),	\
	.src_size = BPF_FIELD_SIZEOF(struct qdisc_skb_cb, member)

/* An address of packet bytes: a load gives all of it. */
#define POINTER(field, what)					\
	CTX(field), .read = SKB_TC, .whole = true,		\
	.load = load_plain, .value = what,			\
	.src_size = BPF_SIZEOF(void *)
/* One that was computed before the program runs. */
#define BOUND(field, what)					\
	POINTER(field, what),					\
	.src_off = offsetof(struct sk_buff, cb) +		\
		   offsetof(struct bpf_skb_data_end, field)

/* Ordered by offset; what stands between the rows does not exist. */
static const struct skb_field skb_fields[] = {
	{ PLAIN(len, len) },
	{ CTX(pkt_type), .read = ANY, .load = load_pkt_type },
	{ PLAIN(mark, mark), .write = SKB_TC, .store = store_plain },
	{ PLAIN(queue_mapping, queue_mapping), .write = SKB_TC,
	  .store = store_queue_mapping },
	{ PLAIN(protocol, protocol) },
	{ CTX(vlan_present), .read = ANY, .load = load_vlan_present },
	{ PLAIN(vlan_tci, vlan_tci) },
	{ PLAIN(vlan_proto, vlan_proto) },
	{ PLAIN(priority, priority), .write = SKB_TC, .store = store_plain },
	{ PLAIN(ingress_ifindex, skb_iif) },
	{ CTX(ifindex), .read = ANY, .load = load_ifindex },
	{ CTX(tc_index), .read = ANY, .load = load_tc_index,
	  .write = SKB_TC, .store = store_tc_index },
	{ CTX(cb), .read = ANY, .write = ANY },
	{ PLAIN(hash, hash) },
	{ QDISC_CB(tc_classid, tc_classid), .write = SKB_TC, .store = store_plain },
	{ POINTER(data, BPF_CTX_PACKET), .src_off = offsetof(struct sk_buff, data) },
	{ BOUND(data_end, BPF_CTX_PACKET_END) },
	{ CTX(napi_id), .read = ANY, .load = load_napi_id },
	{ BOUND(data_meta, BPF_CTX_PACKET_META) },
	{ CTX(tstamp), .read = SKB_TC, .whole = true, .load = load_tstamp,
	  .write = SKB_TC, .store = store_tstamp },
	{ QDISC_CB(wire_len, pkt_len) },
	{ CTX(gso_segs), .read = ANY, .load = load_gso_segs },
	{ CTX(gso_size), .read = ANY, .load = load_gso_size },
	{ CTX(tstamp_type), .read = SKB_TC, .load = load_tstamp_type },
	{ CTX(hwtstamp), .read = SKB_TC, .whole = true, .load = load_hwtstamp },
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

static bool is_granted(const struct skb_field *row,
		       const struct bpf_insn_access *access, u8 user)
{
	bool is_whole = access->size == row->bytes;

	if (access->type == BPF_READ)
		return row->read & user && (is_whole || !row->whole);
	/* Without a lowering it is memory, any part of which may be stored. */
	return row->write & user && (is_whole || !row->store);
}

/**
 * skb_access_is_valid() - may a program access its context so?
 * @access: the access; that the type of timestamps is asked for is noted in its
 *	program
 * @user: SKB_* of the program's type
 *
 * Context: process context.
 * Return: whether it may.
 */
bool skb_access_is_valid(const struct bpf_insn_access *access, u8 user)
{
	const struct skb_field *row;

	if (access->off < 0 || access->off % access->size)
		return false;
	row = find_field(access->off, access->size);
	if (!row || !is_granted(row, access, user))
		return false;
	if (row->load == load_tstamp_type)
		access->prog->tstamp_type_access = 1;
	return true;
}

/**
 * skb_ctx_value() - what does a load from the context give?
 * @access: the load, which was found valid
 *
 * Context: any.
 * Return: a number, or which address.
 */
enum bpf_ctx_value skb_ctx_value(const struct bpf_insn_access *access)
{
	return find_field(access->off, access->size)->value;
}

static bool sk_filter_is_valid_access(const struct bpf_insn_access *access)
{
	return skb_access_is_valid(access, SKB_SOCKET);
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

/**
 * skb_lower_ctx_access() - what replaces an access to the context
 * @access: the access, which was found valid
 * @insn: instruction that does it
 * @out: room for BPF_LOWER_MAX instructions
 *
 * Context: process context.
 * Return: how many instructions it became.
 */
unsigned int skb_lower_ctx_access(const struct bpf_insn_access *access,
				  const struct bpf_insn *insn,
				  struct bpf_insn *out)
{
	const struct skb_field *row = find_field(access->off, access->size);
	bool is_read = access->type == BPF_READ;
	struct lowering low = {
		.out = out,
		.dst = insn->dst_reg,
		.val = insn->src_reg,
		.skb = is_read ? insn->src_reg : insn->dst_reg,
		.row = row,
		.prog = access->prog,
	};

	if (!row->load)
		return lower_cb(access, insn, out);

	if (!is_read) {
		row->store(&low);
		return low.cnt;
	}
	row->load(&low);
	if (access->size < row->bytes)
		emit_part(&low, access->off - row->off, access->size, row->bytes);
	return low.cnt;
}

/* ---- helpers -------------------------------------------------------------------------- */

static const struct bpf_func_proto *const common_helpers[] = {
	[BPF_FUNC_map_lookup_elem]	= &bpf_map_lookup_elem_proto,
	[BPF_FUNC_map_update_elem]	= &bpf_map_update_elem_proto,
	[BPF_FUNC_map_delete_elem]	= &bpf_map_delete_elem_proto,
	[BPF_FUNC_ktime_get_ns]		= &bpf_ktime_get_ns_proto,
	[BPF_FUNC_get_prandom_u32]	= &bpf_get_prandom_u32_proto,
	[BPF_FUNC_get_smp_processor_id]	= &bpf_get_smp_processor_id_proto,
	[BPF_FUNC_tail_call]		= &bpf_tail_call_proto,
#ifdef CONFIG_PERF_EVENTS
	[BPF_FUNC_perf_event_output]	= &bpf_skb_event_output_proto,
#endif
};

/**
 * skb_get_func_proto() - helpers that every program over packets may call
 * @id: number
 * @prog: program that calls it
 *
 * Context: process context.
 * Return: the prototype, or NULL.
 */
const struct bpf_func_proto *skb_get_func_proto(enum bpf_func_id id,
						const struct bpf_prog *prog)
{
	/* Printing shows what the kernel does to all of its users. */
	if (id == BPF_FUNC_trace_printk)
		return perfmon_capable() ? bpf_get_trace_printk_proto() : NULL;
	return (u32)id < ARRAY_SIZE(common_helpers) ? common_helpers[id] :
							 NULL;
}

const struct bpf_verifier_ops sk_filter_verifier_ops = {
	.get_func_proto = skb_get_func_proto,
	.is_valid_access = sk_filter_is_valid_access,
	.lower_ctx_access = skb_lower_ctx_access,
	.has_packet_loads = true,
};
