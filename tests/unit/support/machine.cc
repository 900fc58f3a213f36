#include "unit/support/machine.hh"

#include <new>

#include <gtest/gtest.h>

#include "core/mm/memory.hh"
#include "core/mm/stats.hh"
#include "core/proc/kernel_thread.hh"
#include "core/sched/balance.hh"
#include "core/sched/thread_list.hh"
#include "unit/support/core_image.hh"
#include "unit/support/host_memory.hh"

namespace weft::host {
namespace {

// What a test must leave as it found it.
struct Holdings {
  size_t threads;
  size_t contexts;
  size_t stacks;
  size_t objects;
  size_t frames;  // without page tables, which are kept for ever
  size_t mapped_pages;

  bool operator==(const Holdings&) const = default;
};

Holdings count_holdings() {
  mm::trim();
  const mm::MemoryStats memory = mm::snapshot();
  return {.threads = sched::thread_count(),
          .contexts = Fiber::live_count(),
          .stacks = memory.stacks.live,
          .objects = memory.live_objects(),
          .frames = memory.frames.used_in_all() - memory.frames.used_as(mm::FrameUse::page_table),
          .mapped_pages = mapped_pages()};
}

// Detached threads end when they like, and the reaper frees them after that.
Holdings await_holdings(const Holdings& expected) {
  Holdings now = count_holdings();
  for (int patience = 1000; now != expected && patience > 0; --patience) {
    sched::sleep_for(100 * k_microsecond);
    now = count_holdings();
  }
  return now;
}

void expect_same(const Holdings& before, const Holdings& after) {
  EXPECT_EQ(after.threads, before.threads) << "threads are left";
  EXPECT_EQ(after.contexts, before.contexts) << "contexts were not dropped";
  EXPECT_EQ(after.stacks, before.stacks) << "kernel stacks are left";
  EXPECT_EQ(after.objects, before.objects) << "objects were not freed";
  EXPECT_EQ(after.frames, before.frames) << "page frames were not freed";
  EXPECT_EQ(after.mapped_pages, before.mapped_pages) << "pages are still mapped";
}

// A machine's start-up code gets no argument: what it is for stands here.
const MachineOptions* options = nullptr;
const std::function<void()>* body = nullptr;

void must_succeed(Result<> result, const char* what) {
  if (!result.has_value()) hal::stop(what);
}

void await_cpus() {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    while (!sched::has_cpu_in_service(CpuMask{1} << cpu)) sched::sleep_for(k_microsecond);
  }
}

void first_thread(void*) {
  await_cpus();
  must_succeed(start_reaper(), "the reaper cannot start");
  const Holdings before = count_holdings();
  (*body)();
  expect_same(before, await_holdings(before));
  power_off();
}

void boot() {
  sched::adopt_boot_cpu();
  const mm::MemoryRegion all{k_memory_base, options->memory};
  must_succeed(mm::init({&all, 1}), "the memory is too small");
  sched::init(options->policy);
  // The first thread's record cannot come from spawn(): that may block, and so far nothing can.
  alignas(Thread) static std::byte place[sizeof(Thread)];
  auto* first = new (place) Thread("test");
  first->entry = first_thread;
  sched::start(*first);
  start_other_cpus();
  sched::run_cpu();
}

void write_threads() {
  std::array<sched::ThreadView, 64> views;
  const size_t count = sched::view_threads(views);
  hal::write_log("threads:\n");
  for (size_t i = 0; i < count; ++i) {
    const sched::ThreadView& view = views[i];
    hal::write_log(Text<160>("  {:>4} {:<24} {:<8} CPU {} priority {} {}\n", view.id,
                             view.name.view(), state_name(view.state, view.reason), view.cpu,
                             view.priority, view.object)
                       .view());
  }
}

}  // namespace

MachineOptions options_for(uint64_t seed) {
  return {.cpus = 1 + static_cast<unsigned>(seed % 4),
          .seed = seed,
          .policy = sched::k_all_policies[seed / 4 % sched::k_all_policies.size()]};
}

void Machine::run(const std::function<void()>& the_body) {
  options = &options_;
  body = &the_body;
  reset_memory(options_.memory);
  clear_log();
  set_reporter(write_threads);
  power_on({.cpus = options_.cpus, .seed = options_.seed}, boot);
  restore_core_image();
  sched::adopt_boot_cpu();
}

}  // namespace weft::host
