// SPDX-License-Identifier: GPL-2.0-only
/*
 * Type information as an object: what is given back of it, who holds it, what loading
 * it says to wrong sizes and logs, and threads that load it while others change its
 * bytes, close its descriptors and give them to maps and programs.
 */
#include "types.h"

#include <pthread.h>
#include <time.h>

#define TYPES	"INT 'int' 4 0x01000020  FUNC_PROTO 0 1  FUNC 'main' 2  DECL_TAG 'line' 3 -1"
#define RACE_MS	2000
#define SLOTS	4
#define SLOT(n)	(400 + (n))

static const struct bpf_insn seven[] = { MOV_K(0, 7), EXIT() };
static struct blob blob;

static long describe(int fd, void *info, __u32 *len)
{
	union bpf_attr a;
	long err;

	memset(&a, 0, sizeof(a));
	a.info.bpf_fd = (__u32)fd;
	a.info.info_len = *len;
	a.info.info = ptr64(info);
	err = sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &a);
	*len = a.info.info_len;
	return err;
}

static long describe_types(int fd, struct bpf_btf_info *info)
{
	__u32 len = sizeof(*info);

	return describe(fd, info, &len);
}

static int map_with(int types)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_type = BPF_MAP_TYPE_HASH;
	a.key_size = 4;
	a.value_size = 4;
	a.max_entries = 1;
	a.btf_fd = (__u32)types;
	a.btf_key_type_id = 1;
	a.btf_value_type_id = 1;
	return (int)sys_bpf(BPF_MAP_CREATE, &a);
}

