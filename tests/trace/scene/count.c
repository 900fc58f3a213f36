// Two processes that make numbered system calls: who reads the trace knows which events there were.
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// `getppid` takes no arguments, so these two are only there to be seen.
static void count(long who, long calls) {
  for (long number = 0; number < calls; ++number) syscall(SYS_getppid, number, who);
}

// How many in each is the argument: what `cmd=` says, when this is all that the machine runs.
int main(int count_of_arguments, char** arguments) {
  if (count_of_arguments != 2) return 2;
  const long calls = atol(arguments[1]);
  if (fork() == 0) {
    count(1, calls);
    _exit(0);
  }
  count(0, calls);
  return wait(NULL) == -1;
}
