// GeneratedFile: a file whose text is made when it is read, and that may take what is written: the
// files of /proc and /sys.
#pragma once

#include "core/base/format.hh"
#include "core/fs/node.hh"

namespace weft::fs {

class IoBuffer;

// Text of any length, in memory from the heap.
class LongTextSink final : public Sink {
 public:
  LongTextSink() = default;
  ~LongTextSink();
  LongTextSink(const LongTextSink&) = delete;
  LongTextSink& operator=(const LongTextSink&) = delete;

  void write(std::string_view text) override;
  std::string_view view() const { return {text_, length_}; }
  // There was memory for all that was written.
  bool is_whole() const { return is_whole_; }
  void clear();

 private:
  bool make_room(size_t more);

  char* text_ = nullptr;
  size_t length_ = 0;
  size_t room_ = 0;
  bool is_whole_ = true;
};

class GeneratedFile : public Node {
 public:
  // Writes the text as it is now. What an error means is the file's affair.
  virtual Result<> generate(Sink& to) = 0;
  // Takes what is written; how many bytes. Errno::inval here.
  virtual Result<size_t> accept(IoBuffer& from);

  uint32_t file_system() const override { return k_proc; }
  // Each reader has a text of its own. It is made when the reading begins, and made anew whenever that
  // begins again: so one that reads piece by piece reads one text.
  Result<Ref<File>> open(uint32_t flags) override;

 protected:
  using Node::Node;
  ~GeneratedFile() = default;
};

}  // namespace weft::fs
