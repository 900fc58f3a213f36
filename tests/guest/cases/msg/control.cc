// msgget and msgctl: queues by key, what is told of them, who may do what, and limits.
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/system_v.hh"

namespace weft::guest {
namespace {

constexpr int k_key = 0x357;

}  // namespace

GUEST_CASE(msg_by_key) {
  MessageQueue queue(IPC_CREAT | IPC_EXCL | 0600, k_key);
  check("the same one", sys::msgget(k_key, 0) == queue.id);
  check("with rights", sys::msgget(k_key, 0600) == queue.id);
  show("new", sys::msgget(k_key, IPC_CREAT | IPC_EXCL | 0600));
  show("another key", sys::msgget(k_key + 1, 0));
  queue.remove();
  show("removed", sys::msgget(k_key, 0));
}

GUEST_CASE(msg_status_of_a_new_one) {
  MessageQueue queue(IPC_CREAT | 0620);
  const msqid64_ds status = queue.status();
  say("{} messages, {} of {} bytes, mode {}", status.msg_qnum, status.msg_cbytes, status.msg_qbytes,
      status.msg_perm.mode);
  say("sent {} by {}, received {} by {}", status.msg_stime, status.msg_lspid, status.msg_rtime,
      status.msg_lrpid);
  check("changed", status.msg_ctime > 0);
}

GUEST_CASE(msg_status_after_use) {
  MessageQueue queue;
  queue.send(1, "12345");
  const int child = start_child([&] { queue.send(1, "123"); });
  wait_for(child);
  msqid64_ds status = queue.status();
  say("{} messages, {} bytes", status.msg_qnum, status.msg_cbytes);
  check("sent", status.msg_stime > 0 && status.msg_rtime == 0);
  check("by the child", status.msg_lspid == child);
  queue.show_receive("receive");
  status = queue.status();
  say("{} messages, {} bytes", status.msg_qnum, status.msg_cbytes);
  check("received", status.msg_rtime > 0);
  check("by us", status.msg_lrpid == sys::getpid());
}

GUEST_CASE(msg_status_when_handed_over) {
  MessageQueue queue;
  const int child = start_child([&] {
    Message message{};
    sys::msgrcv(queue.id, &message, 64, 0, 0);
  });
  wait_until_blocked(child);
  queue.send(1, "x");
  wait_for(child);
  const msqid64_ds status = queue.status();
  check("received by the child", status.msg_lrpid == child);
  check("sent by us", status.msg_lspid == sys::getpid());
}

GUEST_CASE(msg_smaller_queue) {
  MessageQueue queue;
  msqid64_ds wanted = queue.status();
  wanted.msg_qbytes = 8;
  show("set", sys::msgctl(queue.id, IPC_SET, &wanted));
  show("five bytes", queue.send(1, "12345", IPC_NOWAIT));
  show("four more", queue.send(1, "1234", IPC_NOWAIT));
  show("three more", queue.send(1, "123", IPC_NOWAIT));
}

GUEST_CASE(msg_larger_queue_lets_the_sender_go_on) {
  MessageQueue queue;
  msqid64_ds wanted = queue.status();
  wanted.msg_qbytes = 4;
  must("set", sys::msgctl(queue.id, IPC_SET, &wanted));
  queue.send(1, "1234");
  const int child = start_child([&] { show("sender", queue.send(1, "56")); });
  wait_until_blocked(child);
  wanted.msg_qbytes = 6;
  must("set", sys::msgctl(queue.id, IPC_SET, &wanted));
  wait_for(child);
}

GUEST_CASE(msg_set_keeps_the_receiver_waiting) {
  MessageQueue queue;
  const int child = start_child([&] { queue.show_receive("receiver", 0, 0); });
  wait_until_blocked(child);
  msqid64_ds wanted = queue.status();
  must("set", sys::msgctl(queue.id, IPC_SET, &wanted));
  wait_until_blocked(child);
  queue.send(1, "now");
  wait_for(child);
}

GUEST_CASE(msg_control_errors) {
  MessageQueue queue;
  msqid64_ds status{};
  show("no such queue", sys::msgctl(4711, IPC_STAT, &status));
  show("below zero", sys::msgctl(-1, IPC_STAT, &status));
  show("no such command", sys::msgctl(queue.id, 99, &status));
  show("a bad pointer", sys::msgctl(queue.id, IPC_STAT, k_bad_pointer));
  show("a bad pointer", sys::msgctl(queue.id, IPC_SET, k_bad_pointer));
  queue.remove();
  show("removed", sys::msgctl(queue.id, IPC_STAT, &status));
}

GUEST_CASE(msg_limits) {
  msginfo limits{};
  check("info", sys::msgctl(0, IPC_INFO, &limits) >= 0);
  say("message {}, queue {}, queues {}", limits.msgmax, limits.msgmnb, limits.msgmni);
  say("pool {}, map {}, segments {} of {}, messages {}", limits.msgpool, limits.msgmap,
      limits.msgseg, limits.msgssz, limits.msgtql);
}

GUEST_CASE(msg_usage_and_listing) {
  MessageQueue one;
  MessageQueue other;
  one.send(1, "12345");
  other.send(1, "12");
  other.send(1, "3");
  msginfo usage{};
  const long highest = must("info", sys::msgctl(0, MSG_INFO, &usage));
  say("{} queues, {} messages, {} bytes", usage.msgpool, usage.msgmap, usage.msgtql);
  bool found = false;
  for (long place = 0; place <= highest; ++place) {
    msqid64_ds status{};
    found |= sys::msgctl(place, MSG_STAT, &status) == other.id && status.msg_qnum == 2;
  }
  check("it was listed", found);
}

GUEST_CASE(msg_rights) {
  MessageQueue queue(IPC_CREAT | 0602);
  show_child("another user", [&] {
    must("setresgid", sys::setresgid(99, 99, 99));
    must("setresuid", sys::setresuid(99, 99, 99));
    show("send", queue.send(1, "x"));
    queue.show_receive("receive");
    msqid64_ds status{};
    show("stat", sys::msgctl(queue.id, IPC_STAT, &status));
    show("remove", sys::msgctl(queue.id, IPC_RMID, nullptr));
  });
  queue.show_receive("what he sent");
}

GUEST_CASE(msg_group_rights) {
  MessageQueue queue(IPC_CREAT | 0640);
  queue.send(1, "x");
  msqid64_ds wanted = queue.status();
  wanted.msg_perm.gid = 77;
  must("set", sys::msgctl(queue.id, IPC_SET, &wanted));
  show_child("a member of the group", [&] {
    unsigned other_groups[] = {77};
    must("setgroups", sys::setgroups(1, other_groups));
    must("setresgid", sys::setresgid(99, 99, 99));
    must("setresuid", sys::setresuid(99, 99, 99));
    queue.show_receive("receive");
    show("send", queue.send(1, "x"));
  });
}

GUEST_CASE(msg_a_thousand_queues) {
  static int ids[1000];
  for (int& id : ids) {
    id = static_cast<int>(must("msgget", sys::msgget(IPC_PRIVATE, IPC_CREAT | 0600)));
    Message message{3, "text"};
    must("send", sys::msgsnd(id, &message, 5, 0));
  }
  long received = 0;
  for (const int id : ids) {
    Message message{};
    received += sys::msgrcv(id, &message, 64, 3, IPC_NOWAIT);
  }
  show("bytes", received);
  for (const int id : ids) must("remove", sys::msgctl(id, IPC_RMID, nullptr));
  msginfo usage{};
  must("info", sys::msgctl(0, MSG_INFO, &usage));
  show("left", usage.msgpool);
}

}  // namespace weft::guest
