// SPDX-License-Identifier: GPL-2.0-only
/* See native.h. */
#include <sys/mman.h>

#include "decode.h"
#include "native.h"

u8 native_packet[PACKET_BYTES];
struct sk_buff native_skb;
int native_fail_allocation, native_live;
unsigned long native_decoded;
__weak int shim_warnings;

static u8 *image;
static u32 image_size, image_offset;
static struct jit_entries image_entries;
static struct jit_tail_site image_sites[SITES_MAX];
static u32 image_nsites;
static csh handle;

__weak void shim_warned(const char *file, int line)
{
}

/* ---- memory of the compiler, where the test has none ------------------------------ */

/* What nobody wrote must not be read: it is nothing one would expect. */
static void *allocate(size_t size, u8 content)
{
	void *p;

	if (native_fail_allocation && !--native_fail_allocation)
		return NULL;
	native_live++;
	p = malloc(size);
	return p ? memset(p, content, size) : NULL;
}

__weak void *kmalloc(size_t size, gfp_t gfp)
{
	return allocate(size, 0xa5);
}

__weak void *kzalloc(size_t size, gfp_t gfp)
{
	return allocate(size, 0);
}

__weak void kfree(const void *p)
{
	native_live -= !!p;
	free((void *)p);
}

/* ---- what programs call ----------------------------------------------------------- */

/* Programs do not align the stack for vector instructions: the kernel has none. */
#define CALLED	__attribute__((force_align_arg_pointer, no_sanitize("address", "undefined")))

unsigned long native_helper_frame;

CALLED u64 native_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	u64 value = r1 * 3 + r2 * 5 + r3 * 7 + r4 * 11 + r5 * 13;

	native_helper_frame = (unsigned long)__builtin_frame_address(0);

	/* Whatever may be lost in a call is. */
	asm volatile("mov $0x5a5a5a5a5a5a5a5a, %%rcx; mov %%rcx, %%rdx; mov %%rcx, %%rsi;"
		     "mov %%rcx, %%rdi; mov %%rcx, %%r8; mov %%rcx, %%r9; mov %%rcx, %%r10;"
		     "mov %%rcx, %%r11" ::: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
	return value;
}

u32 native_walked[16], native_walk_len;

/* @at: where the call returns to, @frame: what rbp was there. */
__attribute__((used)) CALLED u64 native_walk_from(u64 at, const u64 *frame)
{
	u64 base = (uintptr_t)native_image();

	for (native_walk_len = 0; native_walk_len < ARRAY_SIZE(native_walked); native_walk_len++) {
		if (at - base >= native_size())
			break;
		native_walked[native_walk_len] = at - base;
		at = frame[1];
		frame = (const u64 *)frame[0];
	}
	return 0;
}

asm(".pushsection .text\n"
    ".globl native_walk\n"
    "native_walk: mov (%rsp), %rdi; mov %rbp, %rsi; jmp native_walk_from\n"
    ".popsection");

