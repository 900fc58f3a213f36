#include "userlib/coro/scheduler.hh"

#include <new>

#include "userlib/coro/scheduler_state.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {
constinit Scheduler* the_one = nullptr;

// A mapping each: what a worker changes at every turn is on no page, and no cache line, of another's.
Worker* make_worker(Scheduler& scheduler, unsigned number) {
  const auto place = sys::mmap(nullptr, sizeof(Worker), abi::k_prot_read | abi::k_prot_write,
                               abi::k_map_private | abi::k_map_anonymous, -1, 0);
  ASSERT(place.has_value(), "there is memory for the workers");
  return new (*place) Worker(scheduler, number);
}

void drop_worker(Worker& worker) {
  worker.~Worker();
  (void)sys::munmap(&worker, sizeof(Worker));
}

}  // namespace

Scheduler* Scheduler::running() { return the_one; }

Scheduler::Scheduler(const Options& options) : options_(options) {
  ASSERT(the_one == nullptr, "there is one runtime at a time");
  the_one = this;
  worker_count_ = 1;
  for (unsigned i = 0; i < worker_count_; ++i) workers_[i] = make_worker(*this, i);
}

Scheduler::~Scheduler() {
  for (unsigned i = 0; i < worker_count_; ++i) drop_worker(*workers_[i]);
  the_one = nullptr;
}

uint64_t Scheduler::alive() const {
  uint64_t alive = 0;
  for (unsigned i = 0; i < worker_count_; ++i) alive += workers_[i]->spawned - workers_[i]->ended;
  return alive;
}

void Scheduler::run(void (*begin)(void*), void* argument) { first_worker().live(begin, argument); }

void detail::run(const Options& options, void (*begin)(void*), void* argument) {
  Scheduler scheduler(options);
  scheduler.run(begin, argument);
}

Figures figures() {
  Figures figures;
  const Scheduler* scheduler = Scheduler::running();
  if (scheduler == nullptr) return figures;
  figures.workers = scheduler->worker_count();
  figures.alive = scheduler->alive();
  return figures;
}

}  // namespace weft::coro
