// A small play for the debugger's tests, process 1 of a machine: processes and threads that each do one
// thing, in a function whose name says which. scene_is_set() is called again and again.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static int word_pipe[2];
static volatile sig_atomic_t signals_seen;
static volatile uint64_t rounds;
static pthread_mutex_t left, right;

// How many players are in the function that is theirs; all processes share it.
static int* ready;
enum { PLAYERS = 6 };

static void take_place(void) { __atomic_fetch_add(ready, 1, __ATOMIC_RELAXED); }

// Some players keep to one CPU, so that what the tests wait for comes again and again, and not only when the
// machine happens to spread its threads in a certain way.
static void keep_to_cpu(long cpu) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(cpu, &mask);
  if (sched_setaffinity(0, sizeof mask, &mask) != 0) _exit(1);
}

// ---- A process that waits for a word that nobody writes -------------------------------------------

NOINLINE static long wait_for_word(char* word) {
  take_place();
  const long count = read(word_pipe[0], word, 16);
  return count + 1;  // not the last thing it does, so that it keeps its place on the stack
}

// ---- One that sleeps --------------------------------------------------------------------------------

NOINLINE static void sleep_long(void) {
  take_place();
  const struct timespec an_hour = {3600, 0};
  nanosleep(&an_hour, NULL);
  signals_seen = 1;
}

// ---- Two threads that take two locks in opposite orders ---------------------------------------------

NOINLINE static void take_both(pthread_mutex_t* first, pthread_mutex_t* second,
                               pthread_barrier_t* both) {
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
  pthread_mutex_init(&left, NULL);
  pthread_mutex_init(&right, NULL);
  pthread_barrier_t both;
  pthread_barrier_init(&both, NULL, 2);
  pthread_t other;
  take_place();
  pthread_create(&other, NULL, take_right_first, &both);
  take_both(&left, &right, &both);
}

// ---- One that sends signals to itself ---------------------------------------------------------------

static void on_signal(int number) { signals_seen += number; }

NOINLINE static void signal_oneself(void) {
  signal(SIGUSR1, on_signal);
  take_place();
  for (;;) {
    raise(SIGUSR1);
    usleep(500);
  }
}

// ---- One that never rests: calls, faults in the program, faults in the kernel ------------------------

NOINLINE static void work_hard(void) {
  keep_to_cpu(0);
  int own_pipe[2];
  if (pipe(own_pipe) != 0) _exit(1);
  take_place();
  for (;;) {
    volatile char* pages =
        mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages[0] = 1;  // a page fault in the program
    if (write(own_pipe[1], "x", 1) != 1) _exit(1);
    if (read(own_pipe[0], (char*)pages + 4096, 1) != 1) _exit(1);  // and one in the kernel
    munmap((void*)pages, 2 * 4096);
    for (volatile int round = 0; round < 20000; ++round) {
    }
    for (int round = 0; round < 200; ++round) getppid();
  }
}

// ---- One that another CPU wakes: its own is idle then, and has to be kicked ---------------------------

static int wake_pipe[2];

NOINLINE static void be_woken(void) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0) _exit(1);
  keep_to_cpu(CPU_COUNT(&all) - 1);
  take_place();
  char byte;
  while (read(wake_pipe[0], &byte, 1) == 1) {
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
  if (pipe(word_pipe) != 0 || pipe(wake_pipe) != 0) return 1;
  ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  start(reader);
  start(sleep_long);
  start(lock_each_other_out);
  start(signal_oneself);
  start(work_hard);
  start(be_woken);
  keep_to_cpu(0);
  for (uint64_t round = 1;; ++round) {
    usleep(1000);
    if (write(wake_pipe[1], "x", 1) != 1) return 1;
    if (__atomic_load_n(ready, __ATOMIC_RELAXED) == PLAYERS) scene_is_set(round);
  }
}
