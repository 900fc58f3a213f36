// The userlib's channel between plain threads: every value comes through once and in order, and nobody
// waits at a channel that is closed.
#include "userlib/coro/channel/channel.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

using coro::channel;

const Scenario rendezvous{{.name = "channel",
                           .about = "two send a value each to one who receives both",
                           .preemptions = 3},
                          [](Stage& stage) {
                            channel<int> meeting;
                            for (const int value : {1, 2}) {
                              stage.thread(value == 1 ? "sender 1" : "sender 2", [&, value] {
                                check(meeting.send(value), "it is taken over");
                              });
                            }
                            stage.thread("receiver", [&] {
                              const int first = meeting.receive().value_or(0);
                              const int second = meeting.receive().value_or(0);
                              check(first + second == 3, "each comes once");
                            });
                            stage.run();
                          }};

const Scenario buffered{{.name = "channel-buffer",
                         .about = "three values go through a buffer for one",
                         .preemptions = 4,
                         .old_stores = 1},
                        [](Stage& stage) {
                          channel<int> buffer(1);
                          stage.thread("sender", [&] {
                            for (const int value : {1, 2, 3})
                              check(buffer.send(value), "there will be room for it");
                            buffer.close();
                          });
                          stage.thread("receiver", [&] {
                            for (const int value : {1, 2, 3}) {
                              check(buffer.receive() == value,
                                    "they come in the order in which they were sent");
                            }
                            check(!buffer.receive().has_value(), "then it is closed");
                          });
                          stage.run();
                        }};

const Scenario closed{
    {.name = "channel-close",
     .about = "two wait for a value; one comes, and then the end",
     .preemptions = 3},
    [](Stage& stage) {
      channel<int> meeting;
      Atomic<int> sum{0};
      for (const char* name : {"receiver 1", "receiver 2"}) {
        stage.thread(name, [&] { sum.fetch_add(meeting.receive().value_or(100), relaxed); });
      }
      stage.thread("sender", [&] {
        check(meeting.send(1), "it is taken over");
        meeting.close();
      });
      stage.run();
      check(sum.load(relaxed) == 101, "one gets the value, the other nothing");
    }};

const Scenario closed_for_senders{
    {.name = "channel-close-sender",
     .about = "the channel closes while two wait for room in it, and one makes some",
     .preemptions = 2},
    [](Stage& stage) {
      channel<int> buffer(1);
      static_cast<void>(buffer.try_send(1));
      Atomic<int> sent{0};
      int received = 0;
      for (const char* name : {"sender 1", "sender 2"}) {
        stage.thread(name, [&] {
          if (buffer.send(2)) sent.fetch_add(1, relaxed);
        });
      }
      stage.thread("receiver", [&] { received = buffer.receive().value_or(0); });
      stage.thread("closer", [&] { buffer.close(); });
      stage.run();
      check(received == 1, "what lay there is received");
      const int left = buffer.try_receive().has_value() ? 1 : 0;
      check(sent.load(relaxed) == left, "who was told that it is sent, was told right");
    }};

const Scenario time_out{
    {.name = "channel-time-out",
     .about = "the other side comes just as the patience of one ends",
     .preemptions = 3,
     .interrupts = 1},
    [](Stage& stage) {
      channel<int> meeting;
      bool was_sent = false;
      bool was_received = false;
      stage.thread("sender", [&] { was_sent = meeting.send_until(1, 1000).has_value(); });
      stage.thread("receiver", [&] { was_received = meeting.receive_until(2000).has_value(); });
      stage.run();
      check(was_sent == was_received, "both sides tell the same");
    }};

}  // namespace
}  // namespace weft::explore