CALLED s64 native_packet_load(const struct sk_buff *skb, int off, unsigned int bytes)
{
	s64 value = 0;

	if (!skb || skb->data_len != PACKET_BYTES - LINEAR_BYTES || (u64)(u32)off + bytes > PACKET_BYTES)
		return -EFAULT;
	while (bytes--)
		value = value << 8 | native_packet[off++];
	asm volatile("mov $0x5a5a5a5a5a5a5a5a, %%rcx; mov %%rcx, %%rdx; mov %%rcx, %%rsi;"
		     "mov %%rcx, %%rdi; mov %%rcx, %%r8; mov %%rcx, %%r9; mov %%rcx, %%r10;"
		     "mov %%rcx, %%r11" ::: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
	return value;
}

/* ---- images ------------------------------------------------------------------------ */

struct variant native_variants[VARIANTS] = {
	{ "bmi2", { .bmi2 = true, .movbe = true } },
	{ "no bmi2, sls, masks", { .bmi2 = false, .sls = true, .mask = true } },
	{ "bmi2, blind", { .bmi2 = true, .movbe = true, .blind = true } },
	{ "no bmi2, blind", { .bmi2 = false, .blind = true } },
	{ "ibt, thunks", { .bmi2 = true, .movbe = true, .ibt = true } },
	{ "no bmi2, blind, ibt, thunks, history, masks",
	  { .blind = true, .ibt = true, .sls = true, .mask = true } },
};

asm(".pushsection .text\n"
    "native_return_thunk: ret\n"
    "native_jump_thunk: jmp *%r11\n"
    "native_clear_history: mov $0x77777777, %eax; mov %eax, %ecx; incl native_cleared(%rip)\n"
    "	ret\n"
    ".popsection");
extern char native_return_thunk[], native_jump_thunk[], native_clear_history[];
unsigned int native_cleared;

void native_init(void)
{
	unsigned int i;

	handle = decode_open();
	image = mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (image == MAP_FAILED)
		abort();
	for (i = 0; i < PACKET_BYTES; i++)
		native_packet[i] = i * 37 + 129;
	native_skb.len = PACKET_BYTES;
	native_skb.data_len = PACKET_BYTES - LINEAR_BYTES;
	native_skb.data = malloc(LINEAR_BYTES);
	memcpy(native_skb.data, native_packet, LINEAR_BYTES);
	for (i = 0; i < VARIANTS; i++) {
		struct jit_target *t = &native_variants[i].target;

		t->seed = 0x1234567 * (i + 1);
		t->call_base = (uintptr_t)native_helper;
		t->packet_load = (uintptr_t)native_packet_load;
		if (t->ibt) {
			t->return_thunk = (uintptr_t)native_return_thunk;
			t->jump_thunk = (uintptr_t)native_jump_thunk;
		}
		if (t->ibt && t->sls)
			t->clear_history = (uintptr_t)native_clear_history;
	}
}

u8 *native_base(void)
{
	return image;
}

u8 *native_image(void)
{
	return image + image_offset;
}

u32 native_entry(void)
{
	return image_offset;
}

u8 *native_tail(void)
{
	return native_image() + image_entries.tail;
}

struct jit_entries native_entries(void)
{
	return image_entries;
}

u32 native_sites(struct jit_tail_site *sites)
{
	memcpy(sites, image_sites, image_nsites * sizeof(*sites));
	return image_nsites;
}

u32 native_size(void)
{
	return image_size;
}

static int protect(int prot)
{
	return mprotect(image, IMAGE_BYTES, prot);
}

int native_compile(const struct jit_program *program, const struct jit_target *target, u32 offset)
{
	struct jit *j = x86_jit_begin(program, target);
	int err;

	if (IS_ERR(j))
		return PTR_ERR(j);
	image_offset = offset;
	image_size = x86_jit_size(j);
	image_entries = x86_jit_entries(j);
	if (offset + image_size + 16 > IMAGE_BYTES || protect(PROT_READ | PROT_WRITE))
		abort();
	memset(image + offset + image_size, 0xcc, 16);
	err = x86_jit_write(j, image + offset, (uintptr_t)image + offset);
	if (image[offset + image_size] != 0xcc)
		err = -EOVERFLOW;
	image_nsites = err ? 0 : x86_jit_tail_sites(j);
	if (image_nsites > SITES_MAX)
		abort();
	for (u32 i = 0; i < image_nsites; i++)
		image_sites[i] = x86_jit_tail_site(j, i);
	x86_jit_end(j);
	if (protect(PROT_READ | PROT_EXEC))
		abort();
	return err;
}

/* As the kernel changes a jump of a program, but that nobody runs it meanwhile. */
void native_jump(u8 *at, const u8 *to)
{
	static const u8 nop[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	s32 distance = to - at - JIT_JUMP_BYTES;

	if (protect(PROT_READ | PROT_WRITE))
		abort();
	memcpy(at, nop, sizeof(nop));
	if (to) {
		*at = 0xe9;
		memcpy(at + 1, &distance, sizeof(distance));
	}
	if (protect(PROT_READ | PROT_EXEC))
		abort();
}

void native_trap(void *at, u32 size)
{
	if (protect(PROT_READ | PROT_WRITE))
		abort();
	memset(at, 0xcc, size);
	if (protect(PROT_READ | PROT_EXEC))
		abort();
}

/* ---- the decoder ----------------------------------------------------------------------- */

static bool is_direct(const cs_insn *insn, unsigned int group)
{
	return cs_insn_group(handle, insn, group) &&
	       insn->detail->x86.operands[0].type == X86_OP_IMM;
}

static bool outside_is_meant(u64 target)
{
	return target == (uintptr_t)native_return_thunk || target == (uintptr_t)native_jump_thunk;
}

/* What is known of each byte of an image. */
#define STARTS	1	/* an instruction starts there */
#define ENTERED	2	/* and control does not come to it from the one before */
#define CALLED_AT	4	/* and it is called */

static bool ends_flow(const cs_insn *insn)
{
	return insn->id == X86_INS_RET || insn->id == X86_INS_JMP || insn->id == X86_INS_INT3;
}

static bool jump_is_good(const u8 *marks, u64 target)
{
	if (outside_is_meant(target))
		return true;
	target -= (uintptr_t)native_image();
	return target < image_size && marks[target];
}

/* Helpers are outside. */
static bool call_is_good(u8 *marks, u64 target, struct image_facts *facts)
{
	target -= (uintptr_t)native_image();
	if (target >= image_size)
		return true;
	facts->called += !(marks[target] & CALLED_AT);
	marks[target] |= CALLED_AT;
	return marks[target] & ENTERED;
}

/* First every instruction is marked, then every jump and call is looked up. */
static bool scan(u8 *marks, bool jumps, struct image_facts *facts)
{
	const u8 *code = native_image();
	uint64_t address = (uintptr_t)code;
	size_t left = image_size;
	cs_insn *insn = cs_malloc(handle);
	bool good = true, ended = false;

	while (left && cs_disasm_iter(handle, &code, &left, &address, insn)) {
		u64 at = insn->address - (uintptr_t)native_image();

		facts->insns++;
		if (!jumps)
			marks[at] |= STARTS | (ended ? ENTERED : 0);
		else if (is_direct(insn, X86_GRP_JUMP))
			good &= jump_is_good(marks, insn->detail->x86.operands[0].imm);
		else if (is_direct(insn, X86_GRP_CALL))
			good &= call_is_good(marks, insn->detail->x86.operands[0].imm, facts);
		/* Padding may stand between. */
		ended = ends_flow(insn) || (ended && insn->id == X86_INS_NOP);
	}
	cs_free(insn, 1);
	return good && !left;
}

/*
 * A number that may stand in an image by chance stands there with one seed, and not
 * with the next.
 */
static bool shows(const struct jit_program *input, const struct jit_target *target, u64 value)
{
	struct jit_target other = *target;
	bool seen = native_has_constant(value);

	while (seen && other.seed++ < target->seed + 2) {
		if (native_compile(input, &other, image_offset))
			return true;
		seen = native_has_constant(value);
	}
	return seen;
}

/* Bytes that code has anyway prove nothing. */
static bool is_striking(u32 imm)
{
	unsigned int i;

	for (i = 0; i < sizeof(imm); i++, imm >>= 8)
		if (!(u8)imm || (u8)imm == 0xff)
			return false;
	return true;
}

static bool has_constant(const struct bpf_insn *insn)
{
	u8 class = BPF_CLASS(insn->code);

	if (class == BPF_LD || class == BPF_ST)
		return true;
	return class != BPF_LDX && class != BPF_STX && BPF_SRC(insn->code) == BPF_K &&
	       BPF_OP(insn->code) != BPF_CALL;
}

bool native_hides(const struct jit_program *input, const struct jit_target *target)
{
	const struct bpf_insn *insn = input->insns;
	u32 i;

	for (i = 0; i < input->len; i++, insn++)
		if (has_constant(insn) && is_striking(insn->imm) &&
		    shows(input, target, (u32)insn->imm))
			return false;
	return !native_compile(input, target, image_offset);
}

bool native_check_image(struct image_facts *facts)
{
	u8 *marks = calloc(1, image_size + 1);
	struct image_facts again = { 0 };
	bool good;

	*facts = (struct image_facts){ .bytes = image_size };
	good = scan(marks, false, facts) && scan(marks, true, &again);
	facts->called = again.called;
	native_decoded += facts->insns;
	free(marks);
	return good;
}

/* Does an instruction of the image carry these bits, as a constant or in memory? */
bool native_has_constant(u64 value)
{
	unsigned int bytes = value == (u32)value || value == (u64)(s64)(s32)value ? 4 : 8;
	const u8 *code = native_image();
	u32 i;

	for (i = 0; i + bytes <= image_size; i++)
		if (!memcmp(code + i, &value, bytes))
			return true;
	return false;
}

/* ---- running ---------------------------------------------------------------------------- */

/*
 * u64 call_checked(func, ctx, &changed): sets the registers a function must keep to
 * known values, calls, and tells whether one or the stack pointer is another.
 */
asm(".pushsection .text\n"
    "call_checked:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	push %rdx\n"
    "	mov %rdi, %rax\n"
    "	mov %rsi, %rdi\n"
    "	mov $0x1b1b1b1b, %ebx; mov $0x2b2b2b2b, %ebp; mov $0x3b3b3b3b, %r12d\n"
    "	mov $0x4b4b4b4b, %r13d; mov $0x5b5b5b5b, %r14d; mov $0x6b6b6b6b, %r15d\n"
    "	mov %rsp, saved_stack(%rip)\n"
    "	call *%rax\n"
    "	mov saved_stack(%rip), %rcx\n"
    "	sub %rsp, %rcx\n"
    "	add %rcx, %rsp\n"
    "	sub $0x1b1b1b1b, %rbx; or %rbx, %rcx; sub $0x2b2b2b2b, %rbp; or %rbp, %rcx\n"
    "	sub $0x3b3b3b3b, %r12; or %r12, %rcx; sub $0x4b4b4b4b, %r13; or %r13, %rcx\n"
    "	sub $0x5b5b5b5b, %r14; or %r14, %rcx; sub $0x6b6b6b6b, %r15; or %r15, %rcx\n"
    "	pop %rdx\n"
    "	mov %rcx, (%rdx)\n"
    "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	ret\n"
    ".popsection\n"
    ".pushsection .bss\n"
    "saved_stack: .quad 0\n"
    ".popsection");
extern u64 call_checked(void *func, void *ctx, u64 *changed);

bool native_run(u32 entry, void *ctx, u64 *result)
{
	u64 changed = 0;

	*result = call_checked(image + entry, ctx, &changed);
	return !changed;
}

static bool reference_call(struct ref_machine *m, const struct bpf_insn *insn)
{
	if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg)
		return false;
	m->reg[0] = native_helper(m->reg[1], m->reg[2], m->reg[3], m->reg[4], m->reg[5]);
	m->pc++;
	return true;
}

bool native_reference(const struct bpf_insn *program, u32 len, struct state *state, u64 *result)
{
	u64 stack[MAX_BPF_STACK / 8];
	struct ref_machine m = {
		.packet = native_packet,
		.packet_len = PACKET_BYTES,
	};
	enum ref_step step = REF_NEXT;

	m.reg[1] = (uintptr_t)state;
	m.reg[10] = (uintptr_t)(stack + ARRAY_SIZE(stack));
	while (step == REF_NEXT) {
		if (m.pc < 0 || m.pc >= len)
			return false;
		if (!reference_call(&m, &program[m.pc]))
			step = ref_step(&m, program);
	}
	*result = m.reg[0];
	return step == REF_END;
}

/* ---- framed programs ------------------------------------------------------------------------ */

static struct bpf_insn *load_state(struct bpf_insn *p)
{
	int i;

	*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_1, -8);
	for (i = 0; i < BODY_MEMORY / 8; i++) {
		*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1,
				   offsetof(struct state, memory[i]));
		*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0,
				   BODY_CENTRE - BODY_MEMORY / 2 + 8 * i);
	}
	for (i = 9; i >= 0; i--)
		if (i != 1)
			*p++ = BPF_LDX_MEM(BPF_DW, i, BPF_REG_1, offsetof(struct state, reg[i]));
	*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_1, offsetof(struct state, reg[1]));
	return p;
}

