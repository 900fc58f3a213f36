#include "userlib/process/process.hh"

#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>

#include "userlib/process/pipe.hh"
#include "userlib/process/shared_memory.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

TEST(Process, RunsAFunctionInACopy) {
  int value = 1;
  process child = process::run([&] { return value += 41; }).value();
  EXPECT_TRUE(child.joinable());
  EXPECT_NE(child.get_id(), sys::getpid().value());
  const exit_status status = child.wait();
  EXPECT_TRUE(status.exited());
  EXPECT_EQ(status.code(), 42);
  EXPECT_FALSE(status.success());
  EXPECT_EQ(value, 1);  // its memory is its own
  EXPECT_TRUE(process::run([] {}).value().wait().success());
}

TEST(Process, TheChildKnowsWhoItIs) {
  const int32_t own = sys::thread_number();
  EXPECT_EQ(process::run([&] {
              return sys::thread_number() != own && sys::thread_number() == sys::gettid().value();
            })
                .value()
                .wait()
                .code(),
            1);
}

TEST(Process, ACrashIsItsOwn) {
  process child =
      process::run([] { (void)sys::kill(sys::getpid().value(), abi::k_sigkill); }).value();
  const exit_status status = child.wait();
  EXPECT_TRUE(status.killed());
  EXPECT_FALSE(status.exited());
  EXPECT_EQ(status.signal(), static_cast<int>(abi::k_sigkill));
}

TEST(Process, IsWaitedForInManyWays) {
  pipe ends = pipe::make().value();
  process child = process::run([&] {
                    char byte;
                    ends.write_end = Descriptor();
                    (void)read_exactly(ends.read_end.get(), {&byte, 1});
                    return 3;
                  }).value();
  EXPECT_FALSE(child.try_wait().has_value());
  EXPECT_FALSE(child.wait_for(1ms).has_value());
  ends.write_end = Descriptor();
  EXPECT_EQ(child.wait_for(1h)->code(), 3);
  EXPECT_FALSE(child.joinable());
  EXPECT_THROW(child.wait(), std::system_error);
  EXPECT_EQ(child.kill(abi::k_sigterm).error(), Errno::srch);
}

TEST(Process, WithoutOneNobodyElsesChildIsWaitedFor) {
  process none;
  process other = process::run([] { return 3; }).value();
  EXPECT_THROW(none.wait(), std::system_error);
  EXPECT_THROW(none.try_wait(), std::system_error);
  EXPECT_THROW(none.wait_for(1h), std::system_error);
  EXPECT_EQ(other.wait_until(std::chrono::system_clock::now() + 1h)->code(), 3);
}

// It would run on in the child, with a copy of all that its callers were about to do.
TEST(Process, AnExceptionEndsTheChildAndNoMore) {
  pipe ends = pipe::make().value();
  const auto fails = [&] { throw std::runtime_error("no"); };
  try {
    process child = process::run(fails).value();
    EXPECT_EQ(child.wait().signal(), static_cast<int>(abi::k_sigabrt));
  } catch (const std::runtime_error&) {
    (void)write_exactly(ends.write_end.get(), "x");
    sys::exit_group(0);
  }
  ends.write_end = Descriptor();
  char byte;
  EXPECT_FALSE(read_exactly(ends.read_end.get(), {&byte, 1}).value());
}

TEST(Process, IsKilled) {
  process child = process::run([] {
                    for (;;) (void)sys::pause();
                  }).value();
  EXPECT_TRUE(child.kill(abi::k_sigterm));
  EXPECT_EQ(child.wait().signal(), static_cast<int>(abi::k_sigterm));
}

