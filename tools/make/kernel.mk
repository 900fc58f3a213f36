# The kernel, in debug and in release, and each of them twice:
#   build/MODE/weft.elf       with the built-in monitor (kernel/monitor/) as its first thread
#   build/MODE/weft-test.elf  with the self-tests (tests/kernel/) instead
# A kernel is linked twice: the first link fixes all addresses, symbols.py turns them into a table,
# and the second link adds that table behind everything else, so that a panic can name functions.

kernel_sources := $(call files,boot kernel,*.S) $(call files,kernel,*.cc)
monitor_sources := $(filter kernel/monitor/%,$(kernel_sources))
selftest_sources := $(call files,tests/kernel,*.cc)

# Only general registers, so that entering the kernel saves no others. -mgeneral-regs-only would say
# just that, but the standard library's <atomic> and <span> mention long double, which it forbids;
# `make check-house` looks for floating point in the kernel instead.
kernel_flags := -ffreestanding -mno-mmx -mno-sse -mno-red-zone -mcmodel=kernel -fno-pic \
  -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit \
  -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -momit-leaf-frame-pointer \
  -ffunction-sections -g -Wall -Wextra -Werror -Wthread-safety -Ikernel -Ibuild/gen
kernel_flags_debug := -Og -DWEFT_DEBUG=1
kernel_flags_release := -O2 -flto=thin
assembly_flags := -g -Wall -Wextra -Werror -Wa,--fatal-warnings -Ikernel
link_flags := -nostdlib -static --no-dynamic-linker --gc-sections --build-id=none -z noexecstack \
  -z max-page-size=4096 --fatal-warnings --lto-O2 --thinlto-jobs=2 -T boot/kernel.ld

# $(call kernel_objects,MODE,SOURCES)
kernel_objects = $(patsubst %,build/$1/obj/%.o,$2)

# $(call kernel_rules,MODE): how that mode's objects are made.
define kernel_rules
build/$1/flags: FORCE
	$$(call stamp,$(kernel_flags) $(kernel_flags_$1) $(assembly_flags) $(link_flags))

build/$1/obj/%.cc.o: %.cc build/$1/flags | build/gen/stamp $(setup_base)
	$$(call say,$1,$$<)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) -std=c++23 $(kernel_flags) $(kernel_flags_$1) -Itests $(lenient) -MMD -MP -MJ $$@.json -c $$< -o $$@

build/$1/obj/%.S.o: %.S build/$1/flags | $(setup_base)
	$$(call say,$1,$$<)
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(assembly_flags) $(filter -D%,$(kernel_flags_$1)) -MMD -MP -c $$< -o $$@

$(call kernel_link,$1,weft,$(call kernel_objects,$1,$(kernel_sources)))
$(call kernel_link,$1,weft-test,$(call kernel_objects,$1,$(filter-out $(monitor_sources),$(kernel_sources)) $(selftest_sources)))

-include $(patsubst %.o,%.d,$(call kernel_objects,$1,$(kernel_sources) $(selftest_sources)))
endef

# $(call kernel_link,MODE,IMAGE,OBJECTS). The list of objects is a stamp of its own, so that the
# kernel is linked again when a file goes away.
define kernel_link
build/$1/$2.objects: FORCE
	$$(call stamp,$3)

build/$1/$2.elf: $3 boot/kernel.ld tools/build/symbols.py build/$1/flags build/$1/$2.objects | $(setup_base)
	$$(call say,LINK,$$@)
	$$(Q)$(LD) $(link_flags) -o $$@.first $3
	$$(Q)tools/build/symbols.py $$@.first $$@.symbols.S
	$$(Q)$(CC) -c $$@.symbols.S -o $$@.symbols.o
	$$(Q)$(LD) $(link_flags) -o $$@ $3 $$@.symbols.o
	@rm -f $$@.first
endef

$(foreach mode,debug release,$(eval $(call kernel_rules,$(mode))))

.PHONY: kernels
kernels: $(foreach mode,debug release,build/$(mode)/weft.elf build/$(mode)/weft-test.elf)

# For clangd and clang-tidy: what -MJ wrote beside the objects, put together.
build/compile_commands.json: FORCE
	@mkdir -p $(@D)
	@{ echo '['; find build/debug/obj build/unit/sim/obj/tests -name '*.o.json' -exec cat {} + 2>/dev/null \
	  | sed '$$ s/,$$//'; echo ']'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
