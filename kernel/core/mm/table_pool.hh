// Frames for page tables. A process that ends leaves tables behind with nothing in them: the next
// process gets them as they are, and nobody fills a page with zeros, or copies the kernel's half of
// a top table, for a process that lives for a moment.
#pragma once

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::mm {

enum class TableKind { top, lower };

// A table whose user slots are all 0; a top table leads to the kernel's half, too. Errno::nomem.
Result<PhysAddr> take_table(TableKind kind);
// Gives it back in that state.
void give_table(TableKind kind, PhysAddr table);
// Frees those that are kept in store.
void trim_tables();

}  // namespace weft::mm
