#include "core/fs/program_file.hh"

#include "core/fs/regular_file.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

class ProgramFile final : public File {
 public:
  explicit ProgramFile(RegularFile& node)
      : File(abi::k_o_rdonly), node_(Ref<RegularFile>::share(node)) {}
  Result<Ref<mm::MemoryObject>> memory_object() override { return node_->memory(); }

 private:
  void destroy() override;

  const Ref<RegularFile> node_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<ProgramFile> program_files("program file");

void ProgramFile::destroy() {
  node_->end_running();
  program_files.destroy(this);
}

}  // namespace

Result<Ref<File>> open_program(const Ref<Entry>& entry) {
  constexpr uint32_t k_anybody_may_execute = 0111;
  Node& node = entry->node();
  if (!node.is_regular() || (node.mode() & k_anybody_may_execute) == 0) return fail(Errno::acces);
  auto& file = static_cast<RegularFile&>(node);
  TRY(file.begin_running());
  const auto program = program_files.make(file);
  if (!program.has_value()) {
    file.end_running();
    return fail(program.error());
  }
  (*program)->set_entry(entry);
  return Ref<File>(Ref<ProgramFile>::adopt(*program));
}

}  // namespace weft::fs
