// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs: what the checker lets pass is converted and runs on packets
 * with the verdict of the reference, without ever doing what only a checked
 * program cannot do.
 *
 * Input: a number for the packets, then 8 bytes an instruction. A code that does
 * not exist is replaced by one that does, most of the time.
 */
#include "../unit/classic_reference.h"
#include "target.h"

static const u8 codes[] = {
	0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x80, 0x00, 0x60, 0x81, 0xb1, 0x01,
	0x61, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x94,
	0x9c, 0x54, 0x5c, 0x44, 0x4c, 0xa4, 0xac, 0x64, 0x6c, 0x74, 0x7c, 0x84,
	0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07,
	0x87,
};

static u32 decode(const u8 *data, size_t size, struct sock_filter *prog)
{
	u32 len = size / 8;

	for (u32 i = 0; i < len; i++, data += 8) {
		prog[i].code = data[0] < 0xf0 ? codes[data[0] % sizeof(codes)] :
						data[0] << 8 | data[1];
		prog[i].jt = data[2];
		prog[i].jf = data[3];
		memcpy(&prog[i].k, data + 4, 4);
		/* The large offsets are few: make them likely. */
		if (data[1] >= 0xf0)
			prog[i].k = data[1] >= 0xf8 ? SKF_AD_OFF + data[4] % 72 :
				    data[1] & 1 ? SKF_NET_OFF + data[4] : SKF_LL_OFF + data[4];
	}
	return len;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct sock_filter filter[BPF_MAXINSNS];
	const char *wrong = NULL;
	long live = machine_live;
	u32 len;

	if (size < 9 || size > 8 * BPF_MAXINSNS)
		return 0;
	len = decode(data + 1, size - 1, filter);
	machine_allocations_left = data[0] >> 5 == 7 ? 0 : -1;
	if (!bpf_check_classic(filter, len)) {
		machine_allocations_left = -1;
		wrong = classic_compare(filter, len, 1 + (data[0] & 31));
	}
	machine_allocations_left = -1;
	if (wrong)
		found(wrong, filter, len);
	if (machine_live != live)
		found("memory is left", filter, len);
	return 0;
}
