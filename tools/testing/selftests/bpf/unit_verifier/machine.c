// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs accepted programs on the reference machine with real memory, and watches.
 *
 * Independent of any state the verifier was in, a run must
 *
 *	- read and write inside objects only, itself and through helpers;
 *	- read no register that was never written;
 *	- reach only what was seen, access only what was noted of the instruction,
 *	  hand the noted map to helpers, stay above the depth of the stack and
 *	  below the end of the context;
 *	- read nothing that was said not to be live since it was written;
 *	- touch only those bytes of the packet that are there, where the packet is now:
 *	  helpers that may move it do, and change its length.
 *
 * Context, map values, packet and results of helpers are random, but rich in the
 * numbers the program compares with, so that all edges are taken.
 */
#include <sys/mman.h>

#include "../map_freeze.h"
#include "insn_valid.h"
#include "machine.h"
#include "packet.h"

#define GAP		1024
#define MAX_OBJECTS	32	/* different maps of a program */
#define ELEMS		2	/* elements of a map that a run sees */
#define RANDOM_BYTES	256	/* of a value; the rest stays as it is */
#define POOL		256
#define PACKET_BYTES	96	/* at most, and as many in front */

char machine_error[256];

bool machine_wrong(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(machine_error, sizeof(machine_error), fmt, args);
	va_end(args);
	return false;
}

/* ---- chance -------------------------------------------------------------------- */

static u64 random_state;

/* Constants of the program. */
static u64 pool[POOL];
static u32 npool;

void random_seed(u64 seed)
{
	random_state = seed * 2862933555777941757ULL + 3037000493ULL;
}

u64 random_below(u64 limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % limit;
}

static u64 random_number(void)
{
	switch (random_below(8)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return random_below(20);
	case 3:
		return random_below(256);
	case 4:
		return random_below(~0ULL) << 11 ^ random_below(1 << 11);
	default:
		return npool ? pool[random_below(npool)] + random_below(3) - 1 :
			       random_below(1ULL << 32);
	}
}

static void randomise(u8 *p, size_t size)
{
	for (size_t i = 0; i + 8 <= size; i += 8) {
		u64 v = random_number();

		if (random_below(2))
			v = (u32)v | random_number() << 32;
		memcpy(p + i, &v, 8);
	}
}

/* ---- objects ---------------------------------------------------------------------- */

static struct {
	struct {
		u8 gap[GAP];
		u8 bytes[MAX_BPF_STACK];
	} stack[BPF_MAX_FRAMES];
	u8 gap1[GAP];
	u8 ctx[256];
	u8 gap2[GAP];
} world;

/*
 * Packets lie about an address of which the lower half is 0, so that lower halves by
 * themselves tell nothing. Where the packet is just now:
 */
#define HALF_ADDRESS	(1ULL << 32)
#define PACKET_ROOM	65536
static u8 *packet_room;
static const u8 *packet_meta, *packet_data, *packet_end;

/* Elements of the maps a program names; of those that never change where they are. */
static struct object {
	const struct bpf_map *map;
	u8 *elems;
	u8 *constant;
	size_t stride;
} objects[MAX_OBJECTS];
static u32 nobjects;

static u64 address(const void *p)
{
	return (u64)(uintptr_t)p;
}

static u8 *element(const struct object *object, u32 n)
{
	return object->constant ?: object->elems + GAP + n * object->stride;
}

static u32 elements(const struct object *object)
{
	return object->map->max_entries == 1 ? 1 : ELEMS;
}

static const struct object *object_of(const struct bpf_map *map)
{
	for (u32 i = 0; i < nobjects; i++)
		if (objects[i].map == map)
			return &objects[i];
	return NULL;
}

static void add_object(const struct bpf_map *map)
{
	struct object *object = &objects[nobjects];
	size_t stride = ALIGN((size_t)map->value_size, 8) + GAP;

	if (nobjects == MAX_OBJECTS || object_of(map))
		return;
	object->map = map;
	object->constant = map_is_constant(map) && map->max_entries == 1 ? load_value(map) : NULL;
	object->stride = stride;
	object->elems = calloc(1, GAP + ELEMS * stride);
	nobjects += !!object->elems;
}

