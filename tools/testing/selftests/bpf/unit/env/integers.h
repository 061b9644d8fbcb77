/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's integer types on the machine that builds. */
#ifndef _UNIT_ENV_INTEGERS_H
#define _UNIT_ENV_INTEGERS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#endif
