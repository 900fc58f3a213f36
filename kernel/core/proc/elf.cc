#include "core/proc/elf.hh"

#include <algorithm>
#include <cstring>

#include "core/mm/user_memory.hh"

namespace weft::proc {
namespace {

// The formats, as the standard has them.
struct FileHeader {
  uint8_t identity[16];
  uint16_t type, machine;
  uint32_t version;
  uint64_t entry, program_headers, section_headers;
  uint32_t flags;
  uint16_t header_size, program_header_size, program_header_count;
  uint16_t section_header_size, section_header_count, names_section;
};
struct ProgramHeader {
  uint32_t type, flags;
  uint64_t offset, address, physical_address, file_size, memory_size, alignment;
};
static_assert(sizeof(FileHeader) == 64 && sizeof(ProgramHeader) == 56);

constexpr uint8_t k_identity[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little end first */,
                                  1};
constexpr uint16_t k_fixed = 2, k_position_independent = 3, k_x86_64 = 62;
constexpr uint32_t k_load = 1, k_interpreter = 3;
constexpr uint32_t k_may_execute = 1, k_may_write = 2, k_may_read = 4;

bool is_usable(const FileHeader& header, size_t head_size) {
  return memcmp(header.identity, k_identity, sizeof k_identity) == 0 &&
         (header.type == k_fixed || header.type == k_position_independent) &&
         header.machine == k_x86_64 && header.program_header_size == sizeof(ProgramHeader) &&
         header.program_header_count > 0 && header.program_headers <= head_size &&
         header.program_header_count <=
             (head_size - header.program_headers) / sizeof(ProgramHeader);
}

bool is_usable(const ProgramHeader& part, uint64_t size) {
  return part.file_size <= part.memory_size && part.offset <= size &&
         part.file_size <= size - part.offset &&
         mm::is_user_range(part.address, part.memory_size) &&
         part.address % k_page_size == part.offset % k_page_size;
}

mm::Access access_of(uint32_t flags) {
  mm::Access access = mm::Access::none;
  if ((flags & k_may_read) != 0) access = access | mm::Access::read;
  if ((flags & k_may_write) != 0) access = access | mm::Access::write;
  if ((flags & k_may_execute) != 0) access = access | mm::Access::execute;
  return access;
}

// Segments come in the order of their addresses, and don't share a page.
bool follows(const ProgramFile& file, const ProgramHeader& part) {
  return file.segment_count == 0 || round_down(part.address, k_page_size) >= file.end();
}

}  // namespace

VirtAddr ProgramFile::begin() const { return round_down(segments().front().address, k_page_size); }

VirtAddr ProgramFile::end() const {
  const Segment& last = segments().back();
  return round_up(last.address + last.memory_size, k_page_size);
}

Result<ProgramFile> read_program(std::span<const std::byte> head, uint64_t size) {
  FileHeader header;
  if (head.size() < sizeof header) return fail(Errno::noexec);
  memcpy(&header, head.data(), sizeof header);
  if (!is_usable(header, head.size())) return fail(Errno::noexec);

  ProgramFile file;
  file.is_position_independent = header.type == k_position_independent;
  file.entry = header.entry;
  file.header_count = header.program_header_count;
  for (size_t i = 0; i < header.program_header_count; ++i) {
    ProgramHeader part;
    memcpy(&part, head.data() + header.program_headers + i * sizeof part, sizeof part);
    if (part.type == k_interpreter) return fail(Errno::noexec);  // wants a dynamic linker
    if (part.type != k_load || part.memory_size == 0) continue;
    if (!is_usable(part, size) || !follows(file, part)) return fail(Errno::noexec);
    if (file.segment_count == ProgramFile::k_most_segments) return fail(Errno::noexec);
    file.segment_room[file.segment_count++] = {part.address, part.offset, part.file_size,
                                               part.memory_size, access_of(part.flags)};
    const uint64_t headers_end =
        header.program_headers + header.program_header_count * sizeof(ProgramHeader);
    if (part.offset <= header.program_headers && headers_end <= part.offset + part.file_size) {
      file.headers = part.address + (header.program_headers - part.offset);
    }
  }
  if (file.segment_count == 0 || file.entry >= mm::k_user_end) return fail(Errno::noexec);
  return file;
}

}  // namespace weft::proc
