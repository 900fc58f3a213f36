#include "core/proc/script.hh"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "core/hal.hh"
#include "core/mm/page_frames.hh"
#include "core/proc/start_texts.hh"
#include "unit/support/machine.hh"

namespace weft::proc {
namespace {

struct Answer {
  Result<bool> is_script;
  std::string interpreter;
  std::string argument;
};

Answer read(const std::string& text) {
  Answer answer{};
  host::Machine().run([&] {
    const Ref<mm::MemoryObject> file = mm::MemoryObject::make(text.size()).value();
    if (!text.empty()) {
      const PhysAddr frame = file->get_page(0).value();
      memcpy(hal::phys_to_virt(frame), text.data(), text.size());
      mm::page_frames.drop_reference(frame);
    }
    ScriptLine line;
    answer.is_script = line.read(*file);
    answer.interpreter = line.interpreter();
    answer.argument = line.argument();
  });
  return answer;
}

}  // namespace

TEST(Script, NamesItsInterpreterAndOneArgument) {
  const Answer plain = read("#!/bin/sh\nexit\n");
  EXPECT_TRUE(plain.is_script.value());
  EXPECT_EQ(plain.interpreter, "/bin/sh");
  EXPECT_EQ(plain.argument, "");
  const Answer blanks = read("#! \t/bin/awk -f  and more \t\n");
  EXPECT_EQ(blanks.interpreter, "/bin/awk");
  EXPECT_EQ(blanks.argument, "-f  and more");
}

TEST(Script, MayEndWithItsFirstLine) {
  EXPECT_EQ(read("#!/bin/sh").interpreter, "/bin/sh");
  EXPECT_EQ(read("#!x y").argument, "y");
}

TEST(Script, OthersAreNone) {
  EXPECT_FALSE(read("").is_script.value());
  EXPECT_FALSE(read("#").is_script.value());
  EXPECT_FALSE(read("\177ELF").is_script.value());
}

TEST(Script, WithoutAnInterpreterIsNoProgram) {
  EXPECT_EQ(read("#!\n").is_script.error(), Errno::noexec);
  EXPECT_EQ(read("#!   \n/bin/sh\n").is_script.error(), Errno::noexec);
}

TEST(Script, ALongLineIsCutButNotInItsFirstWord) {
  const std::string name(200, 'n');
  const Answer cut = read("#!" + name + " " + std::string(300, 'a') + "\n");
  EXPECT_EQ(cut.interpreter, name);
  EXPECT_EQ(cut.argument, std::string(255 - 2 - 200 - 1, 'a'));
  EXPECT_EQ(read("#!" + std::string(300, 'n') + "\n").is_script.error(), Errno::noexec);
}

TEST(StartTexts, TakeWhatFitsAndCountIt) {
  host::Machine().run([] {
    StartTexts texts = StartTexts::make(StartTexts::room_for(0), "name").value();
    EXPECT_TRUE(texts.add_argument("one"));
    EXPECT_TRUE(texts.add_environment(""));
    EXPECT_EQ(texts.texts(), std::string_view("one\0\0", 5));
    EXPECT_EQ(texts.argument_count(), 1u);
    EXPECT_EQ(texts.environment_count(), 1u);
    const std::string longest(StartTexts::k_longest_text - 1, 'x');
    EXPECT_EQ(texts.add_argument(longest).error(), Errno::too_big);  // of all room
    EXPECT_TRUE(texts.add_argument(std::string(100'000, 'y')));
    EXPECT_EQ(texts.texts().size(), 5u + 100'001);
    StartTexts large = StartTexts::make(StartTexts::room_for(64 << 20), "name").value();
    EXPECT_TRUE(large.add_argument(longest));
    EXPECT_EQ(large.add_argument(longest + "x").error(), Errno::too_big);  // of one text
  });
}

TEST(StartTexts, MayTakeAQuarterOfTheStack) {
  EXPECT_EQ(StartTexts::room_for(8 << 20), size_t{2} << 20);
  EXPECT_EQ(StartTexts::room_for(0), size_t{128} << 10);
  EXPECT_EQ(StartTexts::room_for(~uint64_t{0}), size_t{6} << 20);
}

}  // namespace weft::proc
