#include "core/mm/table_pool.hh"

#include <array>

#include "core/hal.hh"
#include "core/mm/page_frames.hh"
#include "core/sync/guarded.hh"

namespace weft::mm {
namespace {

constexpr size_t k_most_in_store = 128;  // of each kind

struct Store {
  FrameList tables;
  size_t count = 0;
};
using Stores = std::array<Store, 2>;
[[clang::no_destroy]] constinit Guarded<Stores, Rank::table_pool> stores;

PageFrame* take_from_store(TableKind kind) {
  return stores.with([&](Stores& all) -> PageFrame* {
    Store& store = all[static_cast<size_t>(kind)];
    PageFrame* const table = store.tables.pop_front();
    if (table != nullptr) --store.count;
    return table;
  });
}

bool put_into_store(TableKind kind, PageFrame& table) {
  return stores.with([&](Stores& all) {
    Store& store = all[static_cast<size_t>(kind)];
    if (store.count == k_most_in_store) return false;
    store.tables.push_front(table);
    ++store.count;
    return true;
  });
}

}  // namespace

Result<PhysAddr> take_table(TableKind kind) {
  if (PageFrame* const table = take_from_store(kind)) return page_frames.address(*table);
  const PhysAddr table = TRY(page_frames.allocate_zeroed(0, FrameUse::page_table));
  page_frames.frame(table).filled_groups = 0;
  if (kind == TableKind::top) hal::share_kernel_half(table);
  return table;
}

void give_table(TableKind kind, PhysAddr table) {
  PageFrame& frame = page_frames.frame(table);
  frame.filled_groups = 0;
  if (!put_into_store(kind, frame)) page_frames.free(table, 0);
}

void trim_tables() {
  for (const TableKind kind : {TableKind::top, TableKind::lower}) {
    while (PageFrame* const table = take_from_store(kind)) {
      page_frames.free(page_frames.address(*table), 0);
    }
  }
}

}  // namespace weft::mm
