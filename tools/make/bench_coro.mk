# The coroutines against their peers, on this machine:
#   build/bench-coro/{weft,boost,state_threads,go}    a program each; the argument says what to measure
#   build/bench-coro/{idle,yields,yields_untraced}    programs for Weft, where instructions are counted

bench_coro := build/bench-coro
bench_coro_from := tests/bench/coro
setup_bench_coro := build/setup/bench-coro
# In all programs a function begins at such a multiple (Go's do in any case), so that no figure hangs on where the linker
# has put it: a generator's step takes 1.85 ns instead of 1.4 if its function happens to lie across two cache lines.
bench_coro_alignment := -falign-functions=32

$(bench_coro)/weft: $(wildcard $(bench_coro_from)/*.cc) $(bench_coro_from)/measure.hh build/userlib-host/libweft.a | $(setup_bench_coro)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++23 -O2 $(bench_coro_alignment) -Wall -Wextra -Werror -fuse-ld=lld-19 -Ikernel -I. -Ibuild/gen \
	  $(filter-out %/peer_boost.cc,$(filter %.cc,$^)) build/userlib-host/libweft.a -o $@

$(bench_coro)/boost: $(bench_coro_from)/peer_boost.cc | $(setup_bench_coro)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)g++ -O2 $(bench_coro_alignment) $< -o $@ -lboost_fiber -lboost_context -pthread

$(bench_coro)/state_threads: $(bench_coro_from)/peer_state_threads.c | $(setup_bench_coro)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 $(bench_coro_alignment) $< -o $@ -lst

$(bench_coro)/go: $(bench_coro_from)/peer.go | $(setup_bench_coro)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)cd $(bench_coro_from) && GOFLAGS=-mod=mod GOCACHE=$(abspath $(bench_coro))/cache go build -o $(abspath $@) peer.go

.PHONY: bench-coro
bench-coro: $(addprefix $(bench_coro)/,weft boost state_threads go idle yields yields_untraced) build/release/weft.elf ## the coroutines against Boost, state-threads and Go
	@tests/bench/coro/compare.py --programs $(bench_coro) --kernel build/release/weft.elf

bench_coro_guest := $(addprefix $(bench_coro_from)/guest/,counts.cc idle.cc yields.cc)
$(addprefix $(bench_coro)/,counts idle yields): $(bench_coro)/%: $(call userlib_object,$(bench_coro_from)/guest/%.cc) \
  $(userlib_start) build/userlib/libweft.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(userlib_link_flags) -o $@ $^

# The coroutines once more, without a tracer. They come before the archive, which then has only the rest to give.
untraced_sources := $(filter userlib/coro/%,$(userlib_library)) $(bench_coro_from)/guest/yields.cc
untraced_objects := $(patsubst %,$(bench_coro)/untraced/%.o,$(untraced_sources))
$(bench_coro)/untraced/%.cc.o: %.cc build/userlib/flags | build/gen/stamp $(setup_base)
	$(call say,untraced,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(userlib_flags) -DWEFT_UNTRACED -MMD -MP -c $< -o $@
$(bench_coro)/untraced/%.S.o: $(call userlib_object,%.S)
	@mkdir -p $(@D)
	@cp $< $@
$(bench_coro)/yields_untraced: $(untraced_objects) $(userlib_start) build/userlib/libweft.a
	$(call say,LINK,$@)
	$(Q)$(LD) $(userlib_link_flags) -o $@ $^

.PHONY: bench-coro-counts
bench-coro-counts: $(bench_coro)/counts build/release/weft.elf ## processes, threads and coroutines on Weft, in instructions
	@tools/weft run --kernel build/release/weft.elf --cpus 1 --icount --initrd $<

-include $(patsubst %.o,%.d,$(call userlib_object,$(bench_coro_guest)) $(untraced_objects))
