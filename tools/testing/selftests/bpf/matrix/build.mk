# SPDX-License-Identifier: GPL-2.0-only
# Matrices: the programs of this directory, and the rows they iterate over.
#
# matrix/rows is what a program of this machine prints that contains the kernel's
# tables (tables/). Functions of those sources need not exist: nothing calls
# them, so the linker leaves their addresses open.
#
# matrix/explained: every reason of the expectations names a section of compat.rst.

MATRICES := command ctx helper map_create map_elem opcode prog_type size
MATRIX_PARTS := matrix/matrix.c matrix/expect.c
MATRIX_HOST := $(OUT)/matrix/host
KERNEL_TABLES := $(addprefix $(TOP)/,kernel/bpf/syscall.c kernel/bpf/types.c \
	kernel/bpf/helpers.c kernel/bpf/verifier/check_call.c \
	kernel/bpf/verifier/insn_valid.c) $(wildcard $(TOP)/net/bpf/*.c \
	$(TOP)/kernel/bpf/prog_array.c $(TOP)/kernel/bpf/kprobe.c $(TOP)/kernel/bpf/*_helpers.c)
KERNEL_HEADERS := $(addprefix $(TOP)/,include/linux/bpf.h include/linux/filter.h \
	include/uapi/linux/bpf.h net/bpf/skb.h kernel/bpf/syscall.h kernel/bpf/insn_table.h \
	kernel/bpf/printk.c) $(wildcard $(TOP)/kernel/bpf/verifier/*.h)

all: $(MATRICES:%=$(OUT)/matrix/%) $(OUT)/matrix/rows $(OUT)/matrix/explained

$(MATRICES:%=$(OUT)/matrix/%): $(OUT)/matrix/%: matrix/%.c $(MATRIX_PARTS) \
		$(wildcard matrix/*.h *.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wno-missing-field-initializers -static $< $(MATRIX_PARTS) -o $@

$(OUT)/matrix/rows: $(wildcard matrix/tables/*) $(KERNEL_TABLES) $(KERNEL_HEADERS) \
		unit/env/basics.h unit/env/integers.h matrix/build.mk
	@mkdir -p $(@D)
	matrix/tables/build $(TOP) $(MATRIX_HOST) "$(CC)"
	$(MATRIX_HOST)/rows > $@.new
	mv $@.new $@

$(OUT)/matrix/explained: $(wildcard matrix/*.expect) $(TOP)/Documentation/bpf/compat.rst
	@mkdir -p $(@D)
	@grep -h ^reason matrix/*.expect | while read _ name section text; do \
		grep -q "^.. _$${section%:}:" $(TOP)/Documentation/bpf/compat.rst || \
		{ echo "reason $$name: compat.rst has no section $$section" >&2; exit 1; }; \
	done
	@touch $@
