# SPDX-License-Identifier: GPL-2.0-only
# The benchmark: one static program of the C files of this directory.

BENCH := $(OUT)/bench/bench

all: $(BENCH)

$(BENCH): $(wildcard bench/*.c bench/*.h) raw_bpf.h record.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wno-missing-field-initializers -static $(filter %.c,$^) -o $@

bench: $(BENCH)

.PHONY: bench
