// SymbolicLink: a node that stands for a path, which is its text.
#pragma once

#include "core/fs/node.hh"

namespace weft::fs {

class SymbolicLink final : public Node {
 public:
  // Errno::nomem.
  static Result<Ref<Node>> make(std::string_view text);
  // The text, from the heap, becomes the link's.
  explicit SymbolicLink(std::string_view text) : Node(abi::k_s_iflnk | 0777), text_(text) {}

  uint64_t size() const override { return text_.size(); }
  Result<size_t> read_link(std::span<char> to) override;
  Result<Ref<File>> open(uint32_t) override { return fail(Errno::loop); }

 private:
  void destroy() override;

  const std::string_view text_;
};

}  // namespace weft::fs
