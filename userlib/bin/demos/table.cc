#include "userlib/bin/demos/table.hh"

#include <algorithm>

#include "core/base/assert.hh"
#include "userlib/base/print.hh"

namespace weft {
namespace {

void print_as_csv(std::string_view cell, bool is_first) {
  if (!is_first) print(",");
  print(cell.contains(',') ? "\"{}\"" : "{}", cell);
}

void print_spaces(size_t count) {
  for (size_t i = 0; i < count; ++i) print(" ");
}

}  // namespace

Table::Cell::Cell(double value) {
  const auto tenths = static_cast<uint64_t>(value * 10 + 0.5);
  format(text, "{}.{}", tenths / 10, tenths % 10);
}

bool Table::wants_csv(Arguments arguments) {
  return std::ranges::find(arguments, std::string_view("--csv")) != arguments.end();
}

Table::Table(Arguments arguments, std::initializer_list<Cell> columns)
    : is_csv_(wants_csv(arguments)) {
  ASSERT(columns.size() <= k_most, "a table has a few columns");
  size_t* width = widths_;
  for (const Cell& column : columns) {
    const bool is_first = width == widths_;
    *width++ = is_first ? 28 : std::max<size_t>(12, column.text.view().size() + 2);
  }
  row(columns);
}

void Table::row(std::initializer_list<Cell> cells) const {
  const size_t* width = widths_;
  for (const Cell& cell : cells) {
    const std::string_view text = cell.text.view();
    const bool is_first = width == widths_;
    const size_t padding = *width > text.size() ? *width - text.size() : 0;
    if (is_csv_) {
      print_as_csv(text, is_first);
    } else if (is_first) {
      print("{}", text);
      print_spaces(padding);
    } else {
      print_spaces(padding);
      print("{}", text);
    }
    ++width;
  }
  print("\n");
  out.flush();
}

}  // namespace weft
