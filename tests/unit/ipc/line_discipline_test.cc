// The line discipline: what becomes of each byte that is typed, and what the screen shows of it.
#include "core/ipc/line_discipline.hh"

#include <memory>

#include <gtest/gtest.h>

#include "abi/constants.hh"
#include "unit/ipc/screen.hh"

namespace weft::ipc {
namespace {

class LineDisciplineTest : public testing::Test {
 protected:
  // Types the text; the last signal that it meant.
  int type(std::string_view text) {
    int signal = 0;
    for (const char byte : text) {
      const int meant = discipline_.receive(static_cast<uint8_t>(byte));
      if (meant != 0) signal = meant;
    }
    output_.send();
    return signal;
  }
  std::string read(size_t size = 100) {
    std::string bytes(size, '\0');
    bool line_ended = false;
    const size_t count = discipline_.take(bytes, line_ended);
    if (!line_ended) discipline_.drop_end_of_file();
    output_.send();
    return bytes.substr(0, count);
  }
  abi::TerminalModes modes() { return discipline_.modes(); }
  void change(auto function) {
    abi::TerminalModes modes = discipline_.modes();
    function(modes);
    discipline_.set_modes(modes);
    output_.send();
  }
  void set_local(uint32_t set, uint32_t clear = 0) {
    change([&](abi::TerminalModes& modes) { modes.local = (modes.local | set) & ~clear; });
  }
  void set_input(uint32_t set, uint32_t clear = 0) {
    change([&](abi::TerminalModes& modes) { modes.input = (modes.input | set) & ~clear; });
  }

