# What programs are made of: the sources that follow from the system-call table, the userlib, the
# multi-call binary with the shell and the tools, and the initrd around it.
#   build/gen/                the generated sources
#   build/userlib/weftbox     the programs; runs on Linux, too
#   build/userlib/root/       a folder with a link for each program, for trying them on this machine
#   build/initrd.cpio         what the kernel starts with

syscall_table := kernel/syscall/table.toml
syscall_tools := $(wildcard tools/syscalls/*.py)

build/gen/stamp: $(syscall_table) $(syscall_tools) | $(setup_base)
	$(call say,GEN,$(syscall_table))
	$(Q)tools/syscalls/generate.py --table $(syscall_table) --out build/gen
	@touch $@
# Whoever was compiled with one of them is compiled again when it has changed.
$(addprefix build/gen/,abi/constants.hh syscall/decode.hh syscall/dispatch.inc syscall/handlers.hh \
  userlib/syscalls.hh oracle/allowed.h oracle/table.json): build/gen/stamp ;

.PHONY: syscalls-page
syscalls-page: | $(setup_base) ## write the page of system calls anew
	@tools/syscalls/generate.py --table $(syscall_table) --page userlib/sys/SYSCALLS.md

# The core's headers and the pieces of it that programs share with the kernel.
userlib_shared := $(addprefix kernel/core/base/,format.cc errno.cc line_editor.cc key_parser.cc)
userlib_library := $(call files,userlib/sys userlib/base userlib/thread userlib/coro,*.cc) \
  $(call files,userlib/sys userlib/base userlib/thread userlib/coro,*.S) $(userlib_shared)
userlib_programs := $(call files,userlib/bin,*.cc)
userlib_object = $(patsubst %,build/userlib/obj/%.o,$1)

userlib_flags := -std=c++23 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
  -fno-use-cxa-atexit -fno-pic -O2 -g -ffunction-sections -fdata-sections -fno-omit-frame-pointer \
  -Wall -Wextra -Werror -Wthread-safety -Ikernel -I. -Ibuild/gen
# The compiler must not turn memcpy's own loop into a call of memcpy.
build/userlib/obj/userlib/base/memory.cc.o: userlib_file_flags := -fno-builtin

build/userlib/flags: FORCE
	$(call stamp,$(userlib_flags))

build/userlib/obj/%.cc.o: %.cc build/userlib/flags | build/gen/stamp $(setup_base)
	$(call say,user,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(userlib_flags) $(userlib_file_flags) -MMD -MP -MJ $@.json -c $< -o $@

build/userlib/obj/%.S.o: %.S build/userlib/flags | $(setup_base)
	$(call say,user,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -Wall -Werror -c $< -o $@

# The start code must be in, whether or not something names it: so it is no part of the archive.
userlib_start := $(call userlib_object,$(filter userlib/sys/start.%,$(userlib_library)))
build/userlib/libweft.a: $(filter-out $(userlib_start),$(call userlib_object,$(userlib_library)))
	$(call say,AR,$@)
	@rm -f $@
	$(Q)llvm-ar-19 rcs $@ $^

userlib_link_flags := -static --no-dynamic-linker -nostdlib --gc-sections --build-id=none \
  -z noexecstack -z max-page-size=4096 --fatal-warnings --eh-frame-hdr

build/userlib/objects: FORCE
	$(call stamp,$(userlib_library) $(userlib_programs))

build/userlib/weftbox: $(call userlib_object,$(userlib_programs)) $(userlib_start) build/userlib/libweft.a build/userlib/objects
	$(call say,LINK,$@)
	$(Q)$(LD) $(userlib_link_flags) -o $@ $(filter %.o %.a,$^)
# What goes into the machine: without the debugger's part, which is most of it.
build/userlib/stripped/weftbox: build/userlib/weftbox
	@mkdir -p $(@D)
	$(Q)llvm-strip-19 --strip-all -o $@ $<

# PROG= adds a program of the host to /bin, DIR= a whole folder to the root.
initrd_build := tools/initrd/build.py --box build/userlib/stripped/weftbox --tools userlib/bin/tools.cc
initrd_sources := build/userlib/stripped/weftbox userlib/bin/tools.cc $(wildcard tools/initrd/*.py)

build/initrd.args: FORCE
	$(call stamp,$(PROG) $(DIR))

build/initrd.cpio: $(initrd_sources) build/initrd.args $(PROG) $(if $(DIR),$(shell find $(DIR)))
	$(call say,INITRD,$@)
	$(Q)$(initrd_build) --out $@ $(addprefix --add ,$(PROG) $(DIR))

build/userlib/root/bin/weftbox: $(initrd_sources)
	$(call say,ROOT,$(@D:/bin=))
	$(Q)$(initrd_build) --folder build/userlib/root

.PHONY: userlib
userlib: build/userlib/libweft.a build/initrd.cpio build/userlib/root/bin/weftbox ## the programs and the initrd

-include $(patsubst %.o,%.d,$(call userlib_object,$(userlib_library) $(userlib_programs)))

# The userlib's unit tests: those of its parts that need no start code of their own, on this machine,
# under AddressSanitizer and UBSan.
userlib_tested := $(filter-out %/new.cc %/library.cc,$(filter %.cc,$(call files,userlib/base,*.cc))) \
  $(addprefix userlib/bin/,files/calendar.cc files/mode.cc text/escapes.cc text/regex.cc) \
  $(addprefix userlib/bin/sh/,arithmetic.cc lexer.cc parser.cc pattern.cc scan.cc variables.cc) \
  kernel/core/base/format.cc kernel/core/base/errno.cc
userlib_tested += $(call files,userlib/coro/stackless,*.cc) $(addprefix userlib/bin/http/,body.cc head.cc)
userlib_test_sources := $(userlib_tested) $(call files,tests/unit/userlib,*.cc)
userlib_test_flags := -std=c++23 -g -O1 -fno-omit-frame-pointer -DWEFT_DEBUG=1 -Wall -Wextra -Werror \
  -fsanitize=address,undefined -fno-sanitize-recover=all -Ikernel -I. -Ibuild/gen
# They must not take the place of the host's own.
build/unit/userlib/obj/userlib/base/memory.cc.o: userlib_file_flags := -fno-builtin \
  $(foreach name,memcpy memmove memset memcmp memchr strlen,-D$(name)=tested_$(name))

build/unit/userlib/flags: FORCE
	$(call stamp,$(userlib_test_flags))

build/unit/userlib/obj/%.cc.o: %.cc build/unit/userlib/flags | build/gen/stamp $(setup_base)
	$(call say,unit user,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(userlib_test_flags) $(userlib_file_flags) -MMD -MP -MJ $@.json -c $< -o $@

build/unit/userlib/unit: $(patsubst %,build/unit/userlib/obj/%.o,$(userlib_test_sources)) build/unit/sim/gtest.o
	$(call say,LINK,$@)
	$(Q)$(CXX) -fsanitize=address,undefined -fuse-ld=lld-19 $^ -o $@

-include $(patsubst %,build/unit/userlib/obj/%.d,$(userlib_test_sources))
