/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of the eBPF subsystem: maps, programs, helper prototypes, program
 * types, links.
 *
 * Lifetime: maps and programs are counted. A map additionally counts its user
 * references (descriptors and, later, pins): when the last of those goes, maps
 * that hold other objects drop them, although programs may still use the map.
 * Both are freed after a grace period, from process context.
 */
#ifndef _LINUX_BPF_H
#define _LINUX_BPF_H

#include <uapi/linux/bpf.h>
#include <uapi/linux/filter.h>

#include <linux/bpf_func.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/jump_label.h>
#include <linux/kallsyms.h>
#include <linux/mm_types.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/percpu-refcount.h>
#include <linux/percpu.h>
#include <linux/rbtree_latch.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct bpf_array;
struct bpf_insn_access;
struct bpf_jit_image;
struct bpf_map;
struct bpf_prog;
struct bpf_prog_aux;
struct bpf_run_ctx;
struct bpf_tail_sites;
struct bpf_verifier_env;
struct btf;
struct mem_cgroup;
struct perf_event;
struct sk_psock;
struct sock;

/* ---- maps ---------------------------------------------------------------- */

/**
 * struct bpf_map_ops - behaviour of one map type
 * @map_alloc_check: all checks of MAP_CREATE that need no memory; -errno
 * @map_alloc: make the map; attr has passed @map_alloc_check; may sleep
 * @map_free: destroy a map nothing refers to any more; may sleep
 * @map_release_uref: the last user reference went; may sleep
 * @map_make_room: a system call is about to update: allocate what the update
 *	may need and could not; may sleep; failure shows in the update
 * @map_lookup_elem: address of the value of @key or NULL; called by programs in
 *	any context, under RCU
 * @map_lookup_func: the same as a helper, which programs that name the map call
 * @map_copy_elem: copy the value of @key to @value for user space; a copy is
 *	never a mix of two values where the type promises atomic replacement
 * @map_update_elem: insert or replace; any context, never sleeps
 * @map_delete_elem: remove; any context, never sleeps
 * @map_get_next_key: key after @key, first key if @key is NULL or unknown
 * @map_elements: where max_entries values lie, one @stride bytes after the other,
 *	as long as the map lives, if they do and the key is their 32-bit index;
 *	else NULL
 * @map_user_pages: memory from vmalloc that processes may map, whole pages of which
 *	nothing is secret, and how much in @size; -ENOTSUPP if the type has no such
 *	thing, -EINVAL if this map was not made for it
 * @user: what system calls do
 *
 * Registration refuses a table with a hole (bpf_map_types_init()): a type that
 * cannot do something says so by a function that returns an error.
 */
struct bpf_map_ops {
	int (*map_alloc_check)(const union bpf_attr *attr);
	struct bpf_map *(*map_alloc)(const union bpf_attr *attr);
	void (*map_free)(struct bpf_map *map);
	void (*map_release_uref)(struct bpf_map *map);
	void (*map_make_room)(struct bpf_map *map);
	void *(*map_lookup_elem)(struct bpf_map *map, void *key);
	u64 (*map_lookup_func)(u64 map, u64 key, u64 r3, u64 r4, u64 r5);
	int (*map_copy_elem)(struct bpf_map *map, void *key, void *value);
	int (*map_update_elem)(struct bpf_map *map, void *key, void *value,
			       u64 flags);
	int (*map_delete_elem)(struct bpf_map *map, void *key);
	int (*map_get_next_key)(struct bpf_map *map, void *key, void *next_key);
	void *(*map_elements)(struct bpf_map *map, u32 *stride);
	void *(*map_user_pages)(struct bpf_map *map, u64 *size);
	const struct bpf_map_user_ops *user;
};

/**
 * struct bpf_map_user_ops - where system calls do other things than programs
 * @update_elem: insert or replace; @file is the map's, the value is what user
 *	space wrote, a descriptor for instance; may sleep
 * @delete_elem: remove; may sleep
 * @release_file: a file of the map goes, its user reference is still there;
 *	may sleep
 * @show_fdinfo: lines about the map that only its type knows
 */
