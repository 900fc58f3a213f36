// Unix sockets: names, backlog, the halves of a connection, files on their way.
#include "core/ipc/socket/unix_socket.hh"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "core/ipc/pipe_file.hh"
#include "core/ipc/process_hooks.hh"
#include "core/mm/heap.hh"
#include "core/sched/scheduler.hh"
#include "unit/fs/tree_fixture.hh"
#include "unit/ipc/io.hh"
#include "unit/support/threads.hh"

namespace weft::ipc {
namespace {

using host::Machine;

SocketName name_of(std::string_view text) {
  SocketName name;
  name.address.family = abi::k_af_unix;
  std::memcpy(name.address.bytes, text.data(), text.size());
  name.size = static_cast<uint32_t>(2 + text.size());
  return name;
}
const SocketName k_abstract = name_of(std::string_view("\0door", 5));

// A socket as a file and as itself.
struct Made {
  explicit Made(SocketType type = SocketType::stream, uint32_t flags = 0)
      : Made(make_unix_socket(type, flags).value()) {}
  explicit Made(Ref<fs::File> made) : file(std::move(made)), socket(Socket::of(*file).value()) {}
  Socket* operator->() const { return socket; }
  Ref<fs::File> file;
  Socket* socket;
};

Made accept(Made& listener, SocketName& from) { return Made(listener->accept(0, from).value()); }
Made accept(Made& listener) {
  SocketName from;
  return accept(listener, from);
}
Errno error_of(const auto& result) { return result.has_value() ? Errno{} : result.error(); }

Made listening(int32_t backlog, const SocketName& name = k_abstract) {
  Made made;
  EXPECT_TRUE(made->bind(name).has_value());
  EXPECT_TRUE(made->listen(backlog).has_value());
  return made;
}

Result<size_t> send(Made& to, std::string text, mm::Owned<PassedFiles> files = {},
                    const SocketName& name = {}) {
  fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
  return to->send(from, name, {.files = std::move(files)}, abi::k_msg_nosignal);
}

TEST(UnixSocket, ListenConnectAccept) {
  Machine().run([] {
    Made client, other(SocketType::messages);
    EXPECT_EQ(error_of(client->connect(k_abstract)), Errno::connrefused);
    Made listener = listening(5);
    EXPECT_EQ(error_of(other->connect(k_abstract)), Errno::prototype);
    EXPECT_TRUE(client->connect(k_abstract).has_value());
    EXPECT_EQ(error_of(client->connect(k_abstract)), Errno::isconn);
    EXPECT_EQ(error_of(listener->connect(k_abstract)), Errno::inval);
    io::write_text(*client.file, "early");
    Made server = accept(listener);
    EXPECT_EQ(io::read_text(*server.file, 9), "early");
    EXPECT_EQ(client->peer_name().value().bytes(), k_abstract.bytes());
    EXPECT_EQ(server->name().bytes(), k_abstract.bytes());
    EXPECT_EQ(server->peer_name().value().size, 2u) << "the client has no name";
    listener.file.reset();
    EXPECT_EQ(error_of(Made()->connect(k_abstract)), Errno::connrefused);
    io::write_text(*server.file, "still");
    EXPECT_EQ(io::read_text(*client.file, 9), "still");
  });
}

TEST(UnixSocket, NamesAreTakenOnce) {
  Machine().run([] {
    Made one, other, chosen;
    EXPECT_TRUE(one->bind(k_abstract).has_value());
    EXPECT_EQ(error_of(one->bind(name_of(std::string_view("\0x", 2)))), Errno::inval);
    EXPECT_EQ(error_of(other->bind(k_abstract)), Errno::addrinuse);
    EXPECT_TRUE(other->bind(name_of(std::string_view("\0y", 2))).has_value());
    EXPECT_TRUE(chosen->bind(name_of("")).has_value());
    EXPECT_EQ(chosen->name().size, 8u);
    SocketName wrong = k_abstract;
    wrong.address.family = abi::k_af_inet;
    EXPECT_EQ(error_of(Made()->bind(wrong)), Errno::inval);
    EXPECT_EQ(error_of(Made()->listen(1)), Errno::inval) << "it has no name";
    one.file.reset();
    EXPECT_TRUE(Made()->bind(k_abstract).has_value()) << "free again";
  });
}

TEST(UnixSocket, NamesInTheTreeStay) {
  fs::with_tree([] {
    static Ref<fs::FileContext> context;
    context = fs::FileContext::make().value();
    process_hooks.file_context = [] { return context; };
    {
      Made listener = listening(1, name_of("/door"));
      EXPECT_EQ(listener->name().size, 2u + 6) << "with its end";
      EXPECT_TRUE(Made()->connect(name_of("/door")).has_value());
      EXPECT_EQ(error_of(Made()->bind(name_of("/door"))), Errno::addrinuse);
      EXPECT_EQ(error_of(Made()->connect(name_of("/none"))), Errno::noent);
    }
    EXPECT_EQ(error_of(Made()->connect(name_of("/door"))), Errno::connrefused);
    EXPECT_TRUE(fs::remove_file(fs::at("/door")).has_value());
    process_hooks.file_context = [] { return Ref<fs::FileContext>(); };
    context.reset();
  });
}

TEST(UnixSocket, BacklogMakesOthersWait) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      Made listener = listening(0);
      Made first, second, impatient(SocketType::stream, abi::k_o_nonblock);
      EXPECT_TRUE(first->connect(k_abstract).has_value());
      EXPECT_EQ(error_of(impatient->connect(k_abstract)), Errno::again);
      host::Crew crew;
      Thread& waiter = crew.add([&] { EXPECT_TRUE(second->connect(k_abstract).has_value()); });
      host::await_blocked(waiter, BlockReason::waiting);
      Made server = accept(listener);
      crew.join();
      Thread& last = crew.add([&] {
        EXPECT_EQ(error_of(impatient->connect(k_abstract)), Errno::again);
        EXPECT_EQ(error_of(Made()->connect(k_abstract)), Errno::connrefused);
      });
      host::await_blocked(last, BlockReason::waiting);
      listener.file.reset();
      crew.join();
      EXPECT_EQ(io::read_error(*second.file), Errno::connreset) << "it was never accepted";
      EXPECT_EQ(io::read_text(*second.file, 1), "");
    });
  });
}

