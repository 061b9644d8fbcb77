/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included once per trace event definition; raw trace point programs will
 * generate their probes here. There are none.
 */
