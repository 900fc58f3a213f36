// ulimit [-HS] [-a | -LETTER] [VALUE | unlimited]: what the kernel lets this shell and its children use.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/syscalls.hh"

namespace weft::sh {
namespace {

struct Limit {
  char letter;
  uint32_t resource;
  uint64_t unit;  // of the numbers that a user sees, in bytes or whatever is limited
  std::string_view text;
};
constexpr Limit k_limits[] = {
    {'t', abi::k_rlimit_cpu, 1, "CPU time (seconds)"},
    {'f', abi::k_rlimit_fsize, 512, "file size (blocks)"},
    {'d', abi::k_rlimit_data, 1024, "data (KiB)"},
    {'s', abi::k_rlimit_stack, 1024, "stack (KiB)"},
    {'c', abi::k_rlimit_core, 512, "core file (blocks)"},
    {'n', abi::k_rlimit_nofile, 1, "open files"},
    {'u', abi::k_rlimit_nproc, 1, "processes"},
    {'v', abi::k_rlimit_as, 1024, "address space (KiB)"},
};

const Limit* find_limit(char letter) {
  for (const Limit& limit : k_limits) {
    if (limit.letter == letter) return &limit;
  }
  return nullptr;
}

Result<> show(const Limit& limit, bool is_hard) {
  abi::ResourceLimit now;
  TRY(sys::prlimit64(0, limit.resource, nullptr, &now));
  const uint64_t value = is_hard ? now.hard : now.soft;
  if (value == abi::k_no_limit) {
    print("unlimited\n");
  } else {
    print("{}\n", value / limit.unit);
  }
  return {};
}

// Without -H or -S both limits change.
Result<> change(const Limit& limit, bool hard, bool soft, std::string_view text) {
  abi::ResourceLimit now;
  TRY(sys::prlimit64(0, limit.resource, nullptr, &now));
  uint64_t value = abi::k_no_limit;
  if (text != "unlimited") {
    const auto number = parse_number(text);
    if (!number || *number < 0) return fail(Errno::inval);
    value = static_cast<uint64_t>(*number) * limit.unit;
  }
  if (soft || !hard) now.soft = value;
  if (hard || !soft) now.hard = value;
  return sys::prlimit64(0, limit.resource, &now, nullptr);
}

}  // namespace

int builtin_ulimit(Shell&, Words words) {
  bool hard = false;
  bool soft = false;
  bool all = false;
  const Limit* limit = find_limit('f');
  size_t at = 1;
  for (; at < words.size() && words[at].starts_with("-"); ++at) {
    for (const char letter : words[at].substr(1)) {
      if (letter == 'H') {
        hard = true;
      } else if (letter == 'S') {
        soft = true;
      } else if (letter == 'a') {
        all = true;
      } else if ((limit = find_limit(letter)) == nullptr) {
        return misuse(words, "there is no such limit");
      }
    }
  }
  if (all) {
    for (const Limit& each : k_limits) {
      print("{:<20} ", each.text);
      (void)show(each, hard);
    }
    return 0;
  }
  const auto done =
      at < words.size() ? change(*limit, hard, soft, words[at]) : show(*limit, hard && !soft);
  return done ? 0 : misuse(words, describe(done.error()));
}

}  // namespace weft::sh
