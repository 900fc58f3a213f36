#include "core/proc/script.hh"

#include <algorithm>

#include "core/hal.hh"
#include "core/mm/page_frames.hh"

namespace weft::proc {
namespace {

constexpr std::string_view k_mark = "#!";
constexpr std::string_view k_blanks = " \t";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blanks) + 1 - first);
}

}  // namespace

Result<bool> ScriptLine::read(mm::MemoryObject& file) {
  const size_t size = std::min<uint64_t>(file.size(), room_.size());
  if (size < k_mark.size()) return false;
  const PhysAddr frame = TRY(file.get_page(0));
  std::copy_n(static_cast<const char*>(hal::phys_to_virt(frame)), size, room_.data());
  mm::page_frames.drop_reference(frame);
  std::string_view line(room_.data(), size);
  if (!line.starts_with(k_mark)) return false;
  line.remove_prefix(k_mark.size());
  const size_t end = line.find_first_of(std::string_view("\n\0", 2));
  TRY(split(line.substr(0, end), end != std::string_view::npos || size < room_.size()));
  return true;
}

Result<> ScriptLine::split(std::string_view line, bool is_whole) {
  line =
      is_whole ? trim(line) : line.substr(std::min(line.find_first_not_of(k_blanks), line.size()));
  const size_t end = line.find_first_of(k_blanks);
  // Of a name that is cut off nobody knows what it would be.
  if (line.empty() || (end == std::string_view::npos && !is_whole)) return fail(Errno::noexec);
  interpreter_ = line.substr(0, end);
  argument_ = end == std::string_view::npos ? std::string_view{} : trim(line.substr(end));
  return {};
}

}  // namespace weft::proc
