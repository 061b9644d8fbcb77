/* SPDX-License-Identifier: GPL-2.0-only */
/* The overlay's own, not the host's. */
#include "../../../../../../../include/uapi/linux/bpf.h"
