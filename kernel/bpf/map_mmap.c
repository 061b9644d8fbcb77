// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of a map in the memory of a process.
 *
 * A type that offers it has its values in pages of their own, which are there from
 * the start and stay as long as the map lives; a mapping keeps the map alive by its
 * file. All pages are put in at once, so there are no faults to handle.
 *
 * Invariants:
 *  - A mapping that may ever be written through counts as a writer (map_freeze.h)
 *    from before its pages are there until after they are gone. VM_MAYWRITE says
 *    which do: without it mprotect() cannot make a mapping writable, and nobody
 *    ever sets it, so what was counted at the beginning is what ends.
 *  - Only shared mappings exist. A private one would hand out copies, which nothing
 *    needs, and forced writes of debuggers would be allowed into it.
 *  - What programs may not write is not mapped to be written either: see
 *    map_is_constant().
 *
 * Locking: called with the mmap lock held for writing; takes none.
 */
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "map_freeze.h"
#include "syscall.h"

static bool is_writer(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_MAYWRITE;
}

/* Another one of the same: fork, a part that is split off, a place it moved to. */
static void mapping_open(struct vm_area_struct *vma)
{
	if (is_writer(vma))
		map_write_again(vma->vm_private_data);
}

/* Its page table entries are gone, and no CPU remembers them. */
static void mapping_close(struct vm_area_struct *vma)
{
	if (is_writer(vma))
		map_write_end(vma->vm_private_data);
}

static const struct vm_operations_struct mapping_ops = {
	.open	= mapping_open,
	.close	= mapping_close,
};

/* The mapping asks to be written through: it becomes a writer or is refused. */
static int begin_writing(struct bpf_map *map)
{
	if (!map_write_begin(map))
		return -EPERM;
	if (!(map->map_flags & BPF_F_RDONLY_PROG))
		return 0;
	map_write_end(map);
	return -EACCES;
}

static int put_pages(struct vm_area_struct *vma, struct bpf_map *map, void *pages, u64 size)
{
	if (IS_ERR(pages))
		return PTR_ERR(pages);
	/* mmap() has seen to it that the sum is one. */
	if (vma->vm_pgoff + vma_pages(vma) > size >> PAGE_SHIFT)
		return -EINVAL;
	return remap_vmalloc_range(vma, pages, vma->vm_pgoff);
}

/**
 * bpf_map_mmap() - map the values of a map
 * @file: descriptor of the map
 * @vma: where to, and how; its file keeps the map as long as it is there
 *
 * Context: process context, may sleep; mmap lock held for writing.
 * Return: 0; -ENOTSUPP if the type has no such thing; -EINVAL for a private
 * mapping, a map that was not made for it, or pages beyond its end; -EPERM if the
 * map is frozen and should be written through the mapping; -EACCES if programs may
 * not write it either; -errno of the page tables.
 */
int bpf_map_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct bpf_map *map = file->private_data;
	void *pages;
	u64 size;
	int err;

	pages = map->ops->map_user_pages(map, &size);
	if (pages == ERR_PTR(-ENOTSUPP))
		return -ENOTSUPP;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE) {
		err = begin_writing(map);
		if (err)
			return err;
	} else {
		vma->vm_flags &= ~VM_MAYWRITE;
	}
	vma->vm_flags &= ~VM_MAYEXEC;

	err = put_pages(vma, map, pages, size);
	if (err && is_writer(vma)) {
		/* Other threads can reach those that are there already. */
		zap_page_range(vma, vma->vm_start, vma->vm_end - vma->vm_start);
		map_write_end(map);
	}
	if (err)
		return err;
	vma->vm_private_data = map;
	vma->vm_ops = &mapping_ops;
	return 0;
}
