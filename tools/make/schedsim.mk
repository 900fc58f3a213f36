# The scheduling simulator (tools/schedsim): the kernel's own policies, compiled for this machine.
# `tools/weft sched` builds and runs it.

schedsim_sources := $(call files,tools/schedsim,*.cc) \
  $(patsubst %,kernel/core/sched/%.cc,policy rr prio mlfq fair)
schedsim_objects := $(patsubst %.cc,build/schedsim/obj/%.o,$(schedsim_sources))
schedsim_flags := -std=c++23 -O1 -g -fsanitize=undefined -fno-sanitize-recover=all -DWEFT_DEBUG=1 \
  -Wall -Wextra -Werror -Wthread-safety -Ikernel -Itools/schedsim

.PHONY: schedsim
schedsim: build/schedsim/schedsim

build/schedsim/flags: FORCE
	$(call stamp,$(schedsim_flags) $(schedsim_sources))

build/schedsim/obj/%.o: %.cc build/schedsim/flags | $(setup_base)
	$(call say,schedsim,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(schedsim_flags) -MMD -MP -MJ $@.json -c $< -o $@

build/schedsim/schedsim: $(schedsim_objects)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(schedsim_flags) -fuse-ld=lld-19 $^ -o $@

-include $(schedsim_objects:.o=.d)
