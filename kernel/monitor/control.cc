// The commands that change something.
#include <charconv>

#include "core/base/assert.hh"
#include "core/trace/trace.hh"
#include "dev/power.hh"
#include "monitor/command.hh"
#include "monitor/console.hh"

namespace weft::monitor {

Status control_trace(Sink& out, Words words) {
  constexpr unsigned k_shown = 32;
  if (words.size() != 2) return refuse(out, words);
  if (words[1] == "on" || words[1] == "off") {
    trace::is_on.store(words[1] == "on", relaxed);
  } else if (words[1] == "show") {
    trace::write_last(k_shown);
  } else {
    return refuse(out, words);
  }
  return k_success;
}

Status cause_panic(Sink& out, Words words) {
  if (words.size() != 1) return refuse(out, words);
  panic("asked for by the panic command");
}

Status power_off(Sink& out, Words words) {
  unsigned status = 0;
  if (words.size() > 2) return refuse(out, words);
  if (words.size() == 2) {
    const std::string_view text = words[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    if (error != std::errc{} || end != text.data() + text.size() ||
        status > dev::k_largest_status) {
      return refuse(out, words);
    }
  }
  dev::power_off(status);
}

}  // namespace weft::monitor
