// String: text that grows, always with a zero behind it for system calls. The names are std::string's.
#pragma once

#include <string_view>

#include "core/base/format.hh"

namespace weft {

class String {
 public:
  static constexpr size_t npos = std::string_view::npos;

  String() = default;
  String(std::string_view text) { append(text); }
  String(const char* text) : String(std::string_view(text)) {}
  String(const String& other) : String(other.view()) {}
  String(String&& other) noexcept { swap(other); }
  String& operator=(String other) noexcept {
    swap(other);
    return *this;
  }
  ~String();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const char* c_str() const { return data_ != nullptr ? data_ : ""; }
  char* data() { return data_; }
  std::string_view view() const { return {c_str(), size_}; }
  operator std::string_view() const { return view(); }
  char& operator[](size_t index) { return data_[index]; }
  char operator[](size_t index) const { return data_[index]; }
  char back() const { return data_[size_ - 1]; }
  const char* begin() const { return c_str(); }
  const char* end() const { return c_str() + size_; }

  void append(std::string_view text);
  void push_back(char character) { append({&character, 1}); }
  String& operator+=(std::string_view text) {
    append(text);
    return *this;
  }
  String& operator+=(char character) {
    push_back(character);
    return *this;
  }
  void insert(size_t at, std::string_view text);
  void erase(size_t at, size_t count = npos);
  void resize(size_t size, char fill = '\0');
  void clear() { resize(0); }
  void pop_back() { resize(size_ - 1); }
  void swap(String& other) noexcept;

  size_t find(std::string_view text, size_t from = 0) const { return view().find(text, from); }
  size_t find(char character, size_t from = 0) const { return view().find(character, from); }
  std::string_view substr(size_t at, size_t count = npos) const { return view().substr(at, count); }
  bool starts_with(std::string_view text) const { return view().starts_with(text); }
  bool ends_with(std::string_view text) const { return view().ends_with(text); }

  friend bool operator==(const String& a, const String& b) { return a.view() == b.view(); }
  friend bool operator==(const String& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const String& a, const char* b) { return a.view() == b; }
  friend auto operator<=>(const String& a, const String& b) { return a.view() <=> b.view(); }

 private:
  void reserve(size_t room);

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t room_ = 0;  // without the zero
};

String operator+(String left, std::string_view right);

// Collects formatted text of any length.
class StringSink final : public Sink {
 public:
  explicit StringSink(String& target) : target_(target) {}
  void write(std::string_view text) override { target_.append(text); }

 private:
  String& target_;
};

template <typename... Values>
String format_string(std::string_view pattern, const Values&... values) {
  String text;
  StringSink sink(text);
  format(sink, pattern, values...);
  return text;
}

}  // namespace weft
