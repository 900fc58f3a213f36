// A file tree for one test, on a booted machine: made at the beginning, emptied at the end, so that the
// machine can see that nothing is left behind.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/fs/tree.hh"
#include "unit/support/machine.hh"

namespace weft::fs {

inline PathAt at(std::string_view path) { return {root(), path}; }

inline Errno error_of(const auto& result) { return result.has_value() ? Errno{} : result.error(); }

// The names in a folder, sorted by their place in listings.
inline std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> names;
  const Ref<Entry> folder = find(root(), path, LastLink::follow).value();
  auto& directory = static_cast<Directory&>(folder->node());
  ListedName listed;
  for (uint64_t place = 0; directory.list(place, listed); place = listed.next) {
    names.emplace_back(listed.name.view());
  }
  return names;
}

inline void remove_all(const std::string& path) {
  for (const std::string& name : names_in(path)) {
    const std::string inner = path + "/" + name;
    if (remove_file(at(inner)).has_value()) continue;
    remove_all(inner);
    ASSERT_TRUE(remove_directory(at(inner)).has_value()) << inner;
  }
}

// Runs the body with an empty tree.
inline void with_tree(const std::function<void()>& body, const host::MachineOptions& options = {}) {
  host::Machine(options).run([&] {
    ASSERT_TRUE(init_tree().has_value());
    body();
    remove_all("/");
    set_root({});
  });
}

inline Ref<File> open_or_die(std::string_view path,
                             uint32_t flags = abi::k_o_rdwr | abi::k_o_creat) {
  return open(at(path), flags, 0644).value();
}

inline size_t write_text(File& file, std::string text) {
  IoBuffer from = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
  return file.write(from).value();
}

inline std::string read_text(File& file, uint64_t offset = 0, size_t size = 1000) {
  std::string text(size, '?');
  IoBuffer to = IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
  text.resize(file.read_at(to, offset).value());
  return text;
}

inline void make_file(std::string_view path, const std::string& text = "") {
  write_text(*open_or_die(path, abi::k_o_rdwr | abi::k_o_creat | abi::k_o_trunc), text);
}

inline std::string text_of(std::string_view path) {
  return read_text(*open_or_die(path, abi::k_o_rdonly));
}

inline void make_folder(std::string_view path) { ASSERT_TRUE(make_directory(at(path), 0755)); }

}  // namespace weft::fs
