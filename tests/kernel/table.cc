// The table of all self-tests, in no order that matters.
#include <array>

#include "kernel/selftest.hh"
#include "kernel/tests.hh"

namespace weft::selftest {
namespace {

constexpr std::array k_tests{
    Test{"thread-create-join", threads::create_and_join},
    Test{"thread-create-detach", threads::create_and_detach},
    Test{"thread-ten-thousand-live", threads::ten_thousand_live},
    Test{"thread-names-ids", threads::names_and_ids},
    Test{"thread-join-deadline", threads::join_with_deadline},
    Test{"thread-states", threads::states},
    Test{"thread-cpu-time", threads::cpu_time_adds_up},

    Test{"sync-semaphore-ring", sync::semaphore_ring},
    Test{"sync-semaphore", sync::semaphore_limits},
    Test{"sync-bounded-semaphore", sync::bounded_semaphore},
    Test{"sync-mutex", sync::mutex_try_and_deadline},
    Test{"sync-condvar", sync::condvar_buffer},
    Test{"sync-rw-lock", sync::rw_lock},
    Test{"sync-event", sync::event},
    Test{"sync-barrier", sync::barrier},
    Test{"sync-once", sync::once},

    Test{"storm-mutex", storms::mutex_storm},
    Test{"storm-semaphore", storms::semaphore_storm},
    Test{"storm-spin-lock", storms::spin_lock_storm},
    Test{"storm-timeout", storms::timeout_storm},
    Test{"storm-condvar", storms::condvar_storm},
    Test{"storm-registers", storms::registers_survive},

    Test{"sched-preempt-spinner", scheduling::spinner_is_preempted},
    Test{"sched-everybody-gets-on", scheduling::everybody_gets_on},
    Test{"sched-urgent-first", scheduling::urgent_goes_first},
    Test{"sched-inheritance", scheduling::inheritance},
    Test{"sched-inheritance-chain", scheduling::inheritance_along_a_chain},
    Test{"sched-fair-shares", scheduling::fair_shares},

    Test{"cpu-affinity", cpus::affinity},
    Test{"cpu-affinity-changes", cpus::affinity_changes},
    Test{"cpu-work-spreads", cpus::work_spreads},
    Test{"cpu-work-taken-over", cpus::waiting_work_is_taken_over},
    Test{"cpu-no-tick-alone", cpus::no_tick_when_alone},
    Test{"cpu-no-tick-idle", cpus::no_tick_when_idle},

    Test{"time-sleep", time::sleep_is_never_short},
    Test{"time-timer-order", time::timers_fire_in_order},
    Test{"time-timer-cancel", time::cancelled_timers_stay_silent},
    Test{"time-clock", time::clock_never_goes_back},

    Test{"memory-exhaustion", memory::exhaustion},
    Test{"memory-threads-exhaustion", memory::threads_at_exhaustion},
    Test{"memory-frames", memory::frames_on_all_cpus},
    Test{"memory-heap", memory::heap_on_all_cpus},
    Test{"memory-stacks", memory::stacks_on_all_cpus},
    Test{"memory-tlb-flush", memory::stale_translations},
};

// Run only when asked for by name.
constexpr std::array k_special_tests{
    Test{"bench", run_benchmarks},
    Test{"panic-stack-guard", panics::stack_guard},
    Test{"panic-double-fault", panics::double_fault_stack},
    Test{"panic-null-pointer", panics::null_pointer},
    Test{"panic-write-to-text", panics::write_to_text},
    Test{"panic-execute-data", panics::execute_data},
    Test{"panic-recursive-mutex", panics::recursive_mutex},
    Test{"panic-foreign-unlock", panics::foreign_unlock},
    Test{"panic-in-another-thread", panics::in_another_thread},
    Test{"panic-rank-violation", panics::rank_violation},
    Test{"panic-sleep-under-spin-lock", panics::sleep_under_spin_lock},
    Test{"panic-double-free", panics::double_free},
};

}  // namespace

std::span<const Test> ordinary_tests() { return k_tests; }
std::span<const Test> special_tests() { return k_special_tests; }

}  // namespace weft::selftest
