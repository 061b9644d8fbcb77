// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code follows the mitigations that the kernel chose at boot: how it
 * returns, how it jumps to another program, whether a filter of a user clears the
 * history of branches. Seen in the code and told as verdicts: another kernel, booted
 * with the same arguments, must answer the same.
 *
 * The code is what BPF_OBJ_GET_INFO_BY_FD gives, and on a kernel without that command
 * what is printed with net.core.bpf_jit_enable 2. Linux 6.1 prints the memory before
 * the code is in it.
 */
#include "../engine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <sys/klog.h>
#include <sys/syscall.h>

#define LOG_READ_ALL	3
#define LOG_CLEAR	5
#define CODE_MAX	4096

#define KPTR_RESTRICT	"/proc/sys/kernel/kptr_restrict"

/* Whether addresses are shown; returns what was set before. */
static char set_kptr_restrict(char value)
{
	int fd = open(KPTR_RESTRICT, O_RDWR);
	char before;

	if (fd < 0 || read(fd, &before, 1) != 1 || pwrite(fd, &value, 1, 0) != 1)
		bail(KPTR_RESTRICT ": %m");
	close(fd);
	return before;
}

/* ---- the printed code ---------------------------------------------------------------- */

static struct {
	__u8 bytes[CODE_MAX];
	size_t len;
	unsigned long at;
} code;

static void take_line(const char *line)
{
	const char *hex = strstr(line, "JIT code: "), *at;
	unsigned int byte;
	int used;

	at = strstr(line, " image=");
	if (strstr(line, "flen=") && at) {
		code.len = 0;
		code.at = strtoul(at + 7, NULL, 16);
	}
	if (!hex)
		return;
	hex = strchr(hex + 10, ':');
	while (hex && code.len < CODE_MAX && sscanf(++hex, " %2x%n", &byte, &used) == 1) {
		code.bytes[code.len++] = (__u8)byte;
		hex += used - 1;
	}
}

static bool ask_for_code(int fd)
{
	struct bpf_prog_info info;
	union bpf_attr attr;
	__u64 at = 0;

	memset(&info, 0, sizeof(info));
	info.jited_prog_insns = ptr64(code.bytes);
	info.jited_prog_len = CODE_MAX;
	info.jited_ksyms = ptr64(&at);
	info.nr_jited_ksyms = 1;
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)fd;
	attr.info.info = ptr64(&info);
	attr.info.info_len = sizeof(info);
	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		return false;
	code.len = info.jited_prog_len;
	code.at = at;
	return true;
}

/* Of @fd, the last program that was made. */
static bool read_code(int fd)
{
	static char text[1 << 20];
	int len = klogctl(LOG_READ_ALL, text, sizeof(text) - 1);

	memset(&code, 0, sizeof(code));
	if (ask_for_code(fd))
		return code.len && code.at;
	if (len < 0)
		bail("the log cannot be read: %m");
	text[len] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		take_line(line);
	return code.len && code.at;
}

/* ---- what it refers to ----------------------------------------------------------------- */

#define SYMBOLS_MAX	512

static struct {
	unsigned long at;
	char name[64];
} symbols[SYMBOLS_MAX];
static unsigned int nsymbols;

static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long at;
	char line[512], name[64];

	while (f && nsymbols < SYMBOLS_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %*c %63s", &at, name) != 2 ||
		    (!strstr(name, "thunk") && strcmp(name, "clear_bhb_loop")) || strstr(name, "__pfx"))
			continue;
		symbols[nsymbols].at = at;
		snprintf(symbols[nsymbols++].name, sizeof(symbols[0].name), "%s", name);
	}
	if (f)
		fclose(f);
}

/* Without the register: each JIT has its own. */
static const char *symbol_at(unsigned long at)
{
	static char name[64];
	char *end;

	for (unsigned int i = 0; i < nsymbols; i++) {
		if (symbols[i].at != at)
			continue;
		snprintf(name, sizeof(name), "%s", symbols[i].name);
		end = strstr(name, "indirect_thunk_r");
		if (end)
			end[strlen("indirect_thunk")] = '\0';
		return name;
	}
	return NULL;
}

/* Where calls and jumps (@opcode) lead that have @word in the name of their target. */
static const char *leads_to(__u8 opcode, const char *word)
{
	__s32 distance;

	for (size_t i = 0; i + 5 <= code.len; i++) {
		const char *name;

		memcpy(&distance, code.bytes + i + 1, sizeof(distance));
		name = code.bytes[i] == opcode ? symbol_at(code.at + i + 5 + distance) : NULL;
		if (name && strstr(name, word))
			return name;
	}
	return NULL;
}

static bool has(const char *bytes, size_t len)
{
	return memmem(code.bytes, code.len, bytes, len);
}

static const char *way_to_return(void)
{
	const char *name = leads_to(0xe9, "return_thunk");

	if (name)
		return name;
	if (has("\xc3\xcc", 2))
		return "ret, int3 behind it";
	return has("\xc3", 1) ? "ret" : "none";
}

