#!/bin/sh
# iso.sh KERNEL OUT [OPTIONS]: makes a disc image that BIOS and UEFI machines boot. GRUB loads the
# kernel by Multiboot2 and gives it the options, which are plain words to GRUB's shell.
set -eu

kernel=$1
image=$2
options=${3:-}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/disc/boot/grub"
llvm-strip-19 --strip-debug -o "$folder/disc/boot/weft.elf" "$kernel"
cat > "$folder/disc/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout=0
menuentry Weft {
  multiboot2 /boot/weft.elf $options
}
END
if ! grub-mkrescue --locales= --fonts= --themes= -o "$image" "$folder/disc" >"$folder/log" 2>&1; then
  cat "$folder/log" >&2
  exit 1
fi
