/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_ATOMIC_H
#define _SHIM_LINUX_ATOMIC_H

#include <linux/filter.h>

typedef struct {
	s32 counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

#define SHIM_ATOMIC(prefix, type, word)					\
static inline void prefix##_add(word i, type *v)			\
{									\
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_or(word i, type *v)				\
{									\
	__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_and(word i, type *v)			\
{									\
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_xor(word i, type *v)			\
{									\
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline word prefix##_fetch_add(word i, type *v)			\
{									\
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_or(word i, type *v)			\
{									\
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_and(word i, type *v)			\
{									\
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_xor(word i, type *v)			\
{									\
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_xchg(type *v, word new)			\
{									\
	return __atomic_exchange_n(&v->counter, new, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_cmpxchg(type *v, word old, word new)	\
{									\
	__atomic_compare_exchange_n(&v->counter, &old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	return old;							\
}

SHIM_ATOMIC(atomic, atomic_t, s32)
SHIM_ATOMIC(atomic64, atomic64_t, s64)

#endif
