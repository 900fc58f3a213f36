#include <sys/socket.h>

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "userlib/base/file.hh"
#include "userlib/bin/http/client.hh"
#include "userlib/bin/http/server.hh"

namespace weft::http {
namespace {

// Answers with what it was asked.
class Echo final : public Service {
 public:
  Response answer(const RequestHead& head, std::string_view body) override {
    if (head.target == "/nothing") return {.status = 404, .body = "no"};
    String text = format_string("{} {}", head.method, head.target);
    if (!body.empty()) text += format_string(" [{}]", body);
    return {.body = std::move(text)};
  }
};

// A server on a thread, at the other end of a pair of sockets.
class HttpConnection : public testing::Test {
 protected:
  HttpConnection() {
    int ends[2];
    EXPECT_TRUE(sys::socketpair(abi::k_af_unix, abi::k_sock_stream, 0, ends));
    ours_ = Descriptor(ends[0]);
    server_ = std::thread([this, theirs = ends[1]] {
      Descriptor closed_at_end(theirs);
      BlockingStream stream(theirs);
      Echo echo;
      answered_ = serve(stream, echo);
    });
  }
  ~HttpConnection() override { hang_up(); }

  void hang_up() {
    if (!server_.joinable()) return;
    ours_ = Descriptor();
    server_.join();
  }

  // All that the server has to say to this text, which ends the client's part.
  std::string say(std::string_view text) {
    EXPECT_TRUE(weft::write_all(ours_.get(), text));
    EXPECT_EQ(shutdown(ours_.get(), SHUT_WR), 0);
    String heard;
    EXPECT_TRUE(read_all(ours_.get(), heard));
    return std::string(heard.view());
  }

  Descriptor ours_;
  std::thread server_;
  Result<size_t> answered_{0};
};

TEST_F(HttpConnection, AsksAgainAndAgain) {
  BlockingStream stream(ours_.get());
  Client client(stream, "weft");
  auto first = client.get("/one");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 200u);
  EXPECT_EQ(first->body, "GET /one");
  EXPECT_TRUE(first->keep_alive);
  EXPECT_EQ(client.ask("POST", "/two", "some text")->body, "POST /two [some text]");
  auto head = client.ask("HEAD", "/three");
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(client.get("/nothing")->status, 404u);
  hang_up();
  EXPECT_EQ(answered_, 4u);
}

TEST_F(HttpConnection, LargeBodies) {
  BlockingStream stream(ours_.get());
  Client client(stream, "weft");
  const std::string large(200'000, 'x');
  EXPECT_EQ(client.ask("POST", "/", large)->body.size(), large.size() + 9);
}

TEST_F(HttpConnection, RequestsMayComeTogether) {
  const std::string heard =
      say("GET /a HTTP/1.1\r\nHost: w\r\n\r\nPOST /b HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: "
          "chunked\r\n\r\n"
          "3\r\nabc\r\n0\r\n\r\n\r\nGET /c HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\nGET /d");
  const size_t a = heard.find("GET /a");
  const size_t b = heard.find("POST /b [abc]");
  const size_t c = heard.find("GET /c");
  EXPECT_TRUE(a < b && b < c && c != heard.npos) << heard;
  EXPECT_NE(heard.find("Connection: close"), heard.npos);
  EXPECT_EQ(heard.find("/d"), heard.npos) << "the connection was closed before it";
}

TEST_F(HttpConnection, TellsWhoWaitsToContinue) {
  BlockingStream stream(ours_.get());
  ASSERT_TRUE(stream.write_all(
      "POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  char told[100];
  const auto count = stream.read(told, sizeof told);
  EXPECT_EQ(std::string_view(told, count.value_or(0)), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_NE(say("hi").find("POST / [hi]"), std::string::npos);
}

TEST_F(HttpConnection, WhatIsNoHttpIsRefused) {
  EXPECT_TRUE(say("hello\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  hang_up();
  EXPECT_EQ(answered_, 0u);
}

TEST_F(HttpConnection, AHeadWithoutEndIsRefused) {
  EXPECT_TRUE(say("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_F(HttpConnection, ABodyTooLargeIsRefused) {
  EXPECT_TRUE(say("POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 2000000\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpConnection, WrongChunksAreRefused) {
  EXPECT_TRUE(say("POST / HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
                  .starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpConnection, ARequestCutOffIsRefused) {
  EXPECT_TRUE(say("GET / HT").starts_with("HTTP/1.1 400 "));
}

TEST(HttpClient, AnAnswerCutOffIsAnError) {
  for (std::string_view text :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "nonsense\r\n\r\n"}) {
    int ends[2];
    ASSERT_TRUE(sys::socketpair(abi::k_af_unix, abi::k_sock_stream, 0, ends));
    Descriptor ours(ends[0]);
    {
      Descriptor theirs(ends[1]);
      ASSERT_TRUE(weft::write_all(theirs.get(), text));
      ASSERT_EQ(shutdown(theirs.get(), SHUT_WR), 0);
      BlockingStream stream(ours.get());
      Client client(stream, "weft");
      const Errno expected = text.starts_with("nonsense") ? Errno::io : Errno::connreset;
      EXPECT_EQ(client.get("/").error(), expected) << text;
    }
  }
}

TEST(HttpClient, AnAnswerMayEndWithTheConnection) {
  int ends[2];
  ASSERT_TRUE(sys::socketpair(abi::k_af_unix, abi::k_sock_stream, 0, ends));
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  ASSERT_TRUE(weft::write_all(theirs.get(),
                              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nall of it"));
  ASSERT_EQ(shutdown(theirs.get(), SHUT_WR), 0);
  BlockingStream stream(ours.get());
  const auto answer = Client(stream, "weft").get("/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "all of it");
  EXPECT_FALSE(answer->keep_alive);
}

}  // namespace
}  // namespace weft::http
