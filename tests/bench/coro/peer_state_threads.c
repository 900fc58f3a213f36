// state-threads' side of make bench-coro: prints the nanoseconds of one operation.
#include <st.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

// A semaphore as its users build one: a count and a condition.
struct semaphore {
  int count;
  st_cond_t released;
};

static void acquire(struct semaphore* semaphore) {
  while (semaphore->count == 0) st_cond_wait(semaphore->released);
  --semaphore->count;
}
static void release(struct semaphore* semaphore) {
  ++semaphore->count;
  st_cond_signal(semaphore->released);
}

static struct semaphore there, back;
enum { rounds = 500000 };

static void* answer(void* unused) {
  (void)unused;
  for (int i = 0; i < rounds; ++i) {
    acquire(&there);
    release(&back);
  }
  return 0;
}

static double semaphore_hop(void) {
  there.released = st_cond_new();
  back.released = st_cond_new();
  st_thread_t other = st_thread_create(answer, 0, 1, 0);
  const double start = now();
  for (int i = 0; i < rounds; ++i) {
    release(&there);
    acquire(&back);
  }
  const double took = now() - start;
  st_thread_join(other, 0);
  return took / (2.0 * rounds);
}

static void* nothing(void* unused) { return unused; }

static double spawn_join(void) {
  enum { count = 500000 };
  const double start = now();
  for (int i = 0; i < count; ++i) st_thread_join(st_thread_create(nothing, 0, 1, 0), 0);
  return (now() - start) / count;
}

int main(int count, char** arguments) {
  (void)count;
  st_init();
  double answer_in_ns;
  if (strcmp(arguments[1], "semaphore_hop") == 0) {
    answer_in_ns = semaphore_hop();
  } else if (strcmp(arguments[1], "spawn_join") == 0) {
    answer_in_ns = spawn_join();
  } else {
    return 2;
  }
  printf("%f\n", answer_in_ns);
  return 0;
}
