# What the other fragments share: the compilers, quiet output, set-up, and stamps.

CC := clang-19
CXX := clang++-19
LD := ld.lld-19

# A student's warnings are shown, but stop nothing: the file .lab says that this tree is a student's. And what a
# starter's stubs leave unused is no news.
lenient := $(if $(wildcard .lab),-Wno-error -Wno-unused -Wno-unused-parameter)

# $(call say,STEP,FILE) is one line of progress; $(Q) hides a command unless V=1.
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-9s %s\n' '$1' '$2')

# $(call files,FOLDERS,NAME) finds the files of that name (a shell pattern) below folders that exist.
files = $(if $(wildcard $1),$(sort $(shell find $(wildcard $1) -type f -name '$2' </dev/null)))

# Set-up: one stamp for each group of packages, made anew when the list changes. Whatever compiles
# or runs a tool has a stamp as an order-only prerequisite.
setup_base := build/setup/base
setup_iso := build/setup/iso
build/setup/%: tools/packages/% tools/setup.sh
	@mkdir -p $(@D)
	@[ "$${WEFT_SETUP:-}" = skip ] || flock build/setup tools/setup.sh $*
	@touch $@

# A file that says how others are made: it is rewritten, and so gets newer, only when its text
# changes. $(call stamp,TEXT) is the recipe; such a rule has FORCE among its prerequisites.
define stamp
@mkdir -p $(@D)
@printf '%s\n' '$(strip $1)' | cmp -s - $@ || printf '%s\n' '$(strip $1)' > $@
endef
.PHONY: FORCE
FORCE:
