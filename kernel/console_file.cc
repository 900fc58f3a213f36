#include "console_file.hh"

#include <algorithm>
#include <array>

#include "core/fs/file.hh"
#include "core/fs/special_node.hh"
#include "core/hal.hh"
#include "core/mm/object_cache.hh"

namespace weft {
namespace {

class ConsoleFile final : public fs::File {
 public:
  explicit ConsoleFile(uint32_t flags) : File(flags) {}

  Result<size_t> read(fs::IoBuffer&) override { return 0; }
  Result<size_t> write(fs::IoBuffer& from) override {
    std::array<char, 256> piece;
    size_t moved = 0;
    while (const size_t size = from.take(piece.data(), std::min(piece.size(), from.left()))) {
      hal::write_log({piece.data(), size});
      moved += size;
    }
    return from.result(moved);
  }

 private:
  void destroy() override;
};

[[clang::no_destroy]] constinit mm::ObjectCache<ConsoleFile> console_files("open console");

void ConsoleFile::destroy() { console_files.destroy(this); }

}  // namespace

void register_console() {
  fs::register_device(
      "console", fs::make_device(5, 1), 0600,
      [](fs::SpecialNode&, uint32_t flags) -> Result<Ref<fs::File>> {
        return Ref<fs::File>(Ref<ConsoleFile>::adopt(TRY(console_files.make(flags))));
      });
}

}  // namespace weft
