/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_WORKQUEUE_H
#define _SHIM_LINUX_WORKQUEUE_H

#define INIT_WORK(work, fn)	((work)->func = (fn))

bool schedule_work(struct work_struct *work);

#endif
