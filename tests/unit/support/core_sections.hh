// Included by the compiler (-include) before each file of kernel/core in the host builds: puts the
// core's variables into sections of their own, so that core_image.hh finds and restores them.
#pragma once

#pragma clang section bss = "core_bss" data = "core_data"
