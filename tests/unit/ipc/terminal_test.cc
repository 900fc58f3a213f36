// The terminal: who waits for what is typed, and whose terminal it is.
#include "core/ipc/terminal.hh"

#include <gtest/gtest.h>

#include "abi/constants.hh"
#include "core/ipc/process_hooks.hh"
#include "core/ipc/terminal_file.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/ipc/screen.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"
#include "unit/support/user_space.hh"

namespace weft::ipc {
namespace {

using io::read_text;
using io::write_text;

// Processes for a terminal: the hooks look at these.
Caller caller;
bool is_deaf = false;
bool is_orphaned = false;
std::string signals;  // "group:signal " of each that was sent

struct Fixture {
  Fixture() {
    caller = {};
    is_deaf = is_orphaned = false;
    signals.clear();
    process_hooks.caller = [] { return caller; };
    process_hooks.set_terminal = [](Terminal* terminal, uint32_t tenure) {
      caller.terminal = terminal;
      caller.tenure = tenure;
    };
    process_hooks.signal_group = [](int32_t group, int signal) {
      signals += std::to_string(group) + ":" + std::to_string(signal) + " ";
    };
    process_hooks.is_deaf_to = [](int) { return is_deaf; };
    process_hooks.is_orphaned = [] { return is_orphaned; };
    process_hooks.session_of_group = [](int32_t group) -> Result<int32_t> {
      if (group > 100) return fail(Errno::srch);
      return group == 50 ? 2 : 1;
    };
    place =
        space->map({.size = k_page_size, .access = mm::Access::read | mm::Access::write}).value();
  }

  Result<uint64_t> control(uint32_t request, uint64_t argument = 0) {
    return file->control(request, argument);
  }
  // With a value to pass, and one that comes back.
  template <typename T>
  Result<uint64_t> set(uint32_t request, const T& value) {
    space.read(place);  // so that this CPU has the address space
    EXPECT_TRUE(mm::copy_to_user(place, &value, sizeof value).has_value());
    return control(request, place);
  }
  template <typename T>
  T get(uint32_t request) {
    space.read(place);
    EXPECT_TRUE(control(request, place).has_value());
    T value{};
    EXPECT_TRUE(mm::copy_from_user(&value, place, sizeof value).has_value());
    return value;
  }
  void change(auto function) {
    auto modes = get<abi::TerminalModes>(abi::k_tcgets);
    function(modes);
    EXPECT_TRUE(set(abi::k_tcsets, modes).has_value());
  }
  void make_raw(uint8_t least, uint8_t time) {
    change([&](abi::TerminalModes& modes) {
      modes.local &= ~uint32_t{abi::k_icanon | abi::k_echo};
      modes.characters[abi::k_vmin] = least;
      modes.characters[abi::k_vtime] = time;
    });
  }
  void take_over() { EXPECT_TRUE(control(abi::k_tiocsctty).has_value()); }

