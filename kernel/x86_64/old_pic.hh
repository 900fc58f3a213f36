// The interrupt controllers of the first PCs, two 8259s. Every PC still has them, or acts as if.
#pragma once

namespace weft::x86 {

// Silences them, for good. Before the local APIC is touched: an interrupt of theirs that waits
// there already would never leave again.
void silence_old_pic();

}  // namespace weft::x86
