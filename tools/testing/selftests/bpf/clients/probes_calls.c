// SPDX-License-Identifier: GPL-2.0-only
/*
 * The questions that systemd 252, the Go library cilium/ebpf 0.9.1 (container
 * runtimes) and libbpf 1.1 (perf links) ask by system calls that must fail: which
 * errno comes tells them what there is. Any other than the two they know is an error
 * to them, and an answer that is wrong makes them use what is not there.
 *
 * On Linux 6.1 ($PRISTINE) whatever is here must be there too.
 */
#include "../test.h"

#define GO	"cilium/ebpf: "
#define SD	"systemd: "

static int program(__u32 type, const char *name, const struct bpf_insn *insns, int n)
{
	union bpf_attr a = {
		.prog_type = type, .insns = ptr64(insns), .insn_cnt = n, .license = ptr64("GPL"),
	};

	strncpy(a.prog_name, name, sizeof(a.prog_name) - 1);
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

#define PROGRAM(type, name, ...)					\
	program(type, name, (struct bpf_insn[]) { __VA_ARGS__ },	\
		ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

static int any_program(void)
{
	return PROGRAM(BPF_PROG_TYPE_SOCKET_FILTER, "", MOV_K(0, 0), EXIT());
}

static int map(__u32 type, __u32 key, __u32 value, __u32 flags, const char *name, int inner)
{
	union bpf_attr a = {
		.map_type = type, .key_size = key, .value_size = value, .max_entries = 1,
		.map_flags = flags, .inner_map_fd = inner,
	};

	strncpy(a.map_name, name, sizeof(a.map_name) - 1);
	return (int)sys_bpf(BPF_MAP_CREATE, &a);
}

/* systemd */

static int cgroup_packets(void)
{
	return PROGRAM(BPF_PROG_TYPE_CGROUP_SKB, "", MOV_K(0, 1), EXIT());
}

static int cgroup_devices(void)
{
	return PROGRAM(BPF_PROG_TYPE_CGROUP_DEVICE, "sd_devices", MOV_K(0, 1), EXIT());
}

static int change_cgroup(int command, __u32 flags)
{
	int prog = any_program();
	union bpf_attr a = {
		.target_fd = -1, .attach_bpf_fd = prog, .attach_flags = flags,
		.attach_type = BPF_CGROUP_INET_EGRESS,
	};
	int ret = (int)sys_bpf(command, &a);

	close(prog);
	return ret;
}

static int detach(void)
{
	return change_cgroup(BPF_PROG_DETACH, 0);
}

static int attach_several(void)
{
	return change_cgroup(BPF_PROG_ATTACH, BPF_F_ALLOW_MULTI);
}

static int attach_replacing(void)
{
	return change_cgroup(BPF_PROG_ATTACH, BPF_F_REPLACE);
}

static int prefixes(void)
{
	return map(BPF_MAP_TYPE_LPM_TRIE, 8, 8, BPF_F_NO_PREALLOC, "", 0);
}

static int query(void)
{
	union bpf_attr a = { .query.target_fd = -1, .query.attach_type = BPF_CGROUP_INET_INGRESS };

	return (int)sys_bpf(BPF_PROG_QUERY, &a);
}

static int pinned(void)
{
	union bpf_attr a = { .pathname = ptr64("/sys/fs/bpf/not_there") };

	return (int)sys_bpf(BPF_OBJ_GET, &a);
}

/* cilium/ebpf */

static int nested_maps(void)
{
	int inner = map(BPF_MAP_TYPE_ARRAY, 4, 4, 0, "", 0);
	int ret = map(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 0, "", inner);

	close(inner);
	return ret;
}

static int array(void)		{ return map(BPF_MAP_TYPE_ARRAY, 4, 4, 0, "feature_test", 0); }
static int dotted(void)		{ return map(BPF_MAP_TYPE_ARRAY, 4, 4, 0, ".test", 0); }
static int read_only(void)	{ return map(BPF_MAP_TYPE_ARRAY, 4, 4, BPF_F_RDONLY_PROG, "", 0); }
static int mapped(void)		{ return map(BPF_MAP_TYPE_ARRAY, 4, 4, BPF_F_MMAPABLE, "", 0); }
static int inner_map(void)	{ return map(BPF_MAP_TYPE_ARRAY, 4, 4, BPF_F_INNER_MAP, "", 0); }
static int not_reserved(void)	{ return map(BPF_MAP_TYPE_HASH, 4, 4, BPF_F_NO_PREALLOC, "", 0); }

static int batch(void)
{
	int fd = map(BPF_MAP_TYPE_HASH, 4, 4, 0, "", 0);
	__u32 keys[] = { 1 }, values[] = { 2 };
	union bpf_attr a = {
		.batch = { .keys = ptr64(keys), .values = ptr64(values), .count = 1, .map_fd = fd },
	};
	int ret = (int)sys_bpf(BPF_MAP_UPDATE_BATCH, &a);

	close(fd);
	return ret;
}

static int read_kernel(void)
{
	return PROGRAM(BPF_PROG_TYPE_KPROBE, "", MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		       MOV_K(3, 0), CALL(BPF_FUNC_probe_read_kernel), EXIT());
}

static int functions(void)
{
	return PROGRAM(BPF_PROG_TYPE_SOCKET_FILTER, "",
		       INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(),
		       MOV_K(0, 0), EXIT());
}

static int test_run(void)
{
	int prog = any_program();
	char packet[14] = { };
	union bpf_attr a = {
		.test = { .prog_fd = prog, .data_in = ptr64(packet), .data_size_in = sizeof(packet) },
	};
	int ret = (int)sys_bpf(BPF_PROG_TEST_RUN, &a);

	close(prog);
	return ret;
}

/* A header, one integer, and a section of names with nothing but the empty one. */
static int types(void)
{
	static const __u32 blob[] = { 0x0001eb9f, 24, 0, 16, 16, 1, 0, 1 << 24, 4, 32, 0 };
	union bpf_attr a = { .btf = ptr64(blob), .btf_size = 24 + 16 + 1 };

	return (int)sys_bpf(BPF_BTF_LOAD, &a);
}

static int create_link(__u32 attach_type)
{
	union bpf_attr a = {
		.link_create = { .prog_fd = -1, .target_fd = -1, .attach_type = attach_type },
	};

	return (int)sys_bpf(BPF_LINK_CREATE, &a);
}

static int cgroup_link(void)	{ return create_link(BPF_CGROUP_INET_INGRESS); }
static int perf_link(void)	{ return create_link(BPF_PERF_EVENT); }

/* yes: the errno, or 0 for any descriptor, that means it is there. no: that it is not. */
static const struct probe {
	const char *name;
	int (*ask)(void);
	int yes, no;
	bool here;
} probes[] = {
	{ SD "programs at packets of a cgroup",		cgroup_packets,	0, EINVAL, false },
	{ SD "... can be detached",			detach,		EBADF, EINVAL, false },
	{ SD "... several of them attached",		attach_several,	EBADF, EINVAL, false },
	{ SD "... and listed",				query,		EBADF, EINVAL, false },
	{ SD "programs at devices of a cgroup",		cgroup_devices,	0, EINVAL, false },
	{ SD "maps of prefixes",			prefixes,	0, EINVAL, false },
	{ SD "pinned programs",				pinned,		ENOENT, EINVAL, false },
	{ GO "maps in maps",				nested_maps,	0, EINVAL, false },
	{ GO "hashes that reserve nothing",		not_reserved,	0, EINVAL, true },
	{ GO "names",					array,		0, EINVAL, true },
	{ GO "names with a dot",			dotted,		0, EINVAL, true },
	{ GO "maps that programs cannot change",	read_only,	0, EINVAL, true },
	{ GO "maps in memory of the process",		mapped,		0, EINVAL, true },
	{ GO "inner maps of any size",			inner_map,	0, EINVAL, false },
	{ GO "many elements at a time",			batch,		0, EINVAL, false },
	{ GO "a helper that came late",			read_kernel,	0, EINVAL, false },
	{ GO "functions of programs",			functions,	0, EINVAL, true },
	{ GO "test runs",				test_run,	0, EINVAL, true },
	{ GO "type information",			types,		0, EINVAL, false },
	{ GO "replacing a program of a cgroup",		attach_replacing, EBADF, EINVAL, false },
	{ GO "links to cgroups",			cgroup_link,	EBADF, EINVAL, false },
	{ "libbpf: links to perf events",		perf_link,	EBADF, EINVAL, false },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
		const struct probe *p = &probes[i];
		int got = p->ask();
		int answer = got < 0 ? -got : 0;

		if (p->here || (getenv("PRISTINE") && answer != p->no))
			is(answer, p->yes, "%s", p->name);
		else
			is(answer, p->no, "%s", p->name);
		if (got > 0)
			close(got);
	}
	return finish();
}
