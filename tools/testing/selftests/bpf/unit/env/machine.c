// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kernel.h, smp.h and net.h declare: memory that may run out, deferred
 * work, CPUs that are interrupted; and maps without descriptors.
 */
#include "machine.h"

#include <signal.h>
#include <time.h>

__thread int this_cpu;
__thread volatile int irqs_off, nmi_depth;
static __thread volatile int irq_depth;
/* A thread takes no signal before it knows which CPU it is. */
static __thread volatile int is_up;

volatile bool machine_stop;
long machine_allocations_left = -1;

bool user_memory_gone;
struct task_struct this_task;
bool task_is_perfmon = true;
int shim_warnings;

void __weak shim_warned(const char *file, int line)
{
	fprintf(stderr, "%s:%d: warning\n", file, line);
	abort();
}

bool __weak load_killed(void)
{
	return false;
}

/* ---- memory ----------------------------------------------------------------------- */

static bool out_of_memory(void)
{
	if (machine_allocations_left > 0)
		machine_allocations_left--;
	else if (!machine_allocations_left)
		return true;
	return false;
}

long machine_live;
void (*machine_allocated)(void *p, size_t size);

static void *allocate(size_t size, int fill)
{
	/* No machine has as much as this; a sanitizer would complain. */
	void *p = out_of_memory() || size >> 40 ? NULL : malloc(size);

	if (!p)
		return NULL;
	memset(p, fill, size);
	__atomic_add_fetch(&machine_live, 1, __ATOMIC_RELAXED);
	if (machine_allocated)
		machine_allocated(p, size);
	return p;
}

/* What nobody wrote shows. */
void *kmalloc(size_t size, gfp_t gfp)
{
	return allocate(size, 0xa5);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return allocate(size, 0);
}

void kfree(const void *p)
{
	if (p)
		__atomic_sub_fetch(&machine_live, 1, __ATOMIC_RELAXED);
	free((void *)p);
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	return gfp & __GFP_ZERO ? kzalloc(size, gfp) : kmalloc(size, gfp);
}

void vfree(const void *p)
{
	kfree(p);
}

void set_vm_flush_reset_perms(void *p)
{
}

int set_memory_ro(unsigned long addr, int numpages)
{
	return 0;
}

void *bpf_map_area_alloc(u64 size, int numa_node)
{
	return kzalloc(size, 0);
}

void *bpf_map_pages_alloc(u64 size, int numa_node)
{
	return bpf_map_area_alloc(size, numa_node);
}

void bpf_map_area_free(void *area)
{
	kfree(area);
}

/* ---- time and chance: the same in every run ------------------------------------------ */

u64 machine_time;

u64 ktime_get_mono_fast_ns(void)
{
	return machine_time += 1000;
}

u32 get_random_u32(void)
{
	return 0x12345678 + (u32)(machine_time += 77);
}

u64 get_random_u64(void)
{
	return (u64)get_random_u32() << 32 | get_random_u32();
}

u32 skb_get_poff(const struct sk_buff *skb)
{
	return skb->network_header + 20;
}

/* A lock nobody gives back is a deadlock: say so instead of hanging. */
void unit_spinning(unsigned int rounds)
{
	if (rounds % 64 == 63)
		sched_yield();
	if (rounds > 200000000) {
		fprintf(stderr, "deadlock: CPU %d spins for ever\n", this_cpu);
		abort();
	}
}

/* ---- deferred work --------------------------------------------------------------- */

#define QUEUED 64

static struct irq_work *irq_works[QUEUED];
static struct work_struct *works[QUEUED];

