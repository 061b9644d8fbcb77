// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accepted programs, run twice from the same start: the lowered code on the
 * interpreter, the program as it was loaded on the reference machine, with every
 * access looked at. Result, stack, maps and control block must come out the same.
 *
 * Both runs see the same addresses, so that programs which keep pointers can be
 * compared too: there is one stack, one packet, and maps are put back between
 * the runs byte by byte. The context as the ABI shows it is made up here, from
 * the packet and the field's description in the manual, and lies in a place of
 * its own; the reference's accesses to the context are turned there.
 */
#include "../../unit_interp/reference.h"
#include "map_freeze.h"
#include "world.h"

#define MAX_STEPS	(1u << 20)
#define MAX_VALUES	64

/* ---- the memory of maps, to put it back ---------------------------------------------- */

static struct {
	u8 *at, *start, *after;
	size_t size;
} blocks[64];
static u32 nblocks;

static void note_block(void *p, size_t size)
{
	if (nblocks == ARRAY_SIZE(blocks))
		abort();
	blocks[nblocks].at = p;
	blocks[nblocks].start = malloc(size);
	blocks[nblocks].after = malloc(size);
	blocks[nblocks++].size = size;
}

/* Around the constructor that makes them. */
static __attribute__((constructor(1999))) void watch_maps(void)
{
	machine_allocated = note_block;
}

static __attribute__((constructor(2001))) void maps_are_made(void)
{
	machine_allocated = NULL;
	for (u32 i = 0; i < nblocks; i++)
		memcpy(blocks[i].start, blocks[i].at, blocks[i].size);
}

static void fill_maps(u64 seed)
{
	u64 state = seed | 1;
	u8 key[8], value[64];

	for (u32 i = 0; i < nblocks; i++)
		memcpy(blocks[i].at, blocks[i].start, blocks[i].size);
	for (u32 fd = FD_ARRAY; fd < FD_END; fd++) {
		struct bpf_map *map = world_map(fd);

		/* Only programs change them. */
		if (map_is_frozen(map))
			continue;
		for (u32 n = 0; n < (map->map_type == BPF_MAP_TYPE_ARRAY ? map->max_entries : 2); n++) {
			memset(key, 0, sizeof(key));
			key[0] = n;
			for (u32 i = 0; i < sizeof(value); i++)
				value[i] = world_random(&state);
			map->ops->map_update_elem(map, key, value, BPF_ANY);
		}
	}
}

/* ---- the world of one run --------------------------------------------------------------- */

static u8 stack[MAX_BPF_STACK] __attribute__((aligned(16)));
static u8 stack_after[MAX_BPF_STACK];
static struct __sk_buff shown;

struct run {
	const struct world_load *load;
	struct ref_machine m;
	struct sk_buff *skb;
	struct {
		u64 at;
		u32 size;
		u32 closed;
	} value[MAX_VALUES];
	u32 values;
};

static u64 address(const void *p)
{
	return (uintptr_t)p;
}

static u64 frame_pointer(void)
{
	return address(stack + MAX_BPF_STACK);
}

static struct sk_buff *start_over(u64 seed)
{
	u64 state = ~seed | 1;

	machine_time = seed % 1000;
	fill_maps(seed);
	for (u32 i = 0; i < sizeof(stack); i++)
		stack[i] = world_random(&state);
	return world_packet(seed);
}

/* The fields of the ABI that a socket filter can read. */
static void show(const struct sk_buff *skb)
{
	memset(&shown, 0, sizeof(shown));
	shown.len = skb->len;
	shown.pkt_type = skb->pkt_type_bits & 7;
	shown.mark = skb->mark;
	shown.queue_mapping = skb->queue_mapping;
	shown.protocol = skb->protocol;
	shown.vlan_present = skb->vlan_bits >> 7;
	shown.vlan_tci = skb->vlan_tci;
	shown.vlan_proto = skb->vlan_proto;
	shown.priority = skb->priority;
	shown.ingress_ifindex = skb->skb_iif;
	shown.ifindex = skb->dev ? skb->dev->ifindex : 0;
	shown.tc_index = skb->tc_index;
	memcpy(shown.cb, qdisc_skb_cb(skb)->data, sizeof(shown.cb));
	shown.hash = skb->hash;
	shown.napi_id = skb->napi_id < 9 ? 0 : skb->napi_id;
	shown.gso_segs = ((struct skb_shared_info *)skb->end)->gso_segs;
	shown.gso_size = ((struct skb_shared_info *)skb->end)->gso_size;
}

/* ---- the reference run --------------------------------------------------------------------- */

static bool inside(u64 at, u32 size, u64 object, u64 room)
{
	return at >= object && at + size >= at && at + size <= object + room;
}

static bool in_context(const struct run *run, u64 at, u32 size)
{
	return inside(at, size, address(run->skb), sizeof(shown));
}

static bool allowed(const struct run *run, u64 at, u32 size, bool write)
{
	u32 depth = run->load->prog->aux->stack_depth;

	if (inside(at, size, frame_pointer() - depth, depth))
		return true;
	for (u32 i = 0; i < run->values; i++)
		if (inside(at, size, run->value[i].at, run->value[i].size))
			return !(run->value[i].closed &
				 (write ? BPF_F_RDONLY_PROG : BPF_F_WRONLY_PROG));
	return false;
}

static u32 bytes_of(u8 code)
{
	static const u8 bytes[] = { 4, 2, 1, 8 };

	return bytes[code >> 3 & 3];
}

/* Load or store of the context: the same at another place. */
static const char *context_step(struct run *run, const struct bpf_insn *insn)
{
	bool load = BPF_CLASS(insn->code) == BPF_LDX;
	u8 base = load ? insn->src_reg : insn->dst_reg;
	u64 pointer = run->m.reg[base];
	u64 at = pointer - address(run->skb) + address(&shown);

	run->m.reg[base] = at;
	if (ref_step(&run->m, run->load->insns) != REF_NEXT)
		return "the reference machine gave up";
	if (!load || insn->dst_reg != base)
		run->m.reg[base] = pointer;
	/* The context's own address is stored: the true one. */
	if (BPF_CLASS(insn->code) == BPF_STX && insn->src_reg == base)
		memcpy((void *)(uintptr_t)(at + insn->off), &pointer, bytes_of(insn->code));
	return NULL;
}

static const char *memory_step(struct run *run, const struct bpf_insn *insn)
{
	u8 class = BPF_CLASS(insn->code);
	u64 base = run->m.reg[class == BPF_LDX ? insn->src_reg : insn->dst_reg];
	u32 size = bytes_of(insn->code);
	bool atomic = class == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC;

	if (in_context(run, base + insn->off, size))
		return context_step(run, insn);
	if ((class != BPF_LDX && !allowed(run, base + insn->off, size, true)) ||
	    ((class == BPF_LDX || atomic) && !allowed(run, base + insn->off, size, false)))
		return "access outside of any object";
	return ref_step(&run->m, run->load->insns) == REF_NEXT ? NULL :
	       "the reference machine gave up";
}

/* From now on the value is one the program has; false: it has too many. */
static bool allow(struct run *run, const struct bpf_map *map, u64 at)
{
	if (run->values == MAX_VALUES)
		return false;
	run->value[run->values].at = at;
	run->value[run->values].closed = map->map_flags;
	run->value[run->values++].size = map->value_size;
	return true;
}

static const char *name_map(struct run *run, const struct bpf_insn *insn)
{
	struct bpf_map *map = world_named(run->load, insn);
	u32 stride;
	u64 at;

	run->m.reg[insn->dst_reg] = address(map);
	run->m.pc += 2;
	if (insn->src_reg != BPF_PSEUDO_MAP_VALUE && insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE)
		return NULL;
	at = address(map->ops->map_elements(map, &stride));
	run->m.reg[insn->dst_reg] = at + (u32)insn[1].imm;
	return allow(run, map, at) ? NULL : "";
}

static const char *call_step(struct run *run, const struct bpf_insn *insn)
{
	const struct bpf_func_proto *proto =
		sk_filter_verifier_ops.get_func_proto(insn->imm, run->load->prog);
	u64 *reg = run->m.reg;
	struct bpf_map *map = (void *)(uintptr_t)reg[1];

	if (!proto)
		return "call of no helper";
	reg[0] = proto->func(reg[1], reg[2], reg[3], reg[4], reg[5]);
	if (insn->imm == BPF_FUNC_map_lookup_elem && reg[0] && !allow(run, map, reg[0]))
		return "";
	for (u32 r = 1; r <= 5; r++)
		reg[r] = 0xdead000000000000ULL + r;
	run->m.pc++;
	return NULL;
}

