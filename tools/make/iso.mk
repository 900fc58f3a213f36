# The disc image: GRUB for BIOS and for UEFI, and the kernel by Multiboot2. ISO_CMDLINE is for tests.

build/weft.iso: build/release/weft.elf tools/build/iso.sh | $(setup_base) $(setup_iso)
	$(call say,ISO,$@)
	$(Q)tools/build/iso.sh $< $@
