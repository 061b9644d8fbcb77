/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_CRYPTO_SHA1_H
#define _SHIM_CRYPTO_SHA1_H

#define SHA1_BLOCK_SIZE		64
#define SHA1_DIGEST_WORDS	5
#define SHA1_WORKSPACE_WORDS	16

void sha1_init(u32 *digest);
void sha1_transform(u32 *digest, const char *data, u32 *workspace);

#endif
