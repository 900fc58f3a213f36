// Small helpers for files. Each case starts in an empty folder of its own, so names can be plain.
#pragma once

#include <string_view>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// Makes (or empties) a file with that text.
void write_file(const char* path, std::string_view text);

// The file's text, as a quoted line: "what: 'text'", or the error.
void show_file(std::string_view what, const char* path);

// What a read() gives: "what: 'text'", or its error, or "nothing" at the end.
void show_read(std::string_view what, int fd, size_t count = 100);

// The first bytes of a file, in `room`; empty when it can't be read.
std::string_view read_file(const char* path, std::span<char> room);

// "what: regular rw-r--r--, 5 bytes, 1 link", of what newfstatat says with those flags.
void show_stat(std::string_view what, const char* path, int flags = 0);

// The names in a folder but "." and "..", sorted: "what: a b c".
void show_names(std::string_view what, const char* path);

int open_or_end(const char* path, int flags, int mode = 0644);

}  // namespace weft::guest