static struct bpf_insn *store_state(struct bpf_insn *p)
{
	int i;

	*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_1, -16);
	*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10, -8);
	for (i = 0; i < 10; i++)
		if (i != 1)
			*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_1, i, offsetof(struct state, reg[i]));
	*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, -16);
	*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, offsetof(struct state, reg[1]));
	for (i = 0; i < BODY_MEMORY / 8; i++) {
		*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10,
				   BODY_CENTRE - BODY_MEMORY / 2 + 8 * i);
		*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0,
				   offsetof(struct state, memory[i]));
	}
	*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 0);
	*p++ = BPF_EXIT_INSN();
	return p;
}

/* The body comes @loops times; an exit in it is a jump to the end. */
u32 frame_program(struct bpf_insn *out, const struct bpf_insn *body, u32 len, u32 loops)
{
	struct bpf_insn *p = out, *at;
	u32 i;

	if (loops > 1)
		*p++ = BPF_ST_MEM(BPF_DW, BPF_REG_10, LOOPS_OFF, loops);
	p = load_state(p);
	at = p;
	for (i = 0; i < len; i++) {
		*p++ = body[i];
		if (body[i].code == (BPF_JMP | BPF_EXIT))
			p[-1] = BPF_JMP_A(len - i - 1);
	}
	if (loops > 1) {
		*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, SPARE_OFF);
		*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, LOOPS_OFF);
		*p++ = BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, -1);
		*p++ = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, LOOPS_OFF);
		*p++ = BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2);
		*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, SPARE_OFF);
		*p = BPF_JMP_A(at - p - 1);
		p++;
		*p++ = BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_10, SPARE_OFF);
	}
	return store_state(p) - out;
}

