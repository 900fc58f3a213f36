#include "core/fs/nameless_node.hh"

#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

class NamelessNode final : public Node {
 public:
  NamelessNode(Ref<File> file, const abi::Stat& status)
      : Node(status.mode, status.inode), file_(std::move(file)) {}

  uint32_t file_system() const override { return k_nameless; }
  bool has_place() const override { return false; }
  Result<Ref<File>> open(uint32_t flags) override { return file_->reopen(flags); }

 private:
  void destroy() override;

  const Ref<File> file_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<NamelessNode> nodes("nameless node");

void NamelessNode::destroy() { nodes.destroy(this); }

}  // namespace

Result<Ref<Entry>> make_entry_of_nameless(Ref<File> file) {
  const abi::Stat status = TRY(file->status());
  Ref<Node> node = Ref<NamelessNode>::adopt(TRY(nodes.make(std::move(file), status)));
  Ref<Entry> entry = TRY(Entry::make({}, "", std::move(node)));
  entry->mark_removed();
  return entry;
}

}  // namespace weft::fs
