// The two lives of this library: freestanding, without a C library, for programs on Weft and on Linux;
// and hosted, as an ordinary library for Linux programs (`make userlib-host`), with exceptions, run-time
// types, sanitizers and the C library's threads below.
//
// The compiler says which one it is; no other switch is needed. Nearly all code is the same in both.
// What is not stands in two files of one name: ROOM/NAME.cc, and ROOM/hosted/NAME.cc in its place.
#pragma once

// 1 in the hosted library, 0 in the freestanding one.
#define WEFT_HOSTED __STDC_HOSTED__
