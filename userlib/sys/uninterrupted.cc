#include "userlib/sys/uninterrupted.hh"

constinit thread_local uint32_t weft_uninterrupted = 0;
constinit thread_local bool weft_uninterrupted_briefly = false;
