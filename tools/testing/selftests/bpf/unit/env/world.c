// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps, packets, and loads of programs, all of them checked from outside: what
 * bpf_check() took must be given back, its text must fit the user's buffer, the
 * code it made must hold together.
 */
#include "map_freeze.h"
#include "world.h"

u64 world_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL >> 11;
}

/* ---- maps ----------------------------------------------------------------------- */

static struct bpf_map *maps[FD_END];
static int map_refs[FD_END];

static struct bpf_map *make_one(u32 flags, bool frozen)
{
	static u64 words[] = { 5, -2ULL, 0x0102030405060708 };
	struct bpf_map *map = map_make(BPF_MAP_TYPE_ARRAY, 4, sizeof(words), 1, flags);
	u32 key = 0;

	map->ops->map_update_elem(map, &key, words, BPF_ANY);
	if (frozen && map_freeze(map))
		abort();
	return map;
}

static __attribute__((constructor(2000))) void make_maps(void)
{
	maps[FD_ARRAY] = map_make(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	maps[FD_HASH] = map_make(BPF_MAP_TYPE_HASH, 4, 16, 4, 0);
	maps[FD_HASH_WIDE] = map_make(BPF_MAP_TYPE_HASH, 8, 48, 3, 0);
	maps[FD_ARRAY_ODD] = map_make(BPF_MAP_TYPE_ARRAY, 4, 13, 1, 0);
	maps[FD_RDONLY] = map_make(BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_RDONLY_PROG);
	maps[FD_WRONLY] = map_make(BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_WRONLY_PROG);
	maps[FD_ARRAY_LONG] = map_make(BPF_MAP_TYPE_ARRAY, 4, 20, 5, 0);
	maps[FD_ONE] = make_one(0, false);
	maps[FD_CONSTANT] = make_one(BPF_F_RDONLY_PROG, true);
	maps[FD_RDONLY_ONE] = make_one(BPF_F_RDONLY_PROG, false);
	maps[FD_FROZEN_ONE] = make_one(0, true);
}

struct bpf_map *world_map(u32 fd)
{
	return fd < FD_END ? maps[fd] : NULL;
}

struct bpf_map *world_named(const struct world_load *load, const struct bpf_insn *insn)
{
	bool by_place = insn->src_reg == BPF_PSEUDO_MAP_IDX ||
			insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;

	return world_map(by_place ? load->fd_array[insn->imm] : insn->imm);
}

struct bpf_map *bpf_map_get(u32 fd)
{
	if (!world_map(fd))
		return ERR_PTR(fd < FD_END ? -EBADF : -EINVAL);
	map_refs[fd]++;
	return maps[fd];
}

void bpf_map_put(struct bpf_map *map)
{
	for (u32 fd = 0; fd < FD_END; fd++)
		if (maps[fd] == map) {
			map_refs[fd]--;
			return;
		}
	abort();
}

static u64 print_some(u64 fmt, u64 size, u64 a, u64 b, u64 c)
{
	u64 sum = size;

	for (u32 i = 0; i < (u32)size; i++)
		sum += ((u8 *)(uintptr_t)fmt)[i];
	return sum;
}

/* Never called: no map here may be given to it. */
const struct bpf_func_proto bpf_tail_call_proto = {
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_CTX, ARG_CONST_MAP_PTR, ARG_ANYTHING },
};

const struct bpf_func_proto *bpf_get_trace_printk_proto(void)
{
	static const struct bpf_func_proto proto = {
		.func		= print_some,
		.gpl_only	= true,
		.ret_type	= RET_INTEGER,
		.arg_type	= { ARG_PTR_TO_MEM, ARG_CONST_SIZE },
	};

	return &proto;
}

/* ---- packets ---------------------------------------------------------------------- */

#define PACKET_ROOM	128
#define HEADROOM	14

u8 world_packet_bytes[PACKET_ROOM];
static struct net_device device;
static struct skb_shared_info shinfo;
static struct sk_buff packet;

