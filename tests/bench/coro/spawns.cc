// Beginning and ending.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <new>
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

// Two lone workers' in two processes that share nothing but a word each grow trees at the same time, so this is what two
// CPUs of this machine can do; one may be slower than the other.
double skynet_leaf_of_two_apart() {
  void* const page = mmap(nullptr, sizeof(Atomic<double>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT(page != MAP_FAILED, "there is memory");
  auto& theirs = *new (page) Atomic<double>(0);
  const pid_t other = fork();
  ASSERT(other >= 0, "there may be one more process");
  if (other == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) theirs.store(skynet_leaf(k_lone), relaxed);
  }
  double mine = 0;
  do {
    mine = skynet_leaf(k_lone);
  } while (theirs.load(relaxed) == 0);
  (void)kill(other, SIGKILL);
  (void)waitpid(other, nullptr, 0);
  return 1 / (1 / mine + 1 / theirs.load(relaxed));
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