struct bpf_map_user_ops {
	int (*update_elem)(struct bpf_map *map, struct file *file, void *key,
			   void *value, u64 flags);
	int (*delete_elem)(struct bpf_map *map, void *key);
	void (*release_file)(struct bpf_map *map, struct file *file);
	void (*show_fdinfo)(struct bpf_map *map, struct seq_file *seq);
};

/* The helper itself, for maps that programs do not look into, or not often. */
u64 bpf_map_lookup_elem(u64 map, u64 key, u64 r3, u64 r4, u64 r5);

/* For maps whose values move or come and go. */
static inline void *bpf_map_no_elements(struct bpf_map *map, u32 *stride)
{
	return NULL;
}

/* For values that are in no process's memory. */
static inline void *bpf_map_no_user_pages(struct bpf_map *map, u64 *size)
{
	return ERR_PTR(-ENOTSUPP);
}

/* For values that are bytes: the operations of programs, kept from being interrupted. */
extern const struct bpf_map_user_ops bpf_map_plain_user_ops;

/**
 * struct bpf_map - what every map begins with
 * @ops: behaviour, never NULL
 * @map_type: BPF_MAP_TYPE_*
 * @key_size: bytes of a key
 * @value_size: bytes of a value as user space gave it
 * @max_entries: elements the map can hold
 * @id: number shown to user space
 * @map_flags: BPF_F_* given at creation
 * @numa_node: preferred node or NUMA_NO_NODE
 * @btf: type information of keys and values, a reference, or NULL
 * @btf_key_type_id: number of the key's type in it, or 0
 * @btf_value_type_id: number of the value's type
 * @refcnt: all references
 * @usercnt: references held by descriptors
 * @writers: of user space, under way; see map_freeze.h
 * @memcg: memory cgroup of the creator, charged also from program context
 * @security: LSM state
 * @name: name given at creation, may be empty
 * @work: defers the free to process context
 * @rcu: grace period before the free
 */
struct bpf_map {
	const struct bpf_map_ops *ops;
	enum bpf_map_type map_type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 id;
	u32 map_flags;
	int numa_node;
	struct btf *btf;
	u32 btf_key_type_id;
	u32 btf_value_type_id;
	refcount_t refcnt;
	refcount_t usercnt;
	atomic64_t writers;
#ifdef CONFIG_MEMCG_KMEM
	struct mem_cgroup *memcg;
#endif
#ifdef CONFIG_SECURITY
	void *security;
#endif
	char name[BPF_OBJ_NAME_LEN];
	struct work_struct work;
	struct rcu_head rcu;
};

/**
 * struct bpf_array - ARRAY and its relatives
 * @map: common part
 * @elem_size: distance of two elements in @value, value_size rounded up to 8
 * @index_mask: applied to an index that passed the bounds check, so that a
 *	mispredicted check cannot read outside (Spectre v1)
 * @value: inline elements
 * @ptrs: object pointers, for arrays of programs
 */
struct bpf_array {
	struct bpf_map map;
	u32 elem_size;
	u32 index_mask;
	union {
		DECLARE_FLEX_ARRAY(char, value) __aligned(8);
		DECLARE_FLEX_ARRAY(void *, ptrs) __aligned(8);
	};
};

/* Tail calls one outermost run may make. */
#define MAX_TAIL_CALL_CNT	33

#define MAX_BPF_STACK		512

/* ---- helper functions ---------------------------------------------------- */

/* What a helper expects in an argument register. */
enum bpf_arg_type {
	ARG_NONE = 0,			/* not looked at */
	ARG_ANYTHING,			/* any initialised value that may be passed */
	ARG_CONST_MAP_PTR,		/* a map */
	ARG_PTR_TO_MAP_KEY,		/* readable memory of the map's key size */
	ARG_PTR_TO_MAP_VALUE,		/* readable memory of the map's value size */
	ARG_PTR_TO_CTX,			/* the context as the program received it */
	ARG_PTR_TO_MEM,			/* readable memory, size in the next argument */
	ARG_PTR_TO_MEM_OR_NULL,		/* the same, or 0 with size 0 */
	ARG_PTR_TO_UNINIT_MEM,		/* memory the helper fills completely */
	ARG_CONST_SIZE,			/* its size, at least 1 */
	ARG_CONST_SIZE_OR_ZERO,		/* its size, 0 allowed */
	__BPF_ARG_TYPE_MAX
};

