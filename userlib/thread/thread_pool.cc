#include "userlib/thread/thread_pool.hh"

#include <algorithm>

#include "userlib/sys/exit.hh"

namespace weft {

thread_pool::thread_pool(size_t threads) {
  threads_.reserve(threads);
  for (size_t i = 0; i < std::max<size_t>(threads, 1); ++i) {
    auto started = thread::start({.name = "pool worker"}, [this] {
      while (auto job = jobs_.pop()) (*job)();
    });
    if (!started) {
      stop();
      throw_error(started.error(), "a pool's thread could not be started");
    }
    threads_.push_back(std::move(*started));
  }
}

thread_pool::~thread_pool() { stop(); }

void thread_pool::stop() {
  jobs_.close();
  for (thread& each : threads_) each.join();
}

// In a pool that goes, only its last jobs can be who submits: there may be no other thread left.
void thread_pool::run(unique_function<void()> job) {
  if (!jobs_.push(std::move(job))) job();
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
