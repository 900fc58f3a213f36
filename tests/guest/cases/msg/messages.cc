// msgsnd and msgrcv: types, sizes, who waits, and who is told what.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {

GUEST_CASE(msg_in_their_order) {
  MessageQueue queue;
  show("send", queue.send(1, "one"));
  show("send", queue.send(2, "two"));
  queue.show_receive("first");
  queue.show_receive("second");
  queue.show_receive("none is left");
}

GUEST_CASE(msg_by_type) {
  MessageQueue queue;
  queue.send(1, "a");
  queue.send(2, "b");
  queue.send(1, "c");
  queue.show_receive("of type 2", 2);
  queue.show_receive("of type 2", 2);
  queue.show_receive("of type 1", 1);
  queue.show_receive("any", 0);
}

GUEST_CASE(msg_lowest_type_first) {
  MessageQueue queue;
  queue.send(5, "five");
  queue.send(2, "two");
  queue.send(9, "nine");
  queue.send(2, "two again");
  for (int i = 0; i < 4; ++i) queue.show_receive("up to 6", -6);
  queue.show_receive("up to all there are", static_cast<long>(1ul << 63));
}

GUEST_CASE(msg_all_but_one_type) {
  MessageQueue queue;
  queue.send(1, "a");
  queue.send(2, "b");
  queue.show_receive("not of type 1", 1, IPC_NOWAIT | MSG_EXCEPT);
  queue.show_receive("not of type 1", 1, IPC_NOWAIT | MSG_EXCEPT);
}

GUEST_CASE(msg_empty_text) {
  MessageQueue queue;
  show("send", queue.send(3, ""));
  queue.show_receive("receive");
}

GUEST_CASE(msg_too_long_for_the_receiver) {
  MessageQueue queue;
  queue.send(1, "0123456789");
  queue.show_receive("four bytes of room", 0, IPC_NOWAIT, 4);
  queue.show_receive("and cut", 0, IPC_NOWAIT | MSG_NOERROR, 4);
  queue.show_receive("the rest is gone");
}

GUEST_CASE(msg_types_must_be_positive) {
  MessageQueue queue;
  show("zero", queue.send(0, "x"));
  show("below zero", queue.send(-1, "x"));
}

GUEST_CASE(msg_errors) {
  MessageQueue queue;
  Message message{1, {}};
  static char large[9000];
  show("no such queue", sys::msgsnd(4711, &message, 1, 0));
  show("below zero", sys::msgsnd(-1, &message, 1, 0));
  show("a bad pointer", sys::msgsnd(queue.id, k_bad_pointer, 1, 0));
  large[0] = 1;
  show("too long", sys::msgsnd(queue.id, large, 8193, IPC_NOWAIT));
  show("the longest", sys::msgsnd(queue.id, large, 8192, IPC_NOWAIT));
  show("a length below zero", sys::msgsnd(queue.id, &message, -1, 0));
  show("no such queue", sys::msgrcv(4711, &message, 1, 0, 0));
  show("room below zero", sys::msgrcv(queue.id, &message, -1, 0, 0));
  show("a bad pointer", sys::msgrcv(queue.id, k_bad_pointer, 9000, 0, IPC_NOWAIT));
  queue.show_receive("that message is lost");
}

GUEST_CASE(msg_a_long_one_arrives_whole) {
  MessageQueue queue;
  static struct {
    long type;
    char text[8192];
  } sent{1, {}}, got{};
  for (size_t i = 0; i < sizeof sent.text; ++i) sent.text[i] = static_cast<char>(i * 7);
  show("send", sys::msgsnd(queue.id, &sent, sizeof sent.text, 0));
  show("receive", sys::msgrcv(queue.id, &got, sizeof got.text, 0, 0));
  bool same = true;
  for (size_t i = 0; i < sizeof sent.text; ++i) same = same && sent.text[i] == got.text[i];
  check("the same", same);
}

GUEST_CASE(msg_full_queue) {
  MessageQueue queue;
  static struct {
    long type;
    char text[4096];
  } message{1, {}};
  int sent = 0;
  while (sys::msgsnd(queue.id, &message, sizeof message.text, IPC_NOWAIT) == 0) ++sent;
  show("so many of 4096 bytes", sent);
  show("one more", sys::msgsnd(queue.id, &message, 1, IPC_NOWAIT));
  const msqid64_ds status = queue.status();
  say("{} messages, {} of {} bytes", status.msg_qnum, status.msg_cbytes, status.msg_qbytes);
}

