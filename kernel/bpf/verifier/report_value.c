// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report's "because": the values the refused instruction takes, in words, the steps
 * that made them, and the branches on the way.
 *
 * Reads the state in front of the instruction, which checks leave as it was, and the
 * trail of the path. Says of a value only what the state holds now: of one that has
 * changed since, only which step made it.
 *
 * Must never follow a pointer of the program, nor print one.
 */
#include <linux/bits.h>
#include <linux/kernel.h>

#include "insn_valid.h"
#include "report.h"

/* Registers that are told of, steps told of each, branches. */
#define VALUES_MAX	3
#define ORIGINS_MAX	3
#define BRANCHES_MAX	6

/* A sum of offsets beyond this is none anybody meant. */
#define FAR		((s64)BIT_ULL(40))

static const struct bpf_insn *insn_at(const struct report *r)
{
	return &r->env->insns[r->at];
}

static const struct vreg *reg_of(const struct report *r, u32 regno)
{
	return &r->ex->cur->reg[regno];
}

/* ---- values in words --------------------------------------------------------------- */

static void number_words(const struct scalar *num, char *text, size_t size)
{
	if (scalar_is_const(num))
		snprintf(text, size, "the number %lld", (s64)scalar_const_value(num));
	else if (scalar_is_unknown(num))
		snprintf(text, size, "any number of 64 bits");
	else if (scalar_smin(num) >= 0)
		snprintf(text, size, "a number from %llu to %llu", scalar_umin(num),
			 scalar_umax(num));
	else if (scalar_smin(num) != S64_MIN || scalar_smax(num) != S64_MAX)
		snprintf(text, size, "a signed number from %lld to %lld", scalar_smin(num),
			 scalar_smax(num));
	else
		snprintf(text, size, "a number of 64 bits, some of them known");
}

/* "at offset 4", "at an offset from 0 to 255" */
static void offset_words(const struct vreg *reg, char *text, size_t size)
{
	s64 min = scalar_smin(&reg->num), max = scalar_smax(&reg->num);

	if (reg_is_fixed(reg))
		snprintf(text, size, "at offset %d", reg->off);
	else if (min < -FAR || max > FAR)
		snprintf(text, size, "at an offset that has no bound");
	else
		snprintf(text, size, "at an offset from %lld to %lld", min + reg->off,
			 max + reg->off);
}

static void packet_words(const struct vreg *reg, const char *offset, char *text, size_t size)
{
	const char *where = reg->kind == REG_PACKET ? "in the packet" : "in front of the packet";

	if (reg->range < 0)
		snprintf(text, size, "an address behind the end of the packet on this path");
	else if (reg->range)
		snprintf(text, size, "an address %s, %s, where %d bytes are proved to be", where,
			 offset, reg->range);
	else
		snprintf(text, size, "an address %s, %s, where no bytes are proved to be", where,
			 offset);
}

static void pointer_words(const struct vreg *reg, char *text, size_t size)
{
	char offset[80];

	offset_words(reg, offset, sizeof(offset));
	switch (reg->kind) {
	case REG_CTX:
		snprintf(text, size, "the context, %s", offset);
		break;
	case REG_MAP_PTR:
		snprintf(text, size, "a map, not one of its values");
		break;
	case REG_MAP_VALUE:
		snprintf(text, size, "an address in a map value of %u bytes, %s",
			 reg->map->value_size, offset);
		break;
	case REG_MAP_VALUE_OR_NULL:
		snprintf(text, size,
			 "a map value of %u bytes, or NULL: this path has not compared it with NULL",
			 reg->map->value_size);
		break;
	case REG_STACK:
		snprintf(text, size, "an address on the stack, %s from fp", offset);
		break;
	case REG_PACKET:
	case REG_PACKET_META:
		packet_words(reg, offset, text, size);
		break;
	case REG_PACKET_END:
		snprintf(text, size, "the end of the packet, which holds no bytes");
		break;
	default:
		snprintf(text, size, "nothing");
	}
}

static void value_words(const struct vreg *reg, char *text, size_t size)
{
	if (reg->kind == REG_SCALAR)
		number_words(&reg->num, text, size);
	else
		pointer_words(reg, text, size);
}

/* ---- which values --------------------------------------------------------------------- */

/* Rules that are not about values, or about all there are. */
static bool is_about_values(enum verifier_rule rule)
{
	switch (rule) {
	case RULE_CALL_UNKNOWN:
	case RULE_CALL_GPL:
	case RULE_FUNC_KIND:
	case RULE_PKT_LOAD:
	case RULE_REG_FP:
	case RULE_CFG_LOOP:
	case RULE_LIMIT:
		return false;
	default:
		return true;
	}
}

/* Those a helper's argument is about: itself, and the memory that goes with a size. */
static u32 argument_regs(const struct report *r, enum verifier_rule rule)
{
	u32 regno = r->ex->bad_arg;

	switch (rule) {
	case RULE_STACK_BOUNDS:
	case RULE_VALUE_BOUNDS:
	case RULE_PACKET_BOUNDS:
		if (regno > BPF_REG_1 && reg_of(r, regno)->kind == REG_SCALAR)
			return BIT(regno) | BIT(regno - 1);
		fallthrough;
	default:
		return regno ? BIT(regno) : 0;
	}
}

