/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short copies from and to user memory, word by word.
 *
 * The kernel's general copies look up what kind of object the kernel's side is and
 * whether that many bytes of it may be copied. Here it is a buffer of which the caller
 * has compared the size, so that the call is all there is to save: an attribute of
 * bpf(2), a key and a value together take less time than looking up one of them.
 *
 * No bytes can be copied from and to anywhere. Must never be given a size that was not
 * compared with the buffer's.
 */
#ifndef _BPF_USER_COPY_H
#define _BPF_USER_COPY_H

#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#define USER_COPY_IN(type)							\
	for (; left >= sizeof(type); left -= sizeof(type)) {			\
		unsafe_get_user(*(type *)at, (const type __user *)from, fault);	\
		at += sizeof(type);						\
		from += sizeof(type);						\
	}

#define USER_COPY_OUT(type)							\
	for (; left >= sizeof(type); left -= sizeof(type)) {			\
		unsafe_put_user(*(const type *)at, (type __user *)to, fault);	\
		at += sizeof(type);						\
		to += sizeof(type);						\
	}

/**
 * user_copy_in() - read user memory
 * @at: room for @left bytes
 * @from: user address
 * @left: bytes, few
 *
 * Context: process context, may sleep.
 * Return: 0, or -EFAULT with @at undefined.
 */
static __always_inline int user_copy_in(void *at, const void __user *from, size_t left)
{
	might_fault();
	if (!user_read_access_begin(from, left))
		return left ? -EFAULT : 0;
	USER_COPY_IN(u64);
	USER_COPY_IN(u32);
	USER_COPY_IN(u8);
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * user_copy_out() - write user memory
 * @to: user address
 * @at: @left bytes
 * @left: bytes, few
 *
 * Context: process context, may sleep.
 * Return: 0, or -EFAULT with @to written in part.
 */
static __always_inline int user_copy_out(void __user *to, const void *at, size_t left)
{
	might_fault();
	if (!user_write_access_begin(to, left))
		return left ? -EFAULT : 0;
	USER_COPY_OUT(u64);
	USER_COPY_OUT(u32);
	USER_COPY_OUT(u8);
	user_write_access_end();
	return 0;

fault:
	user_write_access_end();
	return -EFAULT;
}

#undef USER_COPY_IN
#undef USER_COPY_OUT

#endif /* _BPF_USER_COPY_H */
