# The interleaving explorer: kernel/core, the userlib's concurrent code and the scenarios, compiled with
# a call before each access (-fsanitize=thread, whose calls the engine supplies itself), and the engine.

explore_sources := $(call files,tests/explore,*.cc)
# What is explored, and what must be put back between runs; the rest of it is the engine. The engine
# comes first for the linker, so that it never gets an inline function that was compiled with hooks.
explore_core := $(filter-out kernel/core/proc/load.cc,$(core_sources)) $(addprefix tests/unit/support/,host_entropy.cc host_user_memory.cc \
  host_user_mode.cc user_space.cc)
explore_userlib := $(addprefix userlib/,thread/mutex.cc thread/semaphore.cc thread/shared_mutex.cc thread/stop_token.cc \
  coro/switch.S) $(filter-out $(addprefix userlib/coro/,blocking.cc child.cc current.cc deadlock.cc dumped_lines.cc io.cc list.cc overflow.cc \
  sanitizers.cc stack_pool.cc channel/select_ready.cc),$(wildcard $(addprefix userlib/coro/,*.cc channel/*.cc stackless/spawn.cc sync/*.cc)))
explore_instrumented := $(explore_core) $(explore_userlib) $(filter tests/explore/scenarios/% \
  tests/explore/machine/%_threads.cc,$(explore_sources))
explore_engine := $(filter-out $(explore_instrumented),$(explore_sources)) tests/unit/support/stack_switch.cc userlib/sys/uninterrupted.cc

explore_flags := -std=c++23 -g -fno-pie -fno-exceptions -fno-rtti -fno-omit-frame-pointer -DWEFT_DEBUG=1 \
  -Wall -Wextra -Werror -Wthread-safety -Itests/explore/overlay -Ikernel -Itests -Itests/unit -I. -Ibuild/gen
explore_instrument := -O1 -fsanitize=thread -mllvm -tsan-instrument-func-entry-exit=0 \
  -include unit/support/core_sections.hh

build/explore/flags: FORCE
	$(call stamp,$(explore_flags) $(explore_instrument))

explore_object = $(patsubst %,build/explore/obj/%.o,$1)
# For the linker, and for tools/weft seeded_bugs, which replaces some.
build/explore/link-order: FORCE
	$(call stamp,$(call explore_object,$(explore_engine) $(explore_instrumented)))

$(call explore_object,$(explore_instrumented)): file_flags = $(explore_instrument)
# Where check() was called is known by its return address, so that call must not be a jump.
$(call explore_object,$(filter tests/explore/scenarios/%,$(explore_sources))): \
  file_flags += -fno-optimize-sibling-calls
$(call explore_object,$(explore_engine)): file_flags = -O2

build/explore/obj/%.cc.o: %.cc build/explore/flags | build/gen/stamp $(setup_base)
	$(call say,explore,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(explore_flags) $(file_flags) $(lenient) -MMD -MP -MJ $@.json -c $< -o $@

build/explore/obj/%.S.o: %.S build/explore/flags | $(setup_base)
	$(call say,explore,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) -c $< -o $@

build/explore/explore: $(call explore_object,$(explore_engine) $(explore_instrumented)) build/explore/link-order
	$(call say,LINK,$@)
	$(Q)$(CXX) -no-pie -fuse-ld=lld-19 $(filter %.o,$^) -o $@

-include $(patsubst %.o,%.d,$(call explore_object,$(explore_instrumented) $(explore_engine)))
