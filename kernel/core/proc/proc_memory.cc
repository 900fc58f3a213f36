// What /proc tells of a process's memory: what is mapped, and the texts that its program began with.
#include "core/fs/file.hh"
#include "core/proc/proc_texts.hh"

namespace weft::proc {
namespace {

// The bytes of somebody's memory from `start` to `end`, as far as they are there.
Result<> write_memory(Sink& to, mm::AddressSpace& memory, VirtAddr start, VirtAddr end) {
  std::array<char, 256> piece;
  while (start < end) {
    const size_t wanted = std::min<size_t>(piece.size(), end - start);
    const size_t read = memory.read(start, std::as_writable_bytes(std::span(piece)).first(wanted));
    to.write({piece.data(), read});
    if (read < wanted) break;
    start += read;
  }
  return {};
}

Result<> write_mapping(Sink& to, const mm::AddressSpace::View& view, std::string_view name) {
  constexpr size_t k_name_column = 73;
  const auto letter = [&](mm::Access access, char yes) {
    return mm::allows(view.access, access) ? yes : '-';
  };
  Text<100> line("{:08x}-{:08x} {}{}{}{} {:08x} 00:00 0", view.start, view.end,
                 letter(mm::Access::read, 'r'), letter(mm::Access::write, 'w'),
                 letter(mm::Access::execute, 'x'), view.is_shared ? 's' : 'p', view.offset);
  while (!name.empty() && line.view().size() < k_name_column) line.write(" ");
  format(to, "{}{}\n", line.view(), name);
  return {};
}

}  // namespace

Result<> write_arguments(Sink& to, const Subject& subject) {
  const Ref<mm::AddressSpace> memory = subject.process->look_at(&Process::memory);
  if (!memory) return {};
  const mm::TextPlaces texts = memory->text_places();
  return write_memory(to, *memory, texts.arguments, texts.environment);
}

Result<> write_environment(Sink& to, const Subject& subject) {
  const Ref<mm::AddressSpace> memory = subject.process->look_at(&Process::memory);
  if (!memory) return {};
  const mm::TextPlaces texts = memory->text_places();
  return write_memory(to, *memory, texts.environment, texts.end);
}

Result<> write_maps(Sink& to, const Subject& subject) {
  const Ref<mm::AddressSpace> memory = subject.process->look_at(&Process::memory);
  const Ref<fs::File> program = subject.process->look_at(&Process::program);
  if (!memory || !program) return {};
  const Ref<mm::MemoryObject> code = TRY(program->memory_object());
  std::array<char, 256> room;
  const std::string_view path(room.data(), TRY(copy_path(*program->entry(), room)));
  mm::AddressSpace::View view;
  for (VirtAddr at = 0; memory->view_region(at, view); at = view.end) {
    std::string_view name;
    if (view.object == code) name = path;
    if (view.grows_down) name = "[stack]";
    if (view.is_heap) name = "[heap]";
    TRY(write_mapping(to, view, name));
  }
  return {};
}

}  // namespace weft::proc
