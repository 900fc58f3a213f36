// The five ideas of `safety`. Each shows a version that goes wrong, and one that does not.
#pragma once

namespace weft {

void show_atomicity();
void show_consistency();
void show_visibility();
void show_reentrancy();
void show_deadlock();

}  // namespace weft
