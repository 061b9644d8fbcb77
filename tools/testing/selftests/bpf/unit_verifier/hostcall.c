// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2) on the machine that builds: linked with --wrap=syscall, a test of the VM
 * lane talks to the verifier in its own process, and each program it loads goes
 * through check mode. The tests' sources are used as they are.
 *
 * Programs and maps get descriptors of /dev/null. Maps work from user space, as
 * simply as can be, since tests look at them between loads. Programs do not run,
 * so what tests say about results fails here.
 *
 * For each program a line goes to the file $CHECKMODE_REPORT:
 *
 *	accepted | refused | partly	checked; "partly": accepted, but the proof
 *					was too large for some way of verifying
 *	left out: why			not checked
 *	wrong: what, and the program	a finding
 */
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../map_freeze.h"
#include "modes.h"
#include "types.h"

#define RUNS		16
#define NOBODY		65534

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the report ----------------------------------------------------------------- */

static int report_fd = -1;

static void report_line(const char *text, size_t len)
{
	if (write(report_fd, text, len) != (ssize_t)len)
		fprintf(stderr, "no report: %s", text);
}

static void report(const char *what, const char *detail)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "%s%s%s\n", what,
			   detail ? ": " : "", detail ?: "");

	report_line(line, len);
}

static void report_wrong(const struct load *load, const char *wrong)
{
	char *text = malloc(64 * (load->len + 8));
	int len = sprintf(text, "wrong: %.300s;", wrong);

	for (u32 i = 0; i < load->len && i < 4096; i++)
		len += sprintf(text + len, " %016llx",
			       *(const u64 *)&load->insns[i]);
	len += sprintf(text + len, "\n");
	report_line(text, len);
	free(text);
}

/* ---- maps ---------------------------------------------------------------------------- */

struct elem {
	struct elem *next;
	u8 data[];		/* key, then value */
};

static struct elem *elems[LOAD_MAX_FDS];

static int new_fd(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd >= LOAD_MAX_FDS) {
		close(fd);
		return -EMFILE;
	}
	if (fd >= 0)
		load_maps[fd].map_type = 0;
	return fd < 0 ? -errno : fd;
}

static int map_create(const union bpf_attr *attr)
{
	bool array = attr->map_type == BPF_MAP_TYPE_ARRAY;
	int fd;

	if (!array && attr->map_type != BPF_MAP_TYPE_HASH)
		return -EINVAL;
	if (!attr->key_size || !attr->value_size || !attr->max_entries ||
	    (array && attr->key_size != 4))
		return -EINVAL;
	fd = new_fd();
	if (fd < 0)
		return fd;
	elems[fd] = NULL;
	load_forget_value(&load_maps[fd]);
	load_maps[fd] = (struct bpf_map){
		.map_type = attr->map_type,
		.key_size = attr->key_size,
		.value_size = attr->value_size,
		.max_entries = attr->max_entries,
		.map_flags = attr->map_flags,
	};
	return fd;
}

static struct elem **find(u32 fd, const void *key)
{
	struct elem **link = &elems[fd];

	while (*link && memcmp((*link)->data, key, load_maps[fd].key_size))
		link = &(*link)->next;
	return link;
}

static struct elem *add(u32 fd, struct elem **link, const void *key)
{
	const struct bpf_map *map = &load_maps[fd];

	*link = calloc(1, sizeof(**link) + map->key_size + map->value_size);
	memcpy((*link)->data, key, map->key_size);
	return *link;
}

/* The element of a key, made if it is about to be set or always there. */
static struct elem **find_for(int cmd, u32 fd, const void *key, int *err)
{
	const struct bpf_map *map = &load_maps[fd];
	bool array = map->map_type == BPF_MAP_TYPE_ARRAY;
	struct elem **link = find(fd, key);

	*err = 0;
	if (*link)
		return link;
	if (array && *(const u32 *)key >= map->max_entries)
		*err = cmd == BPF_MAP_UPDATE_ELEM ? -E2BIG : -ENOENT;
	else if (array || cmd == BPF_MAP_UPDATE_ELEM)
		add(fd, link, key);
	else
		*err = -ENOENT;
	return link;
}

static int map_elem(int cmd, const union bpf_attr *attr)
{
	const struct bpf_map *map = bpf_map_get(attr->map_fd);
	struct elem **link, *elem;
	u8 key[512];
	u8 *value;
	int err;

	if (IS_ERR(map))
		return PTR_ERR(map);
	if (cmd != BPF_MAP_LOOKUP_ELEM && map_is_frozen(map))
		return -EPERM;
	if (map->key_size > sizeof(key) ||
	    load_from_user(key, attr->key, map->key_size))
		return -EFAULT;
	link = find_for(cmd, attr->map_fd, key, &err);
	if (err)
		return err;
	elem = *link;
	value = elem->data + map->key_size;
	switch (cmd) {
	case BPF_MAP_LOOKUP_ELEM:
		return copy_to_user(u64_to_user_ptr(attr->value), value,
				    map->value_size) ? -EFAULT : 0;
	case BPF_MAP_UPDATE_ELEM:
		if (load_from_user(value, attr->value, map->value_size))
			return -EFAULT;
		if (map->max_entries == 1)
			memcpy(load_value(map), value, map->value_size);
		return 0;
	default:
		*link = elem->next;
		free(elem);
		return 0;
	}
}

