# The host tests: kernel/core and the tests, compiled for this machine, three times over.
#   build/unit/sim/unit      *_test.cc on simulated CPUs, under AddressSanitizer and UBSan
#   build/unit/threads/unit  *_threads_test.cc on host threads as CPUs, under ThreadSanitizer
#   build/unit/cov/unit      as sim, but counting covered lines instead

core_sources := $(call files,kernel/core,*.cc)
unit_files := $(filter-out tests/unit/userlib/%,$(call files,tests/unit,*.cc))
unit_tests := $(filter %_test.cc,$(unit_files))
unit_helpers := $(filter-out %_test.cc,$(unit_files))
sim_sources := $(core_sources) $(filter-out tests/unit/hal_threads/%,$(unit_helpers)) \
  $(filter-out %_threads_test.cc,$(unit_tests))
threads_sources := $(core_sources) $(filter-out tests/unit/hal_sim/%,$(unit_helpers)) \
  $(filter %_threads_test.cc,$(unit_tests))

unit_flags := -std=c++23 -g -DWEFT_DEBUG=1 -Wall -Wextra -Werror -Wthread-safety -Ikernel -Itests \
  -Itests/unit -Ibuild/gen
unit_flags_sim := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
unit_flags_threads := -O1 -fno-omit-frame-pointer -fsanitize=thread
unit_flags_cov := -O1 -fprofile-instr-generate -fcoverage-mapping

# The core's variables stand in sections of their own, so that a test can boot it again and again.
core_flags := -include unit/support/core_sections.hh
# Optimizing the tests themselves would take longer than it saves.
test_flags := -O0

# GoogleTest is compiled with the sanitizer, too: ThreadSanitizer must see all code there is.
googletest := /usr/src/googletest/googletest

# $(call unit_rules,FLAVOUR,SOURCES)
define unit_rules
build/unit/$1/flags: FORCE
	$$(call stamp,$(unit_flags) $(unit_flags_$1) $(core_flags) $(test_flags))

build/unit/$1/objects: FORCE
	$$(call stamp,$2)

build/unit/$1/obj/kernel/core/%.o: file_flags = $(core_flags)
$(patsubst %,build/unit/$1/obj/%.o,$(unit_tests)): file_flags = $(test_flags)

build/unit/$1/obj/%.cc.o: %.cc build/unit/$1/flags | build/gen/stamp $(setup_base)
	$$(call say,unit $1,$$<)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) $(unit_flags) $(unit_flags_$1) $$(file_flags) $(lenient) -MMD -MP -MJ $$@.json -c $$< -o $$@

build/unit/$1/gtest.o: build/unit/$1/flags | $(setup_base)
	$$(call say,unit $1,$(googletest))
	$$(Q)$(CXX) $(filter-out -W%,$(unit_flags)) $(unit_flags_$1) $(test_flags) -I$(googletest) \
	  -c $(googletest)/src/gtest-all.cc -o $$@

build/unit/$1/unit: $(patsubst %,build/unit/$1/obj/%.o,$2) build/unit/$1/gtest.o build/unit/$1/objects
	$$(call say,LINK,$$@)
	$$(Q)$(CXX) $(unit_flags_$1) -fuse-ld=lld-19 $$(filter %.o,$$^) -o $$@

-include $(patsubst %,build/unit/$1/obj/%.d,$2)
endef

$(eval $(call unit_rules,sim,$(sim_sources)))
$(eval $(call unit_rules,threads,$(threads_sources)))
$(eval $(call unit_rules,cov,$(sim_sources)))

.PHONY: units
units: build/unit/sim/unit build/unit/threads/unit