TEST(Process, ForksAmongBusyThreads) {
  Atomic<bool> stop{false};
  thread busy([&] {
    while (!stop.load(relaxed)) delete new int;
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(process::run([] {
                const auto text = format_string("{}", 7);
                return text == "7" ? 0 : 1;
              })
                  .value()
                  .wait()
                  .code(),
              0);
  }
  stop.store(true, relaxed);
  busy.join();
}

// ---- Programs ------------------------------------------------------------------------------------

String output_of(const Vector<String>& words, spawn_options options = {}) {
  pipe ends = pipe::make().value();
  options.files.push_back(spawn_options::duplicate(ends.write_end.get(), 1));
  process child = process::spawn(words, options).value();
  ends.write_end = Descriptor();
  String text;
  EXPECT_TRUE(read_all(ends.read_end.get(), text));
  EXPECT_TRUE(child.wait().success());
  return text;
}

TEST(Spawn, FindsAProgramByItsName) {
  EXPECT_EQ(output_of({"echo", "one", "", "two words"}), "one  two words\n");
  EXPECT_EQ(output_of({"/bin/echo", "x"}), "x\n");
}

TEST(Spawn, GivesItADirectoryAndAnEnvironment) {
  spawn_options options;
  options.directory = "/proc/self";
  options.environment = Vector<String>{"COLOUR=blue"};
  EXPECT_EQ(output_of({"/usr/bin/env"}, options), "COLOUR=blue\n");
  options.environment.reset();
  options.directory = "/";
  EXPECT_EQ(output_of({"pwd"}, options), "/\n");
}

TEST(Spawn, GivesItDescriptors) {
  spawn_options options;
  options.files.push_back(spawn_options::open(0, "/proc/self/comm", abi::k_o_rdonly));
  options.files.push_back(spawn_options::close(2));
  EXPECT_EQ(output_of({"sh", "-c", "cat; echo 2>/dev/null x >&2 || echo closed"}, options)
                .view()
                .ends_with("\n"),
            true);
  const pipe ends = pipe::make().value();
  spawn_options same;  // close-on-exec goes from one that is where it should be
  same.files.push_back(spawn_options::duplicate(ends.write_end.get(), ends.write_end.get()));
  const auto command = format_string("test -e /proc/self/fd/{}", ends.write_end.get());
  EXPECT_TRUE(process::spawn({"sh", "-c", command}, same).value().wait().success());
  EXPECT_FALSE(process::spawn({"sh", "-c", command}).value().wait().success());
}

TEST(Spawn, TellsWhyItCannot) {
  EXPECT_EQ(process::spawn({}).error(), Errno::inval);
  EXPECT_EQ(process::spawn({"no-such-program-anywhere"}).error(), Errno::noent);
  EXPECT_EQ(process::spawn({"/etc/passwd"}).error(), Errno::acces);
  spawn_options nowhere;
  nowhere.directory = "/no/such/place";
  EXPECT_EQ(process::spawn({"true"}, nowhere).error(), Errno::noent);
  spawn_options unknown;
  unknown.files.push_back(spawn_options::duplicate(12345, 1));
  EXPECT_EQ(process::spawn({"true"}, unknown).error(), Errno::badf);
  int status = 0;
  EXPECT_EQ(sys::wait4(-1, &status, abi::k_wnohang, nullptr).error(),
            Errno::child);  // none is left
}

TEST(Spawn, MakesAGroupOfItsOwn) {
  spawn_options options;
  options.new_group = true;
  const String text =
      output_of({"sh", "-c", "read a b c d e rest < /proc/self/stat; echo $e"}, options);
  EXPECT_NE(text, format_string("{}\n", sys::getpgid(0).value()));
}

Atomic<int> handled{0};

// Our handlers are not the program's, and our memory sees none of its signals.
TEST(Spawn, OurHandlersDoNotRunThere) {
  ASSERT_TRUE(sys::on_signal(abi::k_sigusr1, [](int) { handled.fetch_add(1, relaxed); }, 0));
  spawn_options options;
  options.new_group = true;
  process child = process::spawn({"sleep", "1000"}, options).value();
  EXPECT_TRUE(child.kill(abi::k_sigusr1));
  EXPECT_EQ(child.wait().signal(), static_cast<int>(abi::k_sigusr1));
  EXPECT_EQ(handled.load(relaxed), 0);
  ASSERT_TRUE(sys::kill(sys::getpid().value(), abi::k_sigusr1));  // and our own mask is as it was
  EXPECT_EQ(handled.load(relaxed), 1);
  ASSERT_TRUE(sys::default_signal(abi::k_sigusr1));
}

// ---- Pipes ---------------------------------------------------------------------------------------

TEST(Pipe, BringsBytesAndValues) {
  pipe ends = pipe::make().value();
  struct Point {
    int x;
    int y;
  };
  ASSERT_TRUE(send_value(ends.write_end.get(), Point{1, 2}));
  const Point point = receive_value<Point>(ends.read_end.get()).value();
  EXPECT_EQ(point.x + point.y, 3);
  char room[4];
  ASSERT_TRUE(write_exactly(ends.write_end.get(), "abc"));
  ends.write_end = Descriptor();
  EXPECT_EQ(read_exactly(ends.read_end.get(), room).error(), Errno::connreset);
  EXPECT_FALSE(read_exactly(ends.read_end.get(), room).value());
  EXPECT_EQ(receive_value<int>(ends.read_end.get()).error(), Errno::pipe);
}

TEST(Pipe, NobodyToReadIsAnErrorAndNoSignal) {
  pipe ends = pipe::make().value();
  ends.read_end = Descriptor();
  EXPECT_EQ(write_exactly(ends.write_end.get(), "x").error(), Errno::pipe);
  uint64_t waiting = 0;
  ASSERT_TRUE(sys::rt_sigpending(&waiting, sizeof waiting));
  EXPECT_EQ(waiting, 0u);
}

TEST(SocketPair, BothEndsAreAlike) {
  socket_pair ends = socket_pair::make().value();
  ASSERT_TRUE(send_value(ends.first.get(), 1));
  ASSERT_TRUE(send_value(ends.second.get(), 2));
  EXPECT_EQ(receive_value<int>(ends.second.get()).value(), 1);
  EXPECT_EQ(receive_value<int>(ends.first.get()).value(), 2);
}

}  // namespace
}  // namespace weft
