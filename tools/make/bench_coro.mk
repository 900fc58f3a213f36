# The coroutines against their peers, on this machine:
#   build/bench-coro/{weft,boost,state_threads,go}    a program each; the argument says what to measure

bench_coro := build/bench-coro
bench_coro_from := tests/bench/coro
setup_bench_coro := build/setup/bench-coro

$(bench_coro)/weft: $(wildcard $(bench_coro_from)/*.cc) $(bench_coro_from)/measure.hh build/userlib-host/libweft.a | $(setup_bench_coro)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++23 -O2 -Wall -Wextra -Werror -fuse-ld=lld-19 -Ikernel -I. -Ibuild/gen \
	  $(filter-out %/peer_boost.cc,$(filter %.cc,$^)) build/userlib-host/libweft.a -o $@

$(bench_coro)/boost: $(bench_coro_from)/peer_boost.cc | $(setup_bench_coro)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)g++ -O2 $< -o $@ -lboost_fiber -lboost_context -pthread

$(bench_coro)/state_threads: $(bench_coro_from)/peer_state_threads.c | $(setup_bench_coro)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 $< -o $@ -lst

$(bench_coro)/go: $(bench_coro_from)/peer.go | $(setup_bench_coro)
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)cd $(bench_coro_from) && GOFLAGS=-mod=mod GOCACHE=$(abspath $(bench_coro))/cache go build -o $(abspath $@) peer.go

.PHONY: bench-coro
bench-coro: $(addprefix $(bench_coro)/,weft boost state_threads go) ## the coroutines against Boost, state-threads and Go
	@tests/bench/coro/compare.py --programs $(bench_coro)

$(bench_coro)/counts: $(call userlib_object,$(bench_coro_from)/guest/counts.cc) $(userlib_start) build/userlib/libweft.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(userlib_link_flags) -o $@ $^

.PHONY: bench-coro-counts
bench-coro-counts: $(bench_coro)/counts build/release/weft.elf ## processes, threads and coroutines on Weft, in instructions
	@tools/weft run --kernel build/release/weft.elf --cpus 1 --icount --initrd $<

-include $(patsubst %.o,%.d,$(call userlib_object,$(bench_coro_from)/guest/counts.cc))
