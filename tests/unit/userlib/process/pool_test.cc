// Pools of processes, and calls between processes.
#include <numeric>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/process/pipe.hh"
#include "userlib/process/process_pool.hh"
#include "userlib/process/remote_call.hh"
#include "userlib/thread/event.hh"

namespace weft {
namespace {

TEST(ProcessPool, AnswersWhatIsSubmitted) {
  process_pool pool(2);
  EXPECT_EQ(pool.size(), 2u);
  const int32_t own = sys::getpid().value();
  auto elsewhere = pool.submit([own] { return sys::getpid().value() != own; });
  EXPECT_TRUE(elsewhere.get().value());
  std::vector<future<process_result<int>>> answers;
  for (int i = 0; i < 50; ++i)
    answers.push_back(pool.submit([](int n, int m) { return n * m; }, i, i));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(answers[static_cast<size_t>(i)].get().value(), i * i);
  EXPECT_TRUE(pool.submit([] {}).get().has_value());
}

TEST(ProcessPool, MapsInOrder) {
  process_pool pool(3);
  std::vector<int> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto squares = pool.map(numbers, [](int n) { return n * n; });
  ASSERT_EQ(squares.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(squares[static_cast<size_t>(i)].value(), i * i);
}

TEST(ProcessPool, ACrashedWorkerIsReplacedAndItsJobReported) {
  process_pool pool(2);
  std::vector<int> numbers(20);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto results = pool.map(numbers, [](int n) {
    if (n == 7) (void)sys::kill(sys::getpid().value(), abi::k_sigkill);
    if (n == 9) sys::exit_group(5);
    return n;
  });
  for (int i = 0; i < 20; ++i) {
    const auto& result = results[static_cast<size_t>(i)];
    if (i == 7) {
      EXPECT_EQ(result.error().signal(), static_cast<int>(abi::k_sigkill));
    } else if (i == 9) {
      EXPECT_EQ(result.error().code(), 5);
    } else {
      EXPECT_EQ(result.value(), i);
    }
  }
}

TEST(ProcessPool, CallsBack) {
  process_pool pool(1);
  event done;
  process_result<int> seen = 0;
  pool.apply_async([] { return 42; },
                   [&](process_result<int> result) {
                     seen = result;
                     done.set();
                   });
  done.wait();
  EXPECT_EQ(seen.value(), 42);
}

TEST(ProcessPool, WhoIsCalledBackCanBeWaitedFor) {
  process_pool pool(1);
  int seen = 0;
  const auto note = [&](process_result<int> result) { seen = result.value_or(-1); };
  EXPECT_EQ(pool.apply_async([] { return 42; }, note).get().value(), 42);
  EXPECT_EQ(seen, 42);
  const auto crash = [] {
    sys::exit_group(5);
    return 0;
  };
  EXPECT_EQ(pool.apply_async(crash, note).get().error().code(), 5);
  EXPECT_EQ(seen, -1);
  bool called = false;
  EXPECT_TRUE(pool.apply_async([] {}, [&](process_result<void>) { called = true; }).get());
  EXPECT_TRUE(called);
  auto failed = pool.apply_async([] { return 1; },
                                 [](process_result<int>) { throw std::runtime_error("no"); });
  EXPECT_THROW(failed.get(), std::runtime_error);
  EXPECT_EQ(pool.submit([] { return 1; }).get().value(), 1);  // its thread goes on
}

TEST(ProcessPool, AnExceptionIsACrash) {
  process_pool pool(1);
  const auto fails = [] {
    throw std::runtime_error("no");
    return 1;
  };
  EXPECT_EQ(pool.submit(fails).get().error().signal(), static_cast<int>(abi::k_sigabrt));
  EXPECT_EQ(pool.submit([] { return 2; }).get().value(), 2);
}

// In a child, for which the limit is set.
TEST(ProcessPool, ThatCannotBeHadIsAnErrorAndLeavesNothing) {
  process child = process::run([] {
                    const Descriptor next(*sys::dup(0));
                    const auto most = static_cast<uint64_t>(next.get()) + 4;  // one worker's
                    const abi::ResourceLimit limit = {most, most};
                    if (!sys::setrlimit(abi::k_rlimit_nofile, &limit)) return 1;
                    try {
                      const process_pool pool(8);
                      return 2;
                    } catch (const std::system_error&) {
                    }
                    int status = 0;
                    const auto left = sys::wait4(-1, &status, 0, nullptr);
                    return !left && left.error() == Errno::child ? 0 : 3;
                  }).value();
  EXPECT_EQ(child.wait(), exit_status());
}

TEST(ProcessPool, LeavesNoProcessBehind) {
  {
    process_pool pool(3);
  }
  int status = 0;
  EXPECT_EQ(sys::wait4(-1, &status, abi::k_wnohang, nullptr).error(), Errno::child);
}

constexpr uint32_t k_square = 1;
constexpr uint32_t k_greet = 2;
constexpr uint32_t k_refuse = 3;
constexpr uint32_t k_die = 4;
constexpr uint32_t k_repeat = 5;

struct Service {
  Service() {
    socket_pair ends = socket_pair::make().value();
    server =
        process::run([&] {
          ends.first = Descriptor();
          remote_server answers;
          answers.answer<int, int>(k_square, [](int n) { return n * n; });
          answers.answer(k_greet, [](std::string_view name) -> Result<String> {
            return format_string("hello, {}", name);
          });
          answers.answer(k_repeat, [](std::string_view text) -> Result<String> {
            return String(std::string((16 << 20) + 1, text[0]).c_str());
          });
          answers.answer<int, int>(k_refuse, [](int) -> Result<int> { return fail(Errno::perm); });
          answers.answer<int, int>(k_die, [](int n) {
            sys::exit_group(n);
            return 0;
          });
          return answers.serve(ends.second.get()) ? 0 : 1;
        }).value();
    ends.second = Descriptor();
    client.emplace(std::move(ends.first));
  }
  process server;
  std::optional<remote_client> client;
};

TEST(RemoteCall, CopiesArgumentsAndResults) {
  Service service;
  EXPECT_EQ((service.client->call<int>(k_square, 12).value()), 144);
  EXPECT_EQ(service.client->call(k_greet, "you").value(), "hello, you");
  const String large(std::string(300000, 'x').c_str());
  EXPECT_EQ(service.client->call(k_greet, large).value().size(), 300007u);
  EXPECT_EQ(service.client->call(k_greet, "").value(), "hello, ");
  service.client.reset();
  EXPECT_TRUE(service.server.wait().success());  // it ends when nobody can call any more
}

TEST(RemoteCall, ErrorsComeBack) {
  Service service;
  EXPECT_EQ((service.client->call<int>(k_refuse, 1).error()), Errno::perm);
  EXPECT_EQ(service.client->call(99, "").error(), Errno::nosys);
  EXPECT_EQ(service.client->call(k_square, "not a number").error(), Errno::msgsize);
  EXPECT_EQ((service.client->call<char>(k_square, 1).error()), Errno::msgsize);
  EXPECT_EQ((service.client->call<int>(k_die, 3).error()), Errno::pipe);
  EXPECT_EQ(service.server.wait().code(), 3);
  EXPECT_EQ((service.client->call<int>(k_square, 1).error()), Errno::pipe);
}

TEST(RemoteCall, AnAnswerThatIsTooLargeIsAnError) {
  Service service;
  EXPECT_EQ(service.client->call(k_repeat, "x").error(), Errno::msgsize);
  EXPECT_EQ((service.client->call<int>(k_square, 12)), 144);  // the next one is as ever
  service.client.reset();
  EXPECT_TRUE(service.server.wait().success());
}

TEST(RemoteCall, ThreadsTakeTurns) {
  Service service;
  std::vector<thread> team;
  for (int own = 0; own < 3; ++own) {
    team.emplace_back([&, own] {
      for (int i = 0; i < 100; ++i) {
        EXPECT_EQ((service.client->call<int>(k_square, own * i).value()), own * i * own * i);
      }
    });
  }
  for (thread& each : team) each.join();
  service.client.reset();
  EXPECT_TRUE(service.server.wait().success());
}

}  // namespace
}  // namespace weft
