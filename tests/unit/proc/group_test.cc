// Process groups and sessions: who may move whom, and when a group is orphaned.
#include "core/proc/group.hh"

#include "unit/proc/family.hh"
#include "unit/support/machine.hh"

namespace weft::proc {
namespace {

template <typename Body>
void with_family(Body body) {
  host::Machine().run([&] {
    Family family;
    body(family);
  });
}

bool is_orphaned(const Process& process) {
  SpinGuard guard(tree_lock);
  return process.group->is_orphaned();
}
int32_t session_number(Process& process) { return session_of(process, 0).value(); }
int32_t group_number(Process& process) { return group_of(process, 0).value(); }

TEST(Group, AChildBeginsInItsParentsGroup) {
  with_family([](Family& family) {
    Process& child = family.child_of(family.first());
    EXPECT_EQ(group_number(child), family.first().pid);
    EXPECT_EQ(session_number(child), family.first().pid);
    EXPECT_EQ(group_of(family.first(), child.pid).value(), family.first().pid);
    EXPECT_EQ(group_of(family.first(), 999).error(), Errno::srch);
    EXPECT_EQ(session_of(family.first(), 999).error(), Errno::srch);
  });
}

TEST(Group, OneIsMadeByMovingIn) {
  with_family([](Family& family) {
    Process& child = family.child_of(family.first());
    Process& other = family.child_of(family.first());
    EXPECT_TRUE(set_group(family.first(), child.pid, 0).has_value());
    EXPECT_EQ(group_number(child), child.pid);
    EXPECT_TRUE(set_group(other, 0, child.pid).has_value());
    EXPECT_EQ(group_number(other), child.pid);
    EXPECT_TRUE(set_group(other, 0, other.pid).has_value());
    EXPECT_EQ(group_number(other), other.pid);
    EXPECT_TRUE(set_group(other, 0, other.pid).has_value()) << "it is there already";
  });
}

TEST(Group, WhoMayMoveWhom) {
  with_family([](Family& family) {
    Process& first = family.first();
    Process& child = family.child_of(first);
    Process& grandchild = family.child_of(child);
    EXPECT_EQ(set_group(first, child.pid, -1).error(), Errno::inval);
    EXPECT_EQ(set_group(first, 999, 0).error(), Errno::srch);
    EXPECT_EQ(set_group(first, grandchild.pid, 0).error(), Errno::srch) << "no child of the caller";
    EXPECT_EQ(set_group(child, first.pid, 0).error(), Errno::srch);
    EXPECT_EQ(set_group(first, child.pid, 999).error(), Errno::perm) << "no such group";
    EXPECT_EQ(set_group(first, 0, 0).error(), Errno::perm) << "it leads a session";
    child.has_executed = true;
    EXPECT_EQ(set_group(first, child.pid, 0).error(), Errno::acces);
    EXPECT_TRUE(start_session(grandchild).has_value());
    EXPECT_EQ(set_group(child, grandchild.pid, child.pid).error(), Errno::perm)
        << "another session";
    EXPECT_EQ(set_group(child, 0, grandchild.pid).error(), Errno::perm) << "a group of another one";
  });
}

TEST(Group, SessionsAreStartedByThoseWhoLeadNoGroup) {
  with_family([](Family& family) {
    Process& child = family.child_of(family.first());
    EXPECT_EQ(start_session(child).value(), child.pid);
    EXPECT_EQ(session_number(child), child.pid);
    EXPECT_EQ(group_number(child), child.pid);
    EXPECT_EQ(start_session(child).error(), Errno::perm);
    EXPECT_EQ(start_session(family.first()).error(), Errno::perm);
  });
}

TEST(Group, IsOrphanedWithoutAParentOutside) {
  with_family([](Family& family) {
    Process& shell = family.child_of(family.first());
    ASSERT_TRUE(start_session(shell).has_value());
    EXPECT_TRUE(is_orphaned(shell)) << "its parent is in another session";
    Process& job = family.child_of(shell);
    Process& other = family.child_of(job);
    ASSERT_TRUE(set_group(shell, job.pid, 0).has_value());
    ASSERT_TRUE(set_group(job, other.pid, job.pid).has_value());
    EXPECT_FALSE(is_orphaned(job)) << "the shell is there";
    {
      SpinGuard guard(tree_lock);
      EXPECT_FALSE(other.is_anchor) << "its parent is in the same group";
      EXPECT_TRUE(job.is_anchor);
    }
    ASSERT_TRUE(set_group(shell, job.pid, shell.pid).has_value());
    EXPECT_FALSE(is_orphaned(other)) << "now its parent is outside";
    family.end(other, 0);
    EXPECT_TRUE(is_orphaned(other)) << "who has ended is nobody's";
  });
}

}  // namespace
}  // namespace weft::proc