static void post(void **slots, void *work)
{
	for (int i = 0; i < QUEUED; i++) {
		void *none = NULL;

		if (__atomic_compare_exchange_n(&slots[i], &none, work, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return;
	}
	abort();
}

void irq_work_queue(struct irq_work *work)
{
	if (!__atomic_exchange_n(&work->raised, 1, __ATOMIC_SEQ_CST))
		post((void **)irq_works, work);
}

bool schedule_work(struct work_struct *work)
{
	queue_work(NULL, work);
	return true;
}

void queue_work(void *wq, struct work_struct *work)
{
	if (!__atomic_exchange_n(&work->raised, 1, __ATOMIC_SEQ_CST))
		post((void **)works, work);
}

/* One thread at a time does what is posted. */
static pthread_mutex_t running = PTHREAD_MUTEX_INITIALIZER;

static void do_posted(void)
{
	pthread_mutex_lock(&running);
	for (int i = 0; i < QUEUED; i++) {
		struct irq_work *irq = __atomic_exchange_n(&irq_works[i], NULL, __ATOMIC_SEQ_CST);

		if (irq) {
			__atomic_store_n(&irq->raised, 0, __ATOMIC_SEQ_CST);
			irq->func(irq);
		}
	}
	for (int i = 0; i < QUEUED; i++) {
		struct work_struct *work = __atomic_exchange_n(&works[i], NULL, __ATOMIC_SEQ_CST);

		if (work) {
			__atomic_store_n(&work->raised, 0, __ATOMIC_SEQ_CST);
			work->func(work);
		}
	}
	pthread_mutex_unlock(&running);
}

void machine_settle(void)
{
	do_posted();
	do_posted();
}

void irq_work_sync(struct irq_work *work)
{
	machine_settle();
}

void cancel_work_sync(struct work_struct *work)
{
	machine_settle();
}

/* ---- CPUs --------------------------------------------------------------------------- */

static void (*body_of)(int cpu);
static void (*irq_of)(int cpu);
static void (*nmi_of)(int cpu);

static void on_irq(int sig)
{
	int saved = errno;

	if (is_up && !irqs_off && !irq_depth && !nmi_depth && irq_of) {
		irq_depth++;
		irqs_off = 1;
		irq_of(this_cpu);
		irqs_off = 0;
		irq_depth--;
	}
	errno = saved;
}

static void on_nmi(int sig)
{
	int saved = errno;

	if (is_up && nmi_of) {
		nmi_depth++;
		nmi_of(this_cpu);
		nmi_depth--;
	}
	errno = saved;
}

unsigned int machine_stall_every;

/* Others get on by as much as the host lets them. */
void machine_stall(void)
{
	static __thread u64 state;
	unsigned int n;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL + this_cpu;
	if (!is_up || (state >> 33) % machine_stall_every)
		return;
	for (n = (state >> 20) % 8; n; n--)
		sched_yield();
}

static void *cpu_thread(void *arg)
{
	this_cpu = (int)(intptr_t)arg;
	barrier();
	is_up = 1;
	body_of(this_cpu);
	return NULL;
}

static void *worker_thread(void *arg)
{
	struct timespec pause = { 0, 100000 };

	while (!machine_stop) {
		do_posted();
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void machine_run(void (*cpu_body)(int cpu), void (*irq)(int cpu), void (*nmi)(int cpu),
		 unsigned int ms, bool (*enough)(void))
{
	struct sigaction on_irqs = { .sa_handler = on_irq, .sa_flags = SA_RESTART };
	struct sigaction on_nmis = { .sa_handler = on_nmi, .sa_flags = SA_RESTART };
	struct timespec pause = { 0, 20000 };
	pthread_t cpus[NR_CPUS], worker;
	unsigned int n = 0;
	u64 passed, began;

	body_of = cpu_body;
	irq_of = irq;
	nmi_of = nmi;
	machine_stop = false;
	/* An NMI is not interrupted by an interrupt. */
	sigaddset(&on_nmis.sa_mask, SIGUSR1);
	sigaction(SIGUSR1, &on_irqs, NULL);
	sigaction(SIGUSR2, &on_nmis, NULL);

	pthread_create(&worker, NULL, worker_thread, NULL);
	for (int i = 0; i < NR_CPUS; i++)
		pthread_create(&cpus[i], NULL, cpu_thread, (void *)(intptr_t)i);
	began = now_ms();
	do {
		for (int i = 0; i < NR_CPUS; i++)
			pthread_kill(cpus[i], ++n % 3 ? SIGUSR2 : SIGUSR1);
		nanosleep(&pause, NULL);
		passed = now_ms() - began;
	} while (passed < ms || (!enough() && passed < 10 * ms));
	machine_stop = true;
	for (int i = 0; i < NR_CPUS; i++)
		pthread_join(cpus[i], NULL);
	pthread_join(worker, NULL);
	machine_settle();
}

/* ---- maps ----------------------------------------------------------------------------- */

void bpf_map_init_from_attr(struct bpf_map *map, const union bpf_attr *attr)
{
	map->numa_node = NUMA_NO_NODE;
	map->map_flags = attr->map_flags;
	map->max_entries = attr->max_entries;
	map->value_size = attr->value_size;
	map->key_size = attr->key_size;
	map->map_type = attr->map_type;
}

struct bpf_map *map_make(u32 type, u32 key, u32 value, u32 max, u32 flags)
{
	const struct bpf_map_ops *ops = type == BPF_MAP_TYPE_HASH ? &htab_map_ops : &array_map_ops;
	struct bpf_map *map;
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key;
	attr.value_size = value;
	attr.max_entries = max;
	attr.map_flags = flags;
	err = ops->map_alloc_check(&attr);
	if (err)
		return ERR_PTR(err);
	map = ops->map_alloc(&attr);
	if (!IS_ERR(map))
		map->ops = ops;
	return map;
}

void map_unmake(struct bpf_map *map)
{
	map->ops->map_release_uref(map);
	map->ops->map_free(map);
}

/* ---- what the tables of types name and nothing here reaches -------------------- */

const struct bpf_map_user_ops bpf_map_plain_user_ops;

/* Lacks every operation, so the type is refused. */
const struct bpf_map_ops prog_array_map_ops;

int bpf_test_run_skb(struct bpf_prog *prog, const union bpf_attr *attr,
		     union bpf_attr *uattr)
{
	return -EOPNOTSUPP;
}

/* ---- type information: no descriptor is one ------------------------------------------- */

struct btf *btf_get_by_fd(u32 fd)
{
	return ERR_PTR(-EBADF);
}

void btf_put(struct btf *btf)
{
}
