#include "userlib/bin/sh/redirect.hh"

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/expand.hh"

namespace weft::sh {
namespace {

// A pipe holds a small document; for a larger one a child writes while the command reads.
constexpr size_t k_pipe_room = 4096;

Result<Descriptor> open_document(Shell& shell, const Redirection& redirection) {
  String text = redirection.document->text;
  if (redirection.document->expands) {
    auto expanded = expand_document(shell, text);
    if (!expanded) return fail(Errno::inval);
    text = std::move(*expanded);
  }
  int ends[2];
  TRY(sys::pipe2(ends, abi::k_o_cloexec));
  Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  if (text.size() <= k_pipe_room) {
    TRY(write_all(writer.get(), text));
    return reader;
  }
  if (TRY(sys::fork()) == 0) {
    (void)sys::close(reader.release());
    (void)write_all(writer.get(), text);
    sys::exit_group(0);
  }
  return reader;
}

uint32_t open_flags(Redirection::Kind kind) {
  switch (kind) {
    case Redirection::Kind::write: return abi::k_o_wronly | abi::k_o_creat | abi::k_o_trunc;
    case Redirection::Kind::append: return abi::k_o_wronly | abi::k_o_creat | abi::k_o_append;
    case Redirection::Kind::read_write: return abi::k_o_rdwr | abi::k_o_creat;
    default: return abi::k_o_rdonly;
  }
}

// Puts the new descriptor in the place of the redirected one.
Result<> put(Descriptor file, int fd) {
  if (file.get() == fd) {  // it was closed, so the file came to stand in its place at once
    TRY(sys::fcntl(fd, abi::k_f_setfd, 0));
    (void)file.release();
    return {};
  }
  TRY(sys::dup2(file.get(), fd));
  return {};
}

Result<> apply(Shell& shell, const Redirection& redirection) {
  using Kind = Redirection::Kind;
  if (redirection.kind == Kind::here_document) {
    return put(TRY(open_document(shell, redirection)), redirection.fd);
  }
  const auto word = expand_word(shell, redirection.word);
  if (!word) return fail(Errno::inval);
  if (redirection.kind != Kind::duplicate) {
    return put(TRY(open_file(word->c_str(), open_flags(redirection.kind))), redirection.fd);
  }
  if (*word == "-") {
    (void)sys::close(redirection.fd);
    return {};
  }
  const auto source = parse_number(*word);
  if (!source) return fail(Errno::badf);
  if (*source == redirection.fd) return {};
  TRY(sys::dup2(static_cast<int>(*source), redirection.fd));
  return {};
}

}  // namespace

bool redirect(Shell& shell, const Vector<Redirection>& redirections) {
  for (const Redirection& redirection : redirections) {
    const auto done = apply(shell, redirection);
    if (done) continue;
    if (shell.leaving == Leaving::no) {
      print_error("{}: {}: {}\n", shell.name.view(), redirection.word.view(),
                  describe(done.error()));
    }
    return false;
  }
  return true;
}

TemporaryRedirection::TemporaryRedirection(Shell& shell, const Vector<Redirection>& redirections) {
  for (const Redirection& redirection : redirections) {
    const auto copy = sys::fcntl(redirection.fd, abi::k_f_dupfd_cloexec, 10);
    if (!copy && copy.error() != Errno::badf) {  // badf: it is closed, and will be again
      print_error("{}: no descriptor is left to save {} in\n", shell.name.view(), redirection.fd);
      worked_ = false;
      return;
    }
    saved_.push_back({redirection.fd, copy ? static_cast<int>(*copy) : -1});
  }
  worked_ = redirect(shell, redirections);
}

TemporaryRedirection::~TemporaryRedirection() {
  out.flush();  // what was printed belongs to where it was redirected to
  for (size_t i = saved_.size(); i > 0; --i) {
    const Saved& saved = saved_[i - 1];
    if (saved.copy < 0) {
      (void)sys::close(saved.fd);
    } else {
      (void)sys::dup2(saved.copy, saved.fd);
      (void)sys::close(saved.copy);
    }
  }
}

void TemporaryRedirection::keep() {
  for (const Saved& saved : saved_) {
    if (saved.copy >= 0) (void)sys::close(saved.copy);
  }
  saved_.clear();
}

}  // namespace weft::sh
