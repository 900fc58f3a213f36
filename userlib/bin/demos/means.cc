// Run:      means [--csv]
// Look for: the same two megabytes from one process to another, in eight ways: how many went over in a second.
// Why:      shared memory is in both address spaces: nothing is copied. All the others go through the kernel.
#include "userlib/bin/demos/blocks.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/process/remote_call.hh"
#include "userlib/process/shared_memory.hh"

namespace weft {
namespace {

void send_through(int fd) {
  Block block;
  for (size_t i = 0; i < k_blocks; ++i) {
    block.fill(i);
    (void)send_value(fd, block);
  }
}
uint64_t receive_from(int fd) {
  uint64_t sum = 0;
  for (size_t i = 0; i < k_blocks; ++i) sum += receive_value<Block>(fd).value().sum();
  return sum;
}

// The child sends through one end; the answer is what came out of the other.
uint64_t between(int in, int out_of) {
  auto sender = process::run([=] { send_through(in); });
  const uint64_t sum = receive_from(out_of);
  sender->wait();
  return sum;
}

uint64_t by_pipe() {
  const pipe ends = pipe::make().value();
  return between(ends.write_end.get(), ends.read_end.get());
}

uint64_t by_fifo() {
  const Text<40> path("/tmp/means.{}", sys::getpid().value_or(0));
  (void)sys::mknod(path.c_str(), abi::k_s_ififo | 0600, 0);
  // Open for both: so it need not wait for a partner.
  const auto both = open_file(path.c_str(), abi::k_o_rdwr);
  (void)sys::unlink(path.c_str());
  return between(both->get(), both->get());
}

uint64_t by_socket_pair() {
  const socket_pair ends = socket_pair::make().value();
  return between(ends.first.get(), ends.second.get());
}

uint64_t by_tcp() {
  constexpr uint32_t k_loopback = 0x0100007f;  // 127.0.0.1, its highest byte first
  abi::InternetAddress address{static_cast<uint16_t>(abi::k_af_inet), 0, k_loopback, {}};
  int32_t size = sizeof address;
  const auto make = [] {
    return Descriptor(sys::socket(abi::k_af_inet, abi::k_sock_stream, 0).value_or(-1));
  };
  const Descriptor listener = make();
  (void)sys::bind(listener.get(), &address, sizeof address);
  (void)sys::listen(listener.get(), 1);
  (void)sys::getsockname(listener.get(), &address, &size);
  const Descriptor one = make();
  (void)sys::connect(one.get(), &address, size);
  const Descriptor other(sys::accept4(listener.get(), nullptr, nullptr, 0).value_or(-1));
  return between(one.get(), other.get());
}

uint64_t by_message_queue() {
  struct Message {
    int64_t type = 1;
    Block block;
  };
  const int queue = static_cast<int>(sys::msgget(0, abi::k_ipc_creat | 0600).value_or(-1));
  auto sender = process::run([&] {
    Message message;
    for (size_t i = 0; i < k_blocks; ++i) {
      message.block.fill(i);
      (void)sys::msgsnd(queue, &message, sizeof(Block), 0);
    }
  });
  Message message;
  uint64_t sum = 0;
  for (size_t i = 0; i < k_blocks; ++i) {
    (void)sys::msgrcv(queue, &message, sizeof(Block), 0, 0);
    sum += message.block.sum();
  }
  sender->wait();
  (void)sys::msgctl(queue, abi::k_ipc_rmid, nullptr);
  return sum;
}

uint64_t by_calls() {
  socket_pair ends = socket_pair::make().value();
  auto server = process::run([&] {
    ends.first = Descriptor();
    remote_server blocks;
    blocks.answer<size_t, Block>(0, [](size_t number) -> Result<Block> {
      Block block;
      block.fill(number);
      return block;
    });
    (void)blocks.serve(ends.second.get());
  });
  ends.second = Descriptor();
  uint64_t sum = 0;
  {
    remote_client client(std::move(ends.first));
    for (size_t i = 0; i < k_blocks; ++i) sum += client.call<Block>(0, i)->sum();
  }
  server->wait();
  return sum;
}

uint64_t through_ring(Ring& ring) {
  auto sender = process::run([&] { ring.send_all(); });
  const uint64_t sum = ring.receive_all();
  sender->wait();
  return sum;
}

uint64_t by_shared_mapping() {
  const shared<Ring> ring;
  return through_ring(*ring);
}

uint64_t by_segment() {
  const int segment =
      static_cast<int>(sys::shmget(0, sizeof(Ring), abi::k_ipc_creat | 0600).value_or(-1));
  void* const memory = sys::shmat(segment, nullptr, 0).value_or(nullptr);
  (void)sys::shmctl(segment, abi::k_ipc_rmid, nullptr);  // it goes with who is attached last
  ASSERT(memory != nullptr, "there is memory for a segment");
  const uint64_t sum = through_ring(*new (memory) Ring);
  (void)sys::shmdt(memory);
  return sum;
}

void measure(const Table& table, std::string_view means, uint64_t (*run)()) {
  const Stopwatch watch;
  const uint64_t sum = run();
  ASSERT(sum == k_sum_of_all, "all bytes arrive, each once");
  const double seconds = static_cast<double>(watch.elapsed()) / k_second;
  table.row({means, static_cast<double>(k_blocks * sizeof(Block)) / 1e6 / seconds});
}

}  // namespace

int means_main(Arguments arguments) {
  const Table table(arguments, {"means", "MB a second"});
  measure(table, "shared mapping", by_shared_mapping);
  measure(table, "System V shared memory", by_segment);
  measure(table, "pipe", by_pipe);
  measure(table, "named pipe", by_fifo);
  measure(table, "pair of sockets", by_socket_pair);
  measure(table, "TCP on this machine", by_tcp);
  measure(table, "message queue", by_message_queue);
  measure(table, "procedure call", by_calls);
  return 0;
}

}  // namespace weft
