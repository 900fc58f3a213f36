// Epoll sets: what they tell, how often, and to whom.
#include <gtest/gtest.h>

#include "core/ipc/epoll.hh"
#include "core/ipc/event_counter.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"
#include "unit/support/user_space.hh"

namespace weft::ipc {
namespace {

using host::Machine;
using io::read_text;
using io::write_text;

constexpr uint32_t k_in = abi::k_pollin;
constexpr uint32_t k_once = abi::k_epolloneshot, k_edge = abi::k_epollet;

struct Fixture {
  Fixture() {
    place =
        space->map({.size = k_page_size, .access = mm::Access::read | mm::Access::write}).value();
  }
  EpollSet& set() { return *EpollSet::from(*file); }
  Result<> add(fs::File& watched, uint32_t events, uint64_t data = 0, int32_t number = 3) {
    return set().add(watched, number, {events, data});
  }
  // What is told now: the data of each, in order.
  std::vector<uint64_t> ready(size_t most = 8) {
    space.read(place);  // so that this CPU has the address space
    const Result<size_t> count = set().wait(place, most, 0);
    EXPECT_TRUE(count.has_value());
    std::vector<uint64_t> all;
    for (size_t index = 0; index < count.value_or(0); ++index) {
      const VirtAddr at = place + index * sizeof(abi::EpollEvent);
      const abi::EpollEvent event = mm::UserIn<abi::EpollEvent>(at).load().value();
      all.push_back(uint64_t{event.data});
    }
    return all;
  }

  using Ready = std::vector<uint64_t>;
  host::UserSpace space;
  VirtAddr place;
  Ref<fs::File> file = EpollSet::make().value();
  PipeEnds pipe = make_pipe(0).value();
};
using Ready = Fixture::Ready;

void run(void (*test)(Fixture&)) {
  Machine().run([&] {
    Fixture fixture;
    test(fixture);
  });
}

TEST(EpollSet, LevelTellsAsLongAsItIsSo) {
  run([](Fixture& it) {
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in, 1).has_value());
    EXPECT_EQ(it.ready(), Ready{});
    write_text(*it.pipe.writer, "ab");
    EXPECT_EQ(it.ready(), Ready{1});
    EXPECT_EQ(it.ready(), Ready{1});
    read_text(*it.pipe.reader, 2);
    EXPECT_EQ(it.ready(), Ready{});
  });
}

TEST(EpollSet, WhatCouldNotBeToldIsToldLater) {
  run([](Fixture& it) {
    const PipeEnds other = make_pipe(0).value();
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in, 1).has_value());
    EXPECT_TRUE(it.add(*other.reader, k_in | k_edge, 2, 4).has_value());
    const auto tell_nowhere = [&] { return it.set().wait(mm::k_user_end, 8, 0); };
    write_text(*it.pipe.writer, "a");
    EXPECT_EQ(tell_nowhere().error(), Errno::fault) << "one is ready";
    EXPECT_EQ(it.ready(), Ready{1});
    write_text(*other.writer, "b");
    EXPECT_EQ(tell_nowhere().error(), Errno::fault) << "two are, and one only once";
    EXPECT_EQ(it.ready().size(), 2u);
    EXPECT_EQ(it.ready(), Ready{1});
  });
}

TEST(EpollSet, AsksWhoDoesNotKeepItUpByItself) {
  run([](Fixture& it) {
    const Ref<fs::File> counter = make_event_counter(0, false, 0).value();
    EXPECT_TRUE(it.add(*counter, k_in, 1).has_value());
    EXPECT_EQ(it.ready(), Ready{});
    io::write(*counter, std::string_view("\1\0\0\0\0\0\0\0", 8)).value();
    EXPECT_EQ(it.ready(), Ready{1});
    EXPECT_EQ(it.ready(), Ready{1});
    EXPECT_EQ(io::read_text(*counter, 8).size(), 8u);
    EXPECT_EQ(it.ready(), Ready{});
  });
}

TEST(EpollSet, EdgeTellsEachEventOnce) {
  run([](Fixture& it) {
    write_text(*it.pipe.writer, "a");
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in | k_edge, 1).has_value());
    EXPECT_EQ(it.ready(), Ready{1}) << "what is so when it is added";
    EXPECT_EQ(it.ready(), Ready{});
    write_text(*it.pipe.writer, "b");
    EXPECT_EQ(it.ready(), Ready{1});
    read_text(*it.pipe.reader, 1);
    EXPECT_EQ(it.ready(), Ready{});
    EXPECT_TRUE(it.set().modify(*it.pipe.reader, 3, {k_in | k_edge, 2}).has_value());
    EXPECT_EQ(it.ready(), Ready{2}) << "a change asks again";
  });
}

TEST(EpollSet, OneShotIsSilentUntilItIsArmedAgain) {
  run([](Fixture& it) {
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in | k_once, 1).has_value());
    write_text(*it.pipe.writer, "a");
    EXPECT_EQ(it.ready(), Ready{1});
    write_text(*it.pipe.writer, "b");
    EXPECT_EQ(it.ready(), Ready{});
    EXPECT_TRUE(it.set().modify(*it.pipe.reader, 3, {k_in | k_once, 2}).has_value());
    EXPECT_EQ(it.ready(), Ready{2});
  });
}