static u32 operand_regs(const struct report *r)
{
	const struct bpf_insn *insn = insn_at(r);
	const struct opcode *opcode = opcode_of(insn);
	u32 regs = 0;

	if (opcode->dst & USE_READ)
		regs |= BIT(insn->dst_reg);
	if (opcode->src & USE_READ)
		regs |= BIT(insn->src_reg);
	if (opcode->kind == INSN_PACKET)
		regs |= BIT(BPF_REG_6);
	if (opcode->kind == INSN_EXIT || (opcode->kind == INSN_ATOMIC && insn->imm == BPF_CMPXCHG))
		regs |= BIT(BPF_REG_0);
	return regs;
}

static u32 unwritten(const struct report *r, u32 regs)
{
	u32 regno;

	for (regno = 0; regno < MAX_BPF_REG; regno++)
		if (reg_of(r, regno)->kind != REG_NONE)
			regs &= ~BIT(regno);
	return regs;
}

/* Of a store or atomic: its address, and what is stored only if that is the matter. */
static u32 involved(const struct report *r, enum verifier_rule rule)
{
	const struct bpf_insn *insn = insn_at(r);
	u8 kind = opcode_of(insn)->kind;

	if (kind == INSN_CALL)
		return argument_regs(r, rule);
	if (rule == RULE_REG_UNINIT)
		return unwritten(r, operand_regs(r));
	if (kind == INSN_STX && rule != RULE_SPILL && rule != RULE_LEAK)
		return BIT(insn->dst_reg);
	if (kind == INSN_ATOMIC)
		return BIT(insn->dst_reg);
	return operand_regs(r);
}

/* ---- where they came from ---------------------------------------------------------------- */

static void show_step(struct report *r, const char *how, u32 pos)
{
	if (!report_begin(r))
		return;
	vlog(&r->env->log, "        %s ", how);
	report_insn(r, r->ex->trail.steps[pos].insn);
	report_end(r);
}

/* "R2", "fp-8" */
static void place_name(const struct trail_place *place, char *text, size_t size)
{
	if (place->is_slot)
		snprintf(text, size, "fp-%u", 8 * (place->number + 1));
	else
		snprintf(text, size, "R%u", place->number);
}

static void show_no_step(struct report *r, enum origin kind, const struct trail_place *place)
{
	char name[16];

	place_name(place, name, sizeof(name));
	switch (kind) {
	case ORIGIN_LOST:
		show_step(r, "lost, as R1 to R5 are, in the call", place->pos);
		break;
	case ORIGIN_NOWHERE:
		report_line(r, "        nothing on this path wrote %s", name);
		break;
	case ORIGIN_ENTRY:
		if (place->number == BPF_REG_1)
			report_line(r, "        from %s, the context of the program", name);
		break;
	default:
		break;
	}
}

/*
 * The steps that made a value, last first. @other receives the register that the last of
 * these also took, if it computed with two.
 */
static void show_origins(struct report *r, u32 regno, struct trail_place *other)
{
	const struct trail *trail = &r->ex->trail;
	struct trail_place place = {
		.pos = trail->count,
		.depth = r->ex->st->depth,
		.number = regno,
	};
	u32 n;

	other->number = MAX_BPF_REG;
	/* The refused instruction itself is the last step. */
	if (place.pos && trail->steps[place.pos - 1].insn == r->at)
		place.pos--;
	for (n = 0; n < ORIGINS_MAX; n++) {
		enum origin kind = trail_origin(trail, &place);
		const struct bpf_insn *insn;

		if (kind != ORIGIN_STEP) {
			show_no_step(r, kind, &place);
			return;
		}
		show_step(r, n ? "from" : "made by", place.pos);
		insn = &r->env->insns[trail->steps[place.pos].insn];
		if (!place.is_slot && opcode_of(insn)->kind == INSN_ALU &&
		    BPF_SRC(insn->code) == BPF_X && other->number == MAX_BPF_REG) {
			*other = place;
			other->number = insn->src_reg;
		}
		if (!trail_source(trail, &place))
			return;
	}
}

/* Does a register still hold what it held at an earlier step? */
static bool is_unchanged(const struct report *r, const struct trail_place *then)
{
	struct trail_place before = *then;
	struct trail_place now = {
		.pos = r->ex->trail.count,
		.depth = r->ex->st->depth,
		.number = then->number,
	};

	if (then->depth != now.depth)
		return false;
	return trail_origin(&r->ex->trail, &before) == ORIGIN_STEP &&
	       trail_origin(&r->ex->trail, &now) == ORIGIN_STEP && before.pos == now.pos;
}

static void show_value(struct report *r, u32 regno, struct trail_place *other)
{
	char words[160];

	value_words(reg_of(r, regno), words, sizeof(words));
	report_line(r, "    R%u %s %s", regno, reg_of(r, regno)->kind ? "is" : "holds", words);
	show_origins(r, regno, other);
}

