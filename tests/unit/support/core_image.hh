// The kernel boots once, so its core has no code that puts its variables back to their start. The
// host boots it hundreds of times in one process: here all variables of the core are saved before
// the first boot and restored after each. (core_sections.hh gathers them.)
#pragma once

namespace weft::host {

// As static initialization left them. Called once, before any test.
void save_core_image();
// No code of the core runs. What it held outside of its variables is forgotten.
void restore_core_image();

}  // namespace weft::host
