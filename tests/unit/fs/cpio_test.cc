#include "core/fs/cpio.hh"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace weft::fs {
namespace {

std::string entry(const std::string& name, uint32_t mode, const std::string& contents) {
  char header[111];
  snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 0,
           mode, 0, 0, 1, 0, static_cast<unsigned>(contents.size()), 0, 0, 0, 0,
           static_cast<unsigned>(name.size() + 1), 0);
  std::string text = header + name + '\0';
  text.resize((text.size() + 3) / 4 * 4);
  text += contents;
  text.resize((text.size() + 3) / 4 * 4);
  return text;
}

CpioReader reader_of(const std::string& archive) {
  return CpioReader(std::as_bytes(std::span(archive)));
}

TEST(CpioTest, EntriesComeInOrderAndTheTrailerEndsThem) {
  const std::string archive = entry("./init", 0100755, "abcde") + entry("/bin/sh", 0120777, "box") +
                              entry("TRAILER!!!", 0, "");
  CpioReader reader = reader_of(archive);
  auto first = reader.next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->name, "init");
  EXPECT_EQ(first->mode, 0100755u);
  EXPECT_EQ(first->contents.size(), 5u);
  auto second = reader.next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->name, "bin/sh");
  auto third = reader.next();
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error(), Errno::noent);
}

// Cut anywhere, or with any byte of a header made wrong, it is told and nothing is read outside.
TEST(CpioTest, ACutArchiveIsTold) {
  const std::string archive = entry("init", 0100755, "abcdefgh");
  for (size_t size = 0; size < archive.size(); ++size) {
    const std::string cut = archive.substr(0, size);
    CpioReader reader = reader_of(cut);
    const auto read = reader.next();
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error(), Errno::inval);
  }
}

TEST(CpioTest, WrongSizesAreTold) {
  for (const size_t field : {6, 11}) {  // of the contents, of the name
    std::string archive = entry("init", 0100755, "abcdefgh") + entry("TRAILER!!!", 0, "");
    archive.replace(6 + field * 8, 8, "FFFFFFFF");
    CpioReader reader = reader_of(archive);
    ASSERT_FALSE(reader.next().has_value());
    archive.replace(6 + field * 8, 8, "0000000G");
    CpioReader other = reader_of(archive);
    ASSERT_FALSE(other.next().has_value());
  }
}

}  // namespace
}  // namespace weft::fs
