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

# The core's headers and the pieces of it that programs share with the kernel. A file in a folder
# hosted/ is for the hosted library (userlib-host.mk), where it takes the place of its namesake above.
userlib_shared := $(addprefix kernel/core/base/,format.cc errno.cc line_editor.cc key_parser.cc)
userlib_rooms := $(addprefix userlib/,sys base thread process coro)
userlib_all := $(call files,$(userlib_rooms),*.cc) $(call files,$(userlib_rooms),*.S) $(userlib_shared)
userlib_hosted := $(foreach file,$(userlib_all),$(if $(findstring /hosted/,$(file)),$(file)))
userlib_library := $(filter-out $(userlib_hosted),$(userlib_all))
userlib_programs := $(call files,userlib/bin,*.cc)
userlib_object = $(patsubst %,build/userlib/obj/%.o,$1)

userlib_flags := -std=c++23 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
  -fno-use-cxa-atexit -fno-pic -O2 -g -ffunction-sections -fdata-sections -fno-omit-frame-pointer -momit-leaf-frame-pointer \
  -Wall -Wextra -Werror -Wthread-safety -Ikernel -I. -Ibuild/gen
# The compiler must not turn memcpy's own loop into a call of memcpy.
build/userlib/obj/userlib/base/memory.cc.o: userlib_file_flags := -fno-builtin

build/userlib/flags: FORCE
	$(call stamp,$(userlib_flags))

build/userlib/obj/%.cc.o: %.cc build/userlib/flags | build/gen/stamp $(setup_base)
	$(call say,user,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(userlib_flags) $(userlib_file_flags) $(lenient) -MMD -MP -MJ $@.json -c $< -o $@

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

# What the program `demo` knows of the others.
demo_sources := $(wildcard userlib/bin/demos/*.cc) userlib/bin/demos/demos.toml $(addprefix tools/demos/,generate.py table.py)
build/gen/demos/table.inc: $(demo_sources) | $(setup_base)
	$(call say,GEN,$@)
	$(Q)tools/demos/generate.py --out $@
build/userlib/obj/userlib/bin/demos/demo.cc.o: build/gen/demos/table.inc

-include $(patsubst %.o,%.d,$(call userlib_object,$(userlib_library) $(userlib_programs)))

