// Threads that can't go on, for the debugger's tests: process 1 of a machine. In one child each of two threads has
// a mutex that the other wants; in another each has taken a semaphore that only the other gives back.
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER, right = PTHREAD_MUTEX_INITIALIZER;
static sem_t front, back;
static pthread_barrier_t both;
static volatile uint64_t rounds;

NOINLINE static void lock_both(pthread_mutex_t* first, pthread_mutex_t* second) {
  pthread_mutex_lock(first);
  pthread_barrier_wait(&both);
  pthread_mutex_lock(second);
  rounds = 1;  // not the last thing it does, so that it keeps its place on the stack
}

NOINLINE static void take_both(sem_t* first, sem_t* second) {
  sem_wait(first);
  pthread_barrier_wait(&both);
  sem_wait(second);
  rounds = 1;
}

static void* lock_the_other_way_round(void* nothing) {
  lock_both(&right, &left);
  return nothing;
}

static void* take_the_other_way_round(void* nothing) {
  take_both(&back, &front);
  return nothing;
}

static void deadlock_of_mutexes(void) {
  pthread_t other;
  pthread_create(&other, NULL, lock_the_other_way_round, NULL);
  lock_both(&left, &right);
}

static void deadlock_of_semaphores(void) {
  sem_init(&front, 0, 1);
  sem_init(&back, 0, 1);
  pthread_t other;
  pthread_create(&other, NULL, take_the_other_way_round, NULL);
  take_both(&front, &back);
}

static void start(void (*role)(void)) {
  if (fork() != 0) return;
  pthread_barrier_init(&both, NULL, 2);
  role();
  _exit(0);
}

NOINLINE void scene_is_set(void) { rounds = rounds + 1; }

int main(void) {
  start(deadlock_of_mutexes);
  start(deadlock_of_semaphores);
  for (;;) {
    usleep(1000);
    scene_is_set();
  }
}