GUEST_CASE(msg_sender_waits_for_room) {
  MessageQueue queue;
  static struct {
    long type;
    char text[8192];
  } message{1, {}};
  for (int i = 0; i < 2; ++i) must("send", sys::msgsnd(queue.id, &message, sizeof message.text, 0));
  const int child = start_child([&] { show("sent", queue.send(2, "late")); });
  wait_until_blocked(child);
  must("receive", sys::msgrcv(queue.id, &message, sizeof message.text, 0, 0));
  wait_for(child);
  queue.show_receive("what came late", 2);
}

GUEST_CASE(msg_receiver_waits) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("received", 0, 0); });
  wait_until_blocked(child);
  must("send", queue.send(7, "hello"));
  wait_for(child);
  show("nothing is left", static_cast<long>(queue.status().msg_qnum));
}

GUEST_CASE(msg_receivers_of_different_types) {
  MessageQueue queue;
  const int one = start_child([&] {
    Message message{};
    return static_cast<int>(sys::msgrcv(queue.id, &message, 64, 1, 0) + message.type * 10);
  });
  const int two = start_child([&] {
    Message message{};
    return static_cast<int>(sys::msgrcv(queue.id, &message, 64, 2, 0) + message.type * 10);
  });
  wait_until_blocked(one);
  wait_until_blocked(two);
  queue.send(2, "ab");
  show_status("who wanted type 2", wait_for(two));
  check("the other still waits", state_of(one) == 'S');
  queue.send(1, "abc");
  show_status("who wanted type 1", wait_for(one));
}

GUEST_CASE(msg_waiting_receiver_with_too_little_room) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("receiver", 0, 0, 2); });
  wait_until_blocked(child);
  must("send", queue.send(1, "long"));
  wait_for(child);
  queue.show_receive("it is still there");
}

GUEST_CASE(msg_waiting_receiver_that_cuts) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("receiver", 0, MSG_NOERROR, 2); });
  wait_until_blocked(child);
  must("send", queue.send(1, "long"));
  wait_for(child);
  queue.show_receive("nothing is left");
}

GUEST_CASE(msg_removal_wakes_the_receiver) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("receiver", 0, 0); });
  wait_until_blocked(child);
  queue.remove();
  wait_for(child);
}

GUEST_CASE(msg_removal_wakes_the_sender) {
  MessageQueue queue;
  static struct {
    long type;
    char text[8192];
  } message{1, {}};
  for (int i = 0; i < 2; ++i) must("send", sys::msgsnd(queue.id, &message, sizeof message.text, 0));
  const int child = start_child([&] { show("sender", queue.send(1, "x")); });
  wait_until_blocked(child);
  queue.remove();
  wait_for(child);
}

GUEST_CASE(msg_signal_ends_both_waits) {
  MessageQueue queue;
  int child = start_child([&] {
    handle(SIGUSR1, [](int) {}, SA_RESTART);
    queue.show_receive("receiver", 0, 0);
  });
  wait_until_blocked(child);
  sys::kill(child, SIGUSR1);
  wait_for(child);
  static struct {
    long type;
    char text[8192];
  } message{1, {}};
  for (int i = 0; i < 2; ++i) must("send", sys::msgsnd(queue.id, &message, sizeof message.text, 0));
  child = start_child([&] {
    handle(SIGUSR1, [](int) {}, SA_RESTART);
    show("sender", queue.send(1, "x"));
  });
  wait_until_blocked(child);
  sys::kill(child, SIGUSR1);
  wait_for(child);
}

GUEST_CASE(msg_stop_and_continue_goes_on_waiting) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("receiver", 0, 0); });
  wait_until_blocked(child);
  sys::kill(child, SIGSTOP);
  wait_until_state(child, 'T');
  sys::kill(child, SIGCONT);
  wait_until_blocked(child);
  queue.send(4, "at last");
  show_status("child", wait_for(child));
}

GUEST_CASE(msg_killed_receiver_takes_nothing) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("never", 0, 0); });
  wait_until_blocked(child);
  sys::kill(child, SIGKILL);
  wait_for(child);
  queue.send(1, "for others");
  queue.show_receive("received");
}

GUEST_CASE(msg_ping_pong) {
  MessageQueue queue;
  const int child = start_child([&] {
    Message message{};
    for (int i = 0; i < 100; ++i) {
      sys::msgrcv(queue.id, &message, 64, 1, 0);
      message.type = 2;
      sys::msgsnd(queue.id, &message, 8, 0);
    }
  });
  Message message{};
  for (int i = 0; i < 100; ++i) {
    message.type = 1;
    sys::msgsnd(queue.id, &message, 8, 0);
    sys::msgrcv(queue.id, &message, 64, 2, 0);
  }
  show_status("child", wait_for(child));
}

}  // namespace weft::guest