/* The number that was added to an address, if it is not one of those told of already. */
static void show_other(struct report *r, const struct trail_place *other, u32 told)
{
	struct trail_place place = *other;

	if (other->number >= MAX_BPF_REG || told & BIT(other->number))
		return;
	if (is_unchanged(r, other)) {
		char words[160];

		value_words(reg_of(r, other->number), words, sizeof(words));
		report_line(r, "    R%u is %s", other->number, words);
	} else {
		report_line(r, "    R%u, as it was then", other->number);
	}
	if (trail_origin(&r->ex->trail, &place) == ORIGIN_STEP)
		show_step(r, "made by", place.pos);
}

/* ---- the way here ---------------------------------------------------------------------------- */

static bool is_branch(const struct report *r, u32 pos)
{
	return opcode_of(&r->env->insns[r->ex->trail.steps[pos].insn])->kind == INSN_JUMP;
}

/* The last branches, oldest first: "10 not taken, 14 taken". */
static void show_branches(struct report *r)
{
	const struct trail *trail = &r->ex->trail;
	struct vlog *log = &r->env->log;
	u32 i, n = 0, first = trail->count;

	for (i = trail->count; i-- > 0 && n < BRANCHES_MAX;) {
		if (!is_branch(r, i) || i + 1 == trail->count)
			continue;
		first = i;
		n++;
	}
	if (!n || !report_begin(r))
		return;
	vlog(log, "    the path: branch");
	for (i = first; i + 1 < trail->count; i++) {
		u32 insn = trail->steps[i].insn, to = trail->steps[i + 1].insn;

		if (is_branch(r, i))
			vlog(log, "%s at %u %s", i == first ? "" : ",", insn,
			     to == insn + 1 ? "not taken" : "taken");
	}
	report_end(r);
}

/**
 * report_values() - Say what the refused instruction takes, and from where
 * @r: The report.
 * @rule: The rule.
 *
 * Context: Process context, may sleep.
 */
void report_values(struct report *r, enum verifier_rule rule)
{
	struct trail_place other = { .number = MAX_BPF_REG };
	u32 regs, regno, n = 0;

	if (!is_about_values(rule))
		return;
	regs = involved(r, rule);
	if (!regs)
		return;
	report_line(r, "because:");
	for (regno = 0; regno < MAX_BPF_REG && n < VALUES_MAX; regno++) {
		struct trail_place added;

		if (!(regs & BIT(regno)))
			continue;
		show_value(r, regno, &added);
		if (added.number < MAX_BPF_REG)
			other = added;
		n++;
	}
	show_other(r, &other, regs);
	show_branches(r);
}

/* ---- the access ------------------------------------------------------------------- */

/* Memory that a helper was given: a map says how much, or the size behind it. */
static bool argument_access(const struct report *r, struct access *access)
{
	const struct bpf_func_proto *proto;
	u32 regno = r->ex->bad_arg;
	const struct vreg *reg;

	if (!regno)
		return false;
	proto = r->env->ops->get_func_proto(insn_at(r)->imm, r->env->prog);
	if (!proto)
		return false;
	reg = reg_of(r, regno);
	access->is_indirect = true;
	switch (proto->arg_type[regno - 1]) {
	case ARG_PTR_TO_MAP_KEY:
	case ARG_PTR_TO_MAP_VALUE:
		if (reg_of(r, BPF_REG_1)->kind != REG_MAP_PTR)
			return false;
		access->regno = regno;
		access->size = proto->arg_type[regno - 1] == ARG_PTR_TO_MAP_KEY ?
			       reg_of(r, BPF_REG_1)->map->key_size :
			       reg_of(r, BPF_REG_1)->map->value_size;
		return true;
	case ARG_CONST_SIZE:
	case ARG_CONST_SIZE_OR_ZERO:
		if (reg->kind != REG_SCALAR || scalar_umax(&reg->num) > U32_MAX)
			return false;
		access->regno = regno - 1;
		access->size = scalar_umax(&reg->num);
		return true;
	default:
		return false;
	}
}

/**
 * report_access() - Which memory the refused instruction accesses
 * @r: The report, of an exploration.
 * @access: Written.
 *
 * Context: Any context.
 * Return: false if that cannot be told.
 */
bool report_access(const struct report *r, struct access *access)
{
	const struct bpf_insn *insn = insn_at(r);

	*access = (struct access){ .off = insn->off };
	switch (opcode_of(insn)->kind) {
	case INSN_CALL:
		access->off = 0;
		return argument_access(r, access);
	case INSN_LDX:
		access->regno = insn->src_reg;
		access->type = BPF_READ;
		break;
	case INSN_ST:
	case INSN_STX:
	case INSN_ATOMIC:
		access->regno = insn->dst_reg;
		access->type = BPF_WRITE;
		break;
	default:
		return false;
	}
	access->size = bpf_size_to_bytes(BPF_SIZE(insn->code));
	return true;
}
