#include "userlib/sys/uninterrupted.hh"

constinit thread_local uint32_t weft_uninterrupted = 0;