TEST(UnixSocket, HalvesAreShutOneByOne) {
  Machine().run([] {
    SocketEnds ends = make_socket_pair(SocketType::stream, abi::k_o_nonblock).value();
    Made one(ends.first), other(ends.second);
    io::write_text(*one.file, "last");
    EXPECT_TRUE(one->shutdown(abi::k_shut_wr).has_value());
    EXPECT_EQ(error_of(send(one, "x")), Errno::pipe);
    EXPECT_EQ(io::read_text(*other.file, 9), "last");
    EXPECT_EQ(io::read_text(*other.file, 9), "");
    EXPECT_EQ(other.file->poll(nullptr) & (abi::k_pollhup | abi::k_pollrdhup), abi::k_pollrdhup);
    io::write_text(*other.file, "back");
    EXPECT_TRUE(one->shutdown(abi::k_shut_rd).has_value());
    EXPECT_EQ(io::read_text(*one.file, 9), "back");
    EXPECT_EQ(error_of(send(other, "x")), Errno::pipe);
    EXPECT_NE(other.file->poll(nullptr) & abi::k_pollhup, 0u);
    EXPECT_EQ(error_of(one->shutdown(3)), Errno::inval);
  });
}

TEST(UnixSocket, DatagramsFindNames) {
  Machine().run([] {
    Made there(SocketType::datagrams, abi::k_o_nonblock), here(SocketType::datagrams);
    EXPECT_TRUE(there->bind(k_abstract).has_value());
    EXPECT_EQ(error_of(send(here, "x")), Errno::notconn);
    EXPECT_EQ(send(here, "one", {}, k_abstract).value(), 3u);
    EXPECT_TRUE(here->connect(k_abstract).has_value());
    EXPECT_EQ(send(here, "two").value(), 3u);
    EXPECT_EQ(io::read_text(*there.file, 9), "one");
    std::string text(9, '\0');
    fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    Incoming what(to);
    EXPECT_EQ(there->receive(what, abi::k_msg_trunc).value(), 3u);
    EXPECT_EQ(what.name.size, 0u) << "the sender has no name";
    for (int i = 0; i < 11; ++i) EXPECT_EQ(send(there, "x", {}, k_abstract).value_or(0), 1u);
    EXPECT_EQ(error_of(send(there, "x", {}, k_abstract)), Errno::again);
    EXPECT_EQ(error_of(here->listen(1)), Errno::opnotsupp);
  });
}

TEST(UnixSocket, PeekingAndWaitingForAll) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
      Made reader(ends.second);
      io::write_text(*ends.first, "ab");
      io::write_text(*ends.first, "cd");
      const auto receive = [&](size_t count, uint32_t flags) {
        std::string text(count, '\0');
        fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
        Incoming what(to);
        text.resize(reader->receive(what, flags).value_or(0));
        return text;
      };
      EXPECT_EQ(receive(3, abi::k_msg_peek), "abc");
      EXPECT_EQ(receive(9, abi::k_msg_peek), "abcd");
      host::Crew crew;
      Thread& waiter = crew.add([&] { EXPECT_EQ(receive(6, abi::k_msg_waitall), "abcdef"); });
      host::await_blocked(waiter, BlockReason::waiting);
      io::write_text(*ends.first, "efg");
      crew.join();
      ends.first.reset();
      EXPECT_EQ(receive(6, abi::k_msg_waitall), "g");
    });
  });
}

