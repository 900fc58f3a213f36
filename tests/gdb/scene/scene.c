// A small play for the debugger's tests, process 1 of a machine: processes and threads that each do one
// thing, in a function whose name says which. scene_is_set() is called again and again.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static int word_pipe[2];
static volatile sig_atomic_t signals_seen;
static volatile uint64_t rounds;
static pthread_mutex_t left, right;

// ---- A process that waits for a word that nobody writes -------------------------------------------

NOINLINE static long wait_for_word(char* word) {
  const long count = read(word_pipe[0], word, 16);
  return count + 1;  // not the last thing it does, so that it keeps its place on the stack
}

// ---- One that sleeps --------------------------------------------------------------------------------

NOINLINE static void sleep_long(void) {
  const struct timespec an_hour = {3600, 0};
  nanosleep(&an_hour, NULL);
  signals_seen = 1;
}

// ---- Two threads that take two locks in opposite orders ---------------------------------------------

NOINLINE static void take_both(pthread_mutex_t* first, pthread_mutex_t* second, pthread_barrier_t* both) {
  pthread_mutex_lock(first);
  pthread_barrier_wait(both);
  pthread_mutex_lock(second);
  signals_seen = 1;
}

static void* take_right_first(void* both) {
  take_both(&right, &left, both);
  return NULL;
}

NOINLINE static void lock_each_other_out(void) {
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&left, &kind);
  pthread_mutex_init(&right, &kind);
  pthread_barrier_t both;
  pthread_barrier_init(&both, NULL, 2);
  pthread_t other;
  pthread_create(&other, NULL, take_right_first, &both);
  take_both(&left, &right, &both);
}

// ---- One that sends signals to itself ---------------------------------------------------------------

static void on_signal(int number) { signals_seen += number; }

NOINLINE static void signal_oneself(void) {
  signal(SIGUSR1, on_signal);
  for (;;) {
    raise(SIGUSR1);
    usleep(500);
  }
}

// ---- The first process ------------------------------------------------------------------------------

static void start(void (*role)(void)) {
  if (fork() == 0) {
    role();
    _exit(0);
  }
}

static void reader(void) {
  char word[16];
  signals_seen = wait_for_word(word);
}

NOINLINE void scene_is_set(uint64_t round) { rounds = round; }

int main(void) {
  if (pipe(word_pipe) != 0) return 1;
  start(reader);
  start(sleep_long);
  start(lock_each_other_out);
  start(signal_oneself);
  for (uint64_t round = 1;; ++round) {
    usleep(1000);
    scene_is_set(round);
  }
}
