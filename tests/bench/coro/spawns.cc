// Beginning and ending.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "measure.hh"
#include "userlib/coro/scheduler.hh"

namespace weft::bench {
namespace {

using namespace coro;

constexpr Options k_lone{.mode = Mode::lone};

double spawn_join() {
  constexpr int k_count = 1'000'000;
  double answer = 0;
  coro::run(k_lone, [&] {
    answer = per_operation(k_count, [] {
      for (int i = 0; i < k_count; ++i) go({.launch = Launch::now}, [] {}).join();
    });
  });
  return answer;
}

double spawn_join_queued() {
  constexpr int k_count = 1'000'000;
  double answer = 0;
  coro::run(k_lone, [&] {
    answer = per_operation(k_count, [] {
      for (int i = 0; i < k_count; ++i) go([] {}).join();
    });
  });
  return answer;
}

double spawn_batch(size_t size, int batches) {
  double answer = 0;
  coro::run(k_lone, [&] {
    std::vector<handle<void>> all(size);
    long ended = 0;
    answer = per_operation(static_cast<double>(size) * batches, [&] {
      for (int batch = 0; batch < batches; ++batch) {
        for (auto& each : all) each = go([&ended] { ++ended; });
        for (auto& each : all) each.join();
      }
    });
  });
  return answer;
}

long skynet(long number, long size) {
  if (size == 1) return number;
  handle<long> children[10];
  for (long i = 0; i < 10; ++i)
    children[i] = go({.launch = Launch::now}, &skynet, number + i * (size / 10), size / 10);
  long sum = 0;
  for (auto& child : children) sum += child.join();
  return sum;
}

// Of some trees, since one takes 10 to 20 ms: no longer than a moment in which somebody else wants a CPU.
double skynet_leaf(const Options& options) {
  constexpr long k_leaves = 1'000'000;
  constexpr int k_trees = 9;
  std::vector<double> trees;
  coro::run(options, [&] {
    (void)skynet(0, 10'000);  // the workers are awake
    for (int i = 0; i < k_trees; ++i)
      trees.push_back(per_operation(k_leaves, [] { (void)skynet(0, k_leaves); }));
  });
  return median(trees);
}

// A lone worker's, while another process does the same all the time; half of it, since two trees grow. They share nothing,
// so this is what two CPUs of this machine can do.
double skynet_leaf_of_two_apart() {
  const pid_t other = fork();
  ASSERT(other >= 0, "there may be one more process");
  if (other == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) (void)skynet_leaf(k_lone);
  }
  const double answer = skynet_leaf(k_lone) / 2;
  (void)kill(other, SIGKILL);
  (void)waitpid(other, nullptr, 0);
  return answer;
}

}  // namespace

const Measure k_spawns[] = {
    {"spawn_join", spawn_join},
    {"spawn_join_queued", spawn_join_queued},
    {"spawn_batch_1000", [] { return spawn_batch(1000, 1000); }},
    {"spawn_batch_1000000", [] { return spawn_batch(1'000'000, 1); }},
    {"skynet_1", [] { return skynet_leaf(k_lone); }},
    {"skynet_shared_1", [] { return skynet_leaf({.mode = Mode::shared, .workers = 1}); }},
    {"skynet_apart", skynet_leaf_of_two_apart},
    {"skynet_2", [] { return skynet_leaf({.mode = Mode::shared, .workers = 2}); }},
    {nullptr, nullptr}};

}  // namespace weft::bench
