# The labs. What is linked for a lab's tests is listed in its lab.toml, and is as little as they need, so
# that marking is quick. The objects are those of the other builds.
#   build/labs/NAME/unit           host tests of the core, as build/unit/sim/unit
#   build/labs/NAME/explore        scenarios of the explorer, as build/explore/explore
#   build/labs/NAME/userlib-unit   host tests of the userlib, as build/unit/userlib/unit

export LAB OUT OVERLAY NAME

.PHONY: lab lab-export grade new-lab test-labs
lab: | $(setup_base) ## start a lab, or go back to it: LAB=mutex
	@tools/lab/lab start "$$LAB"

grade: | $(setup_base) ## mark your answer to a lab: LAB=mutex
	@tools/lab/lab grade "$$LAB" $(if $(OVERLAY),--overlay "$$OVERLAY")

lab-export: | $(setup_base) ## write a class's starter of a lab, without a trace of its solution: LAB= OUT=
	@tools/lab/lab export "$$LAB" "$$OUT"

new-lab: | $(setup_base) ## make the skeleton of a new lab: NAME=
	@tools/lab/lab new "$$NAME"

test-labs: | $(setup_base) ## mark each lab's solution, starter and wrong answers: do the graders see all? (LAB= for one)
	@tools/lab/lab test $(if $(LAB),"$$LAB")

# $(call lab_program,PROGRAM,OBJECT FOLDER,SOURCES,FLAGS): links it; in the order of the sources.
define lab_program
build/labs/$(LAB)/$1.objects: FORCE
	$$(call stamp,$3)

build/labs/$(LAB)/$1: $(patsubst %,build/$2/obj/%.o,$3) build/unit/sim/gtest.o build/labs/$(LAB)/$1.objects
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) $4 -fuse-ld=lld-19 $$(filter-out $(if $(findstring explore,$1),%/gtest.o),$$(filter %.o,$$^)) -o $$@
-include $(patsubst %,build/$2/obj/%.d,$3)
endef

ifneq ($(LAB),)
# All lists at once, each word as LIST:FILE.
lab_lists := $(shell tools/lab/lab list "$(LAB)" $(if $(OVERLAY),--overlay "$(OVERLAY)") 2>/dev/null)
lab_list = $(patsubst $1:%,%,$(filter $1:%,$(lab_lists)))
lab_core := $(call lab_list,core)
$(eval $(call lab_program,unit,unit/sim,$(lab_core) $(filter-out tests/unit/hal_threads/%,$(unit_helpers)) \
  $(call lab_list,unit),$(unit_flags_sim)))
$(patsubst %,build/explore/obj/%.o,$(call lab_list,explore)): file_flags = $(explore_instrument)
$(eval $(call lab_program,explore,explore,$(explore_engine) $(filter $(lab_core),$(explore_core)) \
  $(filter tests/%,$(explore_core)) $(explore_userlib) $(filter tests/explore/machine/%,$(explore_instrumented)) \
  $(call lab_list,explore),-no-pie))
$(eval $(call lab_program,userlib-unit,unit/userlib,$(host_sources) tests/unit/userlib/main.cc \
  $(call lab_list,userlib),$(asan_flags)))
endif
