# The variables a user may set on the command line, their defaults, and what they may be. Nonsense
# stops here with one line, before anything is built.

# Variables:
##   CPUS=4            CPUs of the machine, 1 to 16
##   MEM=512M          its memory: a number and M or G
##   SCHED=fair        scheduling policy: rr, prio, mlfq or fair
##   MACHINE=microvm   QEMU's machine: microvm, q35 or pc
##   CPU=max           QEMU's CPU model, from qemu64 to max
##   ACCEL=tcg         tcg (emulation), kvm, or auto (kvm where it works)
##   MODE=release      which kernel: debug (checks everything) or release
##   CMD="ls; ps"      for run and monitor: commands to run instead of a prompt
##   A="..." B="..."   for trace: two lists of commands to compare
##   STRACE=1          for run: show every system call, on the standard error output
##   PROG=path         for run: a static program of this machine to run there, with ARGS="..."
##   DIR=path          for run: a folder to take along, as the root's contents
##   PORT=1234         for gdb-server: where the machine waits for a debugger
##   PART='kernel-*'   for test: only the parts that match
##   FILTER='Mutex.*'  for unit: only the tests that match
##   SCENARIO='pipe*'  for explore: only these; LONG=1 goes further; REPLAY=file repeats a saved run, GDB=1 in gdb
##   V=1               show every command in full
CPUS ?= 4
MEM ?= 512M
SCHED ?= fair
MACHINE ?= microvm
CPU ?= max
ACCEL ?= tcg
MODE ?= release
V ?= 0
PORT ?= 1234

one_of = $(if $(filter 1,$(words $($1))),$(filter $($1),$2))
require_one_of = $(if $(call one_of,$1,$2),,$(error $1=$($1) makes no sense here: it is one of $2))

$(call require_one_of,CPUS,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
$(call require_one_of,SCHED,rr prio mlfq fair)
$(call require_one_of,MACHINE,microvm q35 pc)
$(call require_one_of,ACCEL,tcg kvm auto)
$(call require_one_of,MODE,debug release)
$(call require_one_of,V,0 1)

digits := 0 1 2 3 4 5 6 7 8 9
strip_digits = $(if $2,$(call strip_digits,$(subst $(firstword $2),,$1),$(wordlist 2,10,$2)),$1)
ifeq (,$(and $(filter-out M G,$(MEM)),$(filter M G,$(call strip_digits,$(MEM),$(digits)))))
$(error MEM=$(MEM) makes no sense here: it is a number and M or G, such as 64M or 8G)
endif
