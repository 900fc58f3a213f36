// The shell's variables, and the positional parameters $1, $2, ...
#pragma once

#include <optional>
#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft::sh {

struct Variable {
  String name;
  String value;
  bool is_set = false;  // false: only marked, as by `export NAME`
  bool is_exported = false;
  bool is_readonly = false;
};

class Variables {
 public:
  // The value, if it has one.
  std::optional<std::string_view> get(std::string_view name) const;
  // False if it is read-only.
  bool set(std::string_view name, std::string_view value);
  bool unset(std::string_view name);
  // The variable, made if there is none.
  Variable& mark(std::string_view name);
  const Vector<Variable>& all() const { return all_; }  // sorted by name

  // A function call opens a scope; `local` keeps a variable's old state until the scope closes.
  void open_scope() { scopes_.push_back({}); }
  void close_scope();
  bool keep(std::string_view name);  // false outside of all scopes

  // What a program gets: "NAME=value" of all exported ones.
  Vector<String> environment() const;

 private:
  size_t place_of(std::string_view name) const;
  bool stands_at(size_t place, std::string_view name) const;

  Vector<Variable> all_;
  Vector<Vector<Variable>> scopes_;  // each: how variables were before
};

}  // namespace weft::sh
