// Run:      bathroom [--csv]
// Look for: one key, then three: how many are inside at most; who may give a key back; what it costs.
// Why:      a mutex is the semaphore with n = 1, but simpler and faster, since it has an owner.
#include "userlib/base/print.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/semaphore.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

// Six people go in and out; how many were inside together, at most. visit(stay) goes in, calls stay(),
// and goes out.
template <typename Visit>
int most_inside(Visit visit) {
  Atomic<int> inside{0};
  Atomic<int> most{0};
  Vector<thread> people;
  for (int i = 0; i < 6; ++i) {
    people.push_back(thread([&] {
      for (int turn = 0; turn < 50; ++turn) {
        visit([&] {
          const int now = inside.fetch_add(1, relaxed) + 1;
          int seen = most.load(relaxed);
          while (now > seen && !most.compare_exchange(seen, now, relaxed)) {
          }
          this_thread::yield();
          inside.fetch_sub(1, relaxed);
        });
      }
    }));
  }
  for (thread& each : people) each.join();
  return most.load(relaxed);
}

// How long it takes to go in and out again, when nobody else is there.
template <typename Step>
double nanoseconds_of_a_step(Step step) {
  constexpr int k_steps = 20000;
  const Stopwatch watch;
  for (int i = 0; i < k_steps; ++i) step();
  return static_cast<double>(watch.elapsed()) / k_steps;
}

void show_who_is_inside() {
  mutex bathroom;
  binary_semaphore one_key(1);
  counting_semaphore kitchen(3);
  print("inside at most\n");
  print("  bathroom, a mutex: {}\n", most_inside([&](auto stay) {
          const lock_guard guard(bathroom);
          stay();
        }));
  const auto with_key = [](auto& keys) {
    return [&keys](auto stay) {
      keys.acquire();
      stay();
      keys.release();
    };
  };
  print("  bathroom, a semaphore with 1 key: {}\n", most_inside(with_key(one_key)));
  const int cooks = most_inside(with_key(kitchen));
  print("  kitchen, 3 keys: {}\n", cooks <= 3 ? "3 or fewer" : "too many");
}

void show_who_gives_back() {
  binary_semaphore one_key(1);
  print("who may give the key back\n");
  one_key.acquire();
  thread([&] { one_key.release(); }).join();
  print("  a semaphore: anybody. It is free again: {}\n", one_key.try_acquire());
  print("  a mutex: its owner alone; recursive_mutex and inheriting_mutex check it\n");
  bounded_semaphore counted(1);
  print("  a bounded semaphore takes a key too many: {}\n", counted.try_release());
}

}  // namespace

int bathroom_main(Arguments arguments) {
  if (!Table::wants_csv(arguments)) {
    show_who_is_inside();
    show_who_gives_back();
  }
  const Table table(arguments, {"in and out, alone", "ns"});
  mutex bathroom;
  table.row({"a mutex", nanoseconds_of_a_step([&] { const lock_guard guard(bathroom); })});
  counting_semaphore keys(1);
  table.row({"a semaphore with 1 key", nanoseconds_of_a_step([&] {
               keys.acquire();
               keys.release();
             })});
  return 0;
}

}  // namespace weft
