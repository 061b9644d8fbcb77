/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel integer types for pure kernel code built as a program. */
#ifndef _UNIT_LINUX_TYPES_H
#define _UNIT_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include "../../env/integers.h"

#ifndef __force
#define __force
#endif

#endif
