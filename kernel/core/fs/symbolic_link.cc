#include "core/fs/symbolic_link.hh"

#include "core/fs/file.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<SymbolicLink> symbolic_links("symbolic link");

}  // namespace

Result<Ref<Node>> SymbolicLink::make(std::string_view text) {
  auto* const copy = static_cast<char*>(TRY(mm::allocate(text.size())));
  text.copy(copy, text.size());
  const auto link = symbolic_links.make(std::string_view(copy, text.size()));
  if (!link.has_value()) {
    mm::free(copy);
    return fail(link.error());
  }
  return Ref<Node>(Ref<SymbolicLink>::adopt(*link));
}

void SymbolicLink::destroy() {
  auto* const text = const_cast<char*>(text_.data());
  symbolic_links.destroy(this);
  mm::free(text);
}

Result<size_t> SymbolicLink::read_link(std::span<char> to) {
  note_read();
  return text_.copy(to.data(), to.size());
}

}  // namespace weft::fs