static void complain(const struct bpf_insn *p, u32 len, const char *variant, const char *what)
{
	u32 i;

	printf("# %s: %s\n", variant, what);
	for (i = 0; i < len; i++)
		printf("#  %3u: code %02x dst r%u src r%u off %d imm %#x\n", i, p[i].code,
		       p[i].dst_reg, p[i].src_reg, p[i].off, p[i].imm);
}

static void differences(const struct state *got, const struct state *want)
{
	int i;

	for (i = 0; i < 10; i++)
		if (got->reg[i] != want->reg[i])
			printf("#  r%d is %#llx, not %#llx\n", i, got->reg[i], want->reg[i]);
	for (i = 0; i < BODY_MEMORY / 8; i++)
		if (got->memory[i] != want->memory[i])
			printf("#  memory[%d] is %#llx, not %#llx\n", i * 8, got->memory[i],
			       want->memory[i]);
}

bool native_same_program(const struct jit_program *input, const struct variant *v,
			 const struct state *start, bool look)
{
	struct state got = *start, want = *start;
	struct image_facts facts;
	u64 result, expected;
	const char *bad = NULL;

	if (!native_reference(input->insns, input->len, &want, &expected))
		bad = "not a program";
	else if (native_compile(input, &v->target, 16))
		bad = "does not compile";
	else if (look && !native_check_image(&facts))
		bad = "the decoder reads something else";
	else if (look && v->target.blind && !native_hides(input, &v->target))
		bad = "a constant shows";
	else if (!native_run(native_entry(), &got, &result))
		bad = "a register of the caller is lost";
	else if (result != expected || memcmp(&got, &want, sizeof(got)))
		bad = "another result";
	if (!bad)
		return true;
	complain(input->insns, input->len, v->name, bad);
	for (u32 i = 0; i < input->nfuncs; i++)
		printf("#  function at %u\n", input->funcs[i].start);
	differences(&got, &want);
	return false;
}

bool native_same(const struct bpf_insn *program, u32 len, const struct variant *v,
		 const struct state *start, bool look)
{
	const struct jit_program input = { program, len, BODY_STACK };

	return native_same_program(&input, v, start, look);
}