/* What a helper leaves in R0. */
enum bpf_return_type {
	RET_INTEGER = 0,		/* a number */
	RET_VOID,			/* nothing: R0 becomes unreadable */
	RET_PTR_TO_MAP_VALUE_OR_NULL,	/* a value of the map argument, or 0 */
	__BPF_RET_TYPE_MAX
};

#define MAX_BPF_FUNC_ARGS	5

/**
 * struct bpf_func_proto - contract of a helper, all the verifier knows of it
 * @func: entry; all arguments and the result are 64-bit
 * @gpl_only: only for programs under a GPL-compatible license
 * @packet_access: memory arguments may be bytes of the packet
 * @moves_packet: what the program knows of where the packet is may be wrong
 *	afterwards, whether the helper succeeds or not
 * @ret_type: what R0 holds afterwards
 * @arg_type: what each argument must be; unused ones are ARG_NONE
 */
struct bpf_func_proto {
	u64 (*func)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
	bool gpl_only;
	bool packet_access;
	bool moves_packet;
	enum bpf_return_type ret_type;
	enum bpf_arg_type arg_type[MAX_BPF_FUNC_ARGS];
};

/* Only stands in kept callers' tables of iterator arguments. */
enum bpf_reg_type {
	NOT_INIT = 0,
	PTR_TO_BTF_ID_OR_NULL,
};

/* ---- program types ------------------------------------------------------- */

enum bpf_access_type {
	BPF_READ = 1,
	BPF_WRITE = 2,
};

/**
 * struct bpf_insn_access - a context access under verification
 * @off: byte offset into the context
 * @size: bytes: 1, 2, 4 or 8
 * @type: direction
 * @prog: program that does it; a lowering notes in it what runs must provide
 */
struct bpf_insn_access {
	int off;
	int size;
	enum bpf_access_type type;
	struct bpf_prog *prog;
};

/* What a load from the context gives. */
enum bpf_ctx_value {
	BPF_CTX_NUMBER = 0,
	BPF_CTX_PACKET,		/* address of the first byte of the packet */
	BPF_CTX_PACKET_END,	/* address behind its last linear byte */
	BPF_CTX_PACKET_META,	/* address of the bytes in front of the first */
};

/**
 * struct bpf_verifier_ops - what a program type brings to the verifier
 * @get_func_proto: prototype of a helper or NULL if the type may not call it
 * @is_valid_access: may the context be accessed so?
 * @lower_ctx_access: emit into @out what replaces a context load or store;
 *	returns the number of instructions, at most BPF_LOWER_MAX; @insn has
 *	passed @is_valid_access; @size is the width of the field behind it
 * @ctx_value: what an access that @is_valid_access allows gives if it is a load;
 *	NULL: numbers only
 * @packet_prologue: emit into @out what has to run before a program that writes
 *	into the packet, so that the linear bytes are its own; returns the number of
 *	instructions, at most BPF_LOWER_MAX; only R1 and the frame pointer hold
 *	anything, and do so afterwards; NULL: nobody writes into the packet
 * @has_packet_loads: LD_ABS and LD_IND are allowed: the context is a packet
 *
 * A context load names dst_reg, src_reg and off; a store base, value and off.
 * No scratch register is free: a lowering saves what it needs in the object.
 */
struct bpf_verifier_ops {
	const struct bpf_func_proto *(*get_func_proto)(enum bpf_func_id id,
						       const struct bpf_prog *prog);
	bool (*is_valid_access)(const struct bpf_insn_access *access);
	unsigned int (*lower_ctx_access)(const struct bpf_insn_access *access,
					 const struct bpf_insn *insn,
					 struct bpf_insn *out);
	enum bpf_ctx_value (*ctx_value)(const struct bpf_insn_access *access);
	unsigned int (*packet_prologue)(struct bpf_insn *out);
	bool has_packet_loads;
};

#define BPF_LOWER_MAX	16

/* Privilege a program type demands beyond CAP_BPF. */
enum bpf_type_cap {
	BPF_TYPE_CAP_NONE = 0,
	BPF_TYPE_CAP_NET_ADMIN = 1,
	BPF_TYPE_CAP_PERFMON = 2,
};

