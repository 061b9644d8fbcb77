# SPDX-License-Identifier: GPL-2.0-only
# The subsystem's sources, unchanged, as objects of an ordinary program.
#
# Set TOP and OUT, then include this. It gives
#
#   KERNEL_FLAGS   for everything that includes headers of the kernel
#   SANITIZE       address and undefined-behaviour sanitizers, fatal
#   LIBKERNEL      archive of the whole subsystem and its machine (machine.c)
#   JIT_SRC        sources of the JIT that need no kernel, below $(JIT)
#   ENV_READY      to exist before anything is compiled with KERNEL_FLAGS
#
# CC, KERNEL_OPT and SANITIZE may be set before, for another compiler, optimiser
# or instrumentation, and KERNEL_TREE, where the sources are; use another OUT then.

ENV := $(TOP)/tools/testing/selftests/bpf/unit/env
KERNEL_TREE ?= $(TOP)
VERIFIER := $(KERNEL_TREE)/kernel/bpf/verifier

KERNEL_OPT ?= -O2
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
KERNEL_WARN := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-pointer-arith -Wno-override-init
KERNEL_FLAGS := $(KERNEL_OPT) -g -std=gnu11 -fno-strict-aliasing $(KERNEL_WARN) \
	-include $(ENV)/kernel.h -I$(ENV) -I$(KERNEL_TREE)/include -I$(KERNEL_TREE)/include/uapi \
	-I$(OUT)/empty -iquote $(VERIFIER) -iquote $(KERNEL_TREE)/kernel/bpf

KERNEL_SRC := $(addprefix kernel/bpf/,core.c interp.c classic_check.c \
	classic_convert.c helpers.c types.c arraymap.c hashtab.c map_pool.c) \
	$(patsubst $(KERNEL_TREE)/%,%,$(wildcard $(VERIFIER)/*.c)) \
	$(addprefix kernel/bpf/btf/,check.c header.c kinds.c members.c meta.c names.c \
		maps.c owned.c protos.c query.c resolve.c text.c) \
	net/bpf/skb.c net/bpf/load.c
# The JIT's core, below $(JIT): what is of the kernel alone is left out.
JIT_SRC = $(filter-out %/jit_glue.c %/jit_machine.c %/jit_um.c,$(wildcard $(JIT)/jit_*.c))
KERNEL_HEADERS := $(wildcard $(KERNEL_TREE)/kernel/bpf/*.h $(KERNEL_TREE)/kernel/bpf/btf/*.h $(VERIFIER)/*.h \
	$(KERNEL_TREE)/include/linux/*.h $(KERNEL_TREE)/include/uapi/linux/*.h)
LIBKERNEL := $(OUT)/libkernel.a

# Headers the sources name that neither the overlay nor the C library's own
# headers must provide.
ENV_EMPTY := $(filter-out linux/types.h linux/limits.h linux/errno.h \
		linux/stddef.h uapi/% $(patsubst $(KERNEL_TREE)/include/%,%, \
		$(wildcard $(KERNEL_TREE)/include/linux/*.h)) \
		$(patsubst $(KERNEL_TREE)/include/uapi/%,%, \
		$(wildcard $(KERNEL_TREE)/include/uapi/*/*.h)), \
	$(shell sed -nE 's/^\#include <([a-z]+\/.*)>/\1/p' \
		$(addprefix $(KERNEL_TREE)/,$(KERNEL_SRC)) $(KERNEL_HEADERS) | sort -u))
ENV_READY := $(OUT)/empty/stamp

$(ENV_READY): $(addprefix $(KERNEL_TREE)/,$(KERNEL_SRC)) $(KERNEL_HEADERS) $(ENV)/kernel.mk
	@for h in $(ENV_EMPTY); do mkdir -p $(@D)/$$(dirname $$h); : >$(@D)/$$h; done
	@touch $@

KERNEL_OBJ := $(addprefix $(OUT)/obj/,$(KERNEL_SRC:.c=.o)) $(OUT)/obj/machine.o \
	$(OUT)/obj/sha1.o

# Programs may address memory at any alignment.
$(OUT)/obj/kernel/bpf/interp.o: ALIGNMENT := -fno-sanitize=alignment

$(OUT)/obj/machine.o $(OUT)/obj/sha1.o: $(OUT)/obj/%.o: $(ENV)/%.c $(ENV)/kernel.mk | $(ENV_READY)
	@mkdir -p $(@D)
	$(CC) $(KERNEL_FLAGS) $(SANITIZE) -MMD -MP -c $< -o $@

$(OUT)/obj/%.o: $(KERNEL_TREE)/%.c $(ENV)/kernel.mk | $(ENV_READY)
	@mkdir -p $(@D)
	$(CC) $(KERNEL_FLAGS) $(SANITIZE) $(ALIGNMENT) -MMD -MP -c $< -o $@

$(LIBKERNEL): $(KERNEL_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

-include $(KERNEL_OBJ:.o=.d)
