// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which machine code is at an address, and what is it called?
 *
 * Every image can be found by address as long as its program can run: the kernel
 * walks stacks through it. Names are another matter: they are given to programs
 * of bpf(2) that a privileged process loaded, and only while
 * net.core.bpf_jit_kallsyms is on and net.core.bpf_jit_harden is off.
 *
 * Locking: symbols.lock serialises writers, who may sleep. Readers take no lock
 * and work in any context, NMIs and a debugger that stopped all CPUs included: the
 * tree exists twice, a writer changes one while readers use the other; the table
 * of names is an xarray; and what left both is freed after a grace period.
 *
 * Must never call a range its own that holds no code.
 */
#include <linux/extable.h>
#include <linux/filter.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "jit_ksym.h"

/*
 * @lock: for writers
 * @tree: all, by address
 * @names: those with a name to show, at the places from 0 on
 * @count: how many
 */
static struct {
	struct mutex lock;	/* see the top */
	struct latch_tree_root tree;
	struct xarray names;
	unsigned int count;
} symbols = {
	.lock = __MUTEX_INITIALIZER(symbols.lock),
	.names = XARRAY_INIT(symbols.names, 0),
};

/* ---- by address -------------------------------------------------------------- */

static __always_inline struct bpf_jit_symbol *to_symbol(struct latch_tree_node *node)
{
	return container_of(node, struct bpf_jit_symbol, node);
}

static __always_inline bool starts_before(struct latch_tree_node *a, struct latch_tree_node *b)
{
	return to_symbol(a)->start < to_symbol(b)->start;
}

static __always_inline int compare_address(void *key, struct latch_tree_node *node)
{
	const struct bpf_jit_symbol *symbol = to_symbol(node);
	unsigned long addr = (unsigned long)key;

	if (addr < symbol->start)
		return -1;
	return addr >= symbol->end;
}

static const struct latch_tree_ops by_address = {
	.less = starts_before,
	.comp = compare_address,
};

/* Valid until rcu_read_unlock(). */
static struct bpf_jit_symbol *find_symbol(unsigned long addr)
{
	struct latch_tree_node *node;

	node = latch_tree_find((void *)addr, &symbols.tree, &by_address);
	return node ? to_symbol(node) : NULL;
}

/* ---- life -------------------------------------------------------------------- */

static void make_name(char *name, const struct bpf_prog *prog)
{
	int len = scnprintf(name, BPF_JIT_SYMBOL_LEN, "bpf_prog_%*phN", BPF_TAG_SIZE, prog->tag);

	if (prog->aux->name[0])
		scnprintf(name + len, BPF_JIT_SYMBOL_LEN - len, "_%s", prog->aux->name);
}

/* Without memory the program runs unnamed. */
static void show_symbol(struct bpf_jit_symbol *symbol)
{
	symbol->place = symbols.count;
	symbol->listed = !xa_err(xa_store(&symbols.names, symbol->place, symbol,
					  GFP_KERNEL | __GFP_NOWARN));
	symbols.count += symbol->listed;
}

/* The last one takes its place, which needs no memory. */
static void hide_symbol(struct bpf_jit_symbol *symbol)
{
	struct bpf_jit_symbol *last = xa_load(&symbols.names, --symbols.count);

	if (last != symbol) {
		last->place = symbol->place;
		xa_store(&symbols.names, last->place, last, GFP_KERNEL);
	}
	xa_erase(&symbols.names, symbols.count);
}

/**
 * bpf_jit_symbol_add() - make machine code known
 * @symbol: its addresses are set
 * @prog: the program it is of; the caller is who loads it
 *
 * Context: process context, may sleep.
 */
void bpf_jit_symbol_add(struct bpf_jit_symbol *symbol, const struct bpf_prog *prog)
{
	make_name(symbol->name, prog);

	mutex_lock(&symbols.lock);
	if (!prog->was_classic && bpf_capable())
		show_symbol(symbol);
	latch_tree_insert(&symbol->node, &symbols.tree, &by_address);
	mutex_unlock(&symbols.lock);
}

/**
 * bpf_jit_symbol_del() - forget machine code that no longer runs
 * @symbol: symbol; its memory may go after a grace period
 *
 * Context: process context, may sleep.
 */
void bpf_jit_symbol_del(struct bpf_jit_symbol *symbol)
{
	mutex_lock(&symbols.lock);
	latch_tree_erase(&symbol->node, &symbols.tree, &by_address);
	if (symbol->listed)
		hide_symbol(symbol);
	mutex_unlock(&symbols.lock);
}

/* ---- what the kernel asks ---------------------------------------------------- */

/**
 * is_bpf_text_address() - is there machine code of a program?
 * @addr: address
 *
 * Context: any.
 * Return: true if there is.
 */
bool is_bpf_text_address(unsigned long addr)
{
	bool found;

	rcu_read_lock();
	found = find_symbol(addr);
	rcu_read_unlock();
	return found;
}

static bool names_are_shown(void)
{
	return READ_ONCE(bpf_jit_kallsyms) && !READ_ONCE(bpf_jit_harden);
}

/**
 * __bpf_address_lookup() - name of the program at an address
 * @addr: address
 * @size: written, unless NULL: bytes of its code
 * @offset: written, unless NULL: how far into it @addr is
 * @name: written, KSYM_NAME_LEN bytes
 *
 * Context: any.
 * Return: @name, or NULL if there is none, or none that may be shown.
 */
const char *__bpf_address_lookup(unsigned long addr, unsigned long *size,
				 unsigned long *offset, char *name)
{
	const struct bpf_jit_symbol *symbol;
	const char *found = NULL;

	if (!names_are_shown())
		return NULL;

	rcu_read_lock();
	symbol = find_symbol(addr);
	if (symbol && symbol->listed) {
		strscpy(name, symbol->name, KSYM_NAME_LEN);
		if (size)
			*size = symbol->end - symbol->start;
		if (offset)
			*offset = addr - symbol->start;
		found = name;
	}
	rcu_read_unlock();
	return found;
}

/**
 * bpf_get_kallsym() - line of /proc/kallsyms
 * @symnum: which of the symbols of programs, from 0
 * @value: written: address of the program
 * @type: written: kind of symbol, as nm(1) says it
 * @name: written, KSYM_NAME_LEN bytes
 *
 * Context: any.
 * Return: 0, or -ERANGE behind the last.
 */
int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *name)
{
	const struct bpf_jit_symbol *symbol;

	if (!names_are_shown())
		return -ERANGE;

	rcu_read_lock();
	symbol = xa_load(&symbols.names, symnum);
	if (symbol) {
		*value = symbol->start;
		*type = 't';
		strscpy(name, symbol->name, KSYM_NAME_LEN);
	}
	rcu_read_unlock();
	return symbol ? 0 : -ERANGE;
}

/**
 * search_bpf_extables() - how to go on after a fault in a program
 * @addr: of the instruction
 *
 * The verifier proves every address good that machine code uses; helpers, which
 * have tables of their own, read the others.
 *
 * Context: any.
 * Return: NULL: no instruction of a program may fault.
 */
const struct exception_table_entry *search_bpf_extables(unsigned long addr)
{
	return NULL;
}
