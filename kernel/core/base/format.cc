#include "core/base/format.hh"

namespace weft {
namespace {

struct Field {
  bool hexadecimal = false;
  bool zeros = false;
  char align = '\0';
  size_t width = 0;
};

// What stands between ':' and '}'.
Field read_field(std::string_view description) {
  Field field;
  size_t at = 0;
  if (at < description.size() && (description[at] == '<' || description[at] == '>')) {
    field.align = description[at++];
  }
  if (at < description.size() && description[at] == '0') {
    field.zeros = true;
    ++at;
  }
  while (at < description.size() && description[at] >= '0' && description[at] <= '9') {
    field.width = field.width * 10 + static_cast<size_t>(description[at++] - '0');
  }
  field.hexadecimal = at < description.size() && description[at] == 'x';
  return field;
}

void write_many(Sink& sink, char character, size_t count) {
  for (; count > 0; --count) sink.write({&character, 1});
}

std::string_view digits(uint64_t number, unsigned base, std::span<char> room) {
  size_t at = room.size();
  do {
    room[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  return {room.data() + at, room.size() - at};
}

void write_value(Sink& sink, const FormatValue& value, const Field& field) {
  using Kind = FormatValue::Kind;
  char room[24];
  std::string_view sign;
  std::string_view body;
  bool is_number = false;
  switch (value.kind) {
    case Kind::text: body = value.text; break;
    case Kind::character:
      room[0] = static_cast<char>(value.number);
      body = {room, 1};
      break;
    case Kind::boolean: body = value.number != 0 ? "true" : "false"; break;
    case Kind::address:
      sign = "0x";
      body = digits(value.number, 16, room);
      is_number = true;
      break;
    case Kind::negative: sign = "-"; [[fallthrough]];
    case Kind::number:
      body = digits(value.number, field.hexadecimal ? 16 : 10, room);
      is_number = true;
      break;
  }
  const size_t length = sign.size() + body.size();
  const size_t missing = field.width > length ? field.width - length : 0;
  const bool to_the_right = field.align == '>' || (field.align == '\0' && is_number);
  if (!field.zeros && to_the_right) write_many(sink, ' ', missing);
  sink.write(sign);
  if (field.zeros) write_many(sink, '0', missing);
  sink.write(body);
  if (!field.zeros && !to_the_right) write_many(sink, ' ', missing);
}

}  // namespace

void format_values(Sink& sink, std::string_view pattern, std::span<const FormatValue> values) {
  size_t next_value = 0;
  while (!pattern.empty()) {
    const size_t open = pattern.find_first_of("{}");
    sink.write(pattern.substr(0, open));
    if (open == std::string_view::npos) return;
    const char bracket = pattern[open];
    pattern.remove_prefix(open + 1);
    if (!pattern.empty() && pattern[0] == bracket) {  // a doubled bracket stands for itself
      sink.write({&bracket, 1});
      pattern.remove_prefix(1);
      continue;
    }
    const size_t close = pattern.find('}');
    if (bracket == '}' || close == std::string_view::npos) {
      sink.write({&bracket, 1});
      continue;
    }
    std::string_view description = pattern.substr(0, close);
    pattern.remove_prefix(close + 1);
    if (description.starts_with(':')) description.remove_prefix(1);
    if (next_value < values.size()) {
      write_value(sink, values[next_value++], read_field(description));
    } else {
      sink.write("{?}");
    }
  }
}

}  // namespace weft
