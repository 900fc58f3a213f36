#include "x86_64/boot_info.hh"

#include <algorithm>

#include "core/hal.hh"
#include "x86_64/boot_layout.hh"
#include "x86_64/image.hh"

namespace weft::x86 {
namespace {

template <typename T>
const T& at(PhysAddr address) {
  return *static_cast<const T*>(hal::phys_to_virt(address));
}

void add_range(BootInfo& info, uint64_t begin, uint64_t size, uint32_t kind) {
  if (!info.memory.add(begin, size, static_cast<MemoryKind>(kind))) {
    info.problem = "the firmware's memory map has too many ranges";
  }
}

// ---- PVH: struct hvm_start_info, as Xen's public headers define it ------------------------------

struct PvhStartInfo {
  uint32_t magic;
  uint32_t version;
  uint32_t flags;
  uint32_t module_count;
  uint64_t modules;
  uint64_t command_line;
  uint64_t rsdp;
  // From version 1 on.
  uint64_t memory_map;
  uint32_t memory_map_entries;
  uint32_t reserved;
};

struct PvhModule {
  uint64_t address;
  uint64_t size;
  uint64_t command_line;
  uint64_t reserved;
};

struct PvhMemoryRange {
  uint64_t begin;
  uint64_t size;
  uint32_t kind;
  uint32_t reserved;
};

constexpr uint32_t k_pvh_magic = 0x336ec578;

void read_pvh(BootInfo& info, PhysAddr address) {
  const auto& start = at<PvhStartInfo>(address);
  info.protocol = "PVH";
  if (start.magic != k_pvh_magic) {
    info.problem = "the loader speaks neither PVH nor Multiboot2";
    return;
  }
  if (start.version < 1 || start.memory_map_entries == 0) {
    info.problem = "the loader gives no memory map (PVH version 0)";
    return;
  }
  info.rsdp = static_cast<PhysAddr>(start.rsdp);
  if (start.command_line != 0) {
    info.set_command_line(&at<char>(static_cast<PhysAddr>(start.command_line)));
  }
  if (start.module_count > 0) {
    const auto& module = at<PvhModule>(static_cast<PhysAddr>(start.modules));
    info.initrd = static_cast<PhysAddr>(module.address);
    info.initrd_size = module.size;
  }
  const auto* ranges = &at<PvhMemoryRange>(static_cast<PhysAddr>(start.memory_map));
  for (uint32_t i = 0; i < start.memory_map_entries; ++i) {
    add_range(info, ranges[i].begin, ranges[i].size, ranges[i].kind);
  }
}

// ---- Multiboot2: a list of tags, each with its kind and size ------------------------------------

enum class TagKind : uint32_t {
  end = 0,
  command_line = 1,
  module = 3,
  memory_map = 6,
  rsdp_old = 14,
  rsdp_new = 15,
};

struct Tag {
  TagKind kind;
  uint32_t size;
};

struct TextTag : Tag {
  char text[1];
};

struct ModuleTag : Tag {
  uint32_t begin;
  uint32_t end;
};

struct MemoryMapTag : Tag {
  uint32_t entry_size;
  uint32_t entry_version;
};

struct Multiboot2MemoryRange {
  uint64_t begin;
  uint64_t size;
  uint32_t kind;
  uint32_t reserved;
};

void read_memory_map(BootInfo& info, const MemoryMapTag& tag) {
  const auto* begin = reinterpret_cast<const char*>(&tag);
  for (uint32_t at = sizeof tag; at + tag.entry_size <= tag.size; at += tag.entry_size) {
    const auto& range = *reinterpret_cast<const Multiboot2MemoryRange*>(begin + at);
    add_range(info, range.begin, range.size, range.kind);
  }
}

void copy_rsdp(BootInfo& info, const Tag& tag) {
  const auto* begin = reinterpret_cast<const char*>(&tag + 1);
  std::copy_n(begin, std::min(tag.size - sizeof(Tag), info.rsdp_copy.size()),
              info.rsdp_copy.begin());
  info.rsdp = static_cast<PhysAddr>(place_of(info.rsdp_copy.data()));
}

void read_multiboot2(BootInfo& info, PhysAddr address) {
  info.protocol = "Multiboot2";
  constexpr uint64_t k_header_size = 8;  // total size, reserved
  const uint32_t total_size = at<uint32_t>(address);
  for (uint64_t offset = k_header_size; offset < total_size;) {
    const PhysAddr place = address + offset;
    const Tag& tag = at<Tag>(place);
    switch (tag.kind) {
      case TagKind::end: return;
      case TagKind::command_line:
        info.set_command_line(static_cast<const TextTag&>(tag).text);
        break;
      case TagKind::module:
        info.initrd = static_cast<PhysAddr>(static_cast<const ModuleTag&>(tag).begin);
        info.initrd_size = static_cast<const ModuleTag&>(tag).end - raw(info.initrd);
        break;
      case TagKind::memory_map: read_memory_map(info, static_cast<const MemoryMapTag&>(tag)); break;
      case TagKind::rsdp_old:
      case TagKind::rsdp_new:  // the tag holds a copy; ACPI 2's comes second and is preferred
        copy_rsdp(info, tag);
        break;
    }
    offset += round_up(tag.size, 8);
  }
}

}  // namespace

void BootInfo::set_command_line(std::string_view text) {
  if (text.size() > k_longest_command_line) {
    problem = "the kernel's command line is longer than 2047 characters";
    return;
  }
  std::copy(text.begin(), text.end(), command_line_text.begin());
  command_line_length = text.size();
}

void read_boot_info(BootInfo& info, uint32_t magic, PhysAddr left_by_loader) {
  if (magic == WEFT_MULTIBOOT2_MAGIC) {
    read_multiboot2(info, left_by_loader);
  } else {
    read_pvh(info, left_by_loader);
  }
  info.memory.finish();
  if (info.problem.empty() && info.memory.usable_bytes() == 0) {
    info.problem = "the loader gives no memory map";
  }
}

}  // namespace weft::x86
