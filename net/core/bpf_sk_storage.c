// SPDX-License-Identifier: GPL-2.0-only
/* Per-socket storage is not offered: no socket has anything to free. */
#include <net/bpf_sk_storage.h>

void bpf_sk_storage_free(struct sock *sk)
{
}
