#include "userlib/thread/stop_token.hh"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "unit/userlib/thread/team.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/jthread.hh"

namespace weft {
namespace {

TEST(StopToken, TellsWhatTheSourceAsks) {
  stop_source source;
  const stop_token token = source.get_token();
  EXPECT_TRUE(token.stop_possible());
  EXPECT_FALSE(token.stop_requested());
  EXPECT_TRUE(source.request_stop());
  EXPECT_FALSE(source.request_stop());
  EXPECT_TRUE(token.stop_requested());
  EXPECT_TRUE(source.stop_requested());
  EXPECT_EQ(token, source.get_token());
}

TEST(StopToken, KnowsThatNobodyCanAskAnyMore) {
  stop_token token;
  EXPECT_FALSE(token.stop_possible());
  {
    stop_source source;
    const stop_source copy = source;
    token = source.get_token();
    source = stop_source();
    EXPECT_TRUE(token.stop_possible());
  }
  EXPECT_FALSE(token.stop_possible());
  EXPECT_FALSE(token.stop_requested());
  stop_source none(nostopstate);
  EXPECT_FALSE(none.stop_possible());
  EXPECT_FALSE(none.request_stop());
  EXPECT_FALSE(none.get_token().stop_possible());
}

TEST(StopCallback, RunsWhenItIsAsked) {
  stop_source source;
  int first = 0;
  int second = 0;
  int gone = 0;
  const stop_callback a(source.get_token(), [&] { ++first; });
  std::optional<stop_callback<std::function<void()>>> b;
  b.emplace(source.get_token(), [&] { ++gone; });
  const stop_callback c(source.get_token(), [&] { ++second; });
  b.reset();
  source.request_stop();
  source.request_stop();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_EQ(gone, 0);
  int late = 0;
  const stop_callback d(source.get_token(), [&] { ++late; });
  EXPECT_EQ(late, 1);
  const stop_callback e(stop_token(), [&] { ++gone; });
  EXPECT_EQ(gone, 0);
}

TEST(StopCallback, MayRemoveItself) {
  stop_source source;
  std::optional<stop_callback<std::function<void()>>> self;
  int runs = 0;
  self.emplace(source.get_token(), [&] {
    ++runs;
    self.reset();
  });
  source.request_stop();
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(self.has_value());
}

TEST(StopCallback, ItsEndWaitsForTheFunction) {
  stop_source source;
  event begun;
  event go;
  bool finished = false;
  std::optional<stop_callback<std::function<void()>>> callback;
  callback.emplace(source.get_token(), [&] {
    begun.set();
    go.wait();
    finished = true;
  });
  thread asker([&] { source.request_stop(); });
  begun.wait();
  thread remover([&] {
    callback.reset();
    EXPECT_TRUE(finished);
  });
  wait_until_asleep(remover);
  go.set();
  asker.join();
  remover.join();
}

TEST(StopCallback, ComesAndGoesWhileItIsAsked) {
  for (int round = 0; round < 200; ++round) {
    stop_source source;
    Atomic<int> runs{0};
    run_team(3, [&](unsigned own) {
      if (own == 0) {
        source.request_stop();
        return;
      }
      for (int i = 0; i < 5; ++i) {
        const stop_callback callback(source.get_token(), [&] { runs.fetch_add(1, relaxed); });
      }
    });
    EXPECT_LE(runs.load(relaxed), 10);
  }
}

TEST(JThread, IsStoppedAndJoinedWhenItGoes) {
  bool stopped = false;
  {
    jthread worker(
        [&](stop_token token, int step) {
          while (!token.stop_requested()) this_thread::yield();
          stopped = step == 3;
        },
        3);
    EXPECT_TRUE(worker.joinable());
    EXPECT_TRUE(worker.get_stop_source().stop_possible());
  }
  EXPECT_TRUE(stopped);
}

TEST(JThread, TakesPlainFunctionsAndMoves) {
  int value = 0;
  jthread none;
  EXPECT_FALSE(none.request_stop());
  jthread worker({.name = "worker"}, [&](int amount) { value = amount; }, 5);
  jthread moved = std::move(worker);
  none = std::move(moved);
  EXPECT_TRUE(none.joinable());
  none.join();
  EXPECT_EQ(value, 5);
}

}  // namespace
}  // namespace weft