/* ---- programs ---------------------------------------------------------------------------- */

static void test_return(void)
{
	int fd;

	klogctl(LOG_CLEAR, NULL, 0);
	fd = FILTER(MOV_K(0, 0), EXIT());
	ok(fd >= 0 && read_code(fd), "the code of a program is printed, with its address");
	printf("verdict returns: %s\n", way_to_return());
	printf("verdict begins with endbr64: %d\n",
	       code.len > 4 && !memcmp(code.bytes, "\xf3\x0f\x1e\xfa", 4));
	close(fd);
}

/* A direct jump to another program: five breakpoints until there is one. */
static void test_known_tail_call(bool hidden)
{
	int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0), fd;

	klogctl(LOG_CLEAR, NULL, 0);
	fd = FILTER(LD_MAP(2, map), MOV_K(3, 1), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT());
	ok(fd >= 0 && read_code(fd), "that of a program with a tail call to a known slot");
	if (!getenv("PRISTINE"))
		is(has("\xcc\xcc\xcc\xcc\xcc", 5), !hidden, "it has a place for a jump, or not");
	close(fd);
	close(map);
}

static void test_tail_call(void)
{
	int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0), fd;
	const char *name;

	klogctl(LOG_CLEAR, NULL, 0);
	fd = FILTER(LDX(BPF_W, 3, 1, 0), LD_MAP(2, map), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT());
	ok(fd >= 0 && read_code(fd), "that of a program with a tail call");
	name = leads_to(0xe9, "indirect");
	/* With spectre_v2=retpoline,lfence this is all there is in the thunk. */
	if (!name && has("\x0f\xae\xe8\xff", 4))
		name = "__x86_indirect_thunk";
	printf("verdict a tail call jumps: %s\n", name ? name : "as it is");
	close(fd);
	close(map);
}

/* To be an administrator, or a user who may see addresses. */
static void be_admin(bool yes)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	static const unsigned int admin[] = { CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &head, caps))
		bail("capget: %m");
	for (size_t i = 0; i < ARRAY_LEN(admin); i++) {
		__u32 bit = 1U << admin[i] % 32;

		caps[admin[i] / 32].effective &= ~bit;
		caps[admin[i] / 32].effective |= yes ? bit : 0;
	}
	if (syscall(SYS_capset, &head, caps))
		bail("capset: %m");
}

/* A filter that a user attaches; false if its code cannot be read. */
static bool read_users_filter(__u32 constant)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, constant) };
	struct sock_fprog prog = { 1, insns };
	int sk = socket(AF_UNIX, SOCK_DGRAM, 0);

	klogctl(LOG_CLEAR, NULL, 0);
	be_admin(false);
	ok(!setsockopt(sk, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)), "a user's filter");
	be_admin(true);
	close(sk);
	if (read_code(-1) && has("\xc3", 1) | (leads_to(0xe9, "return_thunk") != NULL))
		return true;
	if (getenv("PRISTINE"))
		skip("a user's filter's code", "the kernel printed what was there before");
	else
		ok(false, "the code of a user's filter is printed");
	return false;
}

/* What the kernel says of the way it chose for system calls. */
static bool clears_history(void)
{
	char text[256] = "";
	int fd = open("/sys/devices/system/cpu/vulnerabilities/spectre_v2", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		bail("spectre_v2: %m");
	close(fd);
	return strstr(text, "BHI: SW loop");
}

static void test_history(void)
{
	if (read_users_filter(5))
		ok((leads_to(0xe8, "clear_bhb_loop") != NULL) == clears_history(),
		   "it clears the history of branches if system calls do");
}

/* Whose constants net.core.bpf_jit_harden hides: nobody's, those of users, everybody's. */
static void test_harden(const char *harden, bool hides_users, bool hides_all)
{
	const __u32 constant = 0x5a1e7c3d;
	int fd;

	jit_set("harden", harden);
	klogctl(LOG_CLEAR, NULL, 0);
	fd = FILTER(MOV_K(0, constant), EXIT());
	ok(fd >= 0 && read_code(fd), "bpf_jit_harden %s: code of an administrator's program", harden);
	is(has((const char *)&constant, sizeof(constant)), !hides_all, "it shows its constant, or not");
	close(fd);
	test_known_tail_call(hides_all);
	if (read_users_filter(constant))
		is(has((const char *)&constant, sizeof(constant)), !hides_users,
		   "it shows its constant, or not");
	jit_set("harden", "0");
}

int main(void)
{
	char restricted;

	if (!have_jit()) {
		skip("machine code", "no CONFIG_BPF_JIT");
		return finish();
	}
	restricted = set_kptr_restrict('1');
	jit_set("enable", "2");
	read_symbols();
	ok(nsymbols, "the kernel has names of thunks");
	test_return();
	test_tail_call();
	test_known_tail_call(false);
	test_history();
	test_harden("0", false, false);
	test_harden("1", true, false);
	test_harden("2", true, true);
	set_kptr_restrict(restricted);
	return finish();
}