mm::Owned<PassedFiles> files_with(Ref<fs::File> file) {
  mm::Owned<PassedFiles> files = mm::make<PassedFiles>().value();
  EXPECT_TRUE(files->add(std::move(file)).has_value());
  return files;
}

TEST(UnixSocket, FilesOnTheirWay) {
  Machine().run([] {
    SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
    Made one(ends.first), other(ends.second);
    PipeEnds pipe = make_pipe(abi::k_o_nonblock).value();
    io::write_text(*one.file, "before");
    EXPECT_EQ(send(one, "with", files_with(pipe.writer)).value(), 4u);
    io::write_text(*one.file, "after");
    pipe.writer.reset();
    EXPECT_EQ(io::read_error(*pipe.reader), Errno::again) << "still open on its way";
    std::string text(20, '\0');
    {
      fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
      Incoming what(to);
      EXPECT_EQ(other->receive(what, 0).value(), 10u) << "up to the files";
      EXPECT_EQ(what.files->all().size(), 1u);
    }
    EXPECT_EQ(io::read_text(*pipe.reader, 1), "") << "the receiver has let it go";
    EXPECT_EQ(io::read_text(*other.file, 9), "after");
  });
}

// ---- Sockets that nobody can receive any more -------------------------------------------------------

// Both ends of a pair are on their way to themselves, and beside one goes the end of a pipe: it tells
// when they are let go.
TEST(UnixSocket, ARingOnItsWayIsLetGo) {
  Machine().run([] {
    PipeEnds pipe = make_pipe(abi::k_o_nonblock).value();
    {
      SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
      Made one(ends.first), other(ends.second);
      EXPECT_TRUE(send(one, "other", files_with(ends.second)).has_value());
      EXPECT_TRUE(send(other, "one", files_with(ends.first)).has_value());
      EXPECT_TRUE(send(other, "pipe", files_with(std::move(pipe.writer))).has_value());
      EXPECT_TRUE(make_socket_pair(SocketType::stream, 0).has_value());
      EXPECT_EQ(io::read_error(*pipe.reader), Errno::again) << "they are still somebody's";
    }
    EXPECT_EQ(io::read_error(*pipe.reader), Errno::again) << "nobody has looked";
    make_unix_socket(SocketType::stream, 0).value().reset();
    EXPECT_EQ(io::read_text(*pipe.reader, 1), "");
  });
}

TEST(UnixSocket, WhatCanStillBeReceivedIsNotLost) {
  Machine().run([] {
    SocketEnds outer = make_socket_pair(SocketType::stream, 0).value();
    Made sender(outer.first), receiver(outer.second);
    outer = {};
    {
      SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
      Made one(ends.first), other(ends.second);
      EXPECT_TRUE(send(one, "to itself", files_with(ends.second)).has_value());
      EXPECT_TRUE(send(sender, "to somebody", files_with(ends.second)).has_value());
    }
    make_unix_socket(SocketType::stream, 0).value().reset();
    std::string text(20, '\0');
    fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
    Incoming what(to);
    EXPECT_EQ(receiver->receive(what, 0).value(), 11u);
    Made other(what.files->all().front());
    EXPECT_EQ(io::read_text(*other.file, 20), "to itself");
    what.files.reset();
  });
}

// ---- Who sends --------------------------------------------------------------------------------------

TEST(UnixSocket, TellsWhoSends) {
  Machine().run([] {
    SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
    Made one(ends.first), other(ends.second);
    const auto receive = [&] {
      std::string text(20, '\0');
      fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
      Incoming what(to);
      EXPECT_TRUE(other->receive(what, 0).has_value());
      return what.credentials;
    };
    io::write_text(*one.file, "before anybody wants to know");
    EXPECT_EQ(receive(), std::nullopt);
    io::read_text(*other.file, 100);
    io::write_text(*one.file, "unknown");
    other->inbox().wants_credentials.store(true, relaxed);
    io::write_text(*one.file, "known");
    EXPECT_EQ(receive(), k_nobody) << "up to the first of somebody else";
    EXPECT_EQ(receive(), (abi::SocketCredentials{1, 0, 0}));
  });
}

// Each socket is on its way to the next: that none is closed inside another's closing keeps the stack flat.
TEST(UnixSocket, ALongChainOfSocketsEnds) {
  Machine().run([] {
    Ref<fs::File> last;
    for (int i = 0; i < 2'000; ++i) {
      SocketEnds ends = make_socket_pair(SocketType::stream, 0).value();
      Made sender(ends.first);
      if (last) EXPECT_TRUE(send(sender, "x", files_with(std::move(last))).has_value());
      last = std::move(ends.second);
    }
    last.reset();
  });
}

}  // namespace
}  // namespace weft::ipc
