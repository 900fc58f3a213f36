# The guest programs: static ELFs that run on Linux and on Weft and must print the same.
#   build/guest/bin/FAMILY     the cases of tests/guest/cases/FAMILY/*.cc in one program
#   build/guest/bin/helper     what those cases execute
#   build/guest/bin/init       process 1 on Weft, when it runs guest programs

guest_families := $(sort $(notdir $(patsubst %/,%,$(wildcard tests/guest/cases/*/))))
guest_programs := $(patsubst %,build/guest/bin/%,$(guest_families) helper init position_independent)
guest_core := $(filter-out %/runner.cc,$(call files,tests/guest/support,*.cc)) \
  kernel/core/base/format.cc kernel/core/base/errno.cc

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
	$(Q)$(CXX) $(guest_flags) $(file_flags) -MMD -MP -MJ $@.json -c $< -o $@

build/guest/obj/tests/guest/support/memory.cc.o: file_flags := -fno-builtin
build/guest/obj/tests/guest/position_independent/main.cc.o: file_flags := -fpie
build/guest/bin/position_independent: guest_link := -nostdlib -static-pie -fuse-ld=lld-19

# $(call guest_rules,PROGRAM,SOURCES)
define guest_rules
build/guest/bin/$1: $(patsubst %,build/guest/obj/%.o,$2)
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) $$(guest_link) $$^ -o $$@
-include $(patsubst %,build/guest/obj/%.d,$2)
endef
$(foreach family,$(guest_families),$(eval $(call guest_rules,$(family),\
  $(call files,tests/guest/cases/$(family),*.cc) tests/guest/support/runner.cc $(guest_core))))
$(eval $(call guest_rules,helper,tests/guest/helper/main.cc $(guest_core)))
$(eval $(call guest_rules,init,tests/guest/init/main.cc $(guest_core)))
$(eval $(call guest_rules,position_independent,tests/guest/position_independent/main.cc))

.PHONY: guest-binaries
guest-binaries: $(guest_programs)
