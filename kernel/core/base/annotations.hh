// Names for clang's thread-safety attributes. Every lock type and every guarded field uses them,
// and the build turns a violation into an error.
#pragma once

#if defined(__clang__)
#define WEFT_ATTRIBUTE(x) __attribute__((x))
#else
#define WEFT_ATTRIBUTE(x)
#endif

#define CAPABILITY(name) WEFT_ATTRIBUTE(capability(name))
#define SCOPED_CAPABILITY WEFT_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(lock) WEFT_ATTRIBUTE(guarded_by(lock))
#define ACQUIRE(...) WEFT_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) WEFT_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define RELEASE(...) WEFT_ATTRIBUTE(release_capability(__VA_ARGS__))
#define ACQUIRE_SHARED(...) WEFT_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define TRY_ACQUIRE_SHARED(...) WEFT_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define RELEASE_SHARED(...) WEFT_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define REQUIRES(...) WEFT_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) WEFT_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define RETURN_CAPABILITY(x) WEFT_ATTRIBUTE(lock_returned(x))
#define NO_THREAD_SAFETY_ANALYSIS WEFT_ATTRIBUTE(no_thread_safety_analysis)
