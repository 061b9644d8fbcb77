/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

extern int shim_warnings;

/* A test looks at the counter where it provokes a warning. */
#define WARN_ON_ONCE(cond)	({ bool _c = (cond); shim_warnings += _c; _c; })

#endif
