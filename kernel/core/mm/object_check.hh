// The debug build's watch over the objects of a SlabCache. Each object is followed by a tag that
// says whether it is live or free, and a free object is filled with a pattern. So these are noticed:
//   freed twice            the tag says free already
//   written after its end  the tag says neither
//   written after its free the pattern is broken, at the latest when the memory is handed out again
// In a release build the tag is only the link of the chain of free objects, inside the free object.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::mm {

inline constexpr uint16_t k_no_object = 0xffff;

#if WEFT_DEBUG

struct ObjectTag {
  uint16_t next;  // free, and in its slab: the offset of the next free object of the slab
  uint16_t unused;
  uint32_t state;
};

inline constexpr bool k_objects_are_checked = true;

// The object is in a new slab: free, and filled with the pattern.
void prepare_object(void* object, size_t size, ObjectTag& tag);
// Free to live, live to free. They panic if the object is not what it should be.
void mark_live(void* object, size_t size, ObjectTag& tag);
void mark_free(void* object, size_t size, ObjectTag& tag);

#else

struct ObjectTag {
  uint16_t next;
};

inline constexpr bool k_objects_are_checked = false;

inline void prepare_object(void*, size_t, ObjectTag&) {}
inline void mark_live(void*, size_t, ObjectTag&) {}
inline void mark_free(void*, size_t, ObjectTag&) {}

#endif

}  // namespace weft::mm