  host::Screen screen_;
  TerminalOutput output_{screen_};
  LineDiscipline discipline_{output_};
};

TEST_F(LineDisciplineTest, ALineCanBeReadWhenItIsComplete) {
  type("ab");
  EXPECT_FALSE(discipline_.is_readable(false));
  EXPECT_EQ(discipline_.readable_bytes(), 0u);
  type("c\rnext");
  EXPECT_TRUE(discipline_.is_readable(true));
  EXPECT_EQ(discipline_.readable_bytes(), 4u);
  EXPECT_EQ(screen_.take(), "abc\r\nnext");
  EXPECT_EQ(read(), "abc\n");
  EXPECT_FALSE(discipline_.is_readable(false));
}

TEST_F(LineDisciplineTest, AReadTakesOneLineAndAShortOneTakesAPartOfIt) {
  type("one\ntwo\n");
  EXPECT_EQ(read(2), "on");
  EXPECT_EQ(read(), "e\n");
  EXPECT_EQ(read(), "two\n");
}

TEST_F(LineDisciplineTest, EndOfFileEndsALineWithoutAByte) {
  type("abc\x04");
  EXPECT_EQ(discipline_.readable_bytes(), 3u);
  EXPECT_EQ(read(), "abc");
  EXPECT_FALSE(discipline_.is_readable(false));
  type("\x04");
  EXPECT_TRUE(discipline_.is_readable(false));
  EXPECT_EQ(read(), "");
  type("abc\x04");
  EXPECT_EQ(read(3), "abc");
  EXPECT_FALSE(discipline_.is_readable(false)) << "the end went with the last byte";
  EXPECT_EQ(screen_.take(), "abcabc");
}

TEST_F(LineDisciplineTest, EraseTakesOneCharacterOffTheScreen) {
  type("ab\x7f");
  EXPECT_EQ(screen_.take(), "ab\b \b");
  type("\x7f\x7f\x7f");
  EXPECT_EQ(screen_.take(), "\b \b") << "nothing more to erase";
  type("\x01\x7f");
  EXPECT_EQ(screen_.take(), "^A\b \b\b \b");
  type("x\n");
  EXPECT_EQ(read(), "x\n");
}

TEST_F(LineDisciplineTest, EraseWithoutEchoEShowsItself) {
  set_local(0, abi::k_echoe);
  type("ab\x7f\n");
  EXPECT_EQ(screen_.take(), "ab^?\r\n");
  EXPECT_EQ(read(), "a\n");
}

TEST_F(LineDisciplineTest, EraseGoesBackOverATabToWhereItBegan) {
  type("ab\t\x7f");
  EXPECT_EQ(screen_.take(), "ab\t\b\b\b\b\b\b");
  type("\n");
  EXPECT_EQ(read(), "ab\n");
  for (const char byte : std::string_view("$ ")) {
    output_.put(static_cast<uint8_t>(byte), modes());
  }
  type("\t\x7f");
  EXPECT_EQ(screen_.take(), "\r\n$ \t\b\b\b\b\b\b") << "the line began in column 2";
}

TEST_F(LineDisciplineTest, EraseTakesAllBytesOfACharacter) {
  set_input(abi::k_iutf8);
  type("a\xc3\xa4\x7f\n");
  EXPECT_EQ(screen_.take(), "a\xc3\xa4\b \b\r\n");
  EXPECT_EQ(read(), "a\n");
  set_input(0, abi::k_iutf8);
  type("\xc3\xa4\x7f\n");
  EXPECT_EQ(read(), "\xc3\n");
}

TEST_F(LineDisciplineTest, WordEraseStopsBeforeTheWord) {
  type("one two_3  \x17\n");
  EXPECT_EQ(read(), "one \n");
}

TEST_F(LineDisciplineTest, KillTakesTheWholeLine) {
  type("old line\nabc\x15");
  EXPECT_EQ(screen_.take(), "old line\r\nabc\b \b\b \b\b \b");
  set_local(0, abi::k_echoke);
  type("abc\x15");
  EXPECT_EQ(screen_.take(), "abc^U\r\n");
  set_local(0, abi::k_echo);
  type("abc\x15new\n");
  EXPECT_EQ(screen_.take(), "");
  EXPECT_EQ(read(), "old line\n");
  EXPECT_EQ(read(), "new\n");
}

TEST_F(LineDisciplineTest, TheNextByteCanBeTakenLiterally) {
  type("\x16\x03\x16\n\n");
  EXPECT_EQ(screen_.take(), "^\b^C^\b^J\r\n");
  EXPECT_EQ(read(), "\x03\n\n");
}

TEST_F(LineDisciplineTest, ReprintShowsTheLineAgain) {
  type("ab\x01\x12");
  EXPECT_EQ(screen_.take(), "ab^A^R\r\nab^A");
}

TEST_F(LineDisciplineTest, OtherLineEnds) {
  change([](abi::TerminalModes& modes) {
    modes.characters[abi::k_veol] = ';';
    modes.characters[abi::k_veol2] = '|';
  });
  type("one;two|");
  EXPECT_EQ(read(), "one;");
  EXPECT_EQ(read(), "two|");
  set_local(0, abi::k_iexten);
  type("three|");
  EXPECT_FALSE(discipline_.is_readable(false)) << "the second one is an extension";
}

TEST_F(LineDisciplineTest, SignalsDropWhatWasTyped) {
  type("abc");
  EXPECT_EQ(type("\x03"), abi::k_sigint);
  EXPECT_EQ(type("\x1c"), abi::k_sigquit);
  EXPECT_EQ(type("\x1a"), abi::k_sigtstp);
  EXPECT_EQ(screen_.take(), "abc^C^\\^Z");
  type("line\n");
  EXPECT_EQ(read(), "line\n");
  set_local(abi::k_noflsh);
  type("abc\x03\n");
  EXPECT_EQ(read(), "abc\n");
  set_local(0, abi::k_isig);
  EXPECT_EQ(type("\x03\n"), 0);
  EXPECT_EQ(read(), "\x03\n");
}

TEST_F(LineDisciplineTest, ADisabledCharacterIsNotSpecial) {
  change([](abi::TerminalModes& modes) { modes.characters[abi::k_vintr] = 0; });
  EXPECT_EQ(type(std::string_view("\0\x03\n", 3)), 0);
  EXPECT_EQ(read(), std::string_view("\0\x03\n", 3));
}

TEST_F(LineDisciplineTest, OutputCanBeHeldAndGoesOn) {
  type(
      "\x13"
      "ab");
  EXPECT_TRUE(output_.is_stopped());
  EXPECT_EQ(screen_.take(), "");
  type("\x11");
  EXPECT_EQ(screen_.take(), "ab");
  set_input(abi::k_ixany);
  type("\x13");
  EXPECT_TRUE(output_.is_stopped());
  type("c");
  EXPECT_EQ(screen_.take(), "c");
  type("\x13");
  set_input(0, abi::k_ixon);
  EXPECT_FALSE(output_.is_stopped()) << "nobody could start it any more";
  type("\x13\n");
  EXPECT_EQ(read(), "abc\x13\n");
}

TEST_F(LineDisciplineTest, CarriageReturnsAndNewlines) {
  set_input(abi::k_igncr);
  type("a\r\n");
  EXPECT_EQ(read(), "a\n");
  set_input(abi::k_inlcr, abi::k_igncr | abi::k_icrnl);
  type("a\n\x04");
  EXPECT_EQ(read(), "a\r");
  set_input(abi::k_istrip);
  type("\xe1\x04");
  EXPECT_EQ(read(), "a");
}

TEST_F(LineDisciplineTest, EchoNlShowsNothingButNewlines) {
  set_local(abi::k_echonl, abi::k_echo);
  type("abc\n");
  EXPECT_EQ(screen_.take(), "\r\n");
}

TEST_F(LineDisciplineTest, RawModePassesEverythingAtOnce) {
  set_local(0, abi::k_icanon);
  type("a\x7f\x04");
  EXPECT_TRUE(discipline_.is_readable(false));
  EXPECT_EQ(discipline_.readable_bytes(), 3u);
  EXPECT_EQ(read(2), "a\x7f");
  EXPECT_EQ(read(), "\x04");
  change([](abi::TerminalModes& modes) { modes.characters[abi::k_vmin] = 3; });
  type("ab");
  EXPECT_TRUE(discipline_.is_readable(false));
  EXPECT_FALSE(discipline_.is_readable(true)) << "poll() waits for three";
  type("c");
  EXPECT_TRUE(discipline_.is_readable(true));
}

TEST_F(LineDisciplineTest, ChangingTheModeKeepsWhatWasTyped) {
  type("abc");
  set_local(0, abi::k_icanon);
  EXPECT_EQ(discipline_.readable_bytes(), 3u);
  set_local(abi::k_icanon);
  EXPECT_EQ(read(), "abc") << "what was typed before is a line";
  type("d\n");
  EXPECT_EQ(read(), "d\n");
}

TEST_F(LineDisciplineTest, ALineThatIsTooLongCanStillBeEnded) {
  set_local(0, abi::k_echo);
  type(std::string(5000, 'x') + "\n");
  const std::string line = read(5000);
  EXPECT_EQ(line.size(), 4096u);
  EXPECT_EQ(line.back(), '\n');
}

TEST_F(LineDisciplineTest, TheOtherSideIsToldToWaitBeforeTheBufferIsFull) {
  set_input(abi::k_ixoff);
  set_local(0, abi::k_icanon | abi::k_echo);
  type(std::string(4000, 'x'));
  EXPECT_EQ(screen_.take(), "\x13");
  read(4000);
  EXPECT_EQ(screen_.take(), "\x11");
}

TEST_F(LineDisciplineTest, OutputModes) {
  const auto show = [&](std::string_view text, uint32_t output) {
    change([&](abi::TerminalModes& modes) { modes.output = output; });
    for (const char byte : text) output_.put(static_cast<uint8_t>(byte), discipline_.modes());
    output_.send();
    return screen_.take();
  };
  EXPECT_EQ(show("a\nb\n", abi::k_opost | abi::k_onlcr), "a\r\nb\r\n");
  EXPECT_EQ(show("a\n", 0), "a\n");
  EXPECT_EQ(show("a\r", abi::k_opost | abi::k_ocrnl), "a\n");
  EXPECT_EQ(show("\rab\r\r", abi::k_opost | abi::k_onocr | abi::k_onlret), "\rab\r");
  EXPECT_EQ(show("ab\tc", abi::k_opost | abi::k_xtabs), "ab      c");
  EXPECT_EQ(show("\b\b\t", abi::k_opost | abi::k_xtabs), "\b\b ");
}

}  // namespace
}  // namespace weft::ipc
