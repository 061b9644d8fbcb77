/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files behind bpf(2) share.
 *
 * A command has two halves. Decode makes every check that needs no effect,
 * takes references and copies what the attribute points to into the request;
 * perform acts. Release gives back what decode took, whatever happened.
 */
#ifndef _BPF_SYSCALL_H
#define _BPF_SYSCALL_H

#include <linux/bpf.h>
#include <linux/file.h>
#include <linux/types.h>

/**
 * struct bpf_request_room - memory of one call for what is small
 * @key: a key
 * @value: a value, or the next key
 */
struct bpf_request_room {
	u64 key[8];
	u64 value[32];
};

/**
 * struct bpf_request - one call of bpf(2)
 * @attr: the only copy of the caller's attribute
 * @uattr: where it came from; only ever written to
 * @room: not initialised
 * @file: descriptor of the map, element commands; of any object
 * @map: map behind @file
 * @writes: counts as a writer of the map
 * @key: copy of the key, NULL if the caller gave none; in @room if it fits there
 * @value: copy of the value, or room for it; likewise
 * @map_ops: type of the map to create
 * @map_types: type information of the map to create, or NULL
 * @prog_type: row of the type of the program to load
 * @prog: program to load or to run
 * @name: checked name of the object to create
 */
struct bpf_request {
	const union bpf_attr *attr;
	union bpf_attr __user *uattr;
	struct bpf_request_room *room;
	union {
		struct {
			struct fd file;
			struct bpf_map *map;
			bool writes;
			void *key;
			void *value;
		};
		struct {
			const struct bpf_map_ops *map_ops;
			struct btf *map_types;
		};
		struct {
			const struct bpf_prog_type_desc *prog_type;
			struct bpf_prog *prog;
		};
	};
	char name[BPF_OBJ_NAME_LEN];
};

/* A command that takes nothing in decode has no release. */
int bpf_map_create_decode(struct bpf_request *req);
int bpf_map_create_perform(struct bpf_request *req);
void bpf_map_create_release(struct bpf_request *req);
int bpf_map_lookup_decode(struct bpf_request *req);
int bpf_map_lookup_perform(struct bpf_request *req);
int bpf_map_update_decode(struct bpf_request *req);
int bpf_map_update_perform(struct bpf_request *req);
int bpf_map_delete_decode(struct bpf_request *req);
int bpf_map_delete_perform(struct bpf_request *req);
int bpf_map_next_key_decode(struct bpf_request *req);
int bpf_map_next_key_perform(struct bpf_request *req);
void bpf_map_elem_release(struct bpf_request *req);
int bpf_map_freeze_decode(struct bpf_request *req);
int bpf_map_freeze_perform(struct bpf_request *req);

int bpf_prog_load_decode(struct bpf_request *req);
int bpf_prog_load_perform(struct bpf_request *req);
void bpf_prog_load_release(struct bpf_request *req);

int bpf_test_run_decode(struct bpf_request *req);
int bpf_test_run_perform(struct bpf_request *req);
void bpf_test_run_release(struct bpf_request *req);

int bpf_btf_load_decode(struct bpf_request *req);
int bpf_btf_load_perform(struct bpf_request *req);

int bpf_obj_info_decode(struct bpf_request *req);
int bpf_obj_info_perform(struct bpf_request *req);
void bpf_obj_info_release(struct bpf_request *req);

int bpf_obj_name_copy(char *dst, const char *src);

struct bpf_map *bpf_map_from_file(struct fd f);
int bpf_map_publish(struct bpf_map *map);
int bpf_map_new_fd(struct bpf_map *map, int flags);
int bpf_map_mmap(struct file *file, struct vm_area_struct *vma);
void bpf_map_put_uref(struct bpf_map *map);

int bpf_prog_publish(struct bpf_prog *prog);
int bpf_prog_new_fd(struct bpf_prog *prog);
void bpf_prog_destroy_unpublished(struct bpf_prog *prog);

#endif /* _BPF_SYSCALL_H */
