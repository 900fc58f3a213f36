#include "syscall/tracing.hh"

#include <algorithm>
#include <array>

#include "core/mm/user_memory.hh"
#include "core/trace/trace.hh"
#include "syscall/decode.hh"

namespace weft::syscall {
namespace {

using Arguments = std::array<uint64_t, 6>;

constexpr size_t k_longest_path = 128;
constexpr size_t k_most_bytes = 32;  // of a buffer

Arguments arguments_of(const Registers& registers) {
  return {registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9};
}

std::span<const decode::Argument> description_of(size_t number) {
  const auto call = std::ranges::lower_bound(decode::k_calls, number, {}, &decode::Call::number);
  if (call == std::end(decode::k_calls) || call->number != number) return {};
  return call->arguments;
}

void record_path(VirtAddr from, unsigned place) {
  std::array<char, k_longest_path> path;
  const auto length = mm::copy_text_from_user(path, from);
  if (length.has_value()) trace::record_text(trace::Kind::text, {path.data(), *length}, place);
}

void record_bytes(VirtAddr from, size_t count, unsigned place) {
  std::array<char, k_most_bytes> bytes;
  const size_t shown = std::min(count, bytes.size());
  if (shown == 0 || !mm::copy_from_user(bytes.data(), from, shown).has_value()) return;
  trace::record_text(trace::Kind::text, {bytes.data(), shown}, place);
}

bool is_bytes(const decode::Argument& argument, std::string_view direction) {
  return argument.kind == direction && argument.type == "byte";
}

}  // namespace

void record_call(const Registers& registers, size_t number) {
  const Arguments arguments = arguments_of(registers);
  trace::record(trace::Kind::enters_call, arguments[0], arguments[1],
                static_cast<unsigned>(number));
  if (!trace::with_arguments.load(relaxed)) return;
  const auto description = description_of(number);
  if (description.size() > 2) trace::record(trace::Kind::argument, arguments[2], arguments[3], 2);
  if (description.size() > 4) trace::record(trace::Kind::argument, arguments[4], arguments[5], 4);
  for (unsigned place = 0; place < description.size(); ++place) {
    if (description[place].kind == "path") record_path(arguments[place], place);
    if (is_bytes(description[place], "in") && place + 1 < description.size()) {
      record_bytes(arguments[place], arguments[place + 1], place);
    }
  }
}

void record_return(const Registers& registers, size_t number, uint64_t result) {
  if (trace::with_arguments.load(relaxed) && static_cast<int64_t>(result) > 0) {
    const auto description = description_of(number);
    for (unsigned place = 0; place < description.size(); ++place) {
      if (!is_bytes(description[place], "out")) continue;
      record_bytes(arguments_of(registers)[place], result, place);
    }
  }
  trace::record(trace::Kind::leaves_call, result, 0, static_cast<unsigned>(number));
}

}  // namespace weft::syscall