static int prog_with(int types)
{
	struct bpf_func_info func = { 0, 3 };
	struct bpf_line_info line = { 0, 0, 0, 0 };
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(seven);
	a.insn_cnt = ARRAY_LEN(seven);
	a.license = ptr64("GPL");
	a.prog_btf_fd = (__u32)types;
	a.func_info = ptr64(&func);
	a.func_info_cnt = 1;
	a.func_info_rec_size = sizeof(func);
	a.line_info = ptr64(&line);
	a.line_info_cnt = 1;
	a.line_info_rec_size = sizeof(line);
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

/* ---- what is given back -------------------------------------------------------------- */

static void test_description(void)
{
	int fd = types_load(TYPES);
	unsigned char back[4096];
	struct bpf_btf_info info;
	char name = 'x';

	memset(&info, 0, sizeof(info));
	is(describe_types(fd, &info), 0, "described without room for the bytes");
	is(info.btf_size, blob.size, "says how many there are");
	ok(info.id, "has a number");
	is(info.id, fdinfo_number(fd, "btf_id:\t"), "the number that fdinfo says");
	is(info.kernel_btf, 0, "is not the kernel's");

	memset(&info, 0, sizeof(info));
	memset(back, 0xee, sizeof(back));
	info.btf = ptr64(back);
	info.btf_size = sizeof(back);
	is(describe_types(fd, &info), 0, "described");
	ok(!memcmp(back, blob.data, blob.size), "the bytes are those that were loaded");
	is(back[blob.size], 0xee, "nothing is written behind them");

	memset(back, 0xee, sizeof(back));
	info.btf_size = 10;
	is(describe_types(fd, &info), 0, "described, ten bytes wanted");
	ok(!memcmp(back, blob.data, 10) && back[10] == 0xee, "ten bytes are written");

	memset(&info, 0, sizeof(info));
	info.name = ptr64(&name);
	info.name_len = 1;
	is(describe_types(fd, &info), 0, "described, name wanted");
	is(name, 0, "the name is empty");
	memset(&info, 0, sizeof(info));
	info.name_len = 1;
	is(describe_types(fd, &info), -EINVAL, "length of a name without a place for it");
	close(fd);
}

static void test_wrong_questions(void)
{
	int fd = types_load(TYPES), prog = FILTER(MOV_K(0, 0), EXIT());
	unsigned char info[8192];
	__u32 len;

	memset(info, 0, sizeof(info));
	len = sizeof(info);
	is(describe(fd, info, &len), -E2BIG, "more than a page");
	len = 64;
	is(describe(fd, info, &len), 0, "longer than known, of zeroes");
	is(len, sizeof(struct bpf_btf_info), "the answer is as long as known");
	info[63] = 1;
	len = 64;
	is(describe(fd, info, &len), -E2BIG, "longer than known, in use");
	len = 64;
	is(describe(fd, (void *)4096, &len), -EFAULT, "nowhere");
	len = 64;
	is(describe(999, info, &len), -EBADFD, "of no descriptor");
	is(describe(0, info, &len), -EINVAL, "of a descriptor of something else");
	close(fd);
	close(prog);
}

/* ---- loading ------------------------------------------------------------------------------ */

static long load_as(__u64 at, __u32 size, __u32 level, void *log, __u32 log_size)
{
	union bpf_attr a;
	long fd;

	memset(&a, 0, sizeof(a));
	a.btf = at;
	a.btf_size = size;
	a.btf_log_level = level;
	a.btf_log_buf = ptr64(log);
	a.btf_log_size = log_size;
	fd = sys_bpf(BPF_BTF_LOAD, &a);
	if (fd < 0)
		return fd;
	close((int)fd);
	return 0;
}

static void test_loading(bool ours)
{
	__u64 at = ptr64(blob.data);
	__u32 size = (__u32)blob.size;
	static char log[4096];

	is(load_as(at, size, 0, NULL, 0), 0, "loaded");
	is(load_as(at, (16 << 20) + 1, 0, NULL, 0), -E2BIG, "more than 16 MiB");
	is(load_as(4096, size, 0, NULL, 0), -EFAULT, "bytes that are nowhere");
	is(load_as(at, 0, 0, NULL, 0), -EINVAL, "no bytes");
	is(load_as(at, size, 1, log, sizeof(log)), 0, "with a log");
	is_str(log, "[1] INT int size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n", "has types");
	is(load_as(at, size, 1, log, 64), -EINVAL, "with a log that is too small to be one");
	is(load_as(at, size, 1, NULL, 0), -EINVAL, "with a level and no log");
	is(load_as(at, size, 0, log, 0), -EINVAL, "with a log and no size");
	is(load_as(at, size, 0, log, sizeof(log)), -EINVAL, "with a log and no level");
	is(load_as(at, size, 8, log, sizeof(log)), -EINVAL, "with an unknown level");
	is(load_as(at, size, 1, log, 128), ours ? 0 : -ENOSPC, "with a log that does not fit");
	is(load_as(at, size, 1, (void *)4096, sizeof(log)), 0, "with a log nowhere");
}

/* ---- who holds it --------------------------------------------------------------------------- */

static void test_holders(void)
{
	int types = types_load(TYPES), map, prog;
	struct bpf_map_info info;
	__u32 id, len = sizeof(info);

	id = (__u32)fdinfo_number(types, "btf_id:\t");
	map = map_with(types);
	prog = prog_with(types);
	ok(map >= 0 && prog >= 0, "a map and a program with types");
	close(types);
	memset(&info, 0, sizeof(info));
	is(describe(map, &info, &len), 0, "the map, described");
	is(info.btf_id, id, "holds them");
	close(map);
	is(prog_test_run(prog, 1), 7, "the program runs");
	close(prog);
}

/* ---- threads -------------------------------------------------------------------------------- */

static bool over;
static unsigned long taken, refused, maps, progs, rejected_again;
static unsigned char *changing;

static bool racing(void)
{
	return !__atomic_load_n(&over, __ATOMIC_RELAXED);
}

/* The bytes, one of which is another one for a moment. */
static void *change(void *arg)
{
	for (unsigned int i = 0; racing(); i++) {
		size_t at = i * 2654435761u % blob.size;

		__atomic_store_n(&changing[at], (unsigned char)i, __ATOMIC_RELAXED);
		__atomic_store_n(&changing[at], blob.data[at], __ATOMIC_RELAXED);
	}
	return NULL;
}

/* What was taken is what was checked: it is taken again. */
static void check_taken(int fd)
{
	struct bpf_btf_info info;
	unsigned char back[4096];

	memset(&info, 0, sizeof(info));
	info.btf = ptr64(back);
	info.btf_size = sizeof(back);
	if (describe_types(fd, &info) || load_as(ptr64(back), info.btf_size, 0, NULL, 0))
		__atomic_add_fetch(&rejected_again, 1, __ATOMIC_RELAXED);
}

static void *load(void *arg)
{
	struct blob shared = { changing, blob.size };

	for (unsigned int i = 0; racing(); i++) {
		int fd = types_load_blob(&shared);

		__atomic_add_fetch(fd < 0 ? &refused : &taken, 1, __ATOMIC_RELAXED);
		if (fd < 0)
			continue;
		check_taken(fd);
		dup2(fd, SLOT(i % SLOTS));
		close(fd);
	}
	return NULL;
}

static void *use(void *arg)
{
	for (unsigned int i = 0; racing(); i++) {
		int map = map_with(SLOT(i % SLOTS)), prog = prog_with(SLOT(i % SLOTS));

		close(SLOT((i * 7 + 1) % SLOTS));
		maps += map >= 0;
		progs += prog >= 0 && prog_test_run(prog, 1) == 7;
		close(map);
		close(prog);
	}
	return NULL;
}

static void test_threads(void)
{
	static void *(*const bodies[])(void *) = { change, load, load, use };
	struct timespec time = { RACE_MS / 1000, 0 };
	pthread_t threads[ARRAY_LEN(bodies)];

	changing = malloc(blob.size);
	memcpy(changing, blob.data, blob.size);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		pthread_create(&threads[i], NULL, bodies[i], NULL);
	nanosleep(&time, NULL);
	__atomic_store_n(&over, true, __ATOMIC_RELAXED);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		pthread_join(threads[i], NULL);
	note("taken %lu refused %lu maps %lu programs %lu", taken, refused, maps, progs);
	ok(taken > 20, "types were taken while their bytes changed");
	ok(maps && progs, "maps and programs took them while they were closed");
	is(rejected_again, 0, "what was taken is taken again");
}

int main(int argc, char **argv)
{
	blob = blob_make(TYPES);
	test_description();
	test_wrong_questions();
	test_loading(argc > 1 && !strcmp(argv[1], "ours"));
	test_holders();
	test_threads();
	return finish();
}