struct sk_buff *world_packet(u64 seed)
{
	u64 state = seed | 1;
	u8 *p = (u8 *)&packet;

	for (u32 i = 0; i < PACKET_ROOM; i++)
		world_packet_bytes[i] = world_random(&state);
	for (u32 i = 0; i < sizeof(packet); i++)
		p[i] = world_random(&state);
	device.ifindex = world_random(&state) % 5;
	device.type = world_random(&state);
	shinfo.gso_size = world_random(&state);
	shinfo.gso_segs = world_random(&state);
	packet.dev = world_random(&state) % 4 ? &device : NULL;
	packet.head = world_packet_bytes;
	packet.data = packet.head + (world_random(&state) % 2 ? HEADROOM : 0);
	packet.len = world_random(&state) % (PACKET_ROOM - HEADROOM + 1);
	packet.data_len = 0;
	packet.end = (u8 *)&shinfo;
	packet.mac_header = world_random(&state) % 8 ? 0 : (u16)~0;
	packet.network_header = HEADROOM;
	packet.napi_id = world_random(&state) % 30;
	return &packet;
}

/*
 * Offsets from SKF_LL_OFF and SKF_NET_OFF count from the link and the network
 * layer header; the bytes must lie in what belongs to the packet.
 */
bool world_packet_load(const struct sk_buff *skb, s64 off, u32 size, u32 *val)
{
	s64 at = (skb->data - skb->head) + off;
	s64 end = (skb->data - skb->head) + (s64)skb->len;

	if (off < SKF_LL_OFF)
		return false;
	if (off < SKF_NET_OFF) {
		if (skb->mac_header == (u16)~0)
			return false;
		at = skb->mac_header + (off - SKF_LL_OFF);
	} else if (off < 0) {
		at = skb->network_header + (off - SKF_NET_OFF);
	}
	if (at < 0 || at + size > end)
		return false;
	*val = 0;
	while (size--)
		*val = *val << 8 | skb->head[at++];
	return true;
}

/* ---- loads ------------------------------------------------------------------------- */

static u32 patience, pauses;

bool load_killed(void)
{
	return patience && ++pauses > patience;
}

static unsigned long value_at(struct bpf_map *map)
{
	u32 stride;

	return map ? (unsigned long)map->ops->map_elements(map, &stride) : 0;
}

static const char *check_log(const struct world_load *load)
{
	char address[24];

	if (!load->log || user_memory_gone || load->err == -EINVAL || load->err == -ENOMEM)
		return NULL;
	if (!memchr(load->log, 0, load->log_size))
		return "log is not terminated";
	for (u32 fd = 0; fd < FD_END; fd++) {
		snprintf(address, sizeof(address), "%lx", (unsigned long)maps[fd]);
		if (maps[fd] && strstr(load->log, address))
			return "log shows an address";
		snprintf(address, sizeof(address), "%lx", value_at(maps[fd]));
		if (value_at(maps[fd]) && strstr(load->log, address))
			return "log shows the address of a value";
	}
	/* Without memory there is less text. */
	return load->allocations < 0 && !strstr(load->log, "processed ") ?
	       "log has no summary" : NULL;
}

/* Two slots, or one. */
static u32 slots(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1;
}

static bool helper_exists(s32 distance)
{
	for (u32 id = 0; id < 256; id++) {
		const struct bpf_func_proto *proto =
			sk_filter_verifier_ops.get_func_proto(id, NULL);

		if (proto && BPF_CALL_IMM(proto->func) == distance)
			return true;
	}
	for (u32 fd = 0; fd < FD_END; fd++)
		if (maps[fd] && BPF_CALL_IMM(maps[fd]->ops->map_lookup_func) == distance)
			return true;
	return false;
}

/* Where control goes from @at besides the next slot; @at itself if nowhere. */
static s64 target(const struct bpf_insn *insn, u32 at)
{
	u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	if ((class != BPF_JMP && class != BPF_JMP32) || op == BPF_CALL || op == BPF_EXIT)
		return at;
	return (s64)at + 1 + (insn->code == (BPF_JMP32 | BPF_JA) ? insn->imm : insn->off);
}

