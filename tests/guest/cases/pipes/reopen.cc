// Files that are in no tree, found in /proc/self/fd and /dev/fd all the same.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

Text<40> path_of(int fd, std::string_view folder = "/proc/self/fd") {
  return Text<40>("{}/{}", folder, fd);
}

int open_again(int fd, int flags) {
  return static_cast<int>(sys::open(path_of(fd).c_str(), flags, 0));
}

}  // namespace

GUEST_CASE(reopened_pipe_ends_are_ends_of_the_same_pipe) {
  Pipe pipe;
  const int writer = open_again(pipe.reader, O_WRONLY);
  show("write", sys::write(writer, "through", 7));
  show_read("read", pipe.reader);
  pipe.close_writer();
  const int reader = open_again(writer, O_RDONLY | O_NONBLOCK);
  show("nothing is there, and a writer", sys::read(reader, nullptr, 1));
  sys::close(writer);
  show_read("no writer any more", reader);
  show_read("there neither", pipe.reader);
  sys::close(reader);
}

GUEST_CASE(reopened_pipe_end_does_not_wait_for_the_other) {
  Pipe pipe;
  pipe.close_writer();
  const int again = open_again(pipe.reader, O_RDONLY);
  check("it was opened", again >= 0);
  show_read("the end", again);
  const int both = open_again(pipe.reader, O_RDWR);
  show("write", sys::write(both, "x", 1));
  show_read("read", both);
  sys::close(both);
  sys::close(again);
}

GUEST_CASE(reopened_pipe_has_flags_of_its_own) {
  Pipe pipe;
  const int again = open_again(pipe.reader, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  check("not blocking", (sys::fcntl(again, F_GETFL, nullptr) & O_NONBLOCK) != 0);
  check("the first one still is", (sys::fcntl(pipe.reader, F_GETFL, nullptr) & O_NONBLOCK) == 0);
  show("closed by exec", sys::fcntl(again, F_GETFD, nullptr));
  struct stat first{}, second{};
  show("fstat", sys::fstat(pipe.reader, &first));
  show("fstat", sys::fstat(again, &second));
  check("the same inode", first.st_ino == second.st_ino && first.st_mode == second.st_mode);
  char one[40] = {}, other[40] = {};
  show("readlink", sys::readlink(path_of(pipe.reader).c_str(), one, sizeof one) ==
                       sys::readlink(path_of(again).c_str(), other, sizeof other));
  check("the same text",
        std::string_view(one) == other && std::string_view(one).starts_with("pipe:["));
  sys::close(again);
}

GUEST_CASE(reopened_fifo_waits_for_the_other_side) {
  must("mkfifo", sys::mknod("fifo", S_IFIFO | 0600, 0));
  const int both = open_or_end("fifo", O_RDWR);
  const int reader = open_again(both, O_RDONLY);
  sys::close(both);
  show("a writer, when there is a reader", open_again(reader, O_WRONLY | O_NONBLOCK) >= 0);
  sys::close(reader);
}

GUEST_CASE(what_can_not_be_reopened) {
  Socket socket(AF_UNIX, SOCK_STREAM);
  const int counter = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  show("a socket", open_again(socket.fd, O_RDWR));
  show("an event counter", open_again(counter, O_RDWR));
  show("a descriptor that isn't open", open_again(99, O_RDWR));
  Pipe pipe;
  show("not following", open_again(pipe.reader, O_RDONLY | O_NOFOLLOW));
  show("as a folder", open_again(pipe.reader, O_RDONLY | O_DIRECTORY));
  show("as one on the way", sys::open(Text<40>("{}/x", path_of(pipe.reader).view()).c_str(), 0, 0));
  struct stat status{};
  show("stat of a socket", sys::stat(path_of(socket.fd).c_str(), &status));
  check("it is one", (status.st_mode & S_IFMT) == S_IFSOCK);
  show("stat of a pipe", sys::stat(path_of(pipe.reader).c_str(), &status));
  check("it is one", (status.st_mode & S_IFMT) == S_IFIFO);
  show("lstat of it", sys::lstat(path_of(pipe.reader).c_str(), &status));
  check("a link", (status.st_mode & S_IFMT) == S_IFLNK);
  show("a name for it",
       sys::linkat(AT_FDCWD, path_of(pipe.reader).c_str(), AT_FDCWD, "name", AT_SYMLINK_FOLLOW));
}

GUEST_CASE(descriptors_in_dev) {
  Pipe pipe;
  const int writer =
      static_cast<int>(sys::open(path_of(pipe.writer, "/dev/fd").c_str(), O_WRONLY, 0));
  show("write", sys::write(writer, "hello", 5));
  sys::close(writer);
  sys::dup2(pipe.reader, 0);
  const int input = open_or_end("/dev/stdin", O_RDONLY);
  show_read("/dev/stdin", input);
  sys::close(input);
  const int output = open_or_end("/dev/stdout", O_WRONLY);
  check("/dev/stdout is what 1 is", output >= 0);
}

}  // namespace weft::guest
