# The guest programs: static ELFs that run on Linux and on Weft and must print the same.
#   build/guest/bin/FAMILY     the cases of tests/guest/cases/FAMILY/*.cc in one program
#   build/guest/bin/helper     what those cases execute
#   build/guest/bin/init       runs what is listed in /plan; process 1 on Weft
#   build/guest/bin/bench      what system calls cost
#   build/guest/programs/*     whole programs, built against glibc and musl as for any Linux
#   build/guest/broken/*       cases that misbehave, for the tests of the runner

guest_families := $(sort $(notdir $(patsubst %/,%,$(wildcard tests/guest/cases/*/))))
guest_core := $(filter-out %/runner.cc,$(call files,tests/guest/support,*.cc)) \
  kernel/core/base/format.cc kernel/core/base/errno.cc
guest_cases := $(guest_core) tests/guest/support/runner.cc

guest_flags := -std=c++23 -O2 -g -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector \
  -fno-threadsafe-statics -fno-pic -fomit-frame-pointer -Wall -Wextra -Werror -Ikernel -Itests
# Linux's own headers give timeval and sigset_t. libstdc++'s headers bring the C library's as well,
# with <sys/select.h>, which this keeps out.
guest_flags += -D_SYS_SELECT_H
guest_link := -nostdlib -static -fuse-ld=lld-19 -Wl,--build-id=none -Wl,-z,noexecstack

build/guest/flags: FORCE
	$(call stamp,$(guest_flags) $(guest_link))

build/guest/obj/%.cc.o: %.cc build/guest/flags | $(setup_base)
	$(call say,guest,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(guest_flags) $(file_flags) $(lenient) -MMD -MP -MJ $@.json -c $< -o $@

# The compiler must not turn memcpy's own loop into a call of memcpy.
build/guest/obj/tests/guest/support/memory.cc.o: file_flags := -fno-builtin
build/guest/obj/tests/guest/position_independent/main.cc.o: file_flags := -fpie
build/guest/bin/position_independent: guest_link := -nostdlib -static-pie -fuse-ld=lld-19

# $(call guest_program,FILE,SOURCES)
define guest_program
build/guest/$1: $(patsubst %,build/guest/obj/%.o,$2)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) $$(guest_link) $$^ -o $$@
-include $(patsubst %,build/guest/obj/%.d,$2)
endef
# The families ulib_* are programs on the userlib: with its start code and main().
guest_on_userlib := $(filter ulib_%,$(guest_families))
guest_userlib_support := $(filter-out %/start.cc %/memory.cc kernel/%,$(guest_cases)) \
  tests/guest/on_userlib/main.cc
build/guest/obj/tests/guest/cases/ulib_%.cc.o build/guest/obj/tests/guest/on_userlib/%.cc.o: \
  file_flags := -I. -Ibuild/gen

# $(call guest_userlib_program,FILE,SOURCES)
define guest_userlib_program
$(patsubst %,build/guest/obj/%.o,$2): | build/gen/stamp
build/guest/$1: $(patsubst %,build/guest/obj/%.o,$2) $(userlib_start) build/userlib/libweft.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(LD) $(userlib_link_flags) -o $$@ $$^
-include $(patsubst %,build/guest/obj/%.d,$2)
endef
$(foreach family,$(guest_on_userlib),$(eval $(call guest_userlib_program,bin/$(family),\
  $(call files,tests/guest/cases/$(family),*.cc) $(guest_userlib_support))))
$(foreach family,$(filter-out $(guest_on_userlib),$(guest_families)),$(eval $(call guest_program,bin/$(family),\
  $(call files,tests/guest/cases/$(family),*.cc) $(guest_cases))))
$(eval $(call guest_program,bin/helper,tests/guest/helper/main.cc $(guest_core)))
$(eval $(call guest_program,bin/init,tests/guest/init/main.cc $(guest_core)))
$(eval $(call guest_program,bin/bench,$(call files,tests/bench/guest,*.cc) $(guest_core)))
$(eval $(call guest_program,bin/position_independent,tests/guest/position_independent/main.cc))
$(eval $(call guest_program,broken/broken,tests/guest/runner/broken.cc $(guest_cases)))
$(eval $(call guest_program,broken/init,tests/guest/init/main.cc $(guest_core)))

.PHONY: guest-binaries broken-guest-binaries
guest-binaries: build/gen/stamp \
  $(addprefix build/guest/bin/,$(guest_families) helper init bench position_independent)
broken-guest-binaries: build/gen/stamp build/guest/broken/broken build/guest/broken/init

# ---- Whole programs ------------------------------------------------------------------------------
# These are compiled by Debian's own compilers, as their users would do it.

programs_from := tests/guest/programs
programs_to := build/guest/programs
program_names := hello_musl hello_glibc pthreads_musl pthreads_glibc iostream threads coroutines \
  death_test fibers database
setup_guest := build/setup/guest

$(programs_to)/%_musl: $(programs_from)/%.c | $(setup_guest)
	$(call say,musl-gcc,$@)
	@mkdir -p $(@D)
	$(Q)musl-gcc -O2 -static $< -o $@

$(programs_to)/%_glibc: $(programs_from)/%.c | $(setup_guest)
	$(call say,gcc,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 -static -pthread $< -o $@

# The linker warns that SQLite could load extensions, which nothing here does.
$(programs_to)/database: $(programs_from)/database.c | $(setup_guest)
	$(call say,gcc,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 -static -pthread $< -lsqlite3 -lm -Wl,--no-warnings -o $@

# The linker warns that GoogleTest's network code would want shared libraries; nothing here calls it.
$(programs_to)/death_test: libraries := -lgtest -Wl,--no-warnings
$(programs_to)/fibers: libraries := -lboost_fiber -lboost_context
$(programs_to)/%: $(programs_from)/%.cc | $(setup_guest)
	$(call say,g++,$@)
	@mkdir -p $(@D)
	$(Q)g++ -std=c++20 -O2 -static -pthread $< $(libraries) -o $@

$(programs_to)/busybox: | $(setup_guest)
	@mkdir -p $(@D)
	@cp /bin/busybox $@

$(programs_to)/init: build/guest/bin/init
	@mkdir -p $(@D)
	@cp $< $@

$(programs_to)/scripts: $(call files,$(programs_from)/scripts,*.sh)
	@rm -rf $@ && mkdir -p $@
	@cp $^ $@

.PHONY: guest-program-binaries
guest-program-binaries: build/gen/stamp $(program_names:%=$(programs_to)/%) $(programs_to)/busybox \
  $(programs_to)/init $(programs_to)/scripts

# ---- Running them --------------------------------------------------------------------------------

.PHONY: guest guest-linux guest-missed guest-programs guest-bench
guest: guest-binaries build/$(MODE)/weft.elf ## the guest cases on Linux and on Weft, compared
	@tools/guest/run.py --kernel build/$(MODE)/weft.elf $(FILTER)

guest-linux: guest-binaries guest-program-binaries ## the guest cases and programs on Linux alone
	@tools/guest/run.py --linux-only $(FILTER)
	@tools/guest/run.py --linux-only --name guest-programs programs

guest-missed: guest-binaries ## take each system call away in turn: does a guest case notice?
	@tools/guest/missed.py

guest-programs: guest-program-binaries build/$(MODE)/weft.elf ## whole programs for Linux, on Linux and on Weft
	@tools/guest/run.py --kernel build/$(MODE)/weft.elf --name guest-programs programs

guest-bench: guest-binaries build/$(MODE)/weft.elf ## what system calls cost on Weft, against their bars
	@tools/guest/bench.py --kernel build/$(MODE)/weft.elf