static void make_packet_room(void)
{
	u64 at = 5000 * HALF_ADDRESS;	/* above what sanitizers keep for themselves */
	void *pages = MAP_FAILED;

	for (; pages == MAP_FAILED && at < 8000 * HALF_ADDRESS; at += HALF_ADDRESS)
		pages = mmap((void *)(uintptr_t)(at - PACKET_ROOM), 2 * PACKET_ROOM, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (pages == MAP_FAILED)
		abort();
	packet_room = (u8 *)pages + PACKET_ROOM - 2 * PACKET_BYTES;
}

void machine_prepare(const struct load *load)
{
	if (!packet_room)
		make_packet_room();

	while (nobjects)
		free(objects[--nobjects].elems);
	npool = 0;
	for (u32 i = 0; i < load->len; i += insn_slots(&load->insns[i])) {
		const struct bpf_insn *insn = &load->insns[i];

		if (load->aux[i].map)
			add_object(load->aux[i].map);
		else if (opcode_of(insn)->kind == INSN_WIDE && npool < POOL)
			pool[npool++] = (u64)(u32)insn[1].imm << 32 | (u32)insn->imm;
		else if (insn->imm && npool < POOL)
			pool[npool++] = (s64)insn->imm;
	}
}

static bool within(u64 addr, u64 size, const u8 *object, u64 room)
{
	return addr >= address(object) && size <= room &&
	       addr - address(object) <= room - size;
}

static bool in_value(u64 addr, u64 size, const struct bpf_map *map)
{
	for (u32 i = 0; i < nobjects; i++)
		for (u32 e = 0; e < elements(&objects[i]); e++)
			if ((!map || objects[i].map == map) &&
			    within(addr, size, element(&objects[i], e),
				   objects[i].map->value_size))
				return true;
	return false;
}

/* In one that never changes. */
static bool in_constant(u64 addr, u64 size)
{
	for (u32 i = 0; i < nobjects; i++)
		if (objects[i].constant &&
		    within(addr, size, objects[i].constant, objects[i].map->value_size))
			return true;
	return false;
}

static u64 stack_top(u32 frame)
{
	return address(world.stack[frame].bytes + MAX_BPF_STACK);
}

/* The function to whose stack the memory belongs, one that has not returned. */
static struct activation *owner_of(struct machine *m, u64 addr, u64 size)
{
	for (u32 f = 0; f <= m->depth; f++)
		if (within(addr, size, world.stack[f].bytes, MAX_BPF_STACK))
			return &m->frame[f];
	return NULL;
}

u64 machine_reg(const struct machine *m, u32 frame, u32 regno)
{
	return frame == m->depth ? m->ref.reg[regno] : m->frame[frame].reg[regno];
}

u64 machine_slot(u32 frame, u32 slot)
{
	u64 v;

	memcpy(&v, world.stack[frame].bytes + MAX_BPF_STACK - 8 * (slot + 1), 8);
	return v;
}

/*
 * Bytes that are there, above the base of the pointer; they may be none. The packet of
 * a run begins at any address and has any length, so that each run has another answer
 * to what a program compares.
 */
static void place_packet(struct machine *m)
{
	u64 meta = random_below(2) ? random_below(PACKET_BYTES) : 0;
	u64 start = random_below(PACKET_BYTES), len = random_below(PACKET_BYTES + 1);

	packet_meta = packet_room + start;
	packet_data = packet_meta + meta;
	packet_end = packet_data + len;
	m->ref.packet = (u8 *)packet_data;
	m->ref.packet_len = len;
}

static bool in_packet(u64 addr, u64 size)
{
	return within(addr, size, packet_meta, packet_end - packet_meta);
}

static u64 packet_address(enum bpf_ctx_value value)
{
	switch (value) {
	case BPF_CTX_PACKET:
		return address(packet_data);
	case BPF_CTX_PACKET_END:
		return address(packet_end);
	default:
		return address(packet_meta);
	}
}

/* Does what is claimed of a pointer hold, and of the bytes above its base? */
static bool packet_points(const struct vreg *reg, u64 addr)
{
	bool is_meta = reg->kind == REG_PACKET_META;
	const u8 *base = is_meta ? packet_meta : packet_data;
	const u8 *end = is_meta ? packet_data : packet_end;
	u64 var = addr - address(base) - reg->off;

	if (!scalar_contains(&reg->num, var))
		return false;
	switch (reg->range) {
	case PACKET_BEYOND_END:
		return addr > address(end);
	case PACKET_AT_END:
		return addr >= address(end);
	default:
		return (s64)var < 0 || !reg->range ||
		       within(address(base) + var, reg->range, base, end - base);
	}
}

/* Is the address one that the pointer may be? */
bool machine_points(const struct vreg *reg, u64 addr)
{
	const struct object *object;

	switch (reg->kind) {
	case REG_PACKET:
	case REG_PACKET_META:
		return packet_points(reg, addr);
	case REG_PACKET_END:
		return addr == address(packet_end);
	case REG_CTX:
		return scalar_contains(&reg->num,
				       addr - address(world.ctx) - reg->off);
	case REG_STACK:
		return scalar_contains(&reg->num,
				       addr - stack_top(reg->frame) - reg->off);
	case REG_MAP_PTR:
		return scalar_contains(&reg->num,
				       addr - address(reg->map) - reg->off);
	case REG_MAP_VALUE_OR_NULL:
		if (!addr)
			return true;
		fallthrough;
	case REG_MAP_VALUE:
		object = object_of(reg->map);
		for (u32 e = 0; object && e < elements(object); e++)
			if (scalar_contains(&reg->num,
					    addr - address(element(object, e)) -
					    reg->off))
				return true;
		return false;
	default:
		return false;
	}
}

/* ---- what an instruction does to registers ------------------------------------------- */

struct effect {
	u16 reads;
	u16 writes;
	u16 spoils;
};

#define SCRATCH		0x3e	/* R1-R5 */

static struct effect call_effect(const struct bpf_func_proto *proto)
{
	struct effect e = { .spoils = SCRATCH, .writes = 1 };

	for (u32 i = 0; i < MAX_BPF_FUNC_ARGS; i++)
		if (proto->arg_type[i] != ARG_NONE)
			e.reads |= 2 << i;
	if (proto->ret_type == RET_VOID)
		e.spoils |= 1;
	return e;
}

static const struct bpf_verifier_ops *ops_of(const struct load *load)
{
	return load->ops ?: &load_model_ops;
}

static struct effect effect_of(const struct load *load, const struct bpf_insn *insn,
			       bool called)
{
	const struct opcode *op = opcode_of(insn);
	struct effect e = {};

	if (op->dst & USE_READ)
		e.reads |= 1 << insn->dst_reg;
	if (op->src & USE_READ)
		e.reads |= 1 << insn->src_reg;
	if (op->dst & USE_WRITE)
		e.writes |= 1 << insn->dst_reg;
	switch (op->kind) {
	case INSN_CALL:
		if (insn_calls_function(insn))
			return e;
		return call_effect(ops_of(load)->get_func_proto(insn->imm, NULL));
	case INSN_ATOMIC:
		if (insn->imm == BPF_CMPXCHG) {
			e.reads |= 1;
			e.writes |= 1;
		} else if (insn->imm & BPF_FETCH) {
			e.writes |= 1 << insn->src_reg;
		}
		break;
	case INSN_PACKET:
		e.reads |= 1 << BPF_REG_6;
		e.writes |= 1;
		e.spoils |= SCRATCH;
		break;
	case INSN_EXIT:
		e.reads |= called ? 0 : 1;
		break;
	}
	return e;
}

static bool may_read(const struct machine *m, u16 regs)
{
	const struct activation *frame = &m->frame[m->depth];

	if (regs & ~frame->init_regs)
		return machine_wrong("reads registers %#x, never written",
				     regs & ~frame->init_regs);
	if (regs & frame->dead_regs)
		return machine_wrong("reads registers %#x, said to be dead",
				     regs & frame->dead_regs);
	return true;
}

/* ---- memory --------------------------------------------------------------------------- */

/* Bytes of slot @s in a range that starts @low above fp-512. */
static u8 bytes_of_slot(u32 s, u64 low, u64 size)
{
	u64 first = MAX_BPF_STACK - 8 * (s + 1);
	u8 bytes = 0;

	for (u32 b = 0; b < 8; b++)
		if (first + b >= low && first + b < low + size)
			bytes |= 1 << b;
	return bytes;
}

static bool note_stack(struct machine *m, struct activation *frame, u64 addr, u64 size,
		       bool read, bool write)
{
	u64 low = addr - address(world.stack[frame - m->frame].bytes);

	if (MAX_BPF_STACK - low > frame->depth)
		return machine_wrong("stack at fp-%llu, deeper than noted",
				     MAX_BPF_STACK - low);
	for (u32 s = 0; s < FRAME_SLOTS; s++) {
		u8 bytes = bytes_of_slot(s, low, size);

		if (bytes && read && frame->dead_slots >> s & 1)
			return machine_wrong("reads slot fp-%u, said to be dead",
					     8 * (s + 1));
		if (!write)
			continue;
		frame->init_slots[s] |= bytes;
		if (bytes == ALL_BYTES)
			frame->dead_slots &= ~(1ULL << s);
	}
	return true;
}

static bool access_memory(struct machine *m, u64 addr, u64 size, bool read,
			  bool write)
{
	struct activation *frame = owner_of(m, addr, size);
	u8 mem = m->load->aux[m->ref.pc].mem;

	if (frame) {
		if (mem != MEM_STACK && mem != MEM_MIXED)
			return machine_wrong("the stack, noted was %u", mem);
		return note_stack(m, frame, addr, size, read, write);
	}
	if (write && in_constant(addr, size))
		return machine_wrong("writes to what never changes");
	if (in_value(addr, size, NULL))
		return mem == MEM_MAP_VALUE || mem == MEM_MIXED ||
		       machine_wrong("a map value, noted was %u", mem);
	if (within(addr, size, world.ctx, m->load->max_ctx_offset))
		return mem == MEM_CTX ||
		       machine_wrong("the context, noted was %u", mem);
	if (in_packet(addr, size) && read && write)
		return machine_wrong("an atomic on the packet");
	if (in_packet(addr, size))
		return mem == MEM_PACKET || mem == MEM_MIXED ||
		       machine_wrong("the packet, noted was %u", mem);
	return machine_wrong("access outside of any object");
}

static bool check_memory(struct machine *m, const struct bpf_insn *insn)
{
	u8 kind = opcode_of(insn)->kind;
	u32 base = kind == INSN_LDX ? insn->src_reg : insn->dst_reg;

	if (kind != INSN_LDX && kind != INSN_ST && kind != INSN_STX &&
	    kind != INSN_ATOMIC)
		return true;
	return access_memory(m, m->ref.reg[base] + insn->off,
			     bpf_size_to_bytes(BPF_SIZE(insn->code)),
			     kind == INSN_LDX || kind == INSN_ATOMIC,
			     kind != INSN_LDX);
}

/* ---- helpers --------------------------------------------------------------------------- */

static bool helper_memory(struct machine *m, const struct bpf_func_proto *proto,
			  u64 addr, u64 size, bool fills)
{
	struct activation *frame = owner_of(m, addr, size);
	bool packet = proto->packet_access && !fills && in_packet(addr, size);

	if (!size)
		return true;
	if (frame) {
		if (!note_stack(m, frame, addr, size, !fills, fills))
			return false;
	} else if (!in_value(addr, size, NULL) && !packet) {
		return machine_wrong("helper's memory is outside of any object");
	} else if (fills && in_constant(addr, size)) {
		return machine_wrong("helper writes to what never changes");
	}
	if (fills)
		for (u64 i = 0; i < size; i++)
			((u8 *)(uintptr_t)addr)[i] = random_number();
	return true;
}

static bool helper_map(struct machine *m, const struct bpf_map *map)
{
	const struct insn_aux *aux = &m->load->aux[m->ref.pc];

	if (!object_of(map))
		return machine_wrong("helper's map is none of the program's");
	return aux->call_map_poison || aux->call_map == map ||
	       machine_wrong("helper's map is not the one noted");
}

/* A key, and that it is what was noted of all visits. */
static bool helper_key(struct machine *m, const struct bpf_func_proto *proto,
		       const struct bpf_map *map, u64 arg)
{
	const struct insn_aux *aux = &m->load->aux[m->ref.pc];
	u32 key;

	if (!helper_memory(m, proto, arg, map->key_size, false))
		return false;
	if (aux->call_map_poison || map->key_size != sizeof(key))
		return true;
	if (aux->key_off == FACT_SAME && arg != m->ref.reg[BPF_REG_FP] + aux->call_key_off)
		return machine_wrong("key is not where it was noted");
	memcpy(&key, (void *)(uintptr_t)arg, sizeof(key));
	if (aux->key == FACT_SAME && key != aux->call_key)
		return machine_wrong("key is not the one noted");
	return true;
}

/* A number: if it is the slot of a tail call, it is the one that was noted. */
static bool helper_index(struct machine *m, u64 arg)
{
	const struct insn_aux *aux = &m->load->aux[m->ref.pc];

	return aux->key != FACT_SAME || (u32)arg == aux->call_key ||
	       machine_wrong("index is not the one noted");
}

static bool helper_arg(struct machine *m, const struct bpf_func_proto *proto,
		       u32 n)
{
	const struct bpf_map *map = (void *)(uintptr_t)m->ref.reg[BPF_REG_1];
	u64 arg = m->ref.reg[BPF_REG_1 + n];
	u64 next = m->ref.reg[BPF_REG_2 + n];

	switch (proto->arg_type[n]) {
	case ARG_CONST_MAP_PTR:
		return helper_map(m, (void *)(uintptr_t)arg);
	case ARG_PTR_TO_MAP_KEY:
		return helper_key(m, proto, map, arg);
	case ARG_PTR_TO_MAP_VALUE:
		return helper_memory(m, proto, arg, map->value_size, false);
	case ARG_PTR_TO_CTX:
		return arg == address(world.ctx) ||
		       machine_wrong("helper's context is another address");
	case ARG_PTR_TO_MEM:
	case ARG_PTR_TO_MEM_OR_NULL:
		return helper_memory(m, proto, arg, next, false);
	case ARG_PTR_TO_UNINIT_MEM:
		return helper_memory(m, proto, arg, next, true);
	case ARG_ANYTHING:
		return helper_index(m, arg);
	case ARG_CONST_SIZE:
		return arg || machine_wrong("helper's size is 0");
	default:
		return true;
	}
}

/* Others may change a map at any time; helpers are a good moment. */
static void disturb_maps(void)
{
	for (u32 i = 0; i < nobjects; i++) {
		u32 e = random_below(elements(&objects[i]));

		if (random_below(2) && !objects[i].constant)
			randomise(element(&objects[i], e),
				  min(objects[i].map->value_size, RANDOM_BYTES));
	}
}

static bool call_helper(struct machine *m, const struct bpf_insn *insn)
{
	const struct bpf_func_proto *proto =
		ops_of(m->load)->get_func_proto(insn->imm, NULL);
	const struct object *object;

	for (u32 n = 0; n < MAX_BPF_FUNC_ARGS; n++)
		if (!helper_arg(m, proto, n))
			return false;
	if (proto->ret_type == RET_PTR_TO_MAP_VALUE_OR_NULL) {
		object = object_of((void *)(uintptr_t)m->ref.reg[BPF_REG_1]);
		m->ref.reg[0] = random_below(4) ?
			address(element(object, random_below(elements(object)))) : 0;
	} else {
		m->ref.reg[0] = random_number();
	}
	disturb_maps();
	if (proto->moves_packet)
		place_packet(m);
	m->ref.pc++;
	return true;
}

/* ---- functions of the program -------------------------------------------------------------- */

#define ARGUMENTS	SCRATCH
#define CALLEE_SAVED	0x3c0	/* R6-R9 */

static u32 depth_of_function(const struct load *load, u32 start)
{
	for (u32 f = 0; f < load->funcs; f++)
		if (load->func[f].start == start)
			return load->func[f].stack_depth;
	return 0;
}

/* The caller keeps what it was said to need behind the call, and what it showed. */
static void suspend(struct machine *m, struct activation *caller)
{
	u32 call = m->ref.pc;

	memcpy(caller->reg, m->ref.reg, sizeof(caller->reg));
	caller->init_regs &= CALLEE_SAVED | 1 << BPF_REG_10;
	caller->dead_regs |= ~m->load->live_regs[call + 1] & CALLEE_SAVED;
	if (!m->load->aux[call].shows_stack)
		caller->dead_slots |= ~m->load->live_stack[call + 1];
}

static bool enter_function(struct machine *m, const struct bpf_insn *insn)
{
	struct activation *caller = &m->frame[m->depth], *callee = caller + 1;
	u16 init = caller->init_regs & ARGUMENTS;

	if (m->depth + 1 == BPF_MAX_FRAMES)
		return machine_wrong("more than %u functions", BPF_MAX_FRAMES);
	suspend(m, caller);
	m->depth++;
	*callee = (struct activation){
		.call = m->ref.pc,
		.depth = depth_of_function(m->load, insn_callee(insn, m->ref.pc)),
		.init_regs = init | 1 << BPF_REG_10,
		.dead_regs = caller->dead_regs & ARGUMENTS,
	};
	for (u32 r = 0; r < MAX_BPF_REG; r++)
		if (!(ARGUMENTS >> r & 1))
			m->ref.reg[r] = random_below(~0ULL);
	m->ref.reg[BPF_REG_10] = stack_top(m->depth);
	m->ref.pc = insn_callee(insn, m->ref.pc);
	return true;
}

static void leave_function(struct machine *m)
{
	struct activation *callee = &m->frame[m->depth], *caller = callee - 1;
	u64 result = m->ref.reg[0];

	m->depth--;
	memcpy(m->ref.reg, caller->reg, sizeof(caller->reg));
	for (u32 r = BPF_REG_1; r <= BPF_REG_5; r++)
		m->ref.reg[r] = random_below(~0ULL);
	m->ref.reg[0] = result;
	caller->init_regs |= callee->init_regs & 1;
	caller->dead_regs = (caller->dead_regs & ~1) | (callee->dead_regs & 1);
	m->ref.pc = callee->call + 1;
}

/* ---- running ----------------------------------------------------------------------------- */

/* An address in the context, which shows less of it than there is. */
static bool load_address(struct machine *m, const struct bpf_insn *insn)
{
	const struct bpf_verifier_ops *ops = ops_of(m->load);
	const struct bpf_insn_access access = {
		.off = insn->off,
		.size = bpf_size_to_bytes(BPF_SIZE(insn->code)),
		.type = BPF_READ,
	};
	enum bpf_ctx_value value;

	if (opcode_of(insn)->kind != INSN_LDX || !ops->ctx_value ||
	    m->load->aux[m->ref.pc].mem != MEM_CTX)
		return false;
	value = ops->ctx_value(&access);
	if (value == BPF_CTX_NUMBER)
		return false;
	m->ref.reg[insn->dst_reg] = packet_address(value);
	if (BPF_MODE(insn->code) == BPF_MEMSX)
		m->ref.reg[insn->dst_reg] = (s32)packet_address(value);
	m->ref.pc++;
	return true;
}

/* The map itself, or the value it has, as the instruction says. */
static enum machine_state name_map(struct machine *m, const struct bpf_insn *insn)
{
	const struct bpf_map *map = m->load->aux[m->ref.pc].map;
	u8 kind = insn->src_reg;

	m->ref.reg[insn->dst_reg] = address(map);
	if (kind == BPF_PSEUDO_MAP_VALUE || kind == BPF_PSEUDO_MAP_IDX_VALUE)
		m->ref.reg[insn->dst_reg] = address(element(object_of(map), 0)) + (u32)insn[1].imm;
	m->ref.pc += 2;
	return MACHINE_RUNS;
}

/* Calls, maps and packets are not for the reference machine. */
static enum machine_state execute(struct machine *m, const struct bpf_insn *insn)
{
	if (insn_calls_function(insn))
		return enter_function(m, insn) ? MACHINE_RUNS : MACHINE_WRONG;
	if (opcode_of(insn)->kind == INSN_EXIT && m->depth) {
		leave_function(m);
		return MACHINE_RUNS;
	}
	if (load_address(m, insn))
		return MACHINE_RUNS;
	if (opcode_of(insn)->kind == INSN_CALL)
		return call_helper(m, insn) ? MACHINE_RUNS : MACHINE_WRONG;
	if (m->load->aux[m->ref.pc].map)
		return name_map(m, insn);
	switch (ref_step(&m->ref, m->load->insns)) {
	case REF_NEXT:
		return MACHINE_RUNS;
	case REF_END:
		return MACHINE_ENDED;
	default:
		machine_wrong("the reference machine does not know it");
		return MACHINE_WRONG;
	}
}

static void registers_after(struct machine *m, struct activation *frame, struct effect e)
{
	frame->init_regs = (frame->init_regs | e.writes) & ~e.spoils;
	frame->dead_regs &= ~(e.writes | e.spoils);
	for (u32 r = 0; r < MAX_BPF_REG; r++)
		if (e.spoils >> r & 1)
			m->ref.reg[r] = random_below(~0ULL);
}

enum machine_state machine_step(struct machine *m)
{
	const struct bpf_insn *insn = &m->load->insns[m->ref.pc];
	struct activation *frame = &m->frame[m->depth];
	struct effect e = effect_of(m->load, insn, m->depth);
	enum machine_state state;

	if (!m->load->aux[m->ref.pc].seen) {
		machine_wrong("reached what was never seen");
		return MACHINE_WRONG;
	}
	frame->dead_regs |= ~m->load->live_regs[m->ref.pc] & 0x3ff;
	frame->dead_slots |= ~m->load->live_stack[m->ref.pc];
	if (!may_read(m, e.reads) || !check_memory(m, insn))
		return MACHINE_WRONG;
	state = execute(m, insn);
	if (frame == &m->frame[m->depth])
		registers_after(m, frame, e);
	return state;
}

void machine_start(struct machine *m, const struct load *load, u64 seed)
{
	memset(m, 0, sizeof(*m));
	random_seed(seed);
	randomise((u8 *)&world, sizeof(world));
	randomise(packet_room, 4 * PACKET_BYTES);
	for (size_t i = 0; i < sizeof(world.ctx); i += 4)
		if (random_below(2))
			memset(world.ctx + i + 1, 0, 3);
	for (u32 i = 0; i < nobjects; i++)
		for (u32 e = 0; e < elements(&objects[i]) && !objects[i].constant; e++)
			randomise(element(&objects[i], e),
				  min(objects[i].map->value_size, RANDOM_BYTES));

	m->load = load;
	for (u32 r = 0; r < BPF_REG_10; r++)
		m->ref.reg[r] = random_below(~0ULL);
	m->ref.reg[BPF_REG_1] = address(world.ctx);
	m->ref.reg[BPF_REG_10] = stack_top(0);
	place_packet(m);
	m->frame[0].depth = load->func[0].stack_depth;
	m->frame[0].init_regs = 1 << BPF_REG_1 | 1 << BPF_REG_10;
}
