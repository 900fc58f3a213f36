# The commands. The text behind ## is what `make help` prints.

weft := tools/weft
machine_flags = --machine $(MACHINE) --cpus $(CPUS) --mem $(MEM) --cpu $(CPU) --accel $(ACCEL) \
  --append sched=$(SCHED)
export CMD PART FILTER ARGS SCENARIO REPLAY A B

.PHONY: help run trace monitor test unit explore kernel-tests bench plots coverage iso doctor setup check-style check-house format clean
help: ## say what make can do here
	@echo 'Weft: a teaching kernel. Start with: make run'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'Variables, with their defaults:'
	@sed -n 's/^##  /  /p' tools/make/options.mk

# A program of the host's is in /bin, and is run; its exit status is make's.
run_extra = $(if $(STRACE),--strace)
run_command = $(if $(PROG),--cmd "/bin/$(notdir $(firstword $(PROG))) $$ARGS",$(if $(CMD),--cmd "$$CMD",--interactive))

run: build/$(MODE)/weft.elf build/initrd.cpio | $(setup_base) ## boot to a shell in this terminal (leave with poweroff, or Ctrl-A x)
	@$(weft) run --kernel $< --initrd build/initrd.cpio $(machine_flags) $(run_extra) $(run_command)

trace: build/$(MODE)/weft.elf build/initrd.cpio | $(setup_base) ## run CMD, or A and B, and draw what the machine did: build/trace/
	@$(weft) trace --kernel $< --initrd build/initrd.cpio $(machine_flags) --out build/trace \
	  $(if $(A)$(B),--cmd "$$A" --cmd "$$B",--cmd "$$CMD")

monitor: build/$(MODE)/weft.elf | $(setup_base) ## boot to the kernel's own prompt, without any process
	@$(weft) run --kernel $< $(machine_flags) $(if $(CMD),--cmd "$$CMD",--interactive)

test: | $(setup_base) $(setup_iso) ## build and run every test; the last line is the count
	@env -u MAKEFLAGS -u MFLAGS tools/testrun $(if $(PART),--only "$$PART")

unit: units | $(setup_base) ## the host tests: kernel/core under ASan, UBSan and TSan
	@$(weft) unit --name unit-sim --filter "$${FILTER:-*}" build/unit/sim/unit
	@$(weft) unit --name unit-threads --filter "$${FILTER:-*}" build/unit/threads/unit

explore: build/explore/explore | $(setup_base) ## all ways in which threads can take turns; the story of one that fails
	@$(weft) explore $(if $(REPLAY),--replay "$$REPLAY" $(if $(filter 1,$(GDB)),--gdb),--jobs $$(nproc) \
	  --scenario "$${SCENARIO:-*}" $(if $(filter 1,$(LONG)),--long))

kernel-tests: | $(setup_base) ## the self-tests in the booted kernel, on many machines
	@env -u MAKEFLAGS -u MFLAGS tools/testrun --only 'kernel-*'

bench: build/release/weft.elf build/release/weft-test.elf | $(setup_base) ## boot time and instruction counts against their bars
	@$(weft) bench

plots: build/release/weft.elf build/initrd.cpio | $(setup_base) ## what the demos measure, as pictures, with the concept table: build/report/index.html
	@tools/demos/plots.py --kernel $< --initrd build/initrd.cpio --out build/report

coverage: build/unit/cov/unit | $(setup_base) ## how much of kernel/core the host tests cover (at least 90 %)
	@tools/checks/coverage $<

iso: build/weft.iso ## a disc image that BIOS and UEFI machines boot

doctor: ## what this machine has and lacks
	@tools/doctor.sh

setup: | $(setup_base) $(setup_iso) ## only install what is missing

check-style: build/compile_commands.json | $(setup_base) ## clang-format and clang-tidy
	@tools/checks/style --tidy

check-house: build/debug/weft.elf build/debug/weft-test.elf | $(setup_base) ## the rules of the house: rooms, READMEs, sizes
	@tools/checks/house

format: | $(setup_base) ## let clang-format rewrite our sources
	@tools/checks/style --fix

clean: ## remove everything built
	@rm -rf build