static int map_next(const union bpf_attr *attr)
{
	const struct bpf_map *map = bpf_map_get(attr->map_fd);
	struct elem *elem;
	u8 key[512];

	if (IS_ERR(map))
		return PTR_ERR(map);
	elem = elems[attr->map_fd];
	if (attr->key && (map->key_size > sizeof(key) ||
			  load_from_user(key, attr->key, map->key_size)))
		return -EFAULT;
	if (attr->key && *find(attr->map_fd, key))
		elem = (*find(attr->map_fd, key))->next;
	if (!elem)
		return -ENOENT;
	return copy_to_user(u64_to_user_ptr(attr->next_key), elem->data,
			    map->key_size) ? -EFAULT : 0;
}

static int map_freeze_fd(const union bpf_attr *attr)
{
	struct bpf_map *map = bpf_map_get(attr->map_fd);

	return IS_ERR(map) ? PTR_ERR(map) : map_freeze(map);
}

/* ---- programs ------------------------------------------------------------------------- */

/* The licences the tests use; the kernel's list is longer. */
static bool is_gpl(const char *license)
{
	return !strcmp(license, "GPL") || !strcmp(license, "GPL v2") ||
	       !strcmp(license, "Dual BSD/GPL") || !strcmp(license, "Dual MIT/GPL");
}

static void check(const struct load *asked)
{
	static struct load program;
	u32 too_big = modes_count.too_big;
	u64 seed = asked->len;
	const char *wrong;

	for (u32 i = 0; i < asked->len; i++)
		seed = hash_64(seed ^ *(const u64 *)&asked->insns[i], 63);
	load_copy(&program, asked);
	program.attr.log_level = program.attr.log_size = 0;
	program.attr.log_buf = 0;
	wrong = modes_check(&program, seed >> 32, RUNS);
	if (!wrong && program.err == -EAGAIN) {
		report("left out", "more steps than check mode has time for");
		return;
	}
	if (!wrong && program.err != asked->err && asked->err != -EFAULT)
		wrong = "another verdict with a log";
	if (wrong)
		report_wrong(&program, wrong);
	else if (program.err)
		report("refused", NULL);
	else
		report(modes_count.too_big > too_big ? "partly" : "accepted", NULL);
}

static int prog_load(const union bpf_attr *attr)
{
	static struct load asked;
	static u32 too_long;
	char license[128] = "";

	/* It may end a page, so take what is there. */
	load_from_user(license, attr->license, sizeof(license) - 1);
	if (attr->prog_type != BPF_PROG_TYPE_SOCKET_FILTER &&
	    attr->prog_type != BPF_PROG_TYPE_KPROBE && attr->prog_type != BPF_PROG_TYPE_SCHED_CLS &&
	    attr->prog_type != BPF_PROG_TYPE_SCHED_ACT)
		return -EINVAL;
	if (!attr->insn_cnt || attr->insn_cnt > 1000000)
		return -E2BIG;
	if (attr->insn_cnt > LOAD_MAX_INSNS) {
		if (!too_long++)
			report("left out", "longer than check mode allows");
		return -ENOMEM;
	}
	asked.attr = *attr;
	asked.len = attr->insn_cnt;
	asked.ops = types_ops[attr->prog_type];
	asked.gpl = is_gpl(license);
	if (load_from_user(asked.insns, attr->insns,
			   asked.len * sizeof(*asked.insns)))
		return -EFAULT;
	load_patience = 1 << 20;
	load_run(&asked, PRUNE_ASKED);
	/* The log's parameters or its buffer were bad. */
	if (asked.err && asked.rule == __RULE_MAX)
		return asked.err;
	modes_patience = 64 * 1024;
	check(&asked);
	return asked.err ?: new_fd();
}

/* Attaching succeeds and does nothing. */
int __real_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t size)
{
	if (level == SOL_SOCKET && name == SO_ATTACH_BPF)
		return 0;
	return __real_setsockopt(fd, level, name, value, size);
}

static bool write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n == (ssize_t)strlen(text);
}

/*
 * Tests expect a guest of their own, with sysctls to set, interfaces to raise and
 * file systems to mount. As nobody they can change nothing here; in namespaces of
 * their own, where there are any, they think they do.
 */
static bool drop_privilege(void)
{
	if (!geteuid() && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
		return false;
	if (!unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)) {
		prctl(PR_SET_DUMPABLE, 1);
		write_file("/proc/self/setgroups", "deny");
		write_file("/proc/self/uid_map", "0 65534 1");
		write_file("/proc/self/gid_map", "0 65534 1");
	}
	return true;
}

/* Before main(). */
__attribute__((constructor)) static void start(void)
{
	const char *name = getenv("CHECKMODE_REPORT");
	int fd = name ? open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			     0644) : -1;

	report_fd = fcntl(fd, F_DUPFD_CLOEXEC, LOAD_MAX_FDS / 2);
	close(fd);
	if (report_fd < 0 || !drop_privilege()) {
		fprintf(stderr, "check mode: no report, or still root\n");
		_exit(2);
	}
}

/* ---- the call --------------------------------------------------------------------------- */

static int call_bpf(int cmd, u64 user, u32 size)
{
	union bpf_attr attr = {};

	if (load_from_user(&attr, user, min(size, sizeof(attr))))
		return -EFAULT;
	switch (cmd) {
	case BPF_MAP_CREATE:
		return map_create(&attr);
	case BPF_MAP_LOOKUP_ELEM:
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
		return map_elem(cmd, &attr);
	case BPF_MAP_GET_NEXT_KEY:
		return map_next(&attr);
	case BPF_MAP_FREEZE:
		return map_freeze_fd(&attr);
	case BPF_PROG_LOAD:
		return prog_load(&attr);
	default:
		return -EINVAL;
	}
}

long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	int ret;

	if (nr != __NR_bpf)
		return __real_syscall(nr, a, b, c, d, e, f);
	pthread_mutex_lock(&lock);
	ret = call_bpf(a, b, c);
	pthread_mutex_unlock(&lock);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}
