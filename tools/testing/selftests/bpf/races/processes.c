// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that come and go: one program loaded by many at a time, loaders that
 * are killed in the middle, children that fork and execute while others make
 * objects, and a memory limit that several run into together. Each dies when it
 * is told to, and gives everything back.
 */
#include "race.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- the same program, in parallel ------------------------------------------------------- */

#define PATHS_SHORT	7
#define PATHS_LONG	24	/* far beyond the limit of steps */

static unsigned long wrong, differ, loads;
static char first_log[256];
static pthread_mutex_t first_log_lock = PTHREAD_MUTEX_INITIALIZER;

/* Every sum of bits of the length is another value that is needed at the end. */
static size_t branching(struct bpf_insn *insn, int bits)
{
	size_t n = 0;

	insn[n++] = LDX(BPF_W, 7, 1, 0);
	insn[n++] = MOV_K(6, 0);
	for (int i = 0; i < bits; i++) {
		insn[n++] = JMP_K(BPF_JSET, 7, 1 << i, 1);
		insn[n++] = ALU_K(BPF_ADD, 6, 1 << i);
	}
	insn[n++] = MOV_X(1, 10);
	insn[n++] = ALU_K(BPF_AND, 6, 7);
	insn[n++] = ALU_X(BPF_ADD, 1, 6);
	insn[n++] = ST(BPF_B, 1, -16, 0);
	insn[n++] = MOV_K(0, 1);
	insn[n++] = EXIT();
	return n;
}

/* What the verifier did must not depend on who else is there. */
static void compare_log(const char *summary)
{
	pthread_mutex_lock(&first_log_lock);
	if (!first_log[0])
		snprintf(first_log, sizeof(first_log), "%s", summary);
	else if (strcmp(first_log, summary))
		differ++;
	pthread_mutex_unlock(&first_log_lock);
}

static void *load_same(void *arg)
{
	struct racer *r = arg;
	struct bpf_insn insns[64];
	size_t len = branching(insns, PATHS_SHORT);
	char *log = malloc(65536), *summary;

	while (racing()) {
		int fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", 1, log, 65536);

		summary = strstr(log, "processed");
		if (fd < 0 || !summary) {
			count(&wrong);
			continue;
		}
		compare_log(summary);
		close(fd);
		count(&loads);
		r->done++;
	}
	free(log);
	return NULL;
}

static void test_same(void)
{
	void *(*const bodies[THREADS])(void *) = {
		load_same, load_same, load_same, load_same, load_same, load_same, load_same, load_same,
	};

	race(bodies, 1500);
	is(wrong, 0, "a program that eight threads load always loads");
	is(differ, 0, "and takes the same number of steps each time");
	ok(loads >= THREADS && strstr(first_log, "processed"), "it was loaded %lu times", loads);
}

/* ---- a loader is killed ---------------------------------------------------------------------- */

#define KILLS	6
#define DEATH_MS 1000

static unsigned long *completed;	/* loads of the children, which are not to get so far */

static long free_kb(void)
{
	static char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	char *line;

	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	line = strstr(text, "MemAvailable:");
	return line ? atol(line + 13) : 0;
}

static bool comes_back(long before, long slack_kb)
{
	for (int i = 0; i < 100; i++) {
		if (free_kb() >= before - slack_kb)
			return true;
		pause_ms(50);
	}
	note("%ld kB of %ld kB are back", free_kb(), before);
	return false;
}

/* Loads for ever what takes long; threads share the descriptors that die with it. */
static void *load_long(void *arg)
{
	struct bpf_insn insns[128];
	size_t len = branching(insns, PATHS_LONG);
	static char log[1 << 16];

	for (;;) {
		prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", arg ? 2 : 0, log, sizeof(log));
		count(completed);
	}
	return NULL;
}

static long kill_one(long after_ms)
{
	pthread_t thread;
	long start;
	int status;
	pid_t pid = fork();

	if (!pid) {
		pthread_create(&thread, NULL, load_long, (void *)1);
		load_long(NULL);
		_exit(0);
	}
	pause_ms(after_ms);
	if (waitpid(pid, &status, WNOHANG))
		return -1;
	start = now_ms();
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		return -1;
	return now_ms() - start;
}