/**
 * struct bpf_prog_type_desc - a row of the table of program types
 * @type: BPF_PROG_TYPE_*
 * @ops: verifier side
 * @caps: enum bpf_type_cap bits
 * @test_run: run a program on what the attribute of PROG_TEST_RUN says and write
 *	the results to the caller's; NULL if the type has no such thing; may sleep
 */
struct bpf_prog_type_desc {
	enum bpf_prog_type type;
	const struct bpf_verifier_ops *ops;
	unsigned int caps;
	int (*test_run)(struct bpf_prog *prog, const union bpf_attr *attr,
			union bpf_attr __user *uattr);
};

const struct bpf_prog_type_desc *bpf_prog_type_find(u32 type);
const struct bpf_map_ops *bpf_map_type_find(u32 type);

extern const struct bpf_verifier_ops sk_filter_verifier_ops;
extern const struct bpf_verifier_ops tc_verifier_ops;
extern const struct bpf_verifier_ops kprobe_verifier_ops;

int bpf_test_run_skb(struct bpf_prog *prog, const union bpf_attr *attr,
		     union bpf_attr __user *uattr);

extern const struct bpf_func_proto bpf_map_lookup_elem_proto;
extern const struct bpf_func_proto bpf_map_update_elem_proto;
extern const struct bpf_func_proto bpf_map_delete_elem_proto;
extern const struct bpf_func_proto bpf_tail_call_proto;
extern const struct bpf_func_proto bpf_ktime_get_ns_proto;
extern const struct bpf_func_proto bpf_get_prandom_u32_proto;
extern const struct bpf_func_proto bpf_get_smp_processor_id_proto;
extern const struct bpf_func_proto bpf_probe_read_proto;
extern const struct bpf_func_proto bpf_get_current_pid_tgid_proto;
extern const struct bpf_func_proto bpf_get_current_uid_gid_proto;
extern const struct bpf_func_proto bpf_get_current_comm_proto;
extern const struct bpf_func_proto bpf_perf_event_read_proto;
extern const struct bpf_func_proto bpf_perf_event_output_proto;

#ifdef CONFIG_EVENT_TRACING
const struct bpf_func_proto *bpf_get_trace_printk_proto(void);
#else
/* Without a trace buffer no program can print. */
static inline const struct bpf_func_proto *bpf_get_trace_printk_proto(void)
{
	return NULL;
}
#endif

extern const struct bpf_map_ops htab_map_ops;
extern const struct bpf_map_ops array_map_ops;
extern const struct bpf_map_ops prog_array_map_ops;
extern const struct bpf_map_ops perf_event_array_map_ops;

/* ---- programs ------------------------------------------------------------ */

/* Name of machine code, or empty. */
struct bpf_ksym {
	const char *name;
};

/**
 * struct bpf_prog_aux - the part of a program that runs do not touch
 * @refcnt: references
 * @id: number shown to user space, 0 until published
 * @func_cnt: 0: how many images the program has beside its own, in @func, for those who
 *	tell of them; all functions are in one
 * @func: NULL
 * @nfuncs: how many functions @funcs has
 * @funcs: functions of the program in the order of their instructions, which are one
 *	behind the other; the first is where it begins. NULL if there is one only.
 * @max_ctx_offset: highest context byte read or written plus one
 * @stack_depth: bytes of stack the program needs: the most that the functions of a
 *	chain of calls need together, at most MAX_BPF_STACK
 * @used_maps: maps the program refers to, a reference each
 * @used_map_cnt: how many
 * @tail_sites: tail calls of the program that always go to the same slot, or NULL
 * @btf: type information that came along, a reference, or NULL
 * @verified_insns: instructions the verifier walked
 * @type_desc: row of the program type, NULL for classic programs
 * @prog: way back
 * @name: name given at load, may be empty
 * @ksym: symbol of the image
 * @image: machine code, or NULL
 * @sleepable: may sleep
 * @verifier_zext: upper halves are cleared explicitly where they matter
 * @xdp_has_frags: understands multi-buffer frames
 * @user: creator
 * @security: LSM state
 * @work: defers the free to process context
 * @rcu: grace period before the free
 */
