# Debugging: a running kernel, an editor's debugger, a recording; and the tests of the debugger's part.
# The debug build is the one to look into: its locals are there, and it notes events and held locks.
# MODE=release debugs the other.

gdb_mode := $(if $(filter file,$(origin MODE)),debug,$(MODE))
gdb_kernel := build/$(gdb_mode)/weft.elf
gdb_symbols := --symbols build/userlib/weftbox $(addprefix --symbols ,$(PROG))

.PHONY: gdb gdb-server replay
gdb: $(gdb_kernel) build/initrd.cpio | $(setup_base) ## debug a running kernel with gdb (CMD="ls; ps" or a shell; CPUS=)
	@$(weft) gdb --kernel $< --initrd build/initrd.cpio $(machine_flags) $(gdb_symbols) \
	  $(if $(PROG)$(CMD),$(run_command))

gdb-server: $(gdb_kernel) build/initrd.cpio | $(setup_base) ## wait for an editor's debugger at PORT=; the console is here
	@$(weft) run --kernel $< --initrd build/initrd.cpio $(machine_flags) --gdb $(PORT) \
	  --serial-log build/console.log $(run_command)

replay: $(gdb_kernel) build/initrd.cpio | $(setup_base) ## record CMD="..." (or a shell), then debug it forwards and backwards
	@$(weft) replay build/replay --kernel $< --initrd build/initrd.cpio $(gdb_symbols) \
	  $(if $(PROG)$(CMD),$(run_command))

# What the debugger's tests look at: programs as their users would compile them.
gdb_c_scenes := $(patsubst tests/gdb/scene/%.c,build/gdb/%,$(wildcard tests/gdb/scene/*.c))
gdb_cc_scenes := $(patsubst tests/gdb/scene/%.cc,build/gdb/%,$(wildcard tests/gdb/scene/*.cc))

# And the tracer's.
trace_scenes := $(patsubst tests/trace/scene/%.c,build/trace-scenes/%,$(wildcard tests/trace/scene/*.c))

.PHONY: gdb-scenes trace-scenes
trace-scenes: $(trace_scenes)
gdb-scenes: $(gdb_c_scenes) $(gdb_cc_scenes)

$(gdb_c_scenes): build/gdb/%: tests/gdb/scene/%.c
$(trace_scenes): build/trace-scenes/%: tests/trace/scene/%.c
$(gdb_c_scenes) $(trace_scenes): | $(setup_guest)
	$(call say,gcc,$@)
	@mkdir -p $(@D)
	$(Q)gcc -O2 -g -Wall -Wextra -static -pthread $(filter %.c,$^) -o $@

$(gdb_cc_scenes): build/gdb/%: build/userlib/obj/tests/gdb/scene/%.cc.o $(userlib_start) build/userlib/libweft.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(userlib_link_flags) -o $@ $^
-include $(patsubst build/gdb/%,build/userlib/obj/tests/gdb/scene/%.cc.d,$(gdb_cc_scenes))
