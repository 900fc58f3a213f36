/* POSIX threads through the C library: mutex, condition variable, barrier, once, keys, cancellation. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t semaphore;
static int counter;
static int turn;
static int initialised;
static int destroyed;

static void initialise(void) { ++initialised; }
static void destroy(void* value) {
  (void)value;
  pthread_mutex_lock(&mutex);
  ++destroyed;
  pthread_mutex_unlock(&mutex);
}

static void* count(void* argument) {
  const int own = (int)(long)argument;
  pthread_once(&once, initialise);
  pthread_setspecific(key, argument == NULL ? (void*)1 : argument);
  pthread_barrier_wait(&barrier);
  for (int round = 0; round < ROUNDS; ++round) {
    pthread_mutex_lock(&mutex);
    ++counter;
    pthread_mutex_unlock(&mutex);
  }
  /* Each prints when it is its turn, so that the order is known. */
  pthread_mutex_lock(&mutex);
  while (turn != own) pthread_cond_wait(&changed, &mutex);
  printf("thread %d\n", own);
  ++turn;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  sem_post(&semaphore);
  return (void*)(long)(own * own);
}

static void cleanup(void* argument) { printf("cleanup %s\n", (const char*)argument); }

static void* wait_for_ever(void* argument) {
  (void)argument;
  int ends[2];
  if (pipe(ends) != 0) return NULL;
  pthread_cleanup_push(cleanup, "of the cancelled thread");
  sem_post(&semaphore);
  char byte;
  if (read(ends[0], &byte, 1) < 0) printf("never\n");
  pthread_cleanup_pop(0);
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  pthread_key_create(&key, destroy);
  pthread_barrier_init(&barrier, NULL, THREADS);
  sem_init(&semaphore, 0, 0);
  for (long at = 0; at < THREADS; ++at) pthread_create(&threads[at], NULL, count, (void*)at);
  long sum = 0;
  for (int at = 0; at < THREADS; ++at) {
    void* result;
    pthread_join(threads[at], &result);
    sum += (long)result;
  }
  for (int at = 0; at < THREADS; ++at) sem_wait(&semaphore);
  printf("counter %d, sum %ld, initialised %d, destroyed %d\n", counter, sum, initialised, destroyed);

  pthread_t waiting;
  pthread_create(&waiting, NULL, wait_for_ever, NULL);
  sem_wait(&semaphore);
  pthread_cancel(waiting);
  void* result;
  pthread_join(waiting, &result);
  printf("%s\n", result == PTHREAD_CANCELED ? "cancelled" : "returned");
  return 0;
}
