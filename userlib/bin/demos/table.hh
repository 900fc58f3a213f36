// Table: what a demo has measured. For people it is aligned; with --csv it is for a program that draws it,
// and nothing else is printed.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string_view>

#include "core/base/format.hh"
#include "userlib/bin/tools.hh"

namespace weft {

class Table {
 public:
  // A name, a count, or a measured value, which is shown with one digit behind the point.
  struct Cell {
    template <typename Value>
    Cell(const Value& value) : text("{}", value) {}
    Cell(double value);
    Text<40> text;
  };

  // Prints the line of the columns' names; there are at most k_most.
  Table(Arguments arguments, std::initializer_list<Cell> columns);

  // For those that print more than a table.
  static bool wants_csv(Arguments arguments);
  // As many cells as there are columns.
  void row(std::initializer_list<Cell> cells) const;

 private:
  static constexpr size_t k_most = 6;

  bool is_csv_;
  size_t widths_[k_most] = {};
};

}  // namespace weft
