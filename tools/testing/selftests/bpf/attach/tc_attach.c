// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs in cls_bpf and act_bpf: which are taken, and what becomes of a packet
 * for each value they return.
 */
#include "tc.h"
#include <linux/capability.h>
#include <sys/wait.h>

#define CLS	BPF_PROG_TYPE_SCHED_CLS
#define ACT	BPF_PROG_TYPE_SCHED_ACT

/* A program that only counts itself and returns. */
static int returns(__u32 type, int value, int key)
{
	int fd = PROG_LOAD(type, MOV_X(6, 1), MOV_K(0, 1), STORE_RESULT(key), MOV_K(0, value), EXIT());

	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	return fd;
}

static void forget(void)
{
	for (int key = 0; key < 8; key++)
		map_put(result_map, &key, &(long long){ 0 }, 0);
}

static void put_fds(const struct cls *f)
{
	close(f->fd);
	for (int i = 0; i < 3 && f->acts[i]; i++)
		close(f->acts[i]);
}

/* Add a filter, send a frame. 'a' arrived, '-' did not; then which programs ran. */
static const char *outcome(struct cls f, int second)
{
	static char text[32];
	int err, n;

	forget();
	f.hook = f.hook ?: EGRESS;
	f.dev = hook_dev(f.hook);
	f.prio = 1;
	err = add_cls(&f);
	put_fds(&f);
	if (second) {
		struct cls g = { .dev = f.dev, .hook = f.hook, .prio = 2, .direct = true, .fd = second };

		err = err ?: add_cls(&g);
		close(second);
	}
	if (err) {
		snprintf(text, sizeof(text), "error %d", err);
		return text;
	}
	send_frame();
	n = snprintf(text, sizeof(text), "%c", receive(in_fd, 60) ? 'a' : '-');
	for (int key = 0; key < 8; key++)
		if (result(key))
			n += snprintf(text + n, sizeof(text) - (size_t)n, "%d", key);
	del_cls(f.dev, f.hook);
	return text;
}

static void test_direct(void)
{
	static const struct { int value; const char *want; const char *what; } cases[] = {
		{ TC_ACT_OK, "a0", "ok" },
		{ TC_ACT_SHOT, "-0", "shot" },
		{ TC_ACT_STOLEN, "-0", "stolen" },
		{ TC_ACT_UNSPEC, "a01", "unspec" },
		{ TC_ACT_RECLASSIFY, "a01", "reclassify" },
		{ TC_ACT_PIPE, "a01", "pipe" },
		{ TC_ACT_QUEUED, "a01", "queued" },
		{ TC_ACT_REPEAT, "a01", "repeat" },
		{ TC_ACT_REDIRECT, "-0", "redirect to nowhere" },
		{ TC_ACT_TRAP, "-0", "trap" },
		{ 9, "a01", "9" }, { 77, "a01", "77" }, { -2, "a01", "-2" },
	};

	for (size_t h = 0; h < ARRAY_LEN(hooks); h++)
		for (size_t i = 0; i < ARRAY_LEN(cases); i++)
			is_str(outcome((struct cls){ .fd = returns(CLS, cases[i].value, 0), .direct = true,
						     .hook = hooks[h].hook }, returns(CLS, TC_ACT_OK, 1)),
			       cases[i].want, "%s, direct: %s", hooks[h].name, cases[i].what);
}

/* Without direct action a value is a class, and the filter's actions decide. */
static void test_match(void)
{
	is_str(outcome((struct cls){ .fd = returns(CLS, 0, 0), .acts = { returns(ACT, TC_ACT_SHOT, 2) } }, 0),
	       "a0", "0 does not match");
	is_str(outcome((struct cls){ .fd = returns(CLS, -1, 0), .acts = { returns(ACT, TC_ACT_SHOT, 2) } }, 0),
	       "-02", "-1 matches");
	is_str(outcome((struct cls){ .fd = returns(CLS, 0x10002, 0),
				     .acts = { returns(ACT, TC_ACT_SHOT, 2) } }, 0), "-02", "a class matches");
	is_str(outcome((struct cls){ .fd = returns(CLS, -1, 0) }, returns(CLS, TC_ACT_SHOT, 1)),
	       "a0", "a match without actions ends it");
}

