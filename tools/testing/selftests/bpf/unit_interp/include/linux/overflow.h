/* SPDX-License-Identifier: GPL-2.0-only */
#define type_max(t)	((t)~(t)0)
