// Sleeping on a word until another thread changes it. Everything in this library that waits for a
// thread waits here, so this is also where a test can take the kernel's place.
//
// A wait may come back for no reason (a signal, a wake meant for an earlier user of that word): look
// again. The word is private to the process, but in the functions of `shared`, whose words may lie in
// memory that several processes see.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::futex {

// Sleeps as long as the word has that value.
void wait(Atomic<uint32_t>& word, uint32_t value);

// The same, up to an instant of the monotonic clock. False when that has come.
bool wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline);

// Wakes as many, if as many sleep there. The word itself is not touched: it may be gone already, and
// somebody else's wait there then gets a false alarm.
void wake(Atomic<uint32_t>& word, uint32_t count);
void wake_one(Atomic<uint32_t>& word);
void wake_all(Atomic<uint32_t>& word);

namespace shared {
void wait(Atomic<uint32_t>& word, uint32_t value);
bool wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline);
void wake_one(Atomic<uint32_t>& word);
void wake_all(Atomic<uint32_t>& word);
}  // namespace shared

// A lock the kernel knows of: the word is the owner's thread number, or 0, and whoever waits for it
// lends the owner its priority. These are the ways of the slow path, when the word could not be
// changed from 0 to the own number, or back.
Result<> lock_inheriting(Atomic<uint32_t>& word);
// Errno::timedout when the instant of the monotonic clock has come.
Result<> lock_inheriting_until(Atomic<uint32_t>& word, Instant deadline);
Result<> try_lock_inheriting(Atomic<uint32_t>& word);
Result<> unlock_inheriting(Atomic<uint32_t>& word);

}  // namespace weft::futex