  host::UserSpace space;
  VirtAddr place;
  host::Screen screen;
  Terminal terminal{screen};
  Ref<fs::File> file = TerminalFile::make(terminal, abi::k_o_rdwr, false).value();
};

void run(void (*test)(Fixture&)) {
  host::Machine().run([&] {
    Fixture fixture;
    test(fixture);
  });
}

TEST(Terminal, AReaderWaitsForALine) {
  host::for_seeds(10, [](uint64_t seed) {
    host::Machine(host::options_for(seed)).run([] {
      Fixture it;
      host::Crew crew;
      host::await_blocked(crew.add([&] { EXPECT_EQ(read_text(*it.file, 100), "hi\n"); }),
                          BlockReason::waiting);
      it.terminal.receive("hi\r");
      crew.join();
      EXPECT_EQ(it.screen.take(), "hi\r\n");
    });
  });
}

TEST(Terminal, WithoutWaiting) {
  run([](Fixture& it) {
    it.file->set_flags(abi::k_o_nonblock, abi::k_o_nonblock);
    EXPECT_EQ(io::read_error(*it.file), Errno::again);
    EXPECT_EQ(it.get<int32_t>(abi::k_fionread), 0);
    EXPECT_EQ(it.file->poll(nullptr), abi::k_pollout | abi::k_pollwrnorm);
    it.terminal.receive("abc\n");
    EXPECT_EQ(it.get<int32_t>(abi::k_fionread), 4);
    EXPECT_NE(it.file->poll(nullptr) & abi::k_pollin, 0u);
    EXPECT_EQ(read_text(*it.file, 10), "abc\n");
    EXPECT_EQ(write_text(*it.file, "x\n"), 2u);
    EXPECT_EQ(it.screen.take(), "abc\r\nx\r\n");
  });
}

TEST(Terminal, AnInterruptEndsARead) {
  run([](Fixture& it) {
    host::Crew crew;
    Thread& reader = crew.add([&] { EXPECT_EQ(io::read_error(*it.file), Errno::intr); });
    host::await_blocked(reader, BlockReason::waiting);
    sched::interrupt(reader);
    crew.join();
  });
}

TEST(Terminal, MinAndTimeSayWhenARawReadIsOver) {
  run([](Fixture& it) {
    it.make_raw(0, 0);
    EXPECT_EQ(read_text(*it.file, 10), "") << "at once";
    it.make_raw(0, 1);
    Instant start = hal::now();
    EXPECT_EQ(read_text(*it.file, 10), "");
    EXPECT_GE(hal::now() - start, k_second / 10);
    it.terminal.receive("a");
    EXPECT_EQ(read_text(*it.file, 10), "a");

    it.make_raw(2, 1);
    host::Crew crew;
    host::await_blocked(crew.add([&] { EXPECT_EQ(read_text(*it.file, 10), "b"); }),
                        BlockReason::waiting);
    it.terminal.receive("b");  // the second does not come in time
    crew.join();
    it.terminal.receive("cd");
    EXPECT_EQ(read_text(*it.file, 10), "cd");

    it.make_raw(2, 0);
    host::await_blocked(crew.add([&] { EXPECT_EQ(read_text(*it.file, 10), "ef"); }),
                        BlockReason::waiting);
    it.terminal.receive("e");
    it.terminal.receive("f");
    crew.join();
  });
}

TEST(Terminal, AWriterWaitsWhileOutputIsStopped) {
  run([](Fixture& it) {
    it.terminal.receive("\x13");
    host::Crew crew;
    host::await_blocked(crew.add([&] { EXPECT_EQ(write_text(*it.file, "text"), 4u); }),
                        BlockReason::waiting);
    EXPECT_EQ(it.screen.take(), "");
    it.terminal.receive("\x11");
    crew.join();
    EXPECT_EQ(it.screen.take(), "text");
    EXPECT_TRUE(it.control(abi::k_tcxonc, abi::k_tcooff).has_value());
    it.file->set_flags(abi::k_o_nonblock, abi::k_o_nonblock);
    EXPECT_EQ(io::error_of(*it.file, "x"), Errno::again);
    EXPECT_TRUE(it.control(abi::k_tcxonc, abi::k_tcoon).has_value());
    EXPECT_EQ(write_text(*it.file, "x"), 1u);
    EXPECT_EQ(it.control(abi::k_tcxonc, 9).error(), Errno::inval);
  });
}

TEST(Terminal, FlushDropsWhatWasTyped) {
  run([](Fixture& it) {
    it.terminal.receive("abc\n");
    EXPECT_TRUE(it.control(abi::k_tcflsh, abi::k_tciflush).has_value());
    EXPECT_EQ(it.get<int32_t>(abi::k_fionread), 0);
    EXPECT_EQ(it.control(abi::k_tcflsh, 9).error(), Errno::inval);
    it.terminal.receive("abc\n");
    EXPECT_TRUE(it.set(abi::k_tcsetsf, it.get<abi::TerminalModes>(abi::k_tcgets)).has_value());
    EXPECT_EQ(it.get<int32_t>(abi::k_fionread), 0);
  });
}

TEST(Terminal, TheForegroundGetsTheSignals) {
  run([](Fixture& it) {
    it.terminal.receive("\x03");
    EXPECT_EQ(signals, "") << "it is nobody's terminal yet";
    it.take_over();
    it.terminal.receive("\x03\x1a");
    EXPECT_EQ(signals, "1:2 1:20 ");
    signals.clear();
    const abi::WindowSize window{33, 101, 0, 0};
    EXPECT_TRUE(it.set(abi::k_tiocswinsz, window).has_value());
    EXPECT_TRUE(it.set(abi::k_tiocswinsz, window).has_value());
    EXPECT_EQ(signals, "1:28 ") << "the same again is no news";
    EXPECT_EQ(it.get<abi::WindowSize>(abi::k_tiocgwinsz).columns, 101);
  });
}

TEST(Terminal, IsTakenByALeaderWithoutOne) {
  run([](Fixture& it) {
    EXPECT_EQ(it.control(abi::k_tiocgpgrp, it.place).error(), Errno::notty);
    EXPECT_EQ(TerminalFile::make_of_caller(0).error(), Errno::nxio);
    caller.process = 7;
    EXPECT_EQ(it.control(abi::k_tiocsctty).error(), Errno::perm);
    caller.process = 1;
    it.take_over();
    it.take_over();  // again is fine
    EXPECT_TRUE(TerminalFile::make_of_caller(0).has_value());
    EXPECT_EQ(it.get<int32_t>(abi::k_tiocgsid), 1);
    EXPECT_EQ(it.get<int32_t>(abi::k_tiocgpgrp), 1);
    caller = {.process = 9, .group = 9, .session = 9};
    EXPECT_EQ(it.control(abi::k_tiocsctty, 0).error(), Errno::perm);
    EXPECT_TRUE(it.control(abi::k_tiocsctty, 1).has_value()) << "by force";
    EXPECT_EQ(it.get<int32_t>(abi::k_tiocgsid), 9);
  });
}

TEST(Terminal, IsGivenUp) {
  run([](Fixture& it) {
    EXPECT_EQ(it.control(abi::k_tiocnotty).error(), Errno::notty);
    it.take_over();
    caller.process = 7;
    EXPECT_TRUE(it.control(abi::k_tiocnotty).has_value());
    EXPECT_EQ(signals, "") << "one of the session gave it up, no more";
    caller.process = 1;
    caller.terminal = &it.terminal;
    caller.tenure = 1;
    EXPECT_TRUE(it.control(abi::k_tiocnotty).has_value());
    EXPECT_EQ(signals, "1:1 1:18 ");
    it.take_over();
    caller.tenure = 1;
    EXPECT_EQ(it.control(abi::k_tiocgsid, it.place).error(), Errno::notty)
        << "who had it before doesn't have it again by that";
  });
}

TEST(Terminal, TheForegroundCanBeAnotherGroupOfTheSession) {
  run([](Fixture& it) {
    EXPECT_EQ(it.set(abi::k_tiocspgrp, int32_t{3}).error(), Errno::notty);
    it.take_over();
    EXPECT_EQ(it.set(abi::k_tiocspgrp, int32_t{-3}).error(), Errno::inval);
    EXPECT_EQ(it.set(abi::k_tiocspgrp, int32_t{101}).error(), Errno::srch);
    EXPECT_EQ(it.set(abi::k_tiocspgrp, int32_t{50}).error(), Errno::perm);
    EXPECT_TRUE(it.set(abi::k_tiocspgrp, int32_t{3}).has_value());
    EXPECT_EQ(it.get<int32_t>(abi::k_tiocgpgrp), 3);
  });
}

TEST(Terminal, TheBackgroundIsStoppedWhenItReads) {
  run([](Fixture& it) {
    it.take_over();
    caller.group = 4;
    EXPECT_EQ(io::read_error(*it.file), Errno::intr);
    EXPECT_EQ(signals, "4:21 ");
    signals.clear();
    is_orphaned = true;
    EXPECT_EQ(io::read_error(*it.file), Errno::io);
    is_orphaned = false;
    is_deaf = true;
    EXPECT_EQ(io::read_error(*it.file), Errno::io);
    EXPECT_EQ(signals, "");
  });
}

TEST(Terminal, TheBackgroundWritesFreelyUnlessToldOtherwise) {
  run([](Fixture& it) {
    it.take_over();
    caller.group = 4;
    EXPECT_EQ(write_text(*it.file, "x"), 1u);
    caller.group = 1;
    it.change([](abi::TerminalModes& modes) { modes.local |= abi::k_tostop; });
    caller.group = 4;
    EXPECT_EQ(io::error_of(*it.file, ""), Errno::intr);
    EXPECT_EQ(signals, "4:22 ");
    is_deaf = true;
    EXPECT_EQ(write_text(*it.file, "x"), 1u);
    is_deaf = false;
    EXPECT_EQ(it.set(abi::k_tcsets, abi::TerminalModes{}).error(), Errno::intr);
    is_orphaned = true;
    EXPECT_EQ(it.set(abi::k_tiocspgrp, int32_t{3}).error(), Errno::notty);
  });
}

TEST(Terminal, AHangUpEndsTheFilesThatAreOpen) {
  run([](Fixture& it) {
    it.take_over();
    host::Crew crew;
    host::await_blocked(crew.add([&] { EXPECT_EQ(read_text(*it.file, 1), ""); }),
                        BlockReason::waiting);
    it.terminal.leader_ended(caller);
    crew.join();
    EXPECT_EQ(signals, "1:1 ");
    EXPECT_EQ(io::error_of(*it.file, "x"), Errno::io);
    EXPECT_NE(it.file->poll(nullptr) & abi::k_pollhup, 0u);
    EXPECT_EQ(it.control(abi::k_tcgets, it.place).error(), Errno::io);
    EXPECT_EQ(it.control(abi::k_tiocspgrp, it.place).error(), Errno::notty);
    const Ref<fs::File> later = TerminalFile::make(it.terminal, abi::k_o_rdwr, false).value();
    EXPECT_EQ(write_text(*later, "x"), 1u);
    const Ref<fs::File> console = TerminalFile::make(it.terminal, abi::k_o_rdwr, true).value();
    EXPECT_TRUE(console->control(abi::k_tiocsctty, 0).has_value());
    it.terminal.leader_ended(caller);
    EXPECT_EQ(io::error_of(*later, "x"), Errno::io);
    EXPECT_EQ(write_text(*console, "x"), 1u) << "the console stays";
  });
}

TEST(Terminal, UnknownRequestsAndBadAddresses) {
  run([](Fixture& it) {
    EXPECT_EQ(it.control(0x5499).error(), Errno::notty);
    it.space.read(it.place);
    for (const uint32_t request :
         {abi::k_tcgets, abi::k_tcsets, abi::k_tiocgwinsz, abi::k_tiocswinsz, abi::k_fionread}) {
      EXPECT_EQ(it.control(request, 8).error(), Errno::fault);
    }
    EXPECT_TRUE(it.control(abi::k_tcsbrk, 1).has_value());
  });
}

}  // namespace
}  // namespace weft::ipc
