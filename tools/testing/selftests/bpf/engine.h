/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which engine runs programs from now on, and the memory of machine code. The guest
 * is shared with other tests: each setting gets its old value when the test ends,
 * also early.
 */
#ifndef SELFTEST_BPF_ENGINE_H
#define SELFTEST_BPF_ENGINE_H

#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#define JIT_SETTINGS	4

static struct jit_setting {
	const char *name;
	char before[32];
} jit_settings[JIT_SETTINGS];
static pid_t jit_settings_owner;

/* jit_path - of net.core.bpf_jit_NAME */
static inline const char *jit_path(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/sys/net/core/bpf_jit_%s", name);
	return path;
}

/* have_jit - false on a kernel that can only interpret */
static inline MAYBE_UNUSED bool have_jit(void)
{
	return !access(jit_path("enable"), F_OK);
}

/* jit_get - a setting, as a number; -1 if there is none */
static inline long jit_get(const char *name)
{
	int fd = open(jit_path(name), O_RDONLY);
	char text[32] = "";
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atol(text) : -1;
}

/* 0 or -errno. */
static inline int jit_write(const char *name, const char *value)
{
	int fd = open(jit_path(name), O_WRONLY), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static inline void jit_restore(void)
{
	if (getpid() != jit_settings_owner)
		return;
	for (struct jit_setting *s = jit_settings; s < jit_settings + JIT_SETTINGS; s++)
		if (s->name)
			jit_write(s->name, s->before);
}

static inline void jit_remember(const char *name)
{
	struct jit_setting *s = jit_settings;

	if (!jit_settings_owner) {
		jit_settings_owner = getpid();
		atexit(jit_restore);
	}
	while (s->name && strcmp(s->name, name))
		if (++s == jit_settings + JIT_SETTINGS)
			bail("more settings than there is room for");
	if (s->name)
		return;
	s->name = name;
	snprintf(s->before, sizeof(s->before), "%ld", jit_get(name));
}

/* jit_set - net.core.bpf_jit_NAME while this test runs */
static inline MAYBE_UNUSED void jit_set(const char *name, const char *value)
{
	int err;

	jit_remember(name);
	err = jit_write(name, value);
	if (err)
		bail("bpf_jit_%s to %s: %s", name, value, strerror(-err));
}

/* have_interpreter - false on a kernel whose programs are all machine code */
static inline MAYBE_UNUSED bool have_interpreter(void)
{
	char now[16];
	bool can;

	if (!have_jit())
		return true;
	snprintf(now, sizeof(now), "%ld", jit_get("enable"));
	can = !jit_write("enable", "0");
	if (can)
		jit_write("enable", now);
	return can;
}

/* jit_text_bytes - memory taken for machine code */
static inline MAYBE_UNUSED long jit_text_listed(void)
{
	FILE *f = fopen("/proc/vmallocinfo", "r");
	char line[512];
	const char *pages;
	long sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		pages = strstr(line, "bpf_jit_text_alloc") ? strstr(line, " pages=") : NULL;
		sum += pages ? atol(pages + strlen(" pages=")) * 4096 : 0;
	}
	if (f)
		fclose(f);
	return sum;
}

/* The list leaves areas out while others go away: what it says twice counts. */
static inline MAYBE_UNUSED long jit_text_bytes(void)
{
	long last, now = jit_text_listed();

	do {
		last = now;
		usleep(20000);
		now = jit_text_listed();
	} while (now != last);
	return now;
}

#endif
