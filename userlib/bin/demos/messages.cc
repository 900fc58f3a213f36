// Run:      messages
// Look for: a child sends and is gone; a stranger with the key takes out what is most urgent, or of one kind.
// Why:      a message queue keeps whole messages with a type each, and outlives everybody who uses it.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

struct Message {
  int64_t type;
  Text<24> text;
};

constexpr size_t k_size = sizeof(Message) - sizeof(int64_t);

void send(int queue, int64_t type, std::string_view text) {
  const Message message{type, Text<24>(text)};
  const auto sent = sys::msgsnd(queue, &message, k_size, 0);
  ASSERT(sent.has_value(), "there is room in the queue");
}

// A type above 0: the first of that type. Below 0: the lowest type up to that.
void take(int queue, std::string_view what, int64_t type) {
  Message message{};
  const auto taken = sys::msgrcv(queue, &message, k_size, type, abi::k_ipc_nowait);
  print("  {}: {}\n", what, taken ? message.text.view() : describe(taken.error()));
}

}  // namespace

int messages_main(Arguments) {
  const int key = 0x5000'0000 + sys::getpid().value_or(0);
  auto sender = process::run([key] {
    const auto made = sys::msgget(key, abi::k_ipc_creat | abi::k_ipc_excl | 0600);
    if (!made) return 1;
    const int queue = static_cast<int>(*made);
    send(queue, 3, "some time, please");
    send(queue, 1, "fire!");
    send(queue, 2, "soon, please");
    send(queue, 3, "thank you");
    return 0;
  });
  print("the sender has left four messages: {}\n", sender->wait().success());

  const int queue = static_cast<int>(sys::msgget(key, 0).value_or(-1));
  take(queue, "the most urgent one", -3);
  take(queue, "the first of type 3", 3);
  take(queue, "the most urgent one", -3);
  take(queue, "the oldest one", 0);
  take(queue, "one more", 0);
  (void)sys::msgctl(queue, abi::k_ipc_rmid, nullptr);
  print("removed; with its key: {}\n", describe(sys::msgget(key, 0).error()));
  return 0;
}

}  // namespace weft
