// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program of pktcount.bpf.c written as instructions, and loaded with
 * nothing but bpf(2).
 *
 *	pktcount_raw INTERFACE COMMAND...
 */
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stddef.h>
#include <stdio.h>
#include "live.h"
#include "pktcount.h"
#include "raw_bpf.h"
#include "report.h"

enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 };

/* Stack: the hash key, the array key, a zero element. */
#define KEY (-4)
#define OUT (-8)
#define ZERO (-24)

#define FIELD(f) ((int)offsetof(struct __sk_buff, f))
#define MAP_ARGS(fd, key) LD_MAP(R1, fd), MOV_X(R2, R10), ALU_K(BPF_ADD, R2, key)
/* 3 instructions: *R0 += { 1, R7 } */
#define ADD_SUM()							\
	MOV_K(R1, 1),							\
	ATOMIC(BPF_DW, BPF_ADD, R0, R1, offsetof(struct pkt_sum, packets)), \
	ATOMIC(BPF_DW, BPF_ADD, R0, R7, offsetof(struct pkt_sum, bytes))

static int load(int rows, int totals)
{
	static char log[1 << 16];
	struct bpf_insn prog[] = {
		MOV_X(R6, R1),				/* LD_ABS wants the packet in R6 */
		LDX(BPF_W, R7, R6, FIELD(len)),
		LDX(BPF_W, R8, R6, FIELD(protocol)),
		SWAP(BPF_TO_BE, R8, 16),
		STX(BPF_H, R10, R8, KEY + offsetof(struct pkt_key, ethertype)),
		ST(BPF_B, R10, KEY + offsetof(struct pkt_key, l4), 0),

		LDX(BPF_W, R1, R6, FIELD(pkt_type)),
		MOV_K(R9, PKT_OUT),
		JMP_K(BPF_JEQ, R1, PACKET_OUTGOING, 1),
		MOV_K(R9, PKT_IN),
		STX(BPF_B, R10, R9, KEY + offsetof(struct pkt_key, out)),
		STX(BPF_W, R10, R9, OUT),

		MAP_ARGS(totals, OUT),
		CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JEQ, R0, 0, 3),
		ADD_SUM(),

		JMP_K(BPF_JNE, R8, ETH_P_IP, 2),
		LDABS(BPF_B, ETH_HLEN + 9),
		JA(2),
		JMP_K(BPF_JNE, R8, ETH_P_IPV6, 2),
		LDABS(BPF_B, ETH_HLEN + 6),
		STX(BPF_B, R10, R0, KEY + offsetof(struct pkt_key, l4)),

		MAP_ARGS(rows, KEY),
		CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JNE, R0, 0, 16),

		/* First of its kind: a zero element, unless another CPU was faster. */
		ST(BPF_DW, R10, ZERO, 0),
		ST(BPF_DW, R10, ZERO + 8, 0),
		MAP_ARGS(rows, KEY),
		MOV_X(R3, R10),
		ALU_K(BPF_ADD, R3, ZERO),
		MOV_K(R4, BPF_NOEXIST),
		CALL(BPF_FUNC_map_update_elem),
		MAP_ARGS(rows, KEY),
		CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JEQ, R0, 0, 3),
		ADD_SUM(),
		MOV_K(R0, 0),
		EXIT(),
	};
	int fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, prog, ARRAY_LEN(prog), "GPL", 1,
			       log, sizeof(log));

	if (fd < 0)
		fprintf(stderr, "%sBPF_PROG_LOAD: %s\n", log, strerror(-fd));
	return fd;
}

int main(int argc, char **argv)
{
	int rows = map_create(BPF_MAP_TYPE_HASH, sizeof(struct pkt_key), sizeof(struct pkt_sum),
			      PKT_ROWS, 0);
	int totals = map_create(BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct pkt_sum),
				PKT_DIRECTIONS, 0);
	int prog, sk;

	if (argc < 3) {
		fprintf(stderr, "usage: %s INTERFACE COMMAND...\n", argv[0]);
		return 2;
	}
	if (rows < 0 || totals < 0) {
		fprintf(stderr, "BPF_MAP_CREATE: %s\n", strerror(rows < 0 ? -rows : -totals));
		return 1;
	}
	prog = load(rows, totals);
	sk = packet_socket(argv[1]);
	if (prog < 0 || sk < 0)
		return 1;
	if (setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog))) {
		perror("SO_ATTACH_BPF");
		return 1;
	}
	return report(rows, totals, argv[1], argv + 2);
}
