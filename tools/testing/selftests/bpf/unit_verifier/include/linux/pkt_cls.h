/* SPDX-License-Identifier: GPL-2.0-only */
/* The verdict of a prologue that failed. */
#ifndef _UNIT_VERIFIER_PKT_CLS_H
#define _UNIT_VERIFIER_PKT_CLS_H

#define TC_ACT_SHOT	2

#endif
