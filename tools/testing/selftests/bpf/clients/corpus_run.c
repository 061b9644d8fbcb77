// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs each program of the corpus on the same frames: what it keeps of each and
 * what stands in its maps afterwards. The three instruction sets must agree, and
 * the "verdict" lines must be those of the base's kernel (see tests.list).
 *
 *	corpus_run DIRECTORY NAME...
 */
#include "test.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "packets.h"

#define FRAMES 500

static struct frame frames[FRAMES];

/* FNV-1a */
static __u64 digest(__u64 h, const void *data, size_t n)
{
	for (const __u8 *p = data; n--; p++)
		h = (h ^ *p) * 0x100000001b3ULL;
	return h;
}

#define DIGEST_START 0xcbf29ce484222325ULL

/* Sum over elements: the order of a hash is the kernel's own business. */
static __u64 map_digest(const struct bpf_map *map)
{
	size_t key_size = bpf_map__key_size(map), value_size = bpf_map__value_size(map);
	void *key = calloc(1, key_size), *value = calloc(1, value_size);
	int fd = bpf_map__fd(map);
	__u64 sum = 0;

	for (int err = map_next(fd, NULL, key); !err; err = map_next(fd, key, key))
		if (!map_get(fd, key, value))
			sum += digest(digest(DIGEST_START, key, key_size), value, value_size);
	free(key);
	free(value);
	return sum;
}

/* Digest of the lengths kept; also how many frames were kept at all. */
static __u64 run_frames(int prog, unsigned int *kept)
{
	__u64 h = DIGEST_START;

	*kept = 0;
	for (size_t i = 0; i < FRAMES; i++) {
		int n = filter_run(prog, frames[i].data, frames[i].len, NULL);

		h = digest(h, &n, sizeof(n));
		*kept += n > 0;
	}
	return h;
}

struct outcome {
	__u64 lengths, maps;
	unsigned int kept;
};

static bool run_object(const char *path, struct outcome *o)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	struct bpf_map *map;

	if (!obj || bpf_object__load(obj)) {
		note("%s does not load", path);
		return false;
	}
	o->lengths = run_frames(bpf_program__fd(bpf_object__find_program_by_name(obj, "prog")),
				&o->kept);
	o->maps = 0;
	bpf_object__for_each_map(map, obj)
		o->maps = o->maps * 31 + map_digest(map);
	bpf_object__close(obj);
	return true;
}

int main(int argc, char **argv)
{
	static const char * const cpus[] = { "v1", "v2", "v3" };
	struct rng r = { 77 };
	char path[512];

	if (argc < 3)
		bail("usage: corpus_run DIRECTORY NAME...");
	frames_make(&r, frames, FRAMES);
	for (int a = 2; a < argc; a++) {
		struct outcome o[ARRAY_LEN(cpus)] = { 0 };
		bool all = true;

		for (size_t c = 0; c < ARRAY_LEN(cpus); c++) {
			snprintf(path, sizeof(path), "%s/%s.%s.o", argv[1], argv[a], cpus[c]);
			all = run_object(path, &o[c]) && all;
			printf("verdict %s %s keeps %u: %016llx, maps %016llx\n", argv[a], cpus[c],
			       o[c].kept, o[c].lengths, o[c].maps);
		}
		ok(all && !memcmp(&o[0], &o[1], sizeof(o[0])) && !memcmp(&o[0], &o[2], sizeof(o[0])),
		   "%s does the same in three instruction sets", argv[a]);
	}
	return finish();
}
