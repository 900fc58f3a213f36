// Finds where quoted and substituted pieces of text end. The lexer and the expander both use it, so
// they always agree.
#pragma once

#include <cstddef>
#include <string_view>

namespace weft::sh {

// Each takes the place of the opening character and answers with the place behind the closing one, or
// k_unfinished if the text ends before that.
inline constexpr size_t k_unfinished = static_cast<size_t>(-1);

size_t end_of_single_quotes(std::string_view text, size_t at);
size_t end_of_double_quotes(std::string_view text, size_t at);
size_t end_of_backquotes(std::string_view text, size_t at);
// Of $name, ${...}, $(...) and $((...)); of a lone dollar it is the next place.
size_t end_of_dollar(std::string_view text, size_t at);
// Whether the dollar at that place begins $((...)).
bool is_arithmetic(std::string_view text, size_t at);

constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_name_character(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
// How many characters from that place on form a variable's name.
size_t name_length(std::string_view text, size_t at);
bool is_name(std::string_view text);

}  // namespace weft::sh
