#include <string>

#include <gtest/gtest.h>

#include "userlib/bin/http/body.hh"
#include "userlib/bin/http/head.hh"

namespace weft::http {
namespace {

unsigned refusal(std::string_view head) {
  const auto parsed = parse_request(head);
  return parsed ? 0 : parsed.error();
}

std::string request_with(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: weft\r\n" + std::string(fields) + "\r\n";
}

TEST(HttpHead, ARequestComesApart) {
  const auto parsed = parse_request(
      "POST /form?x=1 HTTP/1.1\r\nHost: weft\r\nContent-Length: 12\r\nX-Empty:\r\nX-Two: \t a b "
      "\r\n\r\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->method, "POST");
  EXPECT_EQ(parsed->target, "/form?x=1");
  EXPECT_EQ(parsed->minor_version, 1u);
  EXPECT_EQ(parsed->fields.find("host"), "weft");
  EXPECT_EQ(parsed->fields.find("x-empty"), "");
  EXPECT_EQ(parsed->fields.find("X-TWO"), "a b");
  EXPECT_FALSE(parsed->fields.find("Cookie"));
  EXPECT_EQ(parsed->body.framing, Framing::length);
  EXPECT_EQ(parsed->body.length, 12u);
  EXPECT_TRUE(parsed->keep_alive);
  EXPECT_FALSE(parsed->expects_continue);
}

TEST(HttpHead, ItsEndIsFound) {
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r\nmore"), 18u);
  EXPECT_FALSE(head_length("GET / HTTP/1.1\r\n\r"));
  EXPECT_FALSE(head_length(""));
}

TEST(HttpHead, WhoKeepsTheConnection) {
  EXPECT_TRUE(parse_request(request_with(""))->keep_alive);
  EXPECT_FALSE(parse_request(request_with("Connection: close\r\n"))->keep_alive);
  EXPECT_FALSE(parse_request(request_with("Connection: upgrade, Close\r\n"))->keep_alive);
  EXPECT_FALSE(parse_request("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse_request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
}

TEST(HttpHead, WhoWaitsForContinue) {
  EXPECT_TRUE(parse_request(request_with("Expect: 100-Continue\r\n"))->expects_continue);
  EXPECT_FALSE(parse_request("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expects_continue);
}

TEST(HttpHead, WrongRequestsAreRefused) {
  EXPECT_EQ(refusal("\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET /\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1 x\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505u);
  EXPECT_EQ(refusal("GET / HTTQ/1.1\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400u) << "no Host";
  EXPECT_EQ(refusal(request_with("Host: again\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Name : space\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Long: line\r\n folded\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("no colon\r\n")), 400u);
  EXPECT_EQ(refusal(request_with(": no name\r\n")), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n"), 400u) << "no end";
}

TEST(HttpHead, TheContentsEndIsToldInOneWay) {
  EXPECT_EQ(refusal(request_with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Content-Length: 1\r\nContent-Length: 1\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Content-Length: -1\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Content-Length: 1x\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Content-Length: 99999999999999999999\r\n")), 400u);
  EXPECT_EQ(refusal(request_with("Transfer-Encoding: gzip\r\n")), 501u);
  EXPECT_EQ(refusal(request_with("Transfer-Encoding: gzip, chunked\r\n")), 501u);
  EXPECT_EQ(parse_request(request_with("Transfer-Encoding: Chunked\r\n"))->body.framing,
            Framing::chunked);
  EXPECT_EQ(parse_request(request_with(""))->body.framing, Framing::none);
}

TEST(HttpHead, TooManyFields) {
  std::string fields;
  for (size_t i = 0; i < Fields::k_most; ++i) fields += "A: b\r\n";
  EXPECT_EQ(refusal(request_with(fields)), 431u);
}

TEST(HttpHead, AResponseComesApart) {
  const auto parsed = parse_response("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n", "GET");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->status, 404u);
  EXPECT_EQ(parsed->reason, "Not Found");
  EXPECT_EQ(parsed->body.length, 3u);
  EXPECT_TRUE(parsed->keep_alive);
}

TEST(HttpHead, AResponseWithoutContent) {
  constexpr std::string_view k_length = "Content-Length: 3\r\n\r\n";
  for (const char* line : {"HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 \r\n", "HTTP/1.1 100\r\n"})
    EXPECT_EQ(parse_response(line + std::string(k_length), "GET")->body.framing, Framing::none);
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\n" + std::string(k_length), "HEAD")->body.framing,
            Framing::none);
}

TEST(HttpHead, AResponseThatEndsWithTheConnection) {
  const auto parsed = parse_response("HTTP/1.1 200 OK\r\n\r\n", "GET");
  EXPECT_EQ(parsed->body.framing, Framing::until_close);
  EXPECT_FALSE(parsed->keep_alive);
}

TEST(HttpHead, WrongResponsesAreRefused) {
  for (const char* head : {"HTTP/1.1\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n",
                           "HTTP/3.1 200 OK\r\n\r\n", "200 OK\r\n\r\n"})
    EXPECT_FALSE(parse_response(head, "GET")) << head;
}

// Decodes the text as it comes in pieces of that size; what is left behind the body is appended to rest.
std::string decode(BodyDecoder& decoder, std::string_view text, size_t step, std::string& rest) {
  std::string content;
  std::string input;
  for (size_t at = 0; at < text.size(); at += step) {
    input += text.substr(at, step);
    for (;;) {
      const auto piece = decoder.next(input);
      content += piece.content;
      input.erase(0, piece.used);
      if (piece.used == 0) break;
    }
  }
  rest = input;
  return content;
}

TEST(HttpBody, OfALengthEndsThere) {
  for (size_t step : {1, 2, 100}) {
    BodyDecoder decoder({Framing::length, 5});
    std::string rest;
    EXPECT_EQ(decode(decoder, "helloGET", step, rest), "hello");
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(rest, "GET");
  }
}

TEST(HttpBody, InChunksEndsWithTheEmptyOne) {
  constexpr std::string_view k_text =
      "5\r\nhello\r\nA;name=value\r\n, big wide\r\n1 \r\n!\r\n0\r\nTrailer: x\r\n\r\nGET";
  for (size_t step : {1, 3, 100}) {
    BodyDecoder decoder({Framing::chunked, 0});
    std::string rest;
    EXPECT_EQ(decode(decoder, k_text, step, rest), "hello, big wide!");
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(rest, "GET");
  }
}

TEST(HttpBody, WrongChunksAreNoticed) {
  for (std::string text : {"x\r\n", "\r\n", "5\r\nhelloXX\r\n", "1000000000000000\r\n", "-1\r\n"}) {
    BodyDecoder decoder({Framing::chunked, 0});
    std::string rest;
    decode(decoder, text, 100, rest);
    EXPECT_TRUE(decoder.malformed()) << text;
    EXPECT_FALSE(decoder.ends_with_connection());
  }
  BodyDecoder decoder({Framing::chunked, 0});
  EXPECT_EQ(decoder.next(std::string(2000, '1')).used, 0u);
  EXPECT_TRUE(decoder.malformed()) << "a line without an end";
}

TEST(HttpBody, UntilTheConnectionEnds) {
  BodyDecoder decoder({Framing::until_close, 0});
  std::string rest;
  EXPECT_EQ(decode(decoder, "all of it", 4, rest), "all of it");
  EXPECT_FALSE(decoder.done());
  EXPECT_TRUE(decoder.ends_with_connection());
}

TEST(HttpBody, OfNothingIsDoneAtOnce) {
  EXPECT_TRUE(BodyDecoder({Framing::none, 0}).done());
  EXPECT_TRUE(BodyDecoder({Framing::length, 0}).done());
  EXPECT_EQ(BodyDecoder({Framing::none, 0}).next("GET").used, 0u);
}

}  // namespace
}  // namespace weft::http
