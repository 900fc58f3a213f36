// Files whose text is made when they are read.
#include "core/fs/generated_file.hh"

#include "unit/fs/tree_fixture.hh"

namespace weft::fs {
namespace {

// Its text is how often it was made, many times.
class Counter final : public GeneratedFile {
 public:
  Counter() : GeneratedFile(abi::k_s_ifreg | 0444) {}
  Result<> generate(Sink& to) override {
    ++times;
    if (times == 3) return fail(Errno::srch);
    for (int i = 0; i < 1000; ++i) to.write(std::to_string(times));
    return {};
  }
  int times = 0;

 private:
  void destroy() override {}
};

std::string read(File& file, size_t size) {
  std::string text(size, '?');
  IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
  text.resize(file.read(to).value());
  return text;
}

TEST(GeneratedFile, IsMadeWhenReadingBegins) {
  with_tree([] {
    Counter counter;
    const Ref<File> file = counter.open(0).value();
    EXPECT_EQ(counter.times, 0);
    EXPECT_EQ(read(*file, 600), std::string(600, '1'));
    EXPECT_EQ(read(*file, 600), std::string(400, '1'));
    EXPECT_EQ(read(*file, 600), "");
    EXPECT_EQ(counter.times, 1);
    ASSERT_TRUE(file->seek(0, 0));
    EXPECT_EQ(read(*file, 3), "222");
    EXPECT_EQ(read_text(*file, 998), "22");
    std::string text(5, '?');
    IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(error_of(file->read_at(to, 0)), Errno::srch);
    EXPECT_EQ(read_text(*file, 999), "4") << "after an error it is made anew";
  });
}

}  // namespace
}  // namespace weft::fs