TEST(EpollSet, ErrorsOfChanges) {
  run([](Fixture& it) {
    EXPECT_EQ(it.set().modify(*it.pipe.reader, 3, {k_in, 1}).error(), Errno::noent);
    EXPECT_EQ(it.set().remove(*it.pipe.reader, 3).error(), Errno::noent);
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in | abi::k_epollexclusive).has_value());
    EXPECT_EQ(it.add(*it.pipe.reader, k_in).error(), Errno::exist);
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in, 2, 4).has_value()) << "another number";
    EXPECT_EQ(it.set().modify(*it.pipe.reader, 3, {k_in, 1}).error(), Errno::inval);
    EXPECT_TRUE(it.set().remove(*it.pipe.reader, 3).has_value());
    EXPECT_EQ(EpollSet::from(*it.pipe.reader), nullptr);
  });
}

TEST(EpollSet, AClosedFileIsForgotten) {
  run([](Fixture& it) {
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in, 1).has_value());
    write_text(*it.pipe.writer, "a");
    it.pipe.reader.reset();
    EXPECT_EQ(it.ready(), Ready{});
  });
}

TEST(EpollSet, GivesNoMoreThanThereIsRoomForAndEachItsTurn) {
  run([](Fixture& it) {
    std::vector<PipeEnds> pipes;
    for (uint64_t index = 0; index < 3; ++index) {
      pipes.push_back(make_pipe(0).value());
      EXPECT_TRUE(it.add(*pipes.back().reader, k_in, index).has_value());
      write_text(*pipes.back().writer, "x");
    }
    EXPECT_EQ(it.ready(2), (Ready{0, 1}));
    EXPECT_EQ(it.ready(2), (Ready{2, 0}));
    EXPECT_EQ(it.set().wait(8, 2, 0).error(), Errno::fault);
    EXPECT_EQ(it.ready(3).size(), 3u) << "nothing was lost at the bad address";
  });
}

TEST(EpollSet, OneSetCanWatchAnotherButNotInACircle) {
  run([](Fixture& it) {
    const Ref<fs::File> outer_file = EpollSet::make().value();
    EpollSet& outer = *EpollSet::from(*outer_file);
    EXPECT_TRUE(it.add(*it.pipe.reader, k_in, 1).has_value());
    EXPECT_TRUE(outer.add(*it.file, 5, {k_in, 2}).has_value());
    EXPECT_EQ(it.add(*outer_file, k_in).error(), Errno::loop);
    EXPECT_EQ(outer.wait(it.place, 1, 0).value(), 0u);
    host::Crew crew;
    host::await_blocked(crew.add([&] {
      PollSet set = PollSet::make(1).value();
      set.watches()[0].file = outer_file;
      set.watches()[0].wanted = k_in;
      EXPECT_EQ(set.wait(k_never).value(), 1u);
    }),
                        BlockReason::waiting);
    write_text(*it.pipe.writer, "x");
    crew.join();
    EXPECT_EQ(it.ready(), Ready{1});
    EXPECT_EQ(outer.wait(it.place, 1, 0).value(), 1u);
  });
}

TEST(EpollSet, NestsOnlySoDeep) {
  run([](Fixture& it) {
    std::vector<Ref<fs::File>> chain{it.file};
    Result<> added;
    while (added.has_value() && chain.size() < 20) {
      const Ref<fs::File> next = EpollSet::make().value();
      added = EpollSet::from(*next)->add(*chain.back(), 3, {k_in, 0});
      chain.push_back(next);
    }
    EXPECT_EQ(added.error(), Errno::loop);
    EXPECT_EQ(chain.size(), 8u);
    while (!chain.empty()) chain.pop_back();
  });
}

TEST(EpollSet, AWaiterIsWokenByAnEventAndByAnAdd) {
  host::for_seeds(20, [](uint64_t seed) {
    // One CPU: kernel threads don't take their address space along to another.
    Machine({.cpus = 1, .seed = seed}).run([] {
      Fixture it;
      host::Crew crew;
      const auto wait = [&] {
        it.space.read(it.place);
        EXPECT_EQ(it.set().wait(it.place, 1, k_never).value(), 1u);
      };
      host::await_blocked(crew.add(wait), BlockReason::waiting);
      write_text(*it.pipe.writer, "x");
      EXPECT_TRUE(it.add(*it.pipe.reader, k_in | k_edge).has_value());
      crew.join();
      host::await_blocked(crew.add(wait), BlockReason::waiting);
      write_text(*it.pipe.writer, "y");
      crew.join();
      EXPECT_EQ(it.set().wait(it.place, 1, hal::now() + k_microsecond).value(), 0u);
      Thread& patient =
          crew.add([&] { EXPECT_EQ(it.set().wait(it.place, 1, k_never).error(), Errno::intr); });
      host::await_blocked(patient, BlockReason::waiting);
      sched::interrupt(patient);
      crew.join();
    });
  });
}

TEST(EpollSet, ExclusiveWatchersAreNotAllWoken) {
  run([](Fixture& it) {
    const Ref<fs::File> other = EpollSet::make().value();
    for (fs::File* file : {it.file.get(), other.get()}) {
      EXPECT_TRUE(EpollSet::from(*file)
                      ->add(*it.pipe.reader, 3, {k_in | abi::k_epollexclusive, 0})
                      .has_value());
    }
    Atomic<int> woken{0};
    host::Crew crew;
    for (fs::File* file : {it.file.get(), other.get()}) {
      host::await_blocked(crew.add([&it, &woken, file] {
        it.space.read(it.place);
        if (EpollSet::from(*file)->wait(it.place, 1, k_never).has_value()) {
          woken.fetch_add(1, relaxed);
        }
      }),
                          BlockReason::waiting);
    }
    write_text(*it.pipe.writer, "x");
    sched::sleep_for(k_millisecond);
    EXPECT_EQ(woken.load(relaxed), 1);
    write_text(*it.pipe.writer, "y");
    crew.join();
  });
}

}  // namespace
}  // namespace weft::ipc
