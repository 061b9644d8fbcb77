# SPDX-License-Identifier: GPL-2.0-only
"""Parts of the VM runner: initramfs writer, console reader, QEMU."""
