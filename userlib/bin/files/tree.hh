// Whole folders: copying and removing them, and where a copy goes.
#pragma once

#include "userlib/base/file.hh"
#include "userlib/bin/options.hh"

namespace weft {

struct CopyWishes {
  bool recursive = false;
  bool keeps_times_and_rights = false;
  bool tells = false;
};

// Copies a file, a link, or a folder with all that is in it. Reports what goes wrong; false then.
bool copy_tree(Arguments arguments, const String& from, const String& to, const CopyWishes& wishes);

// Removes a file, or a folder with all that is in it. Reports what goes wrong; false then.
bool remove_tree(Arguments arguments, const String& path);

// Where `cp from to` or `mv from to` puts a file: into `to`, if that is a folder.
String destination(const char* from, const char* to);

}  // namespace weft
