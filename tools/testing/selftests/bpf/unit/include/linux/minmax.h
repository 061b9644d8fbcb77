/* SPDX-License-Identifier: GPL-2.0-only */
/* As strict about types as the kernel's: comparing pointers warns. */
#ifndef _UNIT_LINUX_MINMAX_H
#define _UNIT_LINUX_MINMAX_H

#define unit_pick(a, b, op) ({				\
	__typeof__(a) _a = (a);				\
	__typeof__(b) _b = (b);				\
	(void)(&_a == &_b);				\
	_a op _b ? _a : _b; })

#define min(a, b)		unit_pick(a, b, <)
#define max(a, b)		unit_pick(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#define swap(a, b) ({ __typeof__(a) _t = (a); (a) = (b); (b) = _t; })

#endif
