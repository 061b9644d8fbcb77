/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's side of the JIT (kernel/bpf/jit.c, jit_ksym.c, tail_sites.c)
 * needs of the kernel, small enough to be seen through. A test includes this and then one of
 * those sources.
 */
#ifndef _JIT_GLUE_H
#define _JIT_GLUE_H

#define DECLARE_STATIC_CALL(name, func)
#define __GFP_ACCOUNT		0
#define __MUTEX_INITIALIZER(l)	{ PTHREAD_MUTEX_INITIALIZER }

#include <assert.h>

#include <linux/filter.h>

/* ---- text ------------------------------------------------------------------------- */

#define strscpy(to, from, n)	snprintf(to, n, "%s", from)
#define scnprintf		glue_printf

/* Hexadecimal bytes are the kernel's own, and stand at the end. */
static inline int glue_printf(char *to, size_t n, const char *format, ...)
{
	const char *own = strstr(format, "%*phN");
	va_list args;
	int i, len, bytes;
	const u8 *p;

	va_start(args, format);
	if (!own) {
		len = vsnprintf(to, n, format, args);
	} else {
		len = snprintf(to, n, "%.*s", (int)strlen(format) - 5, format);
		bytes = va_arg(args, int);
		p = va_arg(args, const u8 *);
		for (i = 0; i < bytes; i++)
			len += snprintf(to + len, n - len, "%02x", p[i]);
	}
	va_end(args);
	return len;
}

/* ---- tables ----------------------------------------------------------------------- */

#define XA_PLACES	64

struct xarray {
	void *at[XA_PLACES];
	/* Places there is memory for; a store to a taken one needs none. */
	unsigned int room;
};

#define XARRAY_INIT(name, flags)	{ .room = XA_PLACES }
#define xa_err(p)			(IS_ERR(p) ? (int)PTR_ERR(p) : 0)

static inline void *xa_store(struct xarray *xa, unsigned long i, void *p, gfp_t gfp)
{
	void *old = xa->at[i];

	if (!old && i >= xa->room)
		return ERR_PTR(-ENOMEM);
	xa->at[i] = p;
	return old;
}

static inline void *xa_load(struct xarray *xa, unsigned long i)
{
	return i < XA_PLACES ? xa->at[i] : NULL;
}

static inline void xa_erase(struct xarray *xa, unsigned long i)
{
	xa->at[i] = NULL;
}

/* ---- trees: a list will do ------------------------------------------------------------ */

struct latch_tree_node {
	struct latch_tree_node *next;
};

struct latch_tree_root {
	struct latch_tree_node *first;
};

struct latch_tree_ops {
	bool (*less)(struct latch_tree_node *a, struct latch_tree_node *b);
	int (*comp)(void *key, struct latch_tree_node *node);
};

static inline void latch_tree_insert(struct latch_tree_node *node, struct latch_tree_root *root,
				     const struct latch_tree_ops *ops)
{
	node->next = root->first;
	root->first = node;
}

static inline void latch_tree_erase(struct latch_tree_node *node, struct latch_tree_root *root,
				    const struct latch_tree_ops *ops)
{
	struct latch_tree_node **p = &root->first;

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
}

static inline struct latch_tree_node *latch_tree_find(void *key, struct latch_tree_root *root,
						      const struct latch_tree_ops *ops)
{
	struct latch_tree_node *node = root->first;

	while (node && ops->comp(key, node))
		node = node->next;
	return node;
}

/* Sorted. */
#define rb_entry(p, type, member)	container_of(p, type, member)

static inline void rb_add(struct rb_node *node, struct rb_root *tree,
			  bool (*less)(struct rb_node *a, const struct rb_node *b))
{
	struct rb_node **p = &tree->first;

	while (*p && less(*p, node))
		p = &(*p)->next;
	node->next = *p;
	*p = node;
}

static inline void rb_erase(struct rb_node *node, struct rb_root *tree)
{
	struct rb_node **p = &tree->first;

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
}

/*
 * The first that matches. A tree is searched by what is less: the key must be above all
 * nodes before it and below all behind the last.
 */
static inline struct rb_node *rb_find_first(const void *key, const struct rb_root *tree,
					    int (*cmp)(const void *key, const struct rb_node *node))
{
	struct rb_node *node, *found = NULL;
	int sign, last = 1;

	for (node = tree->first; node; node = node->next) {
		sign = cmp(key, node);
		sign = (sign > 0) - (sign < 0);
		assert(sign <= last);
		last = sign;
		if (!sign && !found)
			found = node;
	}
	return found;
}

static inline struct rb_node *rb_next_match(const void *key, struct rb_node *node,
					    int (*cmp)(const void *key, const struct rb_node *node))
{
	node = node->next;
	return node && !cmp(key, node) ? node : NULL;
}

#define rb_for_each(node, key, tree, cmp)				\
	for ((node) = rb_find_first(key, tree, cmp); (node);		\
	     (node) = rb_next_match(key, node, cmp))

#endif