struct bpf_prog_aux {
	refcount_t refcnt;
	u32 id;
	u32 func_cnt;
	struct bpf_prog **func;
	u32 nfuncs;
	struct bpf_prog_func *funcs;
	u32 max_ctx_offset;
	u32 stack_depth;
	struct bpf_map **used_maps;
	u32 used_map_cnt;
	struct bpf_tail_sites *tail_sites;
	struct btf *btf;
	u32 verified_insns;
	const struct bpf_prog_type_desc *type_desc;
	struct bpf_prog *prog;
	char name[BPF_OBJ_NAME_LEN];
	struct bpf_ksym ksym;
	struct bpf_jit_image *image;
	bool sleepable;
	bool verifier_zext;
	bool xdp_has_frags;
	struct user_struct *user;
#ifdef CONFIG_SECURITY
	void *security;
#endif
	struct work_struct work;
	struct rcu_head rcu;
};

typedef unsigned int (*bpf_func_t)(const void *ctx, const struct bpf_insn *insn);

/**
 * struct bpf_prog - a program, read-only once it can run
 * @pages: pages of this allocation
 * @jited: @bpf_func is machine code made for this program
 * @gpl_compatible: license allows gpl_only helpers
 * @cb_access: touches the control block of packets
 * @dst_needed: needs the route of a packet kept
 * @kprobe_override: uses bpf_override_return()
 * @call_get_stack: uses bpf_get_stack()
 * @was_classic: converted from classic BPF
 * @locked: memory is read-only
 * @tstamp_type_access: reads what kind of time a packet carries
 * @type: BPF_PROG_TYPE_*
 * @expected_attach_type: as given at load
 * @len: instruction slots in @insnsi
 * @jited_len: bytes of machine code
 * @tag: first bytes of the SHA-1 of the program as loaded
 * @bpf_func: runs it
 * @tail_func: where tail calls come in, if it is machine code
 * @aux: cold part
 * @orig_prog: classic program it was made from, if kept
 * @insns: classic view of the instruction memory, before conversion
 * @insnsi: instructions
 */
struct bpf_prog {
	u16 pages;
	u16 jited:1;
	u16 gpl_compatible:1;
	u16 cb_access:1;
	u16 dst_needed:1;
	u16 kprobe_override:1;
	u16 call_get_stack:1;
	u16 was_classic:1;
	u16 locked:1;
	u16 tstamp_type_access:1;
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	u32 len;
	u32 jited_len;
	u8 tag[BPF_TAG_SIZE];
	bpf_func_t bpf_func;
	const void *tail_func;
	struct bpf_prog_aux *aux;
	struct sock_fprog_kern *orig_prog;
	union {
		DECLARE_FLEX_ARRAY(struct sock_filter, insns);
		DECLARE_FLEX_ARRAY(struct bpf_insn, insnsi);
	};
};

/* A NULL-terminated list of programs that run one after another on an event. */
struct bpf_prog_array_item {
	struct bpf_prog *prog;
	u64 bpf_cookie;
};

struct bpf_prog_array {
	struct rcu_head rcu;
	struct bpf_prog_array_item items[];
};

/* Saved per task while a program runs; members come with its users. */
struct bpf_run_ctx {};

#ifdef CONFIG_BPF_SYSCALL
DECLARE_PER_CPU(int, bpf_prog_active);

extern int sysctl_unprivileged_bpf_disabled;
void unpriv_ebpf_notify(int new_state);

extern const struct file_operations bpf_map_fops;
extern const struct file_operations bpf_prog_fops;

int bpf_check(struct bpf_prog **prog, const union bpf_attr *attr);

/* References to programs: one more, one less, several. */
void bpf_prog_inc(struct bpf_prog *prog);
void bpf_prog_put(struct bpf_prog *prog);
void bpf_prog_add(struct bpf_prog *prog, int count);
void bpf_prog_sub(struct bpf_prog *prog, int count);

/* From a descriptor, with a reference; any type, or just one. */
struct bpf_prog *bpf_prog_get(u32 fd);
struct bpf_prog *bpf_prog_get_type_dev(u32 fd, enum bpf_prog_type want,
				       bool for_driver);

