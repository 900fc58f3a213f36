// Taking text apart: numbers, words, and what an errno means.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/errno.hh"
#include "userlib/base/vector.hh"

namespace weft {

// The number that the whole text is (a sign may stand in front); nothing if it is none or too large.
std::optional<int64_t> parse_number(std::string_view text, unsigned base = 10);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// The pieces between separators; empty pieces count. The words between spaces; no word is empty.
Vector<std::string_view> split(std::string_view text, char separator);
Vector<std::string_view> split_words(std::string_view text);

// What an errno means, for people ("no such file or directory").
std::string_view describe(Errno error);

// A signal's name without SIG ("INT"), or nothing; the number for a name with or without SIG, or for
// a number.
std::string_view signal_name(int signal);
std::optional<int> parse_signal(std::string_view text);
// What a signal did to a process, for people ("Segmentation fault").
std::string_view describe_signal(int signal);

}  // namespace weft