static void test_actions(void)
{
	static const struct { int value, other; const char *want; const char *what; } cases[] = {
		{ TC_ACT_OK, 0, "a02", "ok" }, { TC_ACT_SHOT, 0, "-02", "shot" },
		{ TC_ACT_PIPE, 0, "-023", "pipe: the next action" },
		{ TC_ACT_UNSPEC, TC_ACT_SHOT, "-02", "unspec: what the action says" },
		{ TC_ACT_UNSPEC, TC_ACT_PIPE, "-023", "unspec: the next action" },
		{ TC_ACT_UNSPEC, TC_ACT_OK, "a02", "unspec: ok" },
		{ TC_ACT_STOLEN, TC_ACT_SHOT, "a02", "stolen is none of an action" },
		{ 99, TC_ACT_SHOT, "a02", "an unknown value" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_str(outcome((struct cls){ .fd = returns(CLS, -1, 0), .act_default = cases[i].other,
					     .acts = { returns(ACT, cases[i].value, 2),
						       returns(ACT, TC_ACT_SHOT, 3) } }, 0),
		       cases[i].want, "action: %s", cases[i].what);
}

static int attach_err(struct cls f)
{
	int err;

	f.dev = "t0";
	f.hook = EGRESS;
	err = add_cls(&f);
	del_cls("t0", EGRESS);
	return err;
}

static void test_refused(void)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0), pipe_fd[2];
	int cls = returns(CLS, 0, 0), act = returns(ACT, 0, 0);
	int filter = FILTER(MOV_K(0, 0), EXIT()), sk[2];

	if (pipe(pipe_fd) || socketpair(AF_UNIX, SOCK_DGRAM, 0, sk))
		bail("pipe");
	is(attach_err((struct cls){ .fd = cls, .direct = true }), 0, "a classifier");
	is(attach_err((struct cls){ .fd = -1 }), -EBADF, "no descriptor");
	is(attach_err((struct cls){ .fd = 999 }), -EBADF, "a closed one");
	is(attach_err((struct cls){ .fd = map }), -EINVAL, "a map");
	is(attach_err((struct cls){ .fd = pipe_fd[0] }), -EINVAL, "a pipe");
	is(attach_err((struct cls){ .fd = filter }), -EINVAL, "a socket filter");
	is(attach_err((struct cls){ .fd = act }), -EINVAL, "an action as classifier");
	is(attach_err((struct cls){ .fd = cls, .acts = { act } }), 0, "an action");
	is(attach_err((struct cls){ .fd = cls, .acts = { cls } }), -EINVAL, "a classifier as action");
	is(attach_err((struct cls){ .fd = cls, .acts = { filter } }), -EINVAL, "a socket filter as action");
	is(attach_err((struct cls){ .fd = cls, .acts = { 999 } }), -EBADF, "no action");
	is(setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &cls, sizeof(cls)) ? -errno : 0, -EINVAL,
	   "a classifier on a socket");
	is(setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &act, sizeof(act)) ? -errno : 0, -EINVAL,
	   "an action on a socket");
}

/* Load @type in a child without the capability @cap; its errno. */
static int load_without(__u32 type, int cap)
{
	int status, pid = fork();

	if (!pid) {
		struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[2];
		struct bpf_insn prog[] = { MOV_K(0, 0), EXIT() };
		int fd;

		syscall(SYS_capget, &head, data);
		data[cap / 32].effective &= ~(1U << cap % 32);
		/* The old capability stands for the new ones. */
		data[0].effective &= ~(1U << CAP_SYS_ADMIN);
		if (syscall(SYS_capset, &head, data))
			_exit(99);
		fd = prog_load(type, prog, 2);
		_exit(fd < 0 ? -fd : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		bail("child");
	return -WEXITSTATUS(status);
}

static void test_privilege(void)
{
	static const struct { __u32 type; const char *name; } types[] = { { CLS, "cls" }, { ACT, "act" } };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		is(load_without(types[i].type, CAP_SYS_CHROOT), 0, "%s: allowed", types[i].name);
		is(load_without(types[i].type, CAP_NET_ADMIN), -EPERM, "%s: without CAP_NET_ADMIN",
		   types[i].name);
		is(load_without(types[i].type, CAP_BPF), -EPERM, "%s: without CAP_BPF", types[i].name);
	}
}

/* The class of a filter is in the context, its lower half. */
static void test_class(void)
{
	int fd = SHOW(LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, tc_classid)));
	struct cls f = { .dev = "t0", .hook = EGRESS, .fd = fd, .direct = true, .classid = 0x10203 };

	is(add_cls(&f), 0, "a filter with a class");
	send_frame();
	receive(in_fd, 200);
	is(result(0), 0x203, "its program sees the class");
	del_cls("t0", EGRESS);
	close(fd);
}

/* A program lives while a filter holds it, without a descriptor. */
static void test_lifetime(void)
{
	struct cls f = { .dev = "t0", .hook = EGRESS, .fd = returns(CLS, TC_ACT_OK, 5), .direct = true };

	forget();
	is(add_cls(&f), 0, "a filter");
	close(f.fd);
	send_frame();
	ok(receive(in_fd, 200) && result(5), "runs after its descriptor was closed");
	forget();
	f.fd = returns(CLS, TC_ACT_SHOT, 6);
	is(add_cls(&f), 0, "replaced by another");
	close(f.fd);
	send_frame();
	ok(!receive(in_fd, 60) && result(6) && !result(5), "that runs in its place");
	is(del_cls("t0", EGRESS), 0, "removed");
	send_frame();
	ok(receive(in_fd, 200), "nothing runs");
}

int main(void)
{
	tc_init();
	test_direct();
	test_match();
	test_actions();
	test_refused();
	test_privilege();
	test_class();
	test_lifetime();
	return finish();
}
