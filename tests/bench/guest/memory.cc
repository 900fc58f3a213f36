// Mappings and page faults.
#include "bench/guest/measure.hh"
#include "guest/support/pages.hh"
#include "guest/support/shared.hh"

namespace weft::bench {
namespace {

constexpr size_t k_pages = 256;
constexpr int k_read_write = PROT_READ | PROT_WRITE;
constexpr int k_anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

void map_touch_unmap(size_t pages) {
  auto* first = reinterpret_cast<volatile char*>(
      sys::mmap(nullptr, pages * k_page_size, k_read_write, k_anonymous, -1, 0));
  for (size_t page = 0; page < pages; ++page) first[page * k_page_size] = 'x';
  sys::munmap(first, pages * k_page_size);
}

// The cost of touching each of 256 pages that were just made as `prepare` does it.
template <typename Prepare, typename Touch>
double per_fault(Prepare prepare, Touch touch) {
  double best = 0;
  for (int batch = 0; batch < 6; ++batch) {
    volatile char* first = prepare();
    const uint64_t before = time_stamp();
    for (size_t page = 0; page < k_pages; ++page) touch(first + page * k_page_size);
    const double cost = static_cast<double>(time_stamp() - before) / k_pages;
    sys::munmap(first, k_pages * k_page_size);
    if (batch == 1 || (batch > 1 && cost < best)) best = cost;
  }
  return best;
}

volatile char* map_pages() {
  auto* first = reinterpret_cast<volatile char*>(
      sys::mmap(nullptr, k_pages * k_page_size, k_read_write, k_anonymous, -1, 0));
  // No huge pages: the fault of one page is what is measured.
  sys::madvise(first, k_pages * k_page_size, MADV_NOHUGEPAGE);
  return first;
}

}  // namespace

BENCHMARK(map_touch_unmap_1_page) {
  return per_operation(1'000, [] { map_touch_unmap(1); });
}

BENCHMARK(map_touch_unmap_256_pages) {
  return per_operation(30, [] { map_touch_unmap(256); });
}

BENCHMARK(attach_touch_detach) {
  const long segment = must("shmget", sys::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
  return per_operation(1'000, [segment] {
    const long place = sys::shmat(segment, nullptr, 0);
    *reinterpret_cast<volatile char*>(place) = 'x';
    sys::shmdt(place);
  });
}

BENCHMARK(write_fault) {
  return per_fault(map_pages, [](volatile char* page) { *page = 'x'; });
}

BENCHMARK(read_fault) {
  return per_fault(map_pages, [](volatile char* page) { (void)*page; });
}

BENCHMARK(copy_on_write_fault) {
  Shared<double> result;
  volatile char* first = map_pages();
  for (size_t page = 0; page < k_pages; ++page) first[page * k_page_size] = 'p';
  // The parent is alive, so each page the child writes to is copied. The first child warms up.
  for (int round = 0; round < 4; ++round) {
    wait_for(start_child([&] {
      const uint64_t before = time_stamp();
      for (size_t page = 0; page < k_pages; ++page) first[page * k_page_size] = 'c';
      const double cost = static_cast<double>(time_stamp() - before) / k_pages;
      if (round == 1 || (round > 1 && cost < *result)) *result = cost;
    }));
  }
  return *result;
}

}  // namespace weft::bench
