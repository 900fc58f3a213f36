#!/bin/sh
# Says what this machine has for Weft, with versions, and what it lacks. Fails when a needed tool is
# missing.
set -u
cd "$(dirname "$0")/.."
status=0

# tool NAME PACKAGE: its version, or which package brings it.
tool() {
  if path=$(command -v "$1" 2>/dev/null); then
    printf 'ok       %-20s %s\n' "$1" "$("$path" --version 2>/dev/null </dev/null | head -n 1)"
  else
    printf 'MISSING  %-20s install package %s\n' "$1" "$2"
    status=1
  fi
}

# feature TEXT STATUS: a thing that is nice to have.
feature() {
  if [ "$2" = 0 ]; then printf 'ok       %s\n' "$1"; else printf 'no       %s\n' "$1"; fi
}

. /etc/os-release 2>/dev/null && echo "system   $PRETTY_NAME, $(uname -m), Linux $(uname -r), $(nproc) CPUs"
tool make make
tool clang++-19 clang-19
tool ld.lld-19 lld-19
tool llvm-nm-19 llvm-19
tool clang-format-19 clang-format-19
tool clang-tidy-19 clang-tidy-19
tool qemu-system-x86_64 qemu-system-x86
tool gdb gdb
tool python3 python3
tool grub-mkrescue grub-common
tool xorriso xorriso
tool mformat mtools

test -f /usr/src/googletest/googletest/src/gtest-all.cc
feature "GoogleTest's sources" $?
test -f /usr/share/ovmf/OVMF.fd
feature "UEFI firmware for QEMU" $?
test -r /dev/kvm && test -w /dev/kvm
feature "KVM (ACCEL=kvm); without it, emulation" $?
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
test "$free" -ge 2000
feature "2 GB of free disc space (there are $free MB)" $?

[ "$status" = 0 ] && echo "All that is needed is here." || echo "make setup installs what is missing."
exit "$status"
