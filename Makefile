# SPDX-License-Identifier: GPL-2.0-only
# Front door. Every target installs what it misses (as root) and builds what it
# needs; the work is in scripts/.

.PHONY: help run shell tree check test nightly proof fuzz coverage conformance differences bench series series-check configs pristine clean setup
KERNEL ?= ours
SELFTESTS := tools/testing/selftests/bpf

help:		## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 20
run: setup	## load a program in a guest and count real traffic; OBJ=my.bpf.o runs yours
	@scripts/build $(KERNEL)
	@KERNEL=$(KERNEL) scripts/run $(if $(OBJ),'$(OBJ)')
shell: setup	## a guest with this machine's root, read-only; KERNEL=pristine for Debian's kernel
	@scripts/build $(KERNEL)
	@$(MAKE) -s -C samples/bpf
	@scripts/boot --kernel $(KERNEL) --root 9p --shell
tree: setup	## prepare build/linux: the base with our files in place of upstream's eBPF
	@scripts/build ours --tree-only
check: setup	## static checks, the pure cores in user space, the kernel as a process (UML)
	@scripts/test --tier check
test: setup	## the gate: check, every test in guests, a subset on the debug kernel; or KERNEL=pristine
	@scripts/test $(if $(filter command line environment,$(origin KERNEL)),--kernel $(KERNEL),--tier test)
nightly: setup	## everything, on every kind of kernel: hours
	@scripts/test --tier nightly
proof: setup	## the verifier's arithmetic, proved from its source
	@$(SELFTESTS)/proof/run
fuzz: setup	## search for inputs that break the verifier, classic conversion or lowering; SECONDS_EACH=60
	@scripts/fuzz $(SECONDS_EACH)
coverage: setup	## which lines of kernel/bpf the tests reach
	@scripts/coverage
conformance: setup	## upstream's own suites on our kernel, beside their results on upstream's
	@scripts/conformance
differences: setup	## every test on both kernels: where they differ, and whether that is explained
	@scripts/differences
bench: setup	## how fast, against Linux's own eBPF, in instructions; ROWS='hash,load' for a part
	@scripts/bench $(if $(ROWS),--rows '$(ROWS)')
series: setup	## write the overlay as a patch series to build/series
	@scripts/series
series-check: setup	## apply the series; every prefix compiles, milestones boot
	@scripts/series --check
configs: setup	## build other configurations: without the system call, without SMP, i386
	@scripts/configs
pristine: setup	## build Debian's unmodified kernel from the same configuration
	@scripts/build pristine
clean:		## remove build/ (the cache of trees and objects stays, see scripts/lib.sh)
	@rm -rf build
setup:
	@scripts/setup
