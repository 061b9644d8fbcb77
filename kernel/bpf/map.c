// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as objects: memory, references, descriptors, end of life.
 *
 * A map is born with one reference and one user reference, both given to its
 * first descriptor. Programs hold references only. When the last user reference
 * goes the type is told; when the last reference goes the map is freed by a
 * worker, because the last holder may be anywhere and freeing may sleep.
 *
 * No grace period is needed here: a program gives its maps back only after its
 * own grace period, and a system call holds the descriptor while it works.
 *
 * Locking: the table of numbers has its own lock, a leaf.
 */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/security.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "btf/object.h"
#include "map_freeze.h"
#include "syscall.h"

static DEFINE_XARRAY_FLAGS(map_ids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
static u32 next_map_id;

/* ---- memory ---------------------------------------------------------------- */

/**
 * bpf_map_area_alloc() - zeroed memory for a map
 * @size: bytes; too many for the machine is an ordinary failure
 * @numa_node: preferred node or NUMA_NO_NODE
 *
 * Charged to the current memory cgroup, or the active one. Never calls the
 * out-of-memory killer: a caller asked for too much, nobody else did.
 *
 * Context: process context, may sleep.
 * Return: memory for bpf_map_area_free(), or NULL.
 */
void *bpf_map_area_alloc(u64 size, int numa_node)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN;
	void *area;

	if (size >= SIZE_MAX || size >> PAGE_SHIFT > totalram_pages())
		return NULL;

	if (size <= PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER) {
		area = kmalloc_node(size, gfp | __GFP_NORETRY, numa_node);
		if (area)
			return area;
	}
	return __vmalloc_node(size, PAGE_SIZE, gfp | __GFP_RETRY_MAYFAIL,
			      numa_node, __builtin_return_address(0));
}

/**
 * bpf_map_pages_alloc() - zeroed pages for a map, for processes to map as well
 * @size: bytes; too many for the machine is an ordinary failure
 * @numa_node: preferred node or NUMA_NO_NODE
 *
 * As bpf_map_area_alloc(), but remap_vmalloc_range() takes it.
 *
 * Context: process context, may sleep.
 * Return: memory for bpf_map_area_free(), or NULL.
 */
void *bpf_map_pages_alloc(u64 size, int numa_node)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN;

	if (size >= SIZE_MAX || size >> PAGE_SHIFT > totalram_pages())
		return NULL;
	return __vmalloc_node_range(size, SHMLBA, VMALLOC_START, VMALLOC_END,
				    gfp | __GFP_RETRY_MAYFAIL, PAGE_KERNEL, VM_USERMAP,
				    numa_node, __builtin_return_address(0));
}

/**
 * bpf_map_area_free() - give back memory of bpf_map_area_alloc()
 * @area: memory or NULL, also of bpf_map_pages_alloc()
 *
 * Context: process context, may sleep.
 */
void bpf_map_area_free(void *area)
{
	kvfree(area);
}

/* What the map allocates later is charged to its creator too. */
static void memcg_save(struct bpf_map *map)
{
#ifdef CONFIG_MEMCG_KMEM
	map->memcg = get_mem_cgroup_from_mm(current->mm);
#endif
}

/**
 * bpf_map_init_from_attr() - fill in what the attribute says of a new map
 * @map: zeroed map
 * @attr: attribute, checked
 *
 * Context: process context.
 */
void bpf_map_init_from_attr(struct bpf_map *map, const union bpf_attr *attr)
{
	/* The modes of the creator's descriptor say nothing about the map. */
	map->map_flags = attr->map_flags & ~(BPF_F_RDONLY | BPF_F_WRONLY);
	map->numa_node = bpf_map_attr_node(attr);
	map->max_entries = attr->max_entries;
	map->value_size = attr->value_size;
	map->key_size = attr->key_size;
	map->map_type = attr->map_type;
}

/* ---- life ------------------------------------------------------------------ */

/**
 * bpf_map_publish() - make a map that its type has allocated an object
 * @map: map with ops and name set; freed on failure
 *
 * Context: process context, may sleep.
 * Return: 0 and one reference of each kind for the caller, or -errno.
 */
int bpf_map_publish(struct bpf_map *map)
{
	int err;

	refcount_set(&map->refcnt, 1);
	refcount_set(&map->usercnt, 1);

	err = security_bpf_map_alloc(map);
	if (err)
		goto free_map;

	err = xa_alloc_cyclic_bh(&map_ids, &map->id, map, XA_LIMIT(1, INT_MAX - 1), &next_map_id,
				 GFP_KERNEL);
	if (err < 0)
		goto free_security;

	memcg_save(map);
	return 0;

free_security:
	security_bpf_map_free(map);
free_map:
	btf_put(map->btf);
	map->ops->map_free(map);
	return err;
}

