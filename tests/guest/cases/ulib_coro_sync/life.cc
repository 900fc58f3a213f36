// Scopes, variables of one's own, the listing, the schedule that a seed repeats, and the ends of programs that go wrong.
#include "guest/on_userlib/case.hh"
#include "guest/on_userlib/modes.hh"
#include "userlib/coro/deadlock.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/local.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/scope.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/process/pipe.hh"

namespace weft::guest {
namespace {

using coro::Mode;
using coro::StackSize;
using namespace std::chrono_literals;

constinit coro::local<int> own;

// Runs it in a child, and brings what that writes to standard error.
template <typename Body>
String errors_of(const char* what, Body body) {
  pipe line = pipe::make().value();
  process child = process::run([&] {
                    (void)sys::dup3(line.write_end.get(), 2, 0);
                    body();
                  }).value();
  line.write_end = Descriptor();
  String text;
  char piece[200];
  while (const size_t count = sys::read(line.read_end.get(), piece, sizeof piece).value_or(0))
    text.append({piece, count});
  show_status(what, child.wait());
  return text;
}

[[gnu::noinline]] int go_deep(int depth) {
  volatile char room[512] = {};
  room[depth % 512] = 1;
  return depth == 0 ? room[0] : go_deep(depth - 1) + room[1];
}

}  // namespace

GUEST_CASE(a_scope_ends_when_all_in_it_have) {
  in_all_modes([] {
    Atomic<int> done{0};
    coro::scope all;
    for (int i = 0; i < 10; ++i)
      all.go([&] {
        coro::yield();
        done.fetch_add(1, relaxed);
      });
    check("joined", all.join().has_value());
    show("done", done.load(relaxed));

    coro::scope fails;
    Atomic<int> cancelled{0};
    for (int i = 0; i < 3; ++i)
      fails.go([&] { cancelled.fetch_add(coro::sleep_for(1h) == coro::Wake::cancelled, relaxed); });
    fails.go([]() -> Result<> { return fail(Errno::nospc); });
    show_outcome("one fails", fails.join());
    show("cancelled", cancelled.load(relaxed));

    coro::scope late(coro::now() + k_millisecond);
    late.go([&] { (void)coro::sleep_for(1h); });
    show_outcome("its time is over", late.join());
  });
}

GUEST_CASE(each_coroutine_has_variables_of_its_own) {
  in_all_modes([] {
    Vector<coro::handle<int>> all;
    for (int i = 0; i < 20; ++i)
      all.push_back(coro::go([i] {
        *own = i;
        coro::yield();
        return *own;
      }));
    int sum = 0;
    for (auto& each : all) sum += each.join();
    show("sum", sum);
    show("mine", *own);
  });
}

GUEST_CASE(the_list_tells_who_waits_for_what) {
  in_all_modes([] {
    coro::event gate;
    auto waits = coro::go([&] {
      coro::this_coro::set_name("patient");
      gate.wait();
    });
    bool found = false;
    while (!found) {
      coro::yield();
      coro::list_coroutines(
          [](void* found, const coro::Listed& listed) {
            if (std::string_view(listed.name) != "patient" || listed.state != coro::State::blocked)
              return;
            *static_cast<bool*>(found) =
                listed.reason == coro::Reason::event && listed.spawned_at != nullptr;
          },
          &found);
    }
    say("patient waits at an event");
    gate.set();
    waits.join();
  });
}

GUEST_CASE(a_dump_tells_who_runs) {
  // Who dumps stood a moment ago where its twin stands.
  in_all_modes([] {
    bool told = false;
    const auto take_turns = [&](bool dumps) {
      for (int i = 0; i < 6; ++i) {
        if (dumps && i == 3) {
          pipe line = pipe::make().value();
          coro::dump_coroutines(line.write_end.get());
          char text[4000];
          const size_t size = sys::read(line.read_end.get(), text, sizeof text).value_or(0);
          const Text<40> wanted("coroutine {} running", coro::this_coro::number());
          told = std::string_view(text, size).find(wanted.view()) != std::string_view::npos;
        }
        coro::yield();
      }
    };
    auto first = coro::go(take_turns, false);
    auto second = coro::go(take_turns, true);
    first.join();
    second.join();
    check("it runs", told);
  });
}

GUEST_CASE(a_seed_repeats_the_schedule_and_time_is_virtual) {
  const auto order_of = [](uint64_t seed) {
    String order;
    coro::run({.mode = Mode::deterministic, .seed = seed}, [&] {
      const Instant start = coro::now();
      Vector<coro::handle<void>> all;
      for (char name = 'a'; name < 'g'; ++name)
        all.push_back(coro::go([&order, name] {
          for (int i = 0; i < 3; ++i) {
            order.push_back(name);
            coro::yield();
          }
          (void)coro::sleep_for(1000h);
        }));
      coro::join_all(all);
      check("a thousand hours", coro::now() - start >= 1000 * 3600 * k_second);
    });
    return order;
  };
  const String first = order_of(1);
  check("the same", order_of(1).view() == first.view());
  bool differs = false;
  for (uint64_t seed = 2; seed < 10; ++seed)
    differs = differs || order_of(seed).view() != first.view();
  check("another seed, another order", differs);
}

GUEST_CASE(an_overflow_is_named) {
  for (const auto mode : {Mode::lone, Mode::shared}) {
    for (const auto [size, depth] :
         {std::pair(StackSize::k16, 1'000'000), std::pair(StackSize::packed_1k, 4)}) {
      const String text = errors_of("the program", [=] {
        coro::run({.mode = mode, .workers = 1}, [=] {
          Vector<coro::handle<void>> all;
          for (int i = 0; i < 10; ++i)
            all.push_back(coro::go({.stack = size}, [=] {
              if (i == 5) coro::this_coro::set_name("deep one");
              coro::yield();
              if (i == 5) (void)go_deep(depth);
              coro::yield();
            }));
          coro::join_all(all);
        });
      });
      check("it is told", text.view().contains("stack overflow in coroutine ") &&
                              text.view().contains("(deep one)"));
    }
  }
}

GUEST_CASE(a_deadlock_is_told) {
  const String text = errors_of("the program", [] {
    coro::run({.mode = Mode::lone, .report_deadlocks = true}, [] {
      coro::mutex one;
      coro::mutex other;
      const auto lock_both = [](coro::mutex& now, coro::mutex& then) {
        now.lock();
        coro::yield();
        if (then.lock_until(k_never) == coro::Wake::woken) then.unlock();
        now.unlock();
      };
      auto first = coro::go(lock_both, std::ref(one), std::ref(other));
      auto second = coro::go(lock_both, std::ref(other), std::ref(one));
      coro::yield();
      coro::yield();
      coro::yield();
      show("circles", coro::report_circles(2));
      first.cancel();
      first.join();
      second.join();
    });
  });
  check("each for the next", text.view().contains("deadlock: each of these waits for the next"));
}

}  // namespace weft::guest