struct bpf_map *bpf_map_get(u32 ufd);
void bpf_map_inc(struct bpf_map *map);
void bpf_map_put(struct bpf_map *map);
void bpf_map_init_from_attr(struct bpf_map *map, const union bpf_attr *attr);
/* Memory cgroup of the creator, NULL while the map is being made. */
static inline struct mem_cgroup *bpf_map_memcg(const struct bpf_map *map)
{
#ifdef CONFIG_MEMCG_KMEM
	return map->memcg;
#else
	return NULL;
#endif
}

/* Node a new map asks for. */
static inline int bpf_map_attr_node(const union bpf_attr *attr)
{
	return attr->map_flags & BPF_F_NUMA_NODE ? (int)attr->numa_node :
						    NUMA_NO_NODE;
}

void *bpf_map_area_alloc(u64 size, int numa_node);
void *bpf_map_pages_alloc(u64 size, int numa_node);
void bpf_map_area_free(void *area);

#else
/* Without bpf(2) no descriptor is a program, so there is nothing to count. */
static inline struct bpf_prog *
bpf_prog_get_type_dev(u32 fd, enum bpf_prog_type want, bool for_driver)
{
	return ERR_PTR(-EOPNOTSUPP);
}

#define bpf_prog_get(fd)	bpf_prog_get_type_dev(fd, BPF_PROG_TYPE_UNSPEC, false)

static inline void bpf_prog_add(struct bpf_prog *prog, int count) { }
#define bpf_prog_sub(prog, count)	bpf_prog_add(prog, count)
#define bpf_prog_inc(prog)		bpf_prog_add(prog, 1)
#define bpf_prog_put(prog)		bpf_prog_add(prog, -1)
#endif /* CONFIG_BPF_SYSCALL */

/* May a process without privilege create maps? x86 warns of Spectre if so. */
static inline bool unprivileged_ebpf_enabled(void)
{
#ifdef CONFIG_BPF_SYSCALL
	return !sysctl_unprivileged_bpf_disabled;
#else
	return false;
#endif
}

/* Is a program of this task running below us? */
static inline bool has_current_bpf_ctx(void)
{
#ifdef CONFIG_BPF_SYSCALL
	return current->bpf_ctx;
#else
	return false;
#endif
}

static inline struct bpf_prog *bpf_prog_get_type(u32 ufd, enum bpf_prog_type type)
{
	return bpf_prog_get_type_dev(ufd, type, false);
}

/* No pinned programs before bpffs exists. */
static inline struct bpf_prog *bpf_prog_get_type_path(const char *name,
						      enum bpf_prog_type type)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline bool bpf_prog_is_dev_bound(const struct bpf_prog_aux *aux)
{
	return false;
}

/* struct_ops owners are ordinary modules as long as there is no struct_ops. */
static inline bool bpf_try_module_get(const void *data, struct module *owner)
{
	return try_module_get(owner);
}

static inline void bpf_module_put(const void *data, struct module *owner)
{
	module_put(owner);
}

/* ---- links --------------------------------------------------------------- */

struct bpf_link;
struct bpf_link_info;

/**
 * struct bpf_link_ops - what the owner of an attach point does for a link
 * @fill_link_info: describe it to user space
 * @show_fdinfo: the same as text
 * @update_prog: exchange the program, if it still is the old one
 * @detach: take the program off, the link stays
 * @release: the last reference goes: take the program off
 * @dealloc: free the link
 */
struct bpf_link_ops {
	int (*fill_link_info)(const struct bpf_link *link,
			      struct bpf_link_info *info);
	void (*show_fdinfo)(const struct bpf_link *link, struct seq_file *seq);
	int (*update_prog)(struct bpf_link *link, struct bpf_prog *next,
			   struct bpf_prog *expected);
	int (*detach)(struct bpf_link *link);
	void (*release)(struct bpf_link *link);
	void (*dealloc)(struct bpf_link *link);
};

struct bpf_link {
	const struct bpf_link_ops *ops;
	struct bpf_prog *prog;
	enum bpf_link_type type;
	u32 id;
};

struct bpf_link_primer {
	struct bpf_link *link;
	struct file *file;
	int fd;
	u32 id;
};

/*
 * Links are not offered: priming one refuses, with or without bpf(2). So the
 * owners of attach points never come to settle one.
 */
static inline void bpf_link_init(struct bpf_link *link, enum bpf_link_type type,
				 const struct bpf_link_ops *ops,
				 struct bpf_prog *prog)
{
	*link = (struct bpf_link) { .type = type, .ops = ops, .prog = prog };
}

