// Pipes and memory that isn't there: what was moved counts, and nothing gets lost twice.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"

namespace weft::guest {

GUEST_CASE(pipe_read_into_a_bad_pointer) {
  Pipe pipe;
  must("write", sys::write(pipe.writer, "abc", 3));
  show("read into low memory", sys::read(pipe.reader, k_bad_pointer, 3));
  show("read into kernel memory", sys::read(pipe.reader, k_kernel_pointer, 3));
  show_read("the bytes are still there", pipe.reader);
}

GUEST_CASE(pipe_write_from_a_bad_pointer) {
  Pipe pipe(O_NONBLOCK);
  show("write", sys::write(pipe.writer, k_bad_pointer, 3));
  show("write from kernel memory", sys::write(pipe.writer, k_kernel_pointer, 3));
  show_read("nothing came", pipe.reader);
}

GUEST_CASE(pipe_write_from_a_read_only_page_is_fine) {
  Pipe pipe;
  Pages pages(1);
  __builtin_memcpy(pages.page(0), "constant", 8);
  must("mprotect", sys::mprotect(pages.page(0), k_page_size, PROT_READ));
  show("write", sys::write(pipe.writer, pages.page(0), 8));
  show_read("read", pipe.reader);
}

GUEST_CASE(pipe_read_into_a_read_only_page_fails) {
  Pipe pipe;
  Pages pages(1, PROT_READ);
  must("write", sys::write(pipe.writer, "abc", 3));
  show("read", sys::read(pipe.reader, pages.page(0), 3));
}

GUEST_CASE(pipe_readv_gathers_over_several_buffers) {
  Pipe pipe;
  must("write", sys::write(pipe.writer, "abcdef", 6));
  char one[2];
  char two[10];
  iovec parts[] = {{one, 2}, {two, 10}};
  show("readv", sys::readv(pipe.reader, parts, 2));
  say("'{}' and '{}'", std::string_view(one, 2), std::string_view(two, 4));
}

GUEST_CASE(pipe_writev_scatters_from_several_buffers) {
  Pipe pipe;
  char one[] = "ab";
  char two[] = "cde";
  iovec parts[] = {{one, 2}, {nullptr, 0}, {two, 3}};
  show("writev", sys::writev(pipe.writer, parts, 3));
  show_read("read", pipe.reader);
}

GUEST_CASE(pipe_vector_calls_refuse_bad_counts_and_lengths) {
  Pipe pipe(O_NONBLOCK);
  char byte = 'x';
  iovec parts[] = {{&byte, 1}};
  show("no parts", sys::writev(pipe.writer, parts, 0));
  show("-1 parts", sys::writev(pipe.writer, parts, -1));
  show("1025 parts", sys::writev(pipe.writer, parts, 1025));
  show("parts at a bad address", sys::writev(pipe.writer, k_bad_pointer, 1));
  iovec negative[] = {{&byte, 1}, {&byte, ~size_t{0}}};
  show("a part of negative length", sys::writev(pipe.writer, negative, 2));
  show_read("nothing came", pipe.reader);
}

}  // namespace weft::guest
