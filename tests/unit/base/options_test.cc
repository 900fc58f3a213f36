// The kernel's command line: what each option does, and what each mistake is told.
#include "core/base/options.hh"

#include <gtest/gtest.h>

#include <string>

namespace weft {
namespace {

Options options_of(std::string_view line) {
  const CommandLine parsed = parse_command_line(line);
  EXPECT_FALSE(parsed.error.has_value()) << parsed.error->view();
  return parsed.options;
}

std::string error_of(std::string_view line) {
  const CommandLine parsed = parse_command_line(line);
  return parsed.error ? std::string(parsed.error->view()) : "";
}

TEST(Options, an_empty_line_means_the_defaults) {
  for (const char* line : {"", "   ", "\t\n"}) {
    const Options options = options_of(line);
    EXPECT_EQ(options.policy, "fair");
    EXPECT_EQ(options.log_level, log::Level::info);
    EXPECT_EQ(options.cpus, 16u);
    EXPECT_EQ(options.command, "");
    EXPECT_EQ(options.test, "");
    EXPECT_EQ(options.seed, 1u);
  }
}

TEST(Options, every_option_has_its_place) {
  const Options options = options_of("sched=mlfq log=warn cpus=3 cmd=mem test=a,b seed=77");
  EXPECT_EQ(options.policy, "mlfq");
  EXPECT_EQ(options.log_level, log::Level::warn);
  EXPECT_EQ(options.cpus, 3u);
  EXPECT_EQ(options.command, "mem");
  EXPECT_EQ(options.test, "a,b");
  EXPECT_EQ(options.seed, 77u);
}

TEST(Options, all_policies_and_levels_are_known) {
  for (const std::string_view policy : k_policy_names) {
    EXPECT_EQ(options_of("sched=" + std::string(policy)).policy, policy);
  }
  EXPECT_EQ(options_of("log=error").log_level, log::Level::error);
  EXPECT_EQ(options_of("log=info").log_level, log::Level::info);
  EXPECT_EQ(options_of("log=debug").log_level, log::Level::debug);
}

TEST(Options, quotes_keep_blanks_in_a_value) {
  EXPECT_EQ(options_of("cmd=\"mem; cpus\" cpus=2").command, "mem; cpus");
  EXPECT_EQ(options_of("cmd=\"mem; cpus\" cpus=2").cpus, 2u);
  EXPECT_EQ(options_of("\"cmd=mem; cpus\"").command, "mem; cpus");
  EXPECT_EQ(options_of("cmd=\"\"").command, "");
  EXPECT_EQ(options_of("cmd=a=b").command, "a=b");
}

TEST(Options, numbers_are_decimal_or_hexadecimal) {
  EXPECT_EQ(options_of("seed=0").seed, 0u);
  EXPECT_EQ(options_of("seed=0xff").seed, 255u);
  EXPECT_EQ(options_of("seed=18446744073709551615").seed, ~uint64_t{0});
  EXPECT_EQ(options_of("seed=0xffffffffffffffff").seed, ~uint64_t{0});
  for (const char* wrong : {"seed=", "seed=0x", "seed=12a", "seed=-1", "seed=18446744073709551616",
                            "seed=0x10000000000000000"}) {
    EXPECT_NE(error_of(wrong), "") << wrong;
  }
}

TEST(Options, of_two_the_last_counts) { EXPECT_EQ(options_of("cpus=2 cpus=5").cpus, 5u); }

TEST(Options, the_nonce_is_no_option) {
  const CommandLine line = parse_command_line("nonce=1f2e sched=rr");
  EXPECT_EQ(line.nonce, "1f2e");
  EXPECT_EQ(line.options.policy, "rr");
}

TEST(Options, the_nonce_is_found_behind_an_error) {
  const CommandLine line = parse_command_line("bad nonce=1f2e");
  EXPECT_TRUE(line.error.has_value());
  EXPECT_EQ(line.nonce, "1f2e");
}

TEST(Options, mistakes_are_named) {
  EXPECT_EQ(error_of("sched=lottery"), "sched=lottery: it is one of rr, prio, mlfq, fair");
  EXPECT_EQ(error_of("log=loud"), "log=loud: it is one of error, warn, info, debug");
  EXPECT_EQ(error_of("cpus=0"), "cpus=0: it is a number from 1 to 16");
  EXPECT_EQ(error_of("cpus=17"), "cpus=17: it is a number from 1 to 16");
  EXPECT_EQ(error_of("seed=x"), "seed=x: it is a number, decimal or with 0x");
  EXPECT_EQ(error_of("quiet"), "quiet: options have the form name=value");
  EXPECT_EQ(error_of("root=/dev/sda"),
            "root: there is no such option; there are sched, log, cpus, cmd, test, seed");
  EXPECT_EQ(error_of("cmd=\"mem"), "cmd=\"mem: a quote is opened and not closed");
}

TEST(Options, the_first_mistake_is_told) {
  EXPECT_EQ(error_of("one=1 two=2").substr(0, 4), "one:");
}

}  // namespace
}  // namespace weft
