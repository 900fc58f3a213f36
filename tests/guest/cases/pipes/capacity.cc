// How much a pipe holds, what happens when it is full, and which writes are never torn.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

char g_block[200'000];

// Writes blocks of that size until none fits; how many bytes went in.
long fill(int writer, long block) {
  long total = 0;
  for (;;) {
    const long count = sys::write(writer, g_block, block);
    if (count < 0) return total;
    total += count;
  }
}

}  // namespace

GUEST_CASE(pipe_holds_64_kib) {
  Pipe pipe(O_NONBLOCK);
  show("written until full, by pages", fill(pipe.writer, 4096));
  show("one byte more", sys::write(pipe.writer, "x", 1));
  show("F_GETPIPE_SZ", sys::fcntl(pipe.reader, F_GETPIPE_SZ));
}

GUEST_CASE(pipe_nonblocking_read_of_an_empty_pipe) {
  Pipe pipe(O_NONBLOCK);
  char byte;
  show("read", sys::read(pipe.reader, &byte, 1));
}

GUEST_CASE(pipe_nonblocking_large_write_goes_in_as_far_as_it_fits) {
  Pipe pipe(O_NONBLOCK);
  show("write 200000 bytes", sys::write(pipe.writer, g_block, sizeof g_block));
  show("write again", sys::write(pipe.writer, g_block, sizeof g_block));
}

GUEST_CASE(pipe_nonblocking_small_write_goes_in_whole_or_not_at_all) {
  Pipe pipe(O_NONBLOCK);
  fill(pipe.writer, 4096);
  show("a page comes out", sys::read(pipe.reader, g_block, 4096));
  show("4095 bytes go in", sys::write(pipe.writer, g_block, 4095));
  show("4096 don't", sys::write(pipe.writer, g_block, 4096));
}

GUEST_CASE(pipe_blocking_write_waits_until_all_is_in) {
  Pipe pipe;
  const int child = start_child([&] {
    pipe.close_reader();
    show("the child's write", sys::write(pipe.writer, g_block, sizeof g_block));
  });
  pipe.close_writer();
  wait_until_blocked(child);
  long total = 0;
  for (long count = 1; count > 0; total += count) count = sys::read(pipe.reader, g_block, 5000);
  show_status("child", wait_for(child));
  show("bytes that came out", total);
}

GUEST_CASE(pipe_blocking_write_interrupted_tells_how_far_it_came) {
  Pipe pipe;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    show("the child's write", sys::write(pipe.writer, g_block, sizeof g_block));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(pipe_blocking_write_interrupted_before_the_first_byte) {
  Pipe pipe;
  sys::fcntl(pipe.writer, F_SETFL, O_NONBLOCK);
  fill(pipe.writer, 4096);
  sys::fcntl(pipe.writer, F_SETFL, 0);
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    show("the child's write", sys::write(pipe.writer, g_block, 100));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(pipe_writes_up_to_4096_bytes_are_not_torn) {
  // Four writers, each with its own letter, in blocks of 4096: a block must come out in one piece.
  constexpr long k_blocks = 64;
  Pipe pipe;
  int writers[4];
  for (int index = 0; index < 4; ++index) {
    writers[index] = start_child([&] {
      __builtin_memset(g_block, 'a' + index, 4096);
      for (long block = 0; block < k_blocks; ++block) sys::write(pipe.writer, g_block, 4096);
    });
  }
  pipe.close_writer();
  long torn = 0;
  long total = 0;
  for (;;) {
    long have = 0;
    while (have < 4096) {
      const long count = sys::read(pipe.reader, g_block + have, 4096 - have);
      if (count <= 0) break;
      have += count;
    }
    if (have == 0) break;
    total += have;
    for (long at = 1; at < have; ++at) torn += g_block[at] != g_block[0];
  }
  for (const int writer : writers) wait_for(writer);
  show("bytes", total);
  show("bytes in the wrong block", torn);
}

GUEST_CASE(pipe_capacity_can_be_set_in_powers_of_two_pages) {
  Pipe pipe(O_NONBLOCK);
  show("set 1", sys::fcntl(pipe.writer, F_SETPIPE_SZ, 1));
  show("get", sys::fcntl(pipe.reader, F_GETPIPE_SZ));
  show("fill", fill(pipe.writer, 4096));
  show("set 5000", sys::fcntl(pipe.writer, F_SETPIPE_SZ, 5000));
  show("set 131072", sys::fcntl(pipe.writer, F_SETPIPE_SZ, 131072));
  show("fill the new room", fill(pipe.writer, 4096));
}

GUEST_CASE(pipe_capacity_cannot_shrink_below_its_content) {
  Pipe pipe(O_NONBLOCK);
  fill(pipe.writer, 4096);
  show("set 4096 while 65536 bytes are in", sys::fcntl(pipe.writer, F_SETPIPE_SZ, 4096));
  show("get", sys::fcntl(pipe.writer, F_GETPIPE_SZ));
}

GUEST_CASE(pipe_capacity_of_something_else) {
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY);
  show("get", sys::fcntl(fd, F_GETPIPE_SZ));
  show("set", sys::fcntl(fd, F_SETPIPE_SZ, 4096));
}

GUEST_CASE(pipe_fionread_counts_what_is_in) {
  Pipe pipe;
  int count = -1;
  show("ioctl", sys::ioctl(pipe.reader, FIONREAD, &count));
  show("empty", count);
  must("write", sys::write(pipe.writer, g_block, 5000));
  must("read", sys::read(pipe.reader, g_block, 1));
  must("ioctl", sys::ioctl(pipe.reader, FIONREAD, &count));
  show("after 5000 in and 1 out", count);
}

GUEST_CASE(pipe_nonblocking_can_be_switched_by_fcntl) {
  Pipe pipe;
  char byte;
  show("set", sys::fcntl(pipe.reader, F_SETFL, O_NONBLOCK));
  show("read", sys::read(pipe.reader, &byte, 1));
  check("the other end still blocks", (sys::fcntl(pipe.writer, F_GETFL) & O_NONBLOCK) == 0);
}

GUEST_CASE(pipe_every_byte_comes_through_once_with_many_readers) {
  // The sum over what three readers get is what one writer sent.
  struct Sums {
    int sum;
    int count;
  };
  Shared<Sums> shared;
  Pipe pipe;
  int readers[3];
  for (int& reader : readers) {
    reader = start_child([&] {
      pipe.close_writer();
      unsigned char bytes[97];
      for (;;) {
        const long count = sys::read(pipe.reader, bytes, sizeof bytes);
        if (count <= 0) break;
        for (long at = 0; at < count; ++at) add(shared->sum, bytes[at]);
        add(shared->count, static_cast<int>(count));
      }
    });
  }
  for (int index = 0; index < 20'000; ++index) g_block[index] = static_cast<char>(index % 251);
  must("write", sys::write(pipe.writer, g_block, 20'000));
  pipe.close_writer();
  for (const int reader : readers) wait_for(reader);
  show("bytes", shared->count);
  show("sum", shared->sum);
}

}  // namespace weft::guest
