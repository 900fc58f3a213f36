// Servers of the four shapes, each in a process of its own, with clients that behave well and badly.
#include "userlib/bin/http/shapes/shape.hh"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/http_visitor.hh"
#include "userlib/base/clock.hh"
#include "userlib/coro/blocking.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"

namespace weft::http {
namespace {

constexpr unsigned k_workers = 3;
constexpr size_t k_large = 8 << 20;  // more than any socket takes at once
constexpr int k_patience = 10;       // seconds, for an answer that would never come

// Answers with who answers, among others.
class Service final : public http::Service {
 public:
  explicit Service(weft::pipe& gate) : gate_(gate) {}

  Response answer(const RequestHead& head, std::string_view body) override {
    if (head.target == "/process") return {.body = format_string("{}", getpid())};
    if (head.target == "/thread") return {.body = format_string("{}", gettid())};
    if (head.target == "/count")
      return {.body = format_string("{}", count_.fetch_add(1, relaxed) + 1)};
    if (head.target == "/large") return {.body = String(std::string(k_large, 'x'))};
    if (head.target == "/crash") raise(SIGKILL);
    if (head.target == "/wait") {
      char byte;
      coro::blocking([&] { (void)read_exactly(gate_.read_end.get(), {&byte, 1}); });
    }
    if (head.target == "/open") (void)write_exactly(gate_.write_end.get(), "x");
    return {.body = format_string("{} {} {}", head.method, head.target, body)};
  }

 private:
  weft::pipe& gate_;
  Atomic<int> count_{0};
};

// A server in a process group of its own, which is gone with this object.
class Server {
 public:
  // `descriptors`: so many more than it has at its start, if that is limited.
  explicit Server(const Shape& shape, unsigned workers = k_workers, unsigned descriptors = 0)
      : gate_(weft::pipe::make().value()) {
    // Only the server has it from here on: when that is gone, nobody hopes for an answer.
    const Listener listener = Listener::at(0).value();
    port_ = listener.port().value();
    child_ = process::run([&] {
               setpgid(0, 0);
               limit(descriptors);
               Service service(gate_);
               return shape.serve({listener, service, workers}).has_value() ? 0 : 1;
             }).value();
    setpgid(child_.get_id(), child_.get_id());
  }
  ~Server() {
    kill(-child_.get_id(), SIGKILL);
    if (child_.joinable()) (void)child_.wait();
  }

  uint16_t port() const { return port_; }
  int32_t id() const { return child_.get_id(); }

 private:
  static void limit(unsigned descriptors) {
    if (descriptors == 0) return;
    const int next = dup(0);
    close(next);
    const rlimit few = {next + descriptors, next + descriptors};
    setrlimit(RLIMIT_NOFILE, &few);
  }

  weft::pipe gate_;
  process child_;
  uint16_t port_ = 0;
};

constexpr std::string_view k_hello = "GET /hello HTTP/1.1\r\nHost: weft\r\n\r\n";

// The state of a process, as /proc has it: S when it waits.
char state_of(int32_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t name_end = text.rfind(')');
  return name_end + 2 < text.size() ? text[name_end + 2] : '?';
}

// It sleeps, at last. One that turns round and round never does, nor one that is dead.
bool comes_to_rest(const Server& server) {
  const Instant end = instant_now() + k_patience * k_second;
  while (instant_now() < end) {
    const char state = state_of(server.id());
    if (state == 'S') return true;
    if (state == 'Z' || state == '?') return false;
    sched_yield();
  }
  return false;
}

// How many more a process may open. A number that accept has set aside for who comes next is among them.
size_t free_descriptors(int32_t process) {
  rlimit limit{};
  if (prlimit(process, RLIMIT_NOFILE, nullptr, &limit) != 0) return 0;
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(process) + "/fd");
  return limit.rlim_cur - std::count_if(begin(open), end(open), [&](const auto& entry) {
           return std::stoul(entry.path().filename()) < limit.rlim_cur;
         });
}

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, AnswersAgainAndAgain) {
  const Server server(GetParam());
  Visitor visitor(server.port());
  for (const char* target : {"/one", "/two", "/three"}) {
    EXPECT_EQ(visitor.ask(target), std::string("GET ") + target + " ");
  }
}

TEST_P(Shapes, ServesSeveralAtOnce) {
  const Server server(GetParam());
  Visitor first(server.port());
  Visitor second(server.port());
  Visitor third(server.port());
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(third.ask("/3"), "GET /3 ");
    EXPECT_EQ(first.ask("/1"), "GET /1 ");
    EXPECT_EQ(second.ask("/2"), "GET /2 ");
  }
}