static void test_kill(void)
{
	long took, longest = 0, before;
	int i;

	completed = mmap(NULL, sizeof(*completed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	kill_one(50);
	before = free_kb();
	for (i = 0; i < KILLS; i++) {
		took = kill_one(20 + 40 * i);
		if (took < 0)
			break;
		longest = took > longest ? took : longest;
	}
	is(i, KILLS, "loaders that are killed die of it");
	is((long long)*completed, 0, "in the middle of a load");
	ok(longest < DEATH_MS, "and at once: within %ld ms, a whole load takes many seconds", longest);
	ok(comes_back(before, 4096), "and leave no memory behind");
}

/* ---- fork and exec ---------------------------------------------------------------------------- */

/* In the executed program: descriptors of maps and programs must not be there. */
static int count_objects(void)
{
	char path[300], target[64];
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int found = 0;

	while (dir && (entry = readdir(dir))) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		found += strstr(target, "bpf-") != NULL;
	}
	return found;
}

static void *make_objects(void *arg)
{
	struct racer *r = arg;
	__u64 value = 1;
	__u32 key = 0;

	while (racing()) {
		int map = map_create(BPF_MAP_TYPE_HASH, 4, 8, 8, 0);
		int prog = FILTER(MOV_K(0, 0), EXIT());

		if (map < 0 || prog < 0 || map_put(map, &key, &value, BPF_ANY))
			count(&wrong);
		close(map);
		close(prog);
		r->done++;
	}
	return NULL;
}

static int shared_map;
static unsigned long inherited, children;

/* Half of the children write into the map they inherited, half execute. */
static void *fork_children(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u64 one = 1;
		__u32 key = rnd(r, 1000);
		int status;
		pid_t pid = fork();

		if (!pid) {
			if (key % 2)
				_exit(map_put(shared_map, &key, &one, BPF_ANY) ? 100 : 0);
			execl("/proc/self/exe", "races", "count", NULL);
			_exit(101);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) >= 100)
			count(&wrong);
		else if (WEXITSTATUS(status))
			count(&inherited);
		count(&children);
		r->done++;
	}
	return NULL;
}

static void test_fork(void)
{
	void *(*const bodies[THREADS])(void *) = {
		make_objects, make_objects, make_objects, make_objects, fork_children, fork_children,
		fork_children, fork_children,
	};
	__u32 key, entries = 0;

	wrong = 0;
	shared_map = map_create(BPF_MAP_TYPE_HASH, 4, 8, 1000, 0);
	ok(count_objects() == 1, "the parent sees its map among its descriptors");
	race(bodies, 2000);
	is(wrong, 0, "children and makers: nothing failed");
	is(inherited, 0, "nothing is open after exec");
	for (int ret = map_next(shared_map, NULL, &key); !ret; ret = map_next(shared_map, &key, &key))
		entries++;
	ok(children >= 8 && entries, "%lu children, %u of them wrote into the map", children, entries);
	close(shared_map);
}

/* ---- a limit that several meet ------------------------------------------------------------------ */

#define GROUP	"/cg/races"
#define LIMIT	(48 << 20)
#define EATERS	6

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static long long number_in(const char *path, const char *word)
{
	char text[1024] = "", *at;
	int fd = open(path, O_RDONLY);

	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	at = strstr(text, word);
	return at ? atoll(at + strlen(word)) : -1;
}

/* Maps until there is no memory, twice; 0 if each refusal was -ENOMEM. */
static int eat(int nth)
{
	int fds[256], n, round, ret = 0;

	if (write_to(GROUP "/cgroup.procs", "0"))
		return 1;
	for (round = 0; round < 2; round++) {
		for (n = 0; n < 256; n++) {
			fds[n] = map_create(nth % 2 ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY, 4,
					    16384, 64, nth % 3 ? 0 : BPF_F_NO_PREALLOC * (nth % 2));
			if (fds[n] < 0)
				break;
		}
		if (n == 256 || fds[n] != -ENOMEM)
			ret = 2;
		/* Out of memory is for new ones: what is there works. */
		for (int i = 0; i < n && !ret; i++)
			if (map_get(fds[i], &(__u32){ 0 }, (char[16384]){ 0 }) == -ENOMEM)
				continue;
			else if (map_del(fds[i], &(__u32){ 99 }) == 0)
				ret = 3;
		while (n--)
			close(fds[n]);
		pause_ms(50);
	}
	return ret;
}

static void test_limit(void)
{
	char limit[32];
	int status, bad = 0;
	bool back = false;

	mkdir("/cg", 0755);
	if (mount("cgroup2", "/cg", "cgroup2", 0, NULL) ||
	    write_to("/cg/cgroup.subtree_control", "+memory") || (mkdir(GROUP, 0755) && errno != EEXIST)) {
		skip("a limit that several meet", "no memory cgroups: %m");
		return;
	}
	snprintf(limit, sizeof(limit), "%d", LIMIT);
	write_to(GROUP "/memory.max", limit);
	for (int i = 0; i < EATERS; i++)
		if (!fork())
			_exit(eat(i));
	for (int i = 0; i < EATERS; i++) {
		wait(&status);
		if (status) {
			note("a child ended with %#x", status);
			bad++;
		}
	}
	is(bad, 0, "%d processes at one limit: each is refused with ENOMEM, and goes on", EATERS);
	is(number_in(GROUP "/memory.events", "oom_kill "), 0, "none is killed");
	for (int i = 0; i < 100 && !back; i++) {
		back = number_in(GROUP "/memory.current", "") < 2 << 20;
		pause_ms(50);
	}
	ok(back, "all charges are back (%lld kB)", number_in(GROUP "/memory.current", "") >> 10);
	umount("/cg");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return count_objects();
	test_same();
	test_kill();
	test_fork();
	test_limit();
	return finish();
}
