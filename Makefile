# Weft's build. `make help` lists what it can do; the rules themselves are in tools/make/.
#
# Every target first sees to it that this machine has the packages it needs (tools/setup.sh), and
# uses all CPUs unless a -j on the command line says otherwise.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory -j$(shell nproc)
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

include tools/make/options.mk
include tools/make/common.mk
include tools/make/kernel.mk
include tools/make/unit.mk
-include tools/make/schedsim.mk
-include tools/make/userlib.mk
-include tools/make/userlib-host.mk
-include tools/make/guest.mk
-include tools/make/explore.mk
include tools/make/lab.mk
include tools/make/bench_coro.mk
include tools/make/iso.mk
include tools/make/commands.mk
include tools/make/gdb.mk