/* Lowered code names nothing of user space and stays inside itself. */
static const char *check_lowered(const struct bpf_prog *prog)
{
	u8 *starts = calloc(prog->len + 1, 1);
	const char *wrong = NULL;
	u32 i, last = 0;

	for (i = 0; i < prog->len; i += slots(&prog->insnsi[i])) {
		const struct bpf_insn *insn = &prog->insnsi[i];

		last = i;
		starts[i] = 1;
		if (slots(insn) == 2 && insn->src_reg)
			wrong = "lowered program has a pseudo instruction";
		if (insn->code == (BPF_JMP | BPF_CALL) &&
		    (insn->src_reg || !helper_exists(insn->imm)))
			wrong = "lowered program calls nothing known";
	}
	if (i != prog->len)
		wrong = "lowered program ends in half an instruction";
	else if (prog->insnsi[last].code != (BPF_JMP | BPF_EXIT) &&
		 BPF_OP(prog->insnsi[last].code) != BPF_JA)
		wrong = "lowered program can run on";
	for (i = 0; i < prog->len; i++) {
		s64 to = starts[i] ? target(&prog->insnsi[i], i) : i;

		if (to < 0 || to >= prog->len || (starts[i] && !starts[to]))
			wrong = "lowered jump leads nowhere";
	}
	free(starts);
	return wrong;
}

static void release(struct bpf_prog *prog)
{
	for (u32 i = 0; i < prog->aux->used_map_cnt; i++)
		bpf_map_put(prog->aux->used_maps[i]);
	kfree(prog->aux->used_maps);
	__bpf_prog_free(prog);
}

/* What the load took is given back. */
static const char *check_rest(const struct world_load *load)
{
	if (machine_live != load->live)
		return "memory is left behind";
	return memcmp(load->refs, map_refs, sizeof(map_refs)) ?
	       "references are left behind" : NULL;
}

static const char *check_accepted(struct world_load *load)
{
	const char *wrong = check_lowered(load->prog);
	int err;

	load->prog = bpf_prog_select_runtime(load->prog, &err);
	return wrong ?: err ? "accepted program has no runtime" : NULL;
}

/**
 * world_check() - load a program
 * @load: what to load and how; receives the answer
 *
 * Return: what is wrong with the answer, or NULL.
 */
const char *world_check(struct world_load *load)
{
	union bpf_attr attr = {
		.prog_flags = load->prog_flags,
		.fd_array = (uintptr_t)load->fd_array,
	};
	struct bpf_prog *prog = bpf_prog_alloc(bpf_prog_size(load->len), 0);

	load->live = machine_live - 2;
	memcpy(load->refs, map_refs, sizeof(map_refs));
	memcpy(prog->insnsi, load->insns, load->len * sizeof(*load->insns));
	prog->len = load->len;
	prog->type = BPF_PROG_TYPE_SOCKET_FILTER;
	prog->gpl_compatible = load->gpl;
	prog->aux->type_desc = bpf_prog_type_find(prog->type);
	load->log = load->log_level ? malloc(load->log_size) : NULL;
	attr.log_level = load->log_level;
	attr.log_buf = (uintptr_t)load->log;
	attr.log_size = load->log_level ? load->log_size : 0;

	patience = load->patience;
	pauses = 0;
	machine_allocations_left = load->allocations;
	load->err = bpf_check(&prog, &attr);
	load->spare = machine_allocations_left;
	machine_allocations_left = -1;

	if (!load->err) {
		load->prog = prog;
		return check_accepted(load) ?: check_log(load);
	}
	load->prog = NULL;
	if (prog->aux->used_maps || prog->aux->used_map_cnt)
		return "refused program holds maps";
	release(prog);
	return check_rest(load) ?: check_log(load);
}

/* Forget a load. */
void world_unload(struct world_load *load)
{
	if (load->prog)
		release(load->prog);
	free(load->log);
	load->prog = NULL;
	load->log = NULL;
	if (check_rest(load))
		abort();
}
