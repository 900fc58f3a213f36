// Semaphores and message queues, in a few words.
#pragma once

#include <span>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// A set of semaphores that is removed when the case is done with it.
struct SemaphoreSet {
  explicit SemaphoreSet(int count = 1, int flags = IPC_CREAT | 0600, int key = IPC_PRIVATE)
      : id(static_cast<int>(must("semget", sys::semget(key, count, flags)))) {}
  SemaphoreSet(const SemaphoreSet&) = delete;
  SemaphoreSet& operator=(const SemaphoreSet&) = delete;
  ~SemaphoreSet() { remove(); }

  void remove() { sys::semctl(id, 0, IPC_RMID, 0); }
  void set(int number, int value) { must("SETVAL", sys::semctl(id, number, SETVAL, value)); }
  long value(int number = 0) { return sys::semctl(id, number, GETVAL, 0); }
  // One operation, or several at once.
  long operate(short change, int number = 0, short flags = 0) {
    sembuf one{static_cast<unsigned short>(number), change, flags};
    return sys::semop(id, &one, 1);
  }
  template <size_t count>
  long operate_all(const sembuf (&all)[count]) {
    return sys::semop(id, all, count);
  }

  int id;
};

struct Message {
  long type;
  char text[64];
};

// A message queue that is removed when the case is done with it.
struct MessageQueue {
  explicit MessageQueue(int flags = IPC_CREAT | 0600, int key = IPC_PRIVATE)
      : id(static_cast<int>(must("msgget", sys::msgget(key, flags)))) {}
  MessageQueue(const MessageQueue&) = delete;
  MessageQueue& operator=(const MessageQueue&) = delete;
  ~MessageQueue() { remove(); }

  void remove() { sys::msgctl(id, IPC_RMID, nullptr); }
  long send(long type, std::string_view text, int flags = 0) {
    Message message{.type = type, .text = {}};
    for (size_t i = 0; i < text.size(); ++i) message.text[i] = text[i];
    return sys::msgsnd(id, &message, text.size(), flags);
  }
  // "what: type 3 'text'", or the error.
  void show_receive(std::string_view what, long type = 0, int flags = IPC_NOWAIT,
                    size_t room = sizeof(Message::text)) {
    Message message{};
    const long size = sys::msgrcv(id, &message, room, type, flags);
    if (size < 0) return show(what, size);
    say("{}: type {} '{}'", what, message.type,
        std::string_view(message.text, static_cast<size_t>(size)));
  }
  msqid64_ds status() {
    msqid64_ds told{};
    must("stat", sys::msgctl(id, IPC_STAT, &told));
    return told;
  }

  int id;
};

}  // namespace weft::guest
