/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of struct bpf_map that the map types use. */
struct bpf_map {
	const struct bpf_map_ops *ops;
	u32 map_type, key_size, value_size, max_entries, map_flags;
	int numa_node;
};
