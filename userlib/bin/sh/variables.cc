#include "userlib/bin/sh/variables.hh"

#include <algorithm>

namespace weft::sh {

size_t Variables::place_of(std::string_view name) const {
  const auto* place = std::lower_bound(all_.begin(), all_.end(), name,
                                       [](const Variable& variable, std::string_view wanted) {
                                         return variable.name.view() < wanted;
                                       });
  return static_cast<size_t>(place - all_.begin());
}

bool Variables::stands_at(size_t place, std::string_view name) const {
  return place < all_.size() && all_[place].name == name;
}

std::optional<std::string_view> Variables::get(std::string_view name) const {
  const size_t place = place_of(name);
  if (!stands_at(place, name) || !all_[place].is_set) return std::nullopt;
  return all_[place].value.view();
}

Variable& Variables::mark(std::string_view name) {
  const size_t place = place_of(name);
  if (!stands_at(place, name)) all_.insert(place, Variable{.name = name, .value = {}});
  return all_[place];
}

bool Variables::set(std::string_view name, std::string_view value) {
  Variable& variable = mark(name);
  if (variable.is_readonly) return false;
  variable.value = String(value);  // the new value may be a part of the old one
  variable.is_set = true;
  return true;
}

bool Variables::unset(std::string_view name) {
  const size_t place = place_of(name);
  if (!stands_at(place, name)) return true;
  if (all_[place].is_readonly) return false;
  all_.erase(place);
  return true;
}

bool Variables::keep(std::string_view name) {
  if (scopes_.empty()) return false;
  Vector<Variable>& kept = scopes_.back();
  if (std::ranges::any_of(kept, [&](const Variable& each) { return each.name == name; }))
    return true;
  const size_t place = place_of(name);
  kept.push_back(stands_at(place, name) ? all_[place] : Variable{.name = name, .value = {}});
  return true;
}

void Variables::close_scope() {
  const Vector<Variable> kept = scopes_.back();
  scopes_.pop_back();
  for (const Variable& before : kept) {
    if (before.is_set || before.is_exported) {
      mark(before.name) = before;
    } else {
      (void)unset(before.name);
    }
  }
}

Vector<String> Variables::environment() const {
  Vector<String> texts;
  for (const Variable& variable : all_) {
    if (variable.is_exported && variable.is_set)
      texts.push_back(variable.name + "=" + variable.value);
  }
  return texts;
}

}  // namespace weft::sh
