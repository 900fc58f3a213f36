// Scheduler: what the workers of the running runtime share. scheduler.hh is its face.
#pragma once

#include "userlib/coro/scheduler.hh"
#include "userlib/coro/worker.hh"

namespace weft::coro {

class Scheduler {
 public:
  explicit Scheduler(const Options& options);
  ~Scheduler();

  // The one that runs, or null.
  static Scheduler* running();

  void run(void (*begin)(void*), void* argument);

  const Options& options() const { return options_; }
  Worker& first_worker() { return *workers_[0]; }
  unsigned worker_count() const { return worker_count_; }
  Worker& worker(unsigned number) { return *workers_[number]; }
  bool is_lone() const { return options_.mode != Mode::shared; }

  // How many coroutines have not ended. Exact when all workers stand still.
  uint64_t alive() const;

 private:
  static constexpr unsigned k_most_workers = 64;

  const Options options_;
  unsigned worker_count_ = 0;
  Worker* workers_[k_most_workers] = {};
};

}  // namespace weft::coro
