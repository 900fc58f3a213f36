/* The smallest program there is, and a little of the C library: formats, files, sorting, time. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int compare(const void* left, const void* right) {
  return strcmp(*(char* const*)left, *(char* const*)right);
}

static void show_formats(void) {
  printf("hello, world\n");
  printf("%5d|%-5d|%05d|%x|%#o|%+d\n", 42, 42, 42, 255, 8, 7);
  printf("%.3f|%10.2e|%g\n", 3.14159265, 12345.678, 0.0001);
  printf("%s|%10s|%-10s|%.2s\n", "text", "right", "left", "cut");
}

static void sort_words(void) {
  char* words[] = {"pear", "apple", "fig", "date", "cherry", "banana"};
  qsort(words, 6, sizeof words[0], compare);
  for (int at = 0; at < 6; ++at) printf("%s%c", words[at], at == 5 ? '\n' : ' ');
}

static void use_files(void) {
  FILE* file = fopen("/tmp/hello.txt", "w+");
  if (file == NULL) {
    perror("fopen");
    exit(1);
  }
  for (int line = 1; line <= 3; ++line) fprintf(file, "line %d\n", line);
  rewind(file);
  char buffer[64];
  while (fgets(buffer, sizeof buffer, file) != NULL) printf("read: %s", buffer);
  fseek(file, -7, SEEK_END);
  printf("last: %s", fgets(buffer, sizeof buffer, file));
  fclose(file);
  struct stat status;
  stat("/tmp/hello.txt", &status);
  printf("size %ld\n", (long)status.st_size);
  remove("/tmp/hello.txt");
  printf("open of a missing file: %s\n",
         open("/tmp/hello.txt", O_RDONLY) < 0 ? strerror(errno) : "it is there");
}

static void use_a_child(void) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(7);
  int status;
  waitpid(child, &status, 0);
  printf("child exited %d\n", WEXITSTATUS(status));
}

static void use_the_heap(void) {
  size_t sum = 0;
  for (size_t size = 1; size < 1000000; size = size * 3 + 1) {
    unsigned char* block = malloc(size);
    memset(block, 0x5a, size);
    block = realloc(block, size * 2);
    sum += block[size - 1];
    free(block);
  }
  printf("heap sum %zu\n", sum);
}

static void jump(void) {
  jmp_buf place;
  const int value = setjmp(place);
  if (value < 3) longjmp(place, value + 1);
  printf("jumped %d times\n", value);
}

int main(int argc, char** argv) {
  show_formats();
  sort_words();
  use_files();
  use_a_child();
  use_the_heap();
  jump();
  struct tm moment = {.tm_year = 124, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12};
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &moment);
  printf("%s\n", text);
  for (int at = 1; at < argc; ++at) printf("argument %d: %s\n", at, argv[at]);
  printf("HOME=%s\n", getenv("HOME"));
  return 0;
}
