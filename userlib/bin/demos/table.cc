#include "userlib/bin/demos/table.hh"

#include <algorithm>

#include "userlib/base/print.hh"

namespace weft {
namespace {

void print_as_csv(std::string_view cell, bool is_first) {
  if (!is_first) print(",");
  print(cell.contains(',') ? "\"{}\"" : "{}", cell);
}

}  // namespace

Table::Cell::Cell(double value) {
  const auto tenths = static_cast<uint64_t>(value * 10 + 0.5);
  format(text, "{}.{}", tenths / 10, tenths % 10);
}

Table::Table(Arguments arguments, std::initializer_list<Cell> columns)
    : is_csv_(std::ranges::find(arguments, std::string_view("--csv")) != arguments.end()) {
  row(columns);
}

void Table::row(std::initializer_list<Cell> cells) const {
  bool is_first = true;
  for (const Cell& cell : cells) {
    if (is_csv_) {
      print_as_csv(cell.text.view(), is_first);
    } else {
      print(is_first ? "{:<28}" : "{:>16}", cell.text.view());
    }
    is_first = false;
  }
  print("\n");
  out.flush();
}

}  // namespace weft