static inline int bpf_link_prime(struct bpf_link *link,
				 struct bpf_link_primer *out)
{
	return -EOPNOTSUPP;
}

static inline int bpf_link_settle(struct bpf_link_primer *out)
{
	return -EOPNOTSUPP;
}

static inline void bpf_link_cleanup(struct bpf_link_primer *out)
{
}

/* ---- iterator targets: registered by kept code, not offered yet ----------- */

#define BPF_ITER_CTX_ARG_MAX	2
#define BPF_ITER_RESCHED	BIT(0)

#define DEFINE_BPF_ITER_FUNC(target, args...)		\
	extern int bpf_iter_ ## target(args);		\
	int __init bpf_iter_ ## target(args) { return 0; }

struct bpf_iter_aux_info {
	struct bpf_map *map;
};

struct bpf_iter_seq_info {
	const struct seq_operations *seq_ops;
	int (*init_seq_private)(void *private_data, struct bpf_iter_aux_info *aux);
	void (*fini_seq_private)(void *private_data);
	u32 seq_priv_size;
};

struct bpf_ctx_arg_aux {
	u32 offset;
	enum bpf_reg_type reg_type;
	u32 btf_id;
};

struct bpf_iter_reg {
	const char *target;
	u32 ctx_arg_info_size;
	u32 feature;
	struct bpf_ctx_arg_aux ctx_arg_info[BPF_ITER_CTX_ARG_MAX];
	const struct bpf_func_proto *(*get_func_proto)(enum bpf_func_id func_id,
						       const struct bpf_prog *prog);
	const struct bpf_iter_seq_info *seq_info;
};

struct bpf_iter_meta {
	__bpf_md_ptr(struct seq_file *, seq);
	u64 session_id;
	u64 seq_num;
};

int bpf_iter_reg_target(const struct bpf_iter_reg *reg_info);
void bpf_iter_unreg_target(const struct bpf_iter_reg *reg_info);
struct bpf_prog *bpf_iter_get_info(struct bpf_iter_meta *meta, bool in_stop);
int bpf_iter_run_prog(struct bpf_prog *prog, void *ctx);

/* ---- things kept code names --------------------------------------------- */

extern const struct bpf_func_proto bpf_sk_setsockopt_proto;
extern const struct bpf_func_proto bpf_sk_getsockopt_proto;

#ifdef CONFIG_BPF_SYSCALL
void bpf_task_storage_free(struct task_struct *task);
void bpf_sk_reuseport_detach(struct sock *sk);

#ifndef CONFIG_NET_SOCK_MSG
/* net/tcp.h declares it only with NET_SOCK_MSG, but the TCP tables name it. */
int tcp_bpf_update_proto(struct sock *sk, struct sk_psock *psock, bool restore);
#endif
#else
static inline void bpf_task_storage_free(struct task_struct *task) { }
static inline void bpf_sk_reuseport_detach(struct sock *sk) { }
#endif

/**
 * bpf_prog_run_array_sleepable() - run the programs of an event that may sleep
 * @array: the event's list, read under RCU tasks trace
 * @ctx: context of the programs
 * @run: how to run one
 *
 * Context: process context; enters the tasks-trace read side itself.
 * Return: 1 if bit 0 is set in every result (keep the event), else 0.
 */
static __always_inline u32
bpf_prog_run_array_sleepable(struct bpf_prog_array __rcu *array, const void *ctx,
			     u32 (*run)(const struct bpf_prog *prog, const void *ctx))
{
	const struct bpf_prog_array_item *item;
	const struct bpf_prog_array *list;
	const struct bpf_prog *prog;
	u32 keep = 1;

	might_fault();
	rcu_read_lock_trace();
	migrate_disable();
	list = rcu_dereference_check(array, rcu_read_lock_trace_held());
	if (list)
		for (item = list->items; (prog = READ_ONCE(item->prog)); item++) {
			if (!prog->aux->sleepable)
				rcu_read_lock();
			keep &= run(prog, ctx);
			if (!prog->aux->sleepable)
				rcu_read_unlock();
		}
	migrate_enable();
	rcu_read_unlock_trace();
	return keep;
}

#endif /* _LINUX_BPF_H */
