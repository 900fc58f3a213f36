// Message queues: types, sizes, direct hand-over to who waits, and ends of waits.
#include "core/ipc/system_v/messages.hh"

#include <gtest/gtest.h>

#include <string>

#include "core/sched/scheduler.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::ipc::system_v {
namespace {

using host::Machine;

const Actor k_actor{.process = 4};

struct Queue {
  Queue() : id(get_queue(0, 0600, k_actor).value()) {}
  ~Queue() { (void)remove_queue(id, k_actor); }

  Result<> send(int64_t type, std::string text, uint32_t flags = 0) {
    fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    return send_message(id, type, from, flags, k_actor);
  }
  // "type:text", or the errno's name.
  std::string receive(int64_t type, uint32_t flags = abi::k_ipc_nowait, size_t room = 100) {
    const auto got = receive_message(id, type, room, flags, k_actor);
    if (!got.has_value()) return errno_name(got.error());
    std::string text(room, '\0');
    fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    text.resize(got->move_to(to).value());
    return std::to_string(got->type()) + ":" + text;
  }
  abi::QueueStatus status() {
    abi::QueueStatus told;
    EXPECT_EQ(queue_status(id, Find::by_id, k_actor, told).value(), 0);
    return told;
  }

  int32_t id;
};

TEST(MessageQueue, TypesChoose) {
  Machine().run([] {
    Queue queue;
    for (const int type : {5, 2, 9, 2}) {
      EXPECT_TRUE(queue.send(type, std::to_string(type)).has_value());
    }
    EXPECT_EQ(queue.status().messages, 4u);
    EXPECT_EQ(queue.receive(9), "9:9");
    EXPECT_EQ(queue.receive(-4), "2:2");
    EXPECT_EQ(queue.receive(2, abi::k_ipc_nowait | abi::k_msg_except), "5:5");
    EXPECT_EQ(queue.receive(7), "ENOMSG");
    EXPECT_EQ(queue.receive(0), "2:2");
    EXPECT_EQ(queue.receive(0), "ENOMSG");
    EXPECT_EQ(queue.send(0, "x").error(), Errno::inval);
    EXPECT_EQ(queue.send(1, std::string(8193, 'x')).error(), Errno::inval);
    EXPECT_EQ(send_message(queue.id + 1, 1,
                           *std::make_unique<fs::IoBuffer>(fs::IoBuffer::kernel({})), 0, k_actor)
                  .error(),
              Errno::inval);
  });
}

TEST(MessageQueue, TooLongIsLeftOrCut) {
  Machine().run([] {
    Queue queue;
    ASSERT_TRUE(queue.send(1, "0123456789").has_value());
    EXPECT_EQ(queue.receive(0, abi::k_ipc_nowait, 4), "E2BIG");
    EXPECT_EQ(queue.receive(0, abi::k_ipc_nowait | abi::k_msg_noerror, 4), "1:0123");
    EXPECT_EQ(queue.status().bytes, 0u);
  });
}

TEST(MessageQueue, ASenderHandsItOverToWhoWaits) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      Queue queue;
      host::Crew crew;
      Thread& small = crew.add([&] { EXPECT_EQ(queue.receive(0, 0, 2), "E2BIG"); });
      host::await_blocked(small, BlockReason::waiting);
      Thread& other = crew.add([&] { EXPECT_EQ(queue.receive(7, 0), "7:seven"); });
      host::await_blocked(other, BlockReason::waiting);
      Thread& any = crew.add([&] { EXPECT_EQ(queue.receive(0, 0), "1:long"); });
      host::await_blocked(any, BlockReason::waiting);
      EXPECT_TRUE(queue.send(1, "long").has_value());
      EXPECT_EQ(queue.status().messages, 0u);
      EXPECT_TRUE(queue.send(7, "seven").has_value());
      crew.join();
    });
  });
}

TEST(MessageQueue, SendersWaitForRoom) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      Queue queue;
      const std::string half(8192, 'x');
      ASSERT_TRUE(queue.send(1, half).has_value());
      ASSERT_TRUE(queue.send(1, half).has_value());
      EXPECT_EQ(queue.send(1, "x", abi::k_ipc_nowait).error(), Errno::again);
      host::Crew crew;
      Thread& sender = crew.add([&] { EXPECT_TRUE(queue.send(2, "late").has_value()); });
      host::await_blocked(sender, BlockReason::waiting);
      EXPECT_EQ(queue.receive(1, 0, 8192).size(), 8194u);
      crew.join();
      EXPECT_EQ(queue.receive(2), "2:late");
    });
  });
}

TEST(MessageQueue, ASmallerQueueCountsMessagesToo) {
  Machine().run([] {
    Queue queue;
    abi::QueueStatus wanted = queue.status();
    wanted.most_bytes = 2;
    EXPECT_TRUE(change_queue(queue.id, wanted, k_actor).has_value());
    EXPECT_TRUE(queue.send(1, "").has_value());
    EXPECT_TRUE(queue.send(1, "").has_value());
    EXPECT_EQ(queue.send(1, "", abi::k_ipc_nowait).error(), Errno::again);
    const Actor stranger{.process = 1, .user = 3, .group = 3};
    EXPECT_EQ(change_queue(queue.id, wanted, stranger).error(), Errno::perm);
    EXPECT_EQ(queue_usage().map_or_messages_used, 2);
  });
}

TEST(MessageQueue, WaitsEndBySignalAndByRemoval) {
  Machine().run([] {
    Queue queue;
    host::Crew crew;
    Thread& first = crew.add([&] { EXPECT_EQ(queue.receive(0, 0), "EINTR"); });
    host::await_blocked(first, BlockReason::waiting);
    sched::interrupt(first);
    crew.join();
    Thread& second = crew.add([&] { EXPECT_EQ(queue.receive(0, 0), "EIDRM"); });
    host::await_blocked(second, BlockReason::waiting);
    EXPECT_TRUE(remove_queue(queue.id, k_actor).has_value());
    crew.join();
    EXPECT_EQ(queue.receive(0), "EINVAL");
  });
}

}  // namespace
}  // namespace weft::ipc::system_v
