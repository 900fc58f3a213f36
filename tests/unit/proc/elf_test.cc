#include "core/proc/elf.hh"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace weft::proc {
namespace {

// A program of one page in the file, with a second segment that is mostly zeros.
class ElfTest : public testing::Test {
 protected:
  static constexpr uint64_t k_size = 0x3000;
  static constexpr size_t k_headers_at = 64, k_header = 56;

  ElfTest() : file_(4096) {
    const uint8_t identity[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    memcpy(file_.data(), identity, sizeof identity);
    put<uint16_t>(16, 2);
    put<uint16_t>(18, 62);
    put<uint64_t>(24, 0x401010);
    put<uint64_t>(32, k_headers_at);
    put<uint16_t>(54, k_header);
    put<uint16_t>(56, 2);
    segment(0, 5, 0, 0x400000, 0x1800, 0x1800);
    segment(1, 6, 0x1800, 0x402800, 0x100, 0x5000);
  }

  template <typename T>
  void put(size_t at, T value) {
    memcpy(file_.data() + at, &value, sizeof value);
  }
  void segment(size_t index, uint32_t flags, uint64_t offset, uint64_t address, uint64_t file_size,
               uint64_t memory_size) {
    const size_t at = k_headers_at + index * k_header;
    put<uint32_t>(at, 1);
    put<uint32_t>(at + 4, flags);
    put<uint64_t>(at + 8, offset);
    put<uint64_t>(at + 16, address);
    put<uint64_t>(at + 32, file_size);
    put<uint64_t>(at + 40, memory_size);
  }
  size_t in_segment(size_t index, size_t field) { return k_headers_at + index * k_header + field; }

  Result<ProgramFile> read() { return read_program(std::as_bytes(std::span(file_)), k_size); }
  void expect_refused() {
    const auto program = read();
    ASSERT_FALSE(program.has_value());
    EXPECT_EQ(program.error(), Errno::noexec);
  }

  std::vector<uint8_t> file_;
};

TEST_F(ElfTest, AGoodProgramIsUnderstood) {
  const auto program = read();
  ASSERT_TRUE(program.has_value());
  EXPECT_FALSE(program->is_position_independent);
  EXPECT_EQ(program->entry, 0x401010u);
  EXPECT_EQ(program->headers, 0x400040u);
  EXPECT_EQ(program->header_count, 2);
  ASSERT_EQ(program->segments().size(), 2u);
  EXPECT_EQ(program->segments()[0].access, mm::Access::read | mm::Access::execute);
  EXPECT_EQ(program->segments()[1].access, mm::Access::read | mm::Access::write);
  EXPECT_EQ(program->begin(), 0x400000u);
  EXPECT_EQ(program->end(), 0x408000u);
}

TEST_F(ElfTest, WhatIsNoProgramOfThisMachineIsRefused) {
  put<uint8_t>(1, 'F');
  expect_refused();
  put<uint8_t>(1, 'E');
  put<uint16_t>(18, 40);  // another machine
  expect_refused();
  put<uint16_t>(18, 62);
  put<uint16_t>(16, 1);  // not linked
  expect_refused();
}

TEST_F(ElfTest, HeadersThatLieOutsideTheFirstPageAreRefused) {
  put<uint64_t>(32, 4096 - k_header);
  expect_refused();
  put<uint64_t>(32, ~uint64_t{0} - 8);
  expect_refused();
}

TEST_F(ElfTest, ASegmentBeyondTheFileIsRefused) {
  put<uint64_t>(in_segment(1, 32), k_size);
  put<uint64_t>(in_segment(1, 40), k_size);
  expect_refused();
}

TEST_F(ElfTest, ASegmentLargerInTheFileThanInMemoryIsRefused) {
  put<uint64_t>(in_segment(1, 40), 0x80);
  expect_refused();
}

TEST_F(ElfTest, ASegmentInTheKernelsHalfIsRefused) {
  put<uint64_t>(in_segment(1, 16), 0xffff'8000'0000'0800);
  expect_refused();
  put<uint64_t>(in_segment(1, 16), 0x402800);
  put<uint64_t>(in_segment(1, 40), ~uint64_t{0} - 0x1000);
  expect_refused();
}

TEST_F(ElfTest, SegmentsThatShareAPageOrComeInTheWrongOrderAreRefused) {
  put<uint64_t>(in_segment(1, 16), 0x401800);
  expect_refused();
}

TEST_F(ElfTest, ASegmentThatCannotBeMappedByPagesIsRefused) {
  put<uint64_t>(in_segment(1, 16), 0x402900);
  expect_refused();
}

TEST_F(ElfTest, AProgramThatWantsADynamicLinkerIsRefused) {
  put<uint32_t>(in_segment(1, 0), 3);
  expect_refused();
}

TEST_F(ElfTest, ACutFileIsRefused) {
  for (size_t size : {0, 4, 63}) {
    EXPECT_FALSE(read_program(std::as_bytes(std::span(file_)).first(size), size).has_value());
  }
}

}  // namespace
}  // namespace weft::proc
