# SPDX-License-Identifier: GPL-2.0-only
# Programs of this directory: those named in LINKED use libraries of real
# clients, dynamically, because they run on this machine's root in the guest.
# The samples are built here too, so that none of them rots.

LINKED := pcap_filters pcap_random seccomp
STATIC := corpus_run probes_libbpf probes_calls globals typed
CLIENTS := $(addprefix $(OUT)/clients/,$(LINKED) $(STATIC))
PARTS := clients/packets.c clients/oracle.c

all: $(CLIENTS) samples

$(OUT)/clients/pcap_%: CLIENT_FLAGS = $(PARTS) -lpcap
$(OUT)/clients/seccomp: CLIENT_FLAGS = -lseccomp
$(OUT)/clients/corpus_run: CLIENT_FLAGS = clients/packets.c -static -lbpf -lelf -lz
$(OUT)/clients/probes_% $(OUT)/clients/globals $(OUT)/clients/typed: CLIENT_FLAGS = -static -lbpf -lelf -lz

$(CLIENTS): $(OUT)/clients/%: clients/%.c $(PARTS) $(wildcard *.h clients/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -o $@ $(CLIENT_FLAGS)

# For each of the instruction sets that compilers target.
CORPUS_SRC := $(wildcard clients/corpus/*.bpf.c)
CORPUS := $(CORPUS_SRC:%=$(OUT)/%)
CORPUS += $(foreach cpu,v1 v2 v3,$(CORPUS_SRC:%.bpf.c=$(OUT)/%.$(cpu).o))

OBJECTS_OF_CLIENTS := modern globals typed tc_programs perf_read perf_maps tunnel

all: $(CORPUS) $(OBJECTS_OF_CLIENTS:%=$(OUT)/clients/%.bpf.o)

$(OUT)/%.bpf.c: %.bpf.c
	@mkdir -p $(@D)
	cp $< $@
define CORPUS_RULE
$(OUT)/clients/corpus/%.$(1).o: clients/corpus/%.bpf.c clients/corpus/corpus.h
	@mkdir -p $$(@D)
	$$(CLANG) $$(BPF_CFLAGS) -Wall -Werror -mcpu=$(1) -c $$< -o $$@
endef
$(foreach cpu,v1 v2 v3,$(eval $(call CORPUS_RULE,$(cpu))))

samples:
	$(MAKE) -C $(TOP)/samples/bpf OUT=$(OUT)/samples

.PHONY: samples
