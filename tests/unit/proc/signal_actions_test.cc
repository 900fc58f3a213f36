#include "core/proc/signal_actions.hh"

#include <gtest/gtest.h>

#include "core/sync/irq_guard.hh"
#include "unit/support/machine.hh"

namespace weft::proc {
namespace {

constexpr abi::SignalAction k_handler{.handler = 0x1000, .flags = 0, .restorer = 0, .mask = 5};

template <typename Body>
void with_actions(Body body) {
  host::Machine().run([&] { body(*SignalActions::make().value()); });
}

}  // namespace

TEST(SignalActions, BeginAsDefaults) {
  with_actions([](SignalActions& actions) {
    EXPECT_EQ(actions.caught(), 0u);
    EXPECT_EQ(actions.ignored(),
              set_of(abi::k_sigchld, abi::k_sigcont, abi::k_sigurg, abi::k_sigwinch));
    EXPECT_EQ(actions.get(abi::k_sigterm).handler, abi::k_default_action);
  });
}

TEST(SignalActions, AreKeptAndTold) {
  with_actions([](SignalActions& actions) {
    actions.set(64, k_handler);
    EXPECT_EQ(actions.get(64).handler, 0x1000u);
    EXPECT_EQ(actions.get(64).mask, 5u);
    EXPECT_EQ(actions.caught(), bit_of(64));
    actions.set(abi::k_sigchld, k_handler);
    EXPECT_FALSE(contains(actions.ignored(), abi::k_sigchld));
    actions.set(abi::k_sigchld, {});
    EXPECT_TRUE(contains(actions.ignored(), abi::k_sigchld));
    actions.set(abi::k_sigterm, {abi::k_ignore_signal, 0, 0, 0});
    EXPECT_TRUE(contains(actions.ignored(), abi::k_sigterm));
    EXPECT_FALSE(contains(actions.caught(), abi::k_sigterm));
  });
}

TEST(SignalActions, ServeOnceWithResetHand) {
  with_actions([](SignalActions& actions) {
    abi::SignalAction once = k_handler;
    once.flags = abi::k_sa_resethand;
    actions.set(1, once);
    IrqGuard irqs_off;
    abi::SignalAction taken;
    actions.take(1, taken);
    EXPECT_EQ(taken.handler, 0x1000u);
    actions.take(1, taken);
    EXPECT_EQ(taken.handler, abi::k_default_action);
    taken = k_handler;
    actions.take(2, taken);  // which never had one
    EXPECT_EQ(taken.handler, abi::k_default_action);
    EXPECT_EQ(actions.get(1).flags, once.flags);
    EXPECT_EQ(actions.caught(), 0u);
  });
}

TEST(SignalActions, OfAChildAreACopyAndOfAProgramHaveNoHandlers) {
  with_actions([](SignalActions& actions) {
    actions.set(1, k_handler);
    actions.set(2, {abi::k_ignore_signal, 0, 0, 0});
    const Ref<SignalActions> child = actions.copy().value();
    const Ref<SignalActions> program = actions.copy_for_program().value();
    actions.set(1, {});
    EXPECT_EQ(child->get(1).handler, 0x1000u);
    EXPECT_EQ(child->get(2).handler, abi::k_ignore_signal);
    EXPECT_EQ(program->get(1).handler, abi::k_default_action);
    EXPECT_EQ(program->caught(), 0u);
    EXPECT_TRUE(contains(program->ignored(), 2));
  });
}

TEST(SignalActions, ByDefaultMostEndSomeStopAndFewDoNothing) {
  EXPECT_EQ(default_action(abi::k_sigterm), DefaultAction::end);
  EXPECT_EQ(default_action(abi::k_sigsegv), DefaultAction::end);
  EXPECT_EQ(default_action(64), DefaultAction::end);
  EXPECT_EQ(default_action(abi::k_sigttou), DefaultAction::stop);
  EXPECT_EQ(default_action(abi::k_sigchld), DefaultAction::ignore);
  EXPECT_EQ(default_action(abi::k_sigcont), DefaultAction::ignore);
}

}  // namespace weft::proc
