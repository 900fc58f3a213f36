// Litmus tests: small programs whose possible outcomes the C++ memory model names. Where an outcome is
// allowed, the search must find it; where it is not, it must not.
#include "core/base/atomic.hh"
#include "explore/scenario.hh"
#include "userlib/sys/asymmetric.hh"

namespace weft::explore {
namespace {

// Store buffering: both write, then read the other's word. Can both read the old value?
template <memory_order order_of_loads, memory_order order_of_stores>
void store_buffering(Stage& stage) {
  Atomic<int> x{0}, y{0};
  int seen_x = 0, seen_y = 0;
  stage.thread("A", [&] {
    x.store(1, order_of_stores);
    seen_y = y.load(order_of_loads);
  });
  stage.thread("B", [&] {
    y.store(1, order_of_stores);
    seen_x = x.load(order_of_loads);
  });
  stage.run();
  check(seen_x + seen_y > 0, "one of the two sees the other's store");
}
const Scenario sb_weak{{.name = "litmus-store-buffer-weak",
                        .about = "release and acquire: both may read the old value",
                        .old_stores = 1,
                        .expected = Verdict::assertion},
                       store_buffering<acquire, release>};
const Scenario sb_strong{{.name = "litmus-store-buffer",
                          .about = "sequentially consistent: one sees the other's store",
                          .preemptions = 8,
                          .old_stores = 4},
                         store_buffering<seq_cst, seq_cst>};

// The same with a fence between, or the half of one: the heavy half makes up for what the light one leaves out.
template <memory_order order>
void full() {
  fence(order);
}
void light() { sys::light_fence(); }
void heavy() { sys::heavy_fence(); }
template <void (*first)(), void (*second)()>
void store_buffering_with_fences(Stage& stage) {
  Atomic<int> x{0}, y{0};
  int seen_x = 0, seen_y = 0;
  stage.thread("A", [&] {
    x.store(1, relaxed);
    first();
    seen_y = y.load(relaxed);
  });
  stage.thread("B", [&] {
    y.store(1, relaxed);
    second();
    seen_x = x.load(relaxed);
  });
  stage.run();
  check(seen_x + seen_y > 0, "one of the two sees the other's store");
}
const Scenario fences_weak{{.name = "litmus-fences-weak",
                            .about = "fences that acquire and release: too weak",
                            .old_stores = 1,
                            .expected = Verdict::assertion},
                           store_buffering_with_fences<full<acq_rel>, full<acq_rel>>};
const Scenario fences{{.name = "litmus-fences",
                       .about = "sequentially consistent fences between relaxed accesses",
                       .preemptions = 8,
                       .old_stores = 4},
                      store_buffering_with_fences<full<seq_cst>, full<seq_cst>>};

const Scenario halves_light{{.name = "litmus-fences-light",
                             .about = "two light halves: both may read the old value",
                             .old_stores = 1,
                             .expected = Verdict::assertion},
                            store_buffering_with_fences<light, light>};
const Scenario halves{{.name = "litmus-fences-halves",
                       .about = "a light and a heavy half: one sees the other's store",
                       .preemptions = 8,
                       .old_stores = 4},
                      store_buffering_with_fences<light, heavy>};

// Message passing: the flag is set after the message. Who sees the flag, does he see the message?
template <memory_order order_of_loads, memory_order order_of_stores>
void message_passing(Stage& stage) {
  Atomic<int> message{0}, flag{0};
  stage.thread("writer", [&] {
    message.store(1, relaxed);
    flag.store(1, order_of_stores);
  });
  stage.thread("reader", [&] {
    if (flag.load(order_of_loads) == 1) {
      check(message.load(relaxed) == 1, "who sees the flag sees the message");
    }
  });
  stage.run();
}
const Scenario mp_relaxed_store{{.name = "litmus-message-no-release",
                                 .about = "a missing release",
                                 .old_stores = 1,
                                 .expected = Verdict::assertion},
                                message_passing<acquire, relaxed>};
const Scenario mp_relaxed_load{{.name = "litmus-message-no-acquire",
                                .about = "a missing acquire",
                                .old_stores = 1,
                                .expected = Verdict::assertion},
                               message_passing<relaxed, release>};
const Scenario mp{{.name = "litmus-message",
                   .about = "release and acquire are enough to pass a message",
                   .preemptions = 8,
                   .old_stores = 4},
                  message_passing<acquire, release>};

// Two writers, two readers: do both readers see the stores in the same order?
template <memory_order order>
void independent_reads(Stage& stage) {
  Atomic<int> x{0}, y{0};
  int first_x = 0, then_y = 0, first_y = 0, then_x = 0;
  stage.thread("writes x", [&] { x.store(1, order == acquire ? release : order); });
  stage.thread("writes y", [&] { y.store(1, order == acquire ? release : order); });
  stage.thread("reads x, y", [&] {
    first_x = x.load(order);
    then_y = y.load(order);
  });
  stage.thread("reads y, x", [&] {
    first_y = y.load(order);
    then_x = x.load(order);
  });
  stage.run();
  check(!(first_x == 1 && then_y == 0 && first_y == 1 && then_x == 0),
        "the readers agree on which store came first");
}
const Scenario iriw_weak{{.name = "litmus-independent-reads-weak",
                          .about = "release and acquire: the readers may disagree",
                          .old_stores = 2,
                          .expected = Verdict::assertion},
                         independent_reads<acquire>};
const Scenario iriw{{.name = "litmus-independent-reads",
                     .about = "sequentially consistent: the readers agree",
                     .preemptions = 8,
                     .old_stores = 2},
                    independent_reads<seq_cst>};

// Coherence holds even for relaxed accesses: who has seen the second store never sees the first again.
const Scenario coherence{{.name = "litmus-coherence",
                          .about = "two relaxed loads of one word never go back in time",
                          .preemptions = 8,
                          .old_stores = 4},
                         [](Stage& stage) {
                           Atomic<int> word{0};
                           stage.thread("writer", [&] {
                             word.store(1, relaxed);
                             word.store(2, relaxed);
                           });
                           stage.thread("reader", [&] {
                             const int first = word.load(relaxed);
                             check(word.load(relaxed) >= first, "a word doesn't go back in time");
                           });
                           stage.run();
                         }};

}  // namespace
}  // namespace weft::explore
