# SPDX-License-Identifier: GPL-2.0-only
# Documents whose command lines are run, and the programs in them.

DOCUMENTS := $(addprefix $(TOP)/Documentation/,bpf/helpers.rst bpf/maps.rst networking/filter.rst)

all: $(OUT)/docs/objects.made

$(OUT)/docs/objects.made: $(DOCUMENTS) docs/lines.py $(TOP)/samples/bpf/try.bpf.c $(TOP)/samples/bpf/try.sh
	rm -rf $(OUT)/docs
	mkdir -p $(OUT)/docs
	cp $(DOCUMENTS) $(OUT)/docs/
	python3 docs/lines.py --compile $(OUT)/docs/objects $(DOCUMENTS)
	touch $@
