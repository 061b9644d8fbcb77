// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that come and go: one program loaded by many at a time, loaders that
 * are killed in the middle, children that fork and execute while others make
 * objects. Each dies when it is told to, and gives everything back.
 */
#include "race.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
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

static bool enough_loads(void)
{
	return loads >= 2 * THREADS;
}

static void test_same(void)
{
	void *(*const bodies[THREADS])(void *) = {
		load_same, load_same, load_same, load_same, load_same, load_same, load_same, load_same,
	};

	race(bodies, 1500, enough_loads);
	is(wrong, 0, "a program that eight threads load always loads");
	is(differ, 0, "and takes the same number of steps each time");
	ok(enough_loads() && strstr(first_log, "processed"), "it was loaded %lu times", loads);
}

/* ---- a loader is killed ---------------------------------------------------------------------- */

#define KILLS	6
#define DEATH_MS 500	/* more than what it takes to kill those that only spin */

static unsigned long *completed;	/* loads of the children, which are not to get so far */

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

static void *spin(void *arg)
{
	for (;;)
		count(completed + 1);
	return NULL;
}

/* How long a process of two threads of @body takes to die; -1 if it was dead already. */
static long kill_one(void *(*body)(void *), long after_ms)
{
	pthread_t thread;
	long start;
	int status;
	pid_t pid = fork();

	if (!pid) {
		pthread_create(&thread, NULL, body, (void *)1);
		body(NULL);
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
	long took, shortest = LONG_MAX, before, limit = DEATH_MS;
	int i;

	completed = mmap(NULL, 2 * sizeof(*completed), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < KILLS; i++)
		limit += kill_one(spin, 20);
	kill_one(load_long, 50);
	before = available_kb_shrunk();
	for (i = 0; i < KILLS; i++) {
		took = kill_one(load_long, 20 + 40 * i);
		if (took < 0)
			break;
		shortest = took < shortest ? took : shortest;
	}
	is(i, KILLS, "loaders that are killed die of it");
	is((long long)*completed, 0, "in the middle of a load");
	/* A busy machine makes some of them wait; deaf ones would all be slow. */
	ok(shortest < limit, "and at once: within %ld ms of %ld; a whole load takes many seconds",
	   shortest, limit);
	ok(memory_back(before), "and leave no memory behind");
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

static bool enough_children(void)
{
	return children >= 8;
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
	race(bodies, 2000, enough_children);
	is(wrong, 0, "children and makers: nothing failed");
	is(inherited, 0, "nothing is open after exec");
	for (int ret = map_next(shared_map, NULL, &key); !ret; ret = map_next(shared_map, &key, &key))
		entries++;
	ok(enough_children() && entries, "%lu children, %u of them wrote into the map", children, entries);
	close(shared_map);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return count_objects();
	test_same();
	test_kill();
	test_fork();
	return finish();
}
