#include "unit/support/core_image.hh"

#include <memory>

// The linker's names for the ends of the sections.
extern "C" char __start_core_bss[];
extern "C" char __stop_core_bss[];
extern "C" char __start_core_data[];
extern "C" char __stop_core_data[];

namespace weft::host {
namespace {

// A plain loop: the sanitizers' memcpy would complain of the gaps between variables.
__attribute__((no_sanitize("address", "thread"), no_builtin("memcpy", "memmove"))) void copy(
    char* to, const char* from, const char* from_end) {
  while (from != from_end) *to++ = *from++;
}

class Section {
 public:
  Section(char* begin, char* end)
      : begin_(begin), size_(static_cast<size_t>(end - begin)), saved_(new char[size_]) {
    copy(saved_.get(), begin, end);
  }
  void restore() { copy(begin_, saved_.get(), saved_.get() + size_); }

 private:
  char* begin_;
  size_t size_;
  std::unique_ptr<char[]> saved_;
};

struct Image {
  Section bss{__start_core_bss, __stop_core_bss};
  Section data{__start_core_data, __stop_core_data};
};

Image& image() {
  static Image the_image;
  return the_image;
}

}  // namespace

void save_core_image() { image(); }

void restore_core_image() {
  image().bss.restore();
  image().data.restore();
}

}  // namespace weft::host
