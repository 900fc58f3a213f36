// mprotect, and the faults that protections cause.
#include "guest/support/fault.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"

namespace weft::guest {

GUEST_CASE(mprotect_read_only_faults_on_write) {
  catch_faults();
  Pages pages(1);
  pages.page(0)[0] = 'a';
  show("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
  show_read_of("read", pages.page(0));
  show_write_of("write", pages.page(0));
  show("back", sys::mprotect(pages.page(0), k_page_size, PROT_READ | PROT_WRITE));
  show_write_of("write", pages.page(0));
}

GUEST_CASE(mprotect_none_faults_on_everything_but_keeps_the_content) {
  catch_faults();
  Pages pages(1);
  pages.page(0)[0] = 'k';
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_NONE));
  show_read_of("read", pages.page(0));
  show_write_of("write", pages.page(0));
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
  check("the byte is still there", pages.page(0)[0] == 'k');
}

GUEST_CASE(mprotect_splits_a_mapping) {
  catch_faults();
  Pages pages(3);
  show("mprotect", sys::mprotect(pages.page(1), k_page_size, PROT_READ));
  show_write_of("before", pages.page(1) - 1);
  show_write_of("its first byte", pages.page(1));
  show_write_of("its last byte", pages.page(2) - 1);
  show_write_of("behind", pages.page(2));
}

GUEST_CASE(mprotect_exec_decides_whether_code_runs) {
  catch_faults();
  Pages pages(1);
  pages.page(0)[0] = '\xc3';  // ret
  show_fault("without PROT_EXEC", probe_execute(pages.page(0)), pages.page(0));
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ | PROT_EXEC));
  show_fault("with PROT_EXEC", probe_execute(pages.page(0)), pages.page(0));
}

GUEST_CASE(mprotect_of_the_stack_and_data_is_not_executable) {
  catch_faults();
  char on_stack[] = {'\xc3'};
  static char in_data[] = {'\xc3'};
  show_fault("stack", probe_execute(on_stack), on_stack);
  show_fault("data", probe_execute(in_data), in_data);
}

GUEST_CASE(mprotect_text_and_constants_are_read_only) {
  catch_faults();
  static const char constant[] = "constant";
  auto* code = reinterpret_cast<char*>(&must);
  show_write_of("text", code);
  show_write_of("constants", const_cast<char*>(constant));
}

GUEST_CASE(mprotect_errors) {
  Pages pages(3);
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("an address inside a page", sys::mprotect(pages.page(0) + 1, k_page_size, PROT_READ));
  show("a hole in it", sys::mprotect(pages.page(0), 3 * k_page_size, PROT_READ));
  show("all of it a hole", sys::mprotect(pages.page(1), k_page_size, PROT_READ));
  show("length 0", sys::mprotect(pages.page(0), 0, PROT_READ));
  show("unknown bits", sys::mprotect(pages.page(0), k_page_size, 0x100));
  show("the kernel's half", sys::mprotect(k_kernel_pointer, k_page_size, PROT_READ));
}

GUEST_CASE(mprotect_stops_at_a_hole_but_keeps_what_it_did) {
  catch_faults();
  Pages pages(3);
  must("munmap", sys::munmap(pages.page(1), k_page_size));
  show("mprotect", sys::mprotect(pages.page(0), 3 * k_page_size, PROT_READ));
  show_write_of("before the hole", pages.page(0));
  show_write_of("behind the hole", pages.page(2));
}

GUEST_CASE(mprotect_after_fork_is_private_to_the_child) {
  catch_faults();
  Pages pages(1);
  pages.page(0)[0] = 'p';
  show_child("child", [&] {
    must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
    show_write_of("the child's write", pages.page(0));
  });
  show_write_of("the parent's write", pages.page(0));
}

GUEST_CASE(mprotect_read_only_then_writable_keeps_copy_on_write) {
  Pages pages(1);
  pages.page(0)[0] = 'p';
  show_child("child", [&] {
    must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
    must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ | PROT_WRITE));
    pages.page(0)[0] = 'c';
  });
  check("the parent's byte is its own", pages.page(0)[0] == 'p');
}

GUEST_CASE(fault_null_pointer) {
  catch_faults();
  show_read_of("read of 0", nullptr);
  show_write_of("write of 0", nullptr);
  show_read_of("read of 4095", reinterpret_cast<void*>(4095));
}

GUEST_CASE(fault_kernel_addresses) {
  catch_faults();
  const auto address = reinterpret_cast<void*>(0xffff'ffff'8000'0000);
  show_read_of("read of the kernel's half", address);
  show_write_of("write of the kernel's half", address);
}

GUEST_CASE(fault_non_canonical_address_has_no_address) {
  catch_faults();
  const auto address = reinterpret_cast<void*>(0x8000'0000'0000'0000);
  const Fault fault = probe_read(address);
  say("{}, {}", signal_name(fault.number), code_name(fault));
  check("si_addr is 0", fault.address == nullptr);
}

GUEST_CASE(fault_kills_the_process_by_default) {
  show_child("bad pointer", [] { *static_cast<volatile char*>(k_bad_pointer) = 1; });
  show_child("jump to nowhere", [] { reinterpret_cast<void (*)()>(k_bad_pointer)(); });
  show_child("jump into the kernel", [] { reinterpret_cast<void (*)()>(k_kernel_pointer)(); });
  show_child("illegal instruction", [] { asm volatile("ud2"); });
  show_child("privileged instruction", [] { asm volatile("hlt"); });
  show_child("port access", [] { asm volatile("outb %al, $0x80"); });
  show_child("division by zero", [] {
    int zero = 0;
    asm volatile("idivl %0" : "+r"(zero) : : "eax", "edx");
  });
  show_child("break point", [] { asm volatile("int3"); });
}

GUEST_CASE(fault_stack_grows_on_its_own) {
  char page[k_page_size];
  volatile char* below = page;
  // A little deeper at each step, as calls do; 4 MiB in all.
  for (int step = 0; step < 1024; ++step) {
    below -= k_page_size;
    *below = 'x';
  }
  say("4 MiB deeper");
}

GUEST_CASE(fault_stack_ends_at_its_limit) {
  show_child("endless recursion", [] {
    const rlimit limit{1 << 20, 1 << 20};
    must("prlimit", sys::prlimit64(0, RLIMIT_STACK, &limit, nullptr));
    volatile char* below = static_cast<char*>(__builtin_frame_address(0));
    for (;;) {
      below -= k_page_size;
      *below = 'x';
    }
  });
}

}  // namespace weft::guest
