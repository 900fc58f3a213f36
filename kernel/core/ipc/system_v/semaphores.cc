#include "core/ipc/system_v/semaphores.hh"

#include "core/ipc/system_v/registry.hh"

namespace weft::ipc::system_v {
namespace {

constexpr int32_t k_most_sets = 32'000;
constexpr int32_t k_most_of_set = 32'000;
constexpr int32_t k_most_semaphores = k_most_sets * k_most_of_set;

[[clang::no_destroy]] constinit Registry sets(k_most_sets);

}  // namespace

Result<int32_t> get_set(int32_t key, int32_t count, uint32_t flags, const Actor& actor) {
  if (count < 0 || count > k_most_of_set) return fail(Errno::inval);
  const auto wanted = static_cast<uint32_t>(count);
  return sets.get<SemaphoreSet>(
      key, flags, actor,
      [wanted](SemaphoreSet& set) -> Result<> {
        if (wanted > set.count()) return fail(Errno::inval);
        return {};
      },
      [wanted]() -> Result<Ref<SemaphoreSet>> {
        if (wanted == 0) return fail(Errno::inval);
        return SemaphoreSet::make(wanted);
      });
}

Result<Ref<SemaphoreSet>> find_set(int32_t id) { return sets.find<SemaphoreSet>(id); }
Result<Ref<SemaphoreSet>> find_set_at(int32_t place) { return sets.find_at<SemaphoreSet>(place); }

Result<> remove_set(int32_t id, const Actor& actor) {
  const Ref<SemaphoreSet> set = TRY(find_set(id));
  TRY(set->remove(actor));
  sets.remove(*set);
  return {};
}

abi::SemaphoreLimits set_limits() {
  constexpr int32_t k_undo_size = 20;
  return {.map = k_most_semaphores,
          .sets = k_most_sets,
          .semaphores = k_most_semaphores,
          .undo_structures = k_most_semaphores,
          .semaphores_of_set = k_most_of_set,
          .operations = k_most_operations,
          .undo_entries = k_most_operations,
          .undo_size_or_sets_used = k_undo_size,
          .largest_value = SemaphoreSet::k_largest_value,
          .largest_undo_or_semaphores_used = SemaphoreSet::k_largest_value};
}

abi::SemaphoreLimits set_usage() {
  abi::SemaphoreLimits usage = set_limits();
  usage.undo_size_or_sets_used = static_cast<int32_t>(sets.count());
  usage.largest_undo_or_semaphores_used = 0;
  sets.for_each<SemaphoreSet>([&](SemaphoreSet& set) {
    usage.largest_undo_or_semaphores_used += static_cast<int32_t>(set.count());
  });
  return usage;
}

int32_t highest_set() { return sets.highest_place(); }

}  // namespace weft::ipc::system_v
