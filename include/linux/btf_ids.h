/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of type numbers that a link step would fill from the kernel's type
 * information. There is none, so the lists are placeholders of zeros.
 */
#ifndef _LINUX_BTF_IDS_H
#define _LINUX_BTF_IDS_H

#include <linux/types.h>

struct btf_id_set {
	u32 cnt;
	u32 ids[];
};

struct btf_id_set8 {
	u32 cnt;
	u32 flags;
	struct {
		u32 id;
		u32 flags;
	} pairs[];
};

#define BTF_ID_LIST_SLOTS		5

#define BTF_ID_LIST(name)		static u32 __maybe_unused name[BTF_ID_LIST_SLOTS];
#define BTF_ID_LIST_GLOBAL(name, n)	u32 __maybe_unused name[n];
#define BTF_ID_LIST_SINGLE(name, prefix, typename)	BTF_ID_LIST(name)
#define BTF_ID(prefix, name)
#define BTF_ID_FLAGS(prefix, name, ...)
#define BTF_ID_UNUSED
#define BTF_SET_START(name)		static struct btf_id_set __maybe_unused name = {};
#define BTF_SET_START_GLOBAL(name)	static struct btf_id_set __maybe_unused name = {};
#define BTF_SET_END(name)
#define BTF_SET8_START(name)		static struct btf_id_set8 __maybe_unused name = {};
#define BTF_SET8_END(name)

/* Socket types in the order of btf_sock_ids[]. */
#define BTF_SOCK_TYPES(X)				\
	X(INET, inet_sock)				\
	X(INET_CONN, inet_connection_sock)		\
	X(INET_REQ, inet_request_sock)			\
	X(INET_TW, inet_timewait_sock)			\
	X(REQ, request_sock)				\
	X(SOCK, sock)					\
	X(SOCK_COMMON, sock_common)			\
	X(TCP, tcp_sock)				\
	X(TCP_REQ, tcp_request_sock)			\
	X(TCP_TW, tcp_timewait_sock)			\
	X(TCP6, tcp6_sock)				\
	X(UDP, udp_sock)				\
	X(UDP6, udp6_sock)				\
	X(UNIX, unix_sock)				\
	X(MPTCP, mptcp_sock)				\
	X(SOCKET, socket)

enum {
#define X(name, type) BTF_SOCK_TYPE_##name,
	BTF_SOCK_TYPES(X)
#undef X
	MAX_BTF_SOCK_TYPE
};

extern u32 btf_sock_ids[];

#endif