TEST_P(Shapes, HangsUpWhenItIsAskedTo) {
  const Server server(GetParam());
  Visitor visitor(server.port());
  visitor.say("GET / HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(visitor.hear(4096).ends_with("GET / "));
  EXPECT_TRUE(visitor.is_at_end());
}

TEST_P(Shapes, AnswersWhoHasNoMoreToSay) {
  const Server server(GetParam());
  Visitor visitor(server.port());
  visitor.say(k_hello);
  visitor.say_no_more();
  EXPECT_TRUE(visitor.hear(4096).ends_with("GET /hello "));
  EXPECT_TRUE(visitor.is_at_end());
}

TEST_P(Shapes, GivesItsDescriptorsBack) {
  const Server server(GetParam(), k_workers, 12);
  for (int i = 0; i < 60; ++i) {
    Visitor visitor(server.port());
    ASSERT_EQ(visitor.ask("/hello"), "GET /hello ") << i;
  }
}

// More visitors than it can have connections: those who came last are served when others have gone.
TEST_P(Shapes, LetsThoseWaitForWhomThereIsNoDescriptor) {
  // A worker of coroutines has descriptors of its own, which it gets when it waits and sleeps for the first time.
  const Server server(GetParam(), GetParam().name == "coroutines" ? 1 : k_workers, 12);
  {
    Visitor first(server.port());
    first.say("GET / HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(first.hear(4096).ends_with("GET / "));
    ASSERT_TRUE(first.is_at_end()) << "its descriptor is free again";
  }
  ASSERT_TRUE(comes_to_rest(server));
  const size_t together =
      GetParam().name == "processes" ? k_workers : free_descriptors(server.id());
  ASSERT_GE(together, k_workers);
  std::vector<std::unique_ptr<Visitor>> visitors;
  for (size_t i = 0; i < 2 * together; ++i) {
    visitors.push_back(std::make_unique<Visitor>(server.port()));
    visitors.back()->say(k_hello);
  }
  // None of those who are answered goes before the server has come to its limits. That is when all who have a
  // descriptor are answered: until then it may sleep for another reason, as who starts a thread does until that
  // has begun. From then on accept can only fail, so if it sleeps, it has been told.
  for (size_t i = 0; i < together; ++i) ASSERT_NE(visitors[i]->hear(20), "") << i;
  ASSERT_TRUE(comes_to_rest(server));
  for (size_t i = 0; i < visitors.size(); ++i) {
    if (i >= together) ASSERT_NE(visitors[i]->hear(20), "") << i;
    visitors[i].reset();
  }
}

TEST_P(Shapes, ABrokenClientHarmsNobody) {
  const Server server(GetParam());
  Visitor patient(server.port());
  EXPECT_EQ(patient.ask("/hello"), "GET /hello ");
  for (int i = 0; i < 2; ++i) {
    Visitor silent(server.port());
    Visitor in_the_middle(server.port());
    in_the_middle.say("GET / HT");
    in_the_middle.break_off();
    Visitor deaf(server.port());
    deaf.say("GET /large HTTP/1.1\r\nHost: weft\r\n\r\n");
    EXPECT_EQ(deaf.hear(1), "H");
    deaf.break_off();
  }
  EXPECT_EQ(patient.ask("/hello"), "GET /hello ");
  EXPECT_EQ(Visitor(server.port()).ask("/hello"), "GET /hello ");
}

TEST_P(Shapes, ASlowSenderHoldsUpNobody) {
  const Server server(GetParam());
  Visitor slow(server.port());
  Visitor quick(server.port());
  for (const char byte : k_hello) {
    slow.say({&byte, 1});
    EXPECT_EQ(quick.ask("/quick"), "GET /quick ");
  }
  EXPECT_EQ(slow.hear(15), "HTTP/1.1 200 OK");
}

TEST_P(Shapes, ASlowReaderHoldsUpNobody) {
  const Server server(GetParam());
  Visitor slow(server.port());
  Visitor quick(server.port());
  slow.say("GET /large HTTP/1.1\r\nHost: weft\r\n\r\n");
  EXPECT_EQ(slow.hear(1), "H");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(quick.ask("/quick"), "GET /quick ");
  EXPECT_EQ(slow.hear(k_large).size(), k_large);
  EXPECT_EQ(quick.ask("/quick"), "GET /quick ");
}

TEST_P(Shapes, RequestsMayComeTogether) {
  const Server server(GetParam());
  Visitor visitor(server.port());
  std::string many;
  for (int i = 0; i < 200; ++i) many += k_hello;
  visitor.say(many);
  visitor.say("GET /last HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n");
  const std::string heard = visitor.hear(1 << 20);
  EXPECT_TRUE(heard.ends_with("GET /last "));
  size_t answers = 0;
  for (size_t at = 0; (at = heard.find("GET /hello ", at)) != heard.npos; ++at) ++answers;
  EXPECT_EQ(answers, 200u);
}

INSTANTIATE_TEST_SUITE_P(All, Shapes, testing::ValuesIn(all_shapes().begin(), all_shapes().end()),
                         [](const auto& info) { return std::string(info.param.name); });

// ---- What is different -------------------------------------------------------------------------------------

Shape shape(std::string_view name) { return find_shape(name).value(); }

TEST(ShapeProcesses, AreMadeInAdvanceAndStay) {
  const Server server(shape("processes"));
  std::set<std::string> workers;
  {
    Visitor visitors[] = {Visitor(server.port()), Visitor(server.port()), Visitor(server.port())};
    for (Visitor& visitor : visitors) workers.insert(visitor.ask("/process"));
    EXPECT_EQ(workers.size(), k_workers) << "each of three visitors has a worker";
    // The fourth waits until one of the three has gone, and has that one's worker.
    Visitor fourth(server.port());
    fourth.say("GET /process HTTP/1.1\r\nHost: weft\r\n\r\n");
    const std::string freed = visitors[1].ask("/process");
    visitors[1].hang_up();
    const std::string heard = fourth.hear(15);
    EXPECT_EQ(heard, "HTTP/1.1 200 OK");
    EXPECT_EQ(visitors[0].ask("/hello"), "GET /hello ");
    EXPECT_NE(freed, "");
  }
  for (int i = 0; i < 10; ++i) workers.insert(Visitor(server.port()).ask("/process"));
  EXPECT_EQ(workers.size(), k_workers) << "nobody else has served";
}

TEST(ShapeProcesses, HaveMemoryOfTheirOwn) {
  const Server server(shape("processes"));
  Visitor first(server.port());
  Visitor second(server.port());
  EXPECT_EQ(first.ask("/count"), "1");
  EXPECT_EQ(second.ask("/count"), "1");
  EXPECT_EQ(first.ask("/count"), "2");
}

TEST(ShapeProcesses, ACrashCostsOneConnectionAndTheWorkerIsReplaced) {
  const Server server(shape("processes"));
  for (int round = 0; round < 4; ++round) {
    Visitor first(server.port());
    Visitor second(server.port());
    Visitor unlucky(server.port());
    for (Visitor* each : {&first, &second, &unlucky}) EXPECT_EQ(each->ask("/hello"), "GET /hello ");
    EXPECT_EQ(unlucky.ask("/crash"), "");
    EXPECT_EQ(first.ask("/hello"), "GET /hello ");
    EXPECT_EQ(second.ask("/hello"), "GET /hello ");
    EXPECT_EQ(Visitor(server.port()).ask("/hello"), "GET /hello ")
        << "there are three workers again";
  }
}

TEST(ShapeThreads, AreOneForEachConnectionAndShareTheMemory) {
  const Server server(shape("threads"));
  Visitor first(server.port());
  Visitor second(server.port());
  EXPECT_EQ(first.ask("/process"), second.ask("/process"));
  EXPECT_NE(first.ask("/thread"), second.ask("/thread"));
  EXPECT_EQ(first.ask("/thread"), first.ask("/thread"));
  EXPECT_EQ(first.ask("/count"), "1");
  EXPECT_EQ(second.ask("/count"), "2");
}

TEST(ShapeThreads, ACrashIsTheEndOfAll) {
  Server server(shape("threads"));
  Visitor first(server.port());
  Visitor unlucky(server.port());
  EXPECT_EQ(first.ask("/hello"), "GET /hello ");
  EXPECT_EQ(unlucky.ask("/crash"), "");
  EXPECT_TRUE(first.is_at_end());
}

TEST(ShapeLoop, IsOneThread) {
  const Server server(shape("loop"));
  Visitor visitors[] = {Visitor(server.port()), Visitor(server.port()), Visitor(server.port())};
  for (Visitor& visitor : visitors) EXPECT_EQ(visitor.ask("/thread"), std::to_string(server.id()));
}

TEST(ShapeLoop, SleepsWhenNothingIsToBeDone) {
  const Server server(shape("loop"));
  Visitor visitor(server.port());
  EXPECT_EQ(visitor.ask("/hello"), "GET /hello ");
  EXPECT_TRUE(comes_to_rest(server)) << "a connection that is writable is nothing to do";
  Visitor slow(server.port());
  slow.say("GET /large HTTP/1.1\r\nHost: weft\r\n\r\n");
  EXPECT_EQ(slow.hear(1), "H");
  slow.say(k_hello);
  EXPECT_TRUE(comes_to_rest(server)) << "what comes in has to wait until the output is gone";
  EXPECT_EQ(slow.hear(k_large).size(), k_large);
  EXPECT_EQ(slow.hear(100).size(), 100u);
  EXPECT_EQ(visitor.ask("/hello"), "GET /hello ");
  EXPECT_TRUE(comes_to_rest(server)) << "all output is gone";
}

TEST(ShapeCoroutines, AreManyOnOneThread) {
  const Server server(shape("coroutines"), 1);
  std::vector<std::unique_ptr<Visitor>> visitors;
  for (int i = 0; i < 200; ++i) visitors.push_back(std::make_unique<Visitor>(server.port()));
  for (auto& visitor : visitors) visitor->say(k_hello);
  for (auto& visitor : visitors) EXPECT_EQ(visitor->hear(15), "HTTP/1.1 200 OK");
  Visitor other(server.port());
  EXPECT_EQ(other.ask("/thread"), std::to_string(server.id()));
}

TEST(ShapeCoroutines, ACallThatBlocksStopsOnlyItsOwn) {
  const Server server(shape("coroutines"), 1);
  Visitor waiting(server.port());
  Visitor other(server.port());
  waiting.say("GET /wait HTTP/1.1\r\nHost: weft\r\n\r\n");
  EXPECT_EQ(other.ask("/open"), "GET /open ");
  EXPECT_EQ(waiting.hear(15), "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace weft::http