static const char *packet_step(struct run *run, const struct bpf_insn *insn, bool *end)
{
	u64 base = BPF_MODE(insn->code) == BPF_IND ? run->m.reg[insn->src_reg] : 0;
	u32 val;

	if (run->m.reg[6] != address(run->skb))
		return "packet load without packet";
	*end = !world_packet_load(run->skb, (s32)((u32)base + (u32)insn->imm),
				  bytes_of(insn->code), &val);
	run->m.reg[0] = *end ? 0 : val;
	for (u32 r = 1; r <= 5; r++)
		run->m.reg[r] = 0xdead100000000000ULL + r;
	run->m.pc++;
	return NULL;
}

static const char *one_step(struct run *run, bool *end)
{
	const struct bpf_insn *insn = &run->load->insns[run->m.pc];
	u8 class = BPF_CLASS(insn->code);
	enum ref_step step;

	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg)
		return name_map(run, insn);
	if (class == BPF_LD && insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return packet_step(run, insn, end);
	if (insn->code == (BPF_JMP | BPF_CALL))
		return call_step(run, insn);
	if (class == BPF_LDX || class == BPF_ST || class == BPF_STX)
		return memory_step(run, insn);
	step = ref_step(&run->m, run->load->insns);
	*end = step == REF_END;
	return step == REF_BAD ? "the reference machine gave up" : NULL;
}

static const char *run_reference(struct run *run)
{
	const char *wrong = NULL;
	bool end = false;

	for (u32 n = 0; !wrong && !end; n++) {
		if (run->m.pc < 0 || run->m.pc >= run->load->len)
			return "run left the program";
		if (n == MAX_STEPS)
			return "run does not end";
		wrong = one_step(run, &end);
	}
	return wrong;
}

/* ---- comparison -------------------------------------------------------------------------------- */

static void clobber(u64 *reg)
{
	for (u32 r = 0; r < MAX_BPF_EXT_REG; r++)
		reg[r] = 0xdead200000000000ULL + r;
}

static bool interpret(const struct bpf_prog *prog, void *ctx, u64 *result)
{
	u64 regs[MAX_BPF_EXT_REG];

	clobber(regs);
	regs[1] = address(ctx);
	regs[10] = frame_pointer();
	*result = world_interpret(regs, prog->insnsi);
	return true;
}

/**
 * world_compare() - run an accepted program both ways
 * @load: the program
 * @seed: start of maps, stack and packet
 *
 * Return: what differs, "" if the run was too long to follow, or NULL.
 */
const char *world_compare(const struct world_load *load, u64 seed)
{
	return world_compare_with(load, seed, interpret);
}

const char *world_compare_with(const struct world_load *load, u64 seed, world_engine_t engine)
{
	struct run run = { .load = load };
	u64 regs[MAX_BPF_EXT_REG], result;
	const char *wrong;
	u8 cb[20];

	/* The reference first: it says if an address is wrong, and where. */
	run.skb = start_over(seed);
	show(run.skb);
	clobber(regs);
	memcpy(run.m.reg, regs, sizeof(run.m.reg));
	run.m.reg[1] = address(run.skb);
	run.m.reg[10] = frame_pointer();
	wrong = run_reference(&run);
	if (wrong)
		return wrong;
	for (u32 i = 0; i < nblocks; i++)
		memcpy(blocks[i].after, blocks[i].at, blocks[i].size);
	memcpy(stack_after, stack, sizeof(stack));

	start_over(seed);
	if (!engine(load->prog, run.skb, &result))
		return "the engine does not run it";
	memcpy(cb, qdisc_skb_cb(run.skb)->data, sizeof(cb));

	if ((u32)result != (u32)run.m.reg[0])
		return "results differ";
	if (engine == interpret && memcmp(stack_after, stack, sizeof(stack)))
		return "stacks differ";
	if (memcmp(cb, shown.cb, sizeof(cb)))
		return "control blocks differ";
	for (u32 i = 0; i < nblocks; i++)
		if (memcmp(blocks[i].after, blocks[i].at, blocks[i].size))
			return "maps differ";
	return NULL;
}
