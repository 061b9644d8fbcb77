// SPDX-License-Identifier: GPL-2.0-only
/*
 * OBJ_GET_INFO_BY_FD: what an object is.
 *
 * The user's structure is both question and answer: it says where arrays may go. It is
 * copied once, the part that is not known here must be zero, and of the answer as much
 * is written as the user's structure has.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "btf/object.h"
#include "syscall.h"

/* Any of the descriptions. */
union info {
	struct bpf_map_info map;
	struct bpf_btf_info btf;
};

/**
 * struct description - how a kind of object is described
 * @fops: of its descriptors
 * @size: bytes of the description
 * @fill: makes the answer of the question
 */
struct description {
	const struct file_operations *fops;
	u32 size;
	int (*fill)(void *object, union info *info);
};

static int fill_btf(void *object, union info *info)
{
	return btf_fill_info(object, &info->btf);
}

static int fill_map(void *object, union info *info)
{
	const struct bpf_map *map = object;

	/* Field by field: to assign a whole structure may copy what lies between them. */
	memset(info, 0, sizeof(*info));
	info->map.type = map->map_type;
	info->map.id = map->id;
	info->map.key_size = map->key_size;
	info->map.value_size = map->value_size;
	info->map.max_entries = map->max_entries;
	info->map.map_flags = map->map_flags;
	memcpy(info->map.name, map->name, sizeof(map->name));
	if (map->btf)
		info->map.btf_id = map->btf->id;
	info->map.btf_key_type_id = map->btf_key_type_id;
	info->map.btf_value_type_id = map->btf_value_type_id;
	return 0;
}

static const struct description descriptions[] = {
	{ &btf_fops, sizeof(struct bpf_btf_info), fill_btf },
	{ &bpf_map_fops, sizeof(struct bpf_map_info), fill_map },
};

static const struct description *find_description(const struct file *file)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(descriptions); i++)
		if (file->f_op == descriptions[i].fops)
			return &descriptions[i];
	return NULL;
}

/* Whoever knows more than is known here may not have asked for it. */
static int check_tail(const void __user *uinfo, u32 len, u32 known)
{
	int zeroed;

	if (len > PAGE_SIZE)
		return -E2BIG;
	if (len <= known)
		return 0;
	zeroed = check_zeroed_user(uinfo + known, len - known);
	return zeroed < 0 ? zeroed : zeroed ? 0 : -E2BIG;
}

static int describe(struct bpf_request *req, const struct description *d, void *object)
{
	void __user *uinfo = u64_to_user_ptr(req->attr->info.info);
	u32 len = req->attr->info.info_len;
	union info info;
	int err;

	err = check_tail(uinfo, len, d->size);
	if (err)
		return err;
	len = min(len, d->size);
	memset(&info, 0, sizeof(info));
	if (copy_from_user(&info, uinfo, len))
		return -EFAULT;
	err = d->fill(object, &info);
	if (err)
		return err;
	if (copy_to_user(uinfo, &info, len) ||
	    put_user(len, &req->uattr->info.info_len))
		return -EFAULT;
	return 0;
}

int bpf_obj_info_decode(struct bpf_request *req)
{
	req->file = fdget(req->attr->info.bpf_fd);
	if (!req->file.file)
		return -EBADFD;
	return find_description(req->file.file) ? 0 : -EINVAL;
}

int bpf_obj_info_perform(struct bpf_request *req)
{
	struct file *file = req->file.file;

	return describe(req, find_description(file), file->private_data);
}

void bpf_obj_info_release(struct bpf_request *req)
{
	if (req->file.file)
		fdput(req->file);
}
