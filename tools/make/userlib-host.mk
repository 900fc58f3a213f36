# The userlib as an ordinary library for Linux programs, and its unit tests.
#   build/userlib-host/           the library: archive, headers, files for CMake and pkg-config
#   build/unit/userlib/unit       all of its tests, under AddressSanitizer and UBSan
#   build/unit/userlib-tsan/unit  those of threads, processes and coroutines, under ThreadSanitizer

# Without what a C library has itself: the start code, the memory functions, the heap.
host_without := userlib/sys/start.% userlib/sys/vfork.S userlib/sys/tls.cc \
  userlib/sys/thread_exit.cc $(addprefix userlib/base/,memory.cc heap.cc new.cc library.cc clock.cc)
host_replaced := $(subst /hosted/,/,$(userlib_hosted))
host_sources := $(filter-out $(host_without) $(host_replaced),$(userlib_all))

host_flags := -std=c++23 -g -Wall -Wextra -Werror -Ikernel -I. -Ibuild/gen

# $(call host_rules,FOLDER,FLAGS,SOURCES): objects for one flavour of the hosted library.
define host_rules
build/$1/flags: FORCE
	$$(call stamp,$(host_flags) $2)

build/$1/obj/%.cc.o: %.cc build/$1/flags | build/gen/stamp $(setup_base)
	$$(call say,$(notdir $1),$$<)
	@mkdir -p $$(@D)
	$$(Q)$(CXX) $(host_flags) $2 $$(host_file_flags) $(lenient) -MMD -MP -MJ $$@.json -c $$< -o $$@

build/$1/obj/%.S.o: %.S | $(setup_base)
	@mkdir -p $$(@D)
	$$(Q)$(CC) -g -Wall -Werror -Ikernel -c $$< -o $$@

-include $(patsubst %,build/$1/obj/%.d,$3)
endef

# ---- The library ---------------------------------------------------------------------------------

host := build/userlib-host
$(eval $(call host_rules,userlib-host,-O2 -fPIC -Wthread-safety -ffunction-sections -fdata-sections,$(host_sources)))

$(host)/libweft.a: $(patsubst %,$(host)/obj/%.o,$(host_sources)) | $(setup_base)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)llvm-ar-19 rcs $@ $^

.PHONY: userlib-host
userlib-host: $(host)/libweft.a build/gen/stamp ## the userlib as a library for Linux programs
	$(call say,INSTALL,$(host))
	$(Q)tools/build/install_userlib.py --out $(host) $(userlib_rooms)

# ---- The tests -----------------------------------------------------------------------------------

host_test_flags := -DWEFT_DEBUG=1 -Itests -Itests/unit -fno-omit-frame-pointer
host_tests := $(call files,tests/unit/userlib,*.cc)
# Parts that the hosted library goes without, or that belong to programs, but can be tested here.
host_tested := userlib/base/memory.cc userlib/base/heap.cc $(call files,userlib/bin/http,*.cc) \
  $(addprefix userlib/bin/,files/calendar.cc files/mode.cc text/escapes.cc text/regex.cc) \
  $(addprefix userlib/bin/sh/,arithmetic.cc lexer.cc parser.cc pattern.cc scan.cc variables.cc)
asan_sources := $(host_sources) $(host_tested) $(host_tests)
tsan_sources := $(host_sources) tests/unit/userlib/main.cc \
  $(call files,$(addprefix tests/unit/userlib/,thread process coro),*.cc)

asan_flags := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
tsan_flags := -O1 -fsanitize=thread
$(eval $(call host_rules,unit/userlib,$(asan_flags) $(host_test_flags),$(asan_sources)))
$(eval $(call host_rules,unit/userlib-tsan,$(tsan_flags) $(host_test_flags),$(tsan_sources)))
# They must not take the place of the host's own.
build/unit/userlib/obj/userlib/base/memory.cc.o: host_file_flags := -fno-builtin \
  $(foreach name,memcpy memmove memset memcmp memchr strlen,-D$(name)=tested_$(name))

# That check needs a free pipe now and then; servers are tested without a free descriptor.
$(patsubst %,build/unit/userlib/obj/%.o,$(call files,userlib/bin/http,*.cc) tests/unit/userlib/http_shapes_test.cc \
  kernel/core/base/format.cc): host_file_flags := -fno-sanitize=vptr

build/unit/userlib/unit: $(patsubst %,build/unit/userlib/obj/%.o,$(asan_sources)) build/unit/sim/gtest.o
	$(call say,LINK,$@)
	$(Q)$(CXX) $(asan_flags) -fuse-ld=lld-19 $^ -o $@

build/unit/userlib-tsan/unit: $(patsubst %,build/unit/userlib-tsan/obj/%.o,$(tsan_sources)) build/unit/threads/gtest.o
	$(call say,LINK,$@)
	$(Q)$(CXX) $(tsan_flags) -fuse-ld=lld-19 $^ -o $@
