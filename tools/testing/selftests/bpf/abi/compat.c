// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf(2), and attaching what it made, for 32-bit programs: there is no other
 * layout, only another entry.
 */
#include "../test.h"
#include "../call32.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>

/* Everything the kernel reads or writes. */
static struct low {
	union bpf_attr attr;
	struct bpf_insn insns[8];
	char license[4];
	__u32 key, fd;
	__u64 value;
	__u32 query[4];
} *low;

static int bpf32(int cmd)
{
	return (int)call32(NR32_BPF, cmd, (long)&low->attr, sizeof(low->attr), 0, 0);
}

static void test_map(void)
{
	int map;

	low->attr = (union bpf_attr) { .map_type = BPF_MAP_TYPE_HASH, .key_size = 4,
				       .value_size = 8, .max_entries = 4 };
	map = bpf32(BPF_MAP_CREATE);
	ok(map >= 0, "create a map (%d)", map);

	low->key = 5;
	low->value = 0x123456789abcdef0ULL;
	low->attr = (union bpf_attr) { .map_fd = (__u32)map, .key = ptr64(&low->key),
				       .value = ptr64(&low->value) };
	is(bpf32(BPF_MAP_UPDATE_ELEM), 0, "update");
	low->value = 0;
	is(bpf32(BPF_MAP_LOOKUP_ELEM), 0, "lookup");
	ok(low->value == 0x123456789abcdef0ULL, "all 64 bits of the value");
	low->attr.key = 1ULL << 32 | low->attr.key;
	is(bpf32(BPF_MAP_LOOKUP_ELEM), -EFAULT, "addresses have 64 bits all the same");
	close(map);
}

static int load32(__u32 type)
{
	low->insns[0] = (struct bpf_insn)MOV_K(0, 20);
	low->insns[1] = (struct bpf_insn)EXIT();
	strcpy(low->license, "GPL");
	low->attr = (union bpf_attr) { .prog_type = type, .insn_cnt = 2,
				       .insns = ptr64(low->insns), .license = ptr64(low->license) };
	return bpf32(BPF_PROG_LOAD);
}

static void test_socket(void)
{
	int prog = load32(BPF_PROG_TYPE_SOCKET_FILTER), sk[2];
	char packet[100] = "";

	ok(prog >= 0, "load a filter (%d)", prog);
	socketpair(AF_UNIX, SOCK_DGRAM, 0, sk);
	low->fd = (__u32)prog;
	is(call32(NR32_SETSOCKOPT, sk[0], SOL_SOCKET, SO_ATTACH_BPF, (long)&low->fd, 4), 0,
	   "attach it");
	is(write(sk[1], packet, sizeof(packet)), sizeof(packet), "send");
	is(recv(sk[0], packet, sizeof(packet), MSG_DONTWAIT), 20, "it runs");
	close(sk[0]);
	close(sk[1]);
	close(prog);
}

/* The numbers of these ioctls hold the size of a pointer, which differs. */
static void test_event(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
					.config = PERF_COUNT_SW_CPU_CLOCK };
	int event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	int prog = load32(BPF_PROG_TYPE_KPROBE);

	if (event < 0 || prog < 0) {
		skip("perf events", "event %d, kprobe program %d", event, prog);
		return;
	}
	is(call32(NR32_IOCTL, event, _IOW('$', 8, __u32), prog, 0, 0), -EINVAL,
	   "a clock runs no program");
	low->query[0] = 2;
	is(call32(NR32_IOCTL, event, _IOWR('$', 10, __u32), (long)low->query, 0, 0), -EINVAL,
	   "and has none to ask for");
	is(call32(NR32_IOCTL, event, _IOW('$', 8, __u32), -1, 0, 0), -EBADF, "no descriptor");
	close(prog);
	close(event);
}

int main(void)
{
	low = low_memory(sizeof(*low));
	if (!low)
		bail("no memory below 4 GiB");
	test_map();
	test_socket();
	test_event();
	return finish();
}
