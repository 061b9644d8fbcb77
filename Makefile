# SPDX-License-Identifier: GPL-2.0-only
# Front door. Every target installs what it misses (as root) and builds what it
# needs; the work is in scripts/.

.PHONY: help run shell tree check test nightly proof fuzz coverage conformance series series-check configs pristine clean setup
KERNEL ?= ours

help:		## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 20
run: setup	## load a program in a guest and count real traffic; OBJ=my.bpf.o runs yours
	@scripts/build $(KERNEL)
	@KERNEL=$(KERNEL) scripts/run $(if $(OBJ),'$(OBJ)')
shell: setup	## a guest with this machine's root, read-only; KERNEL=pristine for Debian's kernel
	@scripts/build $(KERNEL)
	@scripts/boot --kernel $(KERNEL) --root 9p --shell
tree: setup	## prepare build/linux: the base with our files in place of upstream's eBPF
	@scripts/build ours --tree-only
check: setup	## static checks of the overlay, and of the VM runner
	@scripts/test --only check --only runner
test: setup	## build, then run every test in guests; KERNEL=pristine runs them on Debian's kernel
	@scripts/test --kernel $(KERNEL)
pristine: setup	## build Debian's unmodified kernel from the same configuration
	@scripts/build pristine
clean:		## remove build/ (the cache of trees and objects stays, see scripts/lib.sh)
	@rm -rf build
setup:
	@scripts/setup
