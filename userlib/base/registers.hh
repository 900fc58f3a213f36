// How calls use registers, where the compiler can be told. Others do without: it is a matter of time only.
#pragma once

#ifdef __clang__
// Of a function that is called in the middle of a short way, so that its caller need not save for it what it has
// in registers.
#define WEFT_KEEPS_REGISTERS [[clang::preserve_most]]
// Of a class that is returned as its words would be, though it has a destructor.
#define WEFT_IN_REGISTERS [[clang::trivial_abi]]
#else
#define WEFT_KEEPS_REGISTERS
#define WEFT_IN_REGISTERS
#endif
