# Small bare guests for the launcher's tests. Each is this file, assembled with one BEHAVIOUR_...
# defined, and does one thing a kernel can do to a launcher. They stay in 32-bit mode, where PVH
# starts them, with EBX = the PVH start information, whose command line holds the nonce.

.set PORT_REPORT, 0xe9
.set PORT_SERIAL, 0x3f8
.set PORT_DEBUG_EXIT, 0xf4
.set PORT_RESET, 0xcf9
.set STATUS_0, 0x20
.set STATUS_1, 0x21
.set PANIC, 0x7f
.set START_INFO_COMMAND_LINE, 24

.section .note.pvh, "a", @note
  .align 4
  .long 4, 4, 18               # name size, description size, type: the 32-bit entry
  .asciz "Xen"
  .long start

# say PORT, "text": writes the text there.
.macro say port, text
  mov $\port, %edx
  mov $text\@, %esi
  call write
  .section .rodata
text\@: .asciz "\text"
  .text
.endm

# report "text": one report line, with the right nonce.
.macro report text
  call write_nonce
  say PORT_REPORT, " \text\n"
.endm

# leave VALUE: through the debug-exit device.
.macro leave value
  mov $PORT_DEBUG_EXIT, %edx
  mov $\value, %eax
  out %eax, (%dx)
.endm

.text
.code32
.global start
start:
  mov $stack_top, %esp
  mov START_INFO_COMMAND_LINE(%ebx), %ebp
  say PORT_SERIAL, "a bare guest runs\n"

#if defined(BEHAVIOUR_passes)
  report "start"
  report "plan 2"
  report "test one pass"
  report "test two pass"
  report "end 0"
  leave STATUS_0
#elif defined(BEHAVIOUR_fails_a_test)
  report "plan 2"
  report "test one pass"
  report "test two fail the sum was 4"
  report "end 1"
  leave STATUS_1
#elif defined(BEHAVIOUR_panics)
  report "plan 1"
  report "panic a lock was taken twice"
  leave PANIC
#elif defined(BEHAVIOUR_panics_silently)
  leave PANIC
#elif defined(BEHAVIOUR_triple_faults)
  lidt no_interrupt_table
  ud2
#elif defined(BEHAVIOUR_hangs)
  report "plan 1"
#elif defined(BEHAVIOUR_spins)
spin:
  jmp spin
#elif defined(BEHAVIOUR_reboots)
  mov $PORT_RESET, %edx
  mov $0x0e, %al
  out %al, (%dx)
#elif defined(BEHAVIOUR_prints_all_passed)
  say PORT_SERIAL, "nonce plan 1\nnonce test one pass\nnonce end 0\n1 passed, 0 failed\n"
#elif defined(BEHAVIOUR_forges_a_nonce)
  report "plan 1"
  say PORT_REPORT, "0123456789abcdef test one pass\n"
  report "end 0"
  leave STATUS_0
#elif defined(BEHAVIOUR_runs_too_few)
  report "plan 3"
  report "test one pass"
  report "end 0"
  leave STATUS_0
#elif defined(BEHAVIOUR_plans_nothing)
  report "plan 0"
  report "end 0"
  leave STATUS_0
#elif defined(BEHAVIOUR_contradicts_itself)
  report "plan 1"
  report "test one pass"
  report "end 0"
  leave STATUS_1
#elif defined(BEHAVIOUR_ends_too_early)
  report "plan 1"
  report "end 0"
  report "test one pass"
  leave STATUS_0
#elif defined(BEHAVIOUR_leaves_without_verdict)
  report "plan 1"
  report "test one pass"
  leave STATUS_0
#elif defined(BEHAVIOUR_refuses_to_start)
  leave STATUS_1
#elif defined(BEHAVIOUR_powers_off)
  mov $0x604, %edx             # the q35 machine's power management register
  mov $0x2000, %ax             # sleep, type "off"
  out %ax, (%dx)
#elif defined(BEHAVIOUR_repeats_typed_text)
  report "plan 1"
  report "prompt"
wait_for_key:
  mov $PORT_SERIAL+5, %edx     # line status: is there a character?
  in (%dx), %al
  test $1, %al
  jz wait_for_key
  mov $PORT_SERIAL, %edx
  in (%dx), %al
  cmp $'\n', %al
  je typed
  out %al, (%dx)
  jmp wait_for_key
typed:
  say PORT_SERIAL, " was typed\n"
  report "test echo pass"
  report "end 0"
  leave STATUS_0
#else
#error "say which behaviour"
#endif
stop:
  cli
  hlt
  jmp stop

# Writes the text at ESI to the port in DX.
write:
  lodsb
  test %al, %al
  jz 1f
  out %al, (%dx)
  jmp write
1:ret

# Writes the nonce to the report channel: what follows "nonce=" up to the next blank.
write_nonce:
  mov %ebp, %esi
1:cmpl $0x636e6f6e, (%esi)     # "nonc"
  je 2f
  inc %esi
  jmp 1b
2:add $6, %esi
  mov $PORT_REPORT, %edx
3:lodsb
  cmp $' ', %al
  jbe 4f
  out %al, (%dx)
  jmp 3b
4:ret

.section .rodata
no_interrupt_table:
  .word 0
  .long 0

.bss
  .skip 4096
stack_top:
