// The userlib's select(): of the things that can be done, exactly one is done, and both sides know of it.
#include "userlib/coro/channel/select.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

using coro::channel;
using coro::on_receive;
using coro::on_send;
using coro::select;

const Scenario two_channels{
    {.name = "select",
     .about = "one waits at two channels, twice; another sends to each",
     .preemptions = 2},
    [](Stage& stage) {
      channel<int> left, right;
      stage.thread("chooser", [&] {
        int sum = 0;
        const auto add = [&](std::optional<int> value) { sum += value.value_or(0); };
        for (int turn = 0; turn < 2; ++turn) select(on_receive(left, add), on_receive(right, add));
        check(sum == 3, "each comes once");
      });
      stage.thread("left", [&] { check(left.send(1), "it is taken over"); });
      stage.thread("right", [&] { check(right.send(2), "it is taken over"); });
      stage.run();
    }};

const Scenario closes{{.name = "select-close",
                       .about = "of two channels one is closed and the other gets a value",
                       .preemptions = 3},
                      [](Stage& stage) {
                        channel<int> left, right(1);
                        bool is_closed = false;
                        bool has_value = false;
                        stage.thread("chooser", [&] {
                          select(on_receive(left,
                                            [&](std::optional<int> value) {
                                              check(!value.has_value(), "nobody sends there");
                                              is_closed = true;
                                            }),
                                 on_receive(right, [&](std::optional<int> value) {
                                   check(value == 1, "it is what was sent");
                                   has_value = true;
                                 }));
                        });
                        stage.thread("closer", [&] { left.close(); });
                        stage.thread("sender", [&] { check(right.send(1), "there is room"); });
                        stage.run();
                        check(is_closed != has_value, "one of the two is done");
                        check(right.try_receive().has_value() == !has_value,
                              "the value is in one place");
                      }};

const Scenario time_out{
    {.name = "select-time-out",
     .about = "a value comes just as the time is over",
     .preemptions = 3,
     .interrupts = 1},
    [](Stage& stage) {
      channel<int> left, right;
      bool was_sent = false;
      std::optional<size_t> chosen;
      stage.thread("chooser", [&] {
        chosen = select(on_receive(left, [](std::optional<int>) {}),
                        on_receive(right, [](std::optional<int>) {}), coro::at(1000, [] {}));
      });
      stage.thread("sender", [&] { was_sent = right.send_until(1, 2000).has_value(); });
      stage.run();
      check(chosen == (was_sent ? 1u : 2u), "both sides tell the same");
    }};

// Both ways at once. Each locks both channels; whoever comes second finds the other in both queues.
const Scenario crossed{
    {.name = "select-crossed",
     .about = "two select from the same two channels, each to send or to receive",
     .preemptions = 3},
    [](Stage& stage) {
      channel<int> there, back;
      int sum = 0;
      const auto receive = [&](std::optional<int> value) { sum += *value; };
      const auto send = [](bool was_sent) { check(was_sent, "it is open"); };
      stage.thread("A", [&] { select(on_send(there, 1, send), on_receive(back, receive)); });
      stage.thread("B", [&] { select(on_send(back, 2, send), on_receive(there, receive)); });
      stage.run();
      check(sum == 1 || sum == 2, "one value went one way");
    }};

}  // namespace
}  // namespace weft::explore
