#include "userlib/thread/thread_pool.hh"

#include <algorithm>

namespace weft {

thread_pool::thread_pool(size_t threads) {
  threads_.reserve(threads);
  for (size_t i = 0; i < std::max<size_t>(threads, 1); ++i) {
    threads_.push_back(thread({.name = "pool worker"}, [this] {
      while (auto job = jobs_.pop()) (*job)();
    }));
  }
}

thread_pool::~thread_pool() {
  jobs_.close();
  for (thread& each : threads_) each.join();
}

void thread_pool::run(unique_function<void()> job) {
  const auto pushed = jobs_.push(std::move(job));
  ASSERT(pushed.has_value(), "nothing is submitted to a pool that goes");
}

void thread_pool::work_along(detail::MapProgress& progress, unique_function<void(size_t)>& body) {
  while (const auto index = progress.take()) {
    body(*index);
    progress.finish();
  }
}

void thread_pool::for_each_index(size_t count, unique_function<void(size_t)> body) {
  const size_t helpers = std::min(size(), count);
  auto* progress = new detail::MapProgress(count, helpers + 1);
  for (size_t i = 0; i < helpers; ++i) {
    run([progress, &body] {
      work_along(*progress, body);
      progress->let_go();
    });
  }
  work_along(*progress, body);
  progress->wait();
  progress->let_go();
}

}  // namespace weft