static void map_free_work(struct work_struct *work)
{
	struct bpf_map *map = container_of(work, struct bpf_map, work);
	struct mem_cgroup *memcg = bpf_map_memcg(map);

	security_bpf_map_free(map);
	btf_put(map->btf);
	map->ops->map_free(map);
	/* Until then the map could still be growing. */
	mem_cgroup_put(memcg);
}

/**
 * bpf_map_inc() - one more reference
 * @map: map the caller holds a reference to
 *
 * Context: any.
 */
void bpf_map_inc(struct bpf_map *map)
{
	refcount_inc(&map->refcnt);
}

/**
 * bpf_map_put() - one reference less
 * @map: map; must not be used by the caller afterwards
 *
 * Context: any but hard interrupt and NMI; the free itself is deferred.
 */
void bpf_map_put(struct bpf_map *map)
{
	if (!refcount_dec_and_test(&map->refcnt))
		return;

	xa_erase_bh(&map_ids, map->id);
	INIT_WORK(&map->work, map_free_work);
	/* Freeing a large map takes a while: keep off the CPU-bound queue. */
	queue_work(system_unbound_wq, &map->work);
}

/**
 * bpf_map_put_uref() - one user reference less, and the reference with it
 * @map: map
 *
 * Context: process context, may sleep.
 */
void bpf_map_put_uref(struct bpf_map *map)
{
	if (refcount_dec_and_test(&map->usercnt))
		map->ops->map_release_uref(map);
	bpf_map_put(map);
}

/* ---- descriptors ----------------------------------------------------------- */

static int map_release(struct inode *inode, struct file *file)
{
	struct bpf_map *map = file->private_data;

	map->ops->user->release_file(map, file);
	bpf_map_put_uref(map);
	return 0;
}

static __poll_t map_poll(struct file *file, struct poll_table_struct *wait)
{
	return EPOLLERR;
}

#ifdef CONFIG_PROC_FS
static u64 map_memory(const struct bpf_map *map)
{
	u64 elem = round_up((u64)map->key_size + map->value_size, 8);

	return round_up(elem * map->max_entries, PAGE_SIZE);
}

static void map_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct bpf_map *map = file->private_data;

	seq_printf(seq, "map_type:\t%u\n", map->map_type);
	seq_printf(seq, "key_size:\t%u\n", map->key_size);
	seq_printf(seq, "value_size:\t%u\n", map->value_size);
	seq_printf(seq, "max_entries:\t%u\n", map->max_entries);
	seq_printf(seq, "map_flags:\t%#x\n", map->map_flags);
	/* No type here has extra parameters. */
	seq_printf(seq, "map_extra:\t%#llx\n", 0ULL);
	seq_printf(seq, "memlock:\t%llu\n", map_memory(map));
	seq_printf(seq, "map_id:\t%u\n", map->id);
	seq_printf(seq, "frozen:\t%u\n", map_is_frozen(map));
	map->ops->user->show_fdinfo(map, seq);
}
#endif

const struct file_operations bpf_map_fops = {
	.release	= map_release,
	.poll		= map_poll,
	.mmap		= bpf_map_mmap,
#ifdef CONFIG_PROC_FS
	.show_fdinfo	= map_show_fdinfo,
#endif
};

/**
 * bpf_map_new_fd() - descriptor for a map
 * @map: map; the descriptor takes over one reference of each kind
 * @flags: O_RDWR, O_RDONLY or O_WRONLY
 *
 * Context: process context, may sleep.
 * Return: descriptor, or -errno with the references still the caller's.
 */
int bpf_map_new_fd(struct bpf_map *map, int flags)
{
	int err = security_bpf_map(map, OPEN_FMODE(flags));

	if (err)
		return err;
	return anon_inode_getfd("bpf-map", &bpf_map_fops, map, flags | O_CLOEXEC);
}

/**
 * bpf_map_from_file() - map behind an open file
 * @f: result of fdget(); still the caller's to put back
 *
 * Context: process context.
 * Return: the map without a new reference, -EBADF without a file, -EINVAL if
 * the file is something else.
 */
struct bpf_map *bpf_map_from_file(struct fd f)
{
	if (!f.file)
		return ERR_PTR(-EBADF);
	if (f.file->f_op != &bpf_map_fops)
		return ERR_PTR(-EINVAL);
	return f.file->private_data;
}

/**
 * bpf_map_get() - map behind a descriptor
 * @ufd: descriptor
 *
 * Context: process context.
 * Return: the map with a reference, -EBADF or -EINVAL.
 */
struct bpf_map *bpf_map_get(u32 ufd)
{
	struct fd f = fdget(ufd);
	struct bpf_map *map = bpf_map_from_file(f);

	if (!IS_ERR(map))
		bpf_map_inc(map);
	if (f.file)
		fdput(f);
	return map;
}
