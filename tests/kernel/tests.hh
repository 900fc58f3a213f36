// The self-tests, by the file they are in. table.cc gives them their names.
#pragma once

namespace weft::selftest {

namespace threads {  // thread_tests.cc
void create_and_join();
void create_and_detach();
void ten_thousand_live();
void names_and_ids();
void join_with_deadline();
void states();
void cpu_time_adds_up();
}  // namespace threads

namespace sync {  // sync_tests.cc
void semaphore_ring();
void semaphore_limits();
void bounded_semaphore();
void mutex_try_and_deadline();
void condvar_buffer();
void rw_lock();
void event();
void barrier();
void once();
}  // namespace sync

namespace storms {  // storm_tests.cc
void mutex_storm();
void semaphore_storm();
void spin_lock_storm();
void timeout_storm();
void condvar_storm();
void registers_survive();
}  // namespace storms

namespace scheduling {  // scheduling_tests.cc
void spinner_is_preempted();
void everybody_gets_on();
void urgent_goes_first();
void inheritance();
void inheritance_along_a_chain();
void fair_shares();
}  // namespace scheduling

namespace cpus {  // cpu_tests.cc
void affinity();
void affinity_changes();
void work_spreads();
void waiting_work_is_taken_over();
void no_tick_when_alone();
void no_tick_when_idle();
}  // namespace cpus

namespace time {  // time_tests.cc
void sleep_is_never_short();
void timers_fire_in_order();
void cancelled_timers_stay_silent();
void clock_never_goes_back();
}  // namespace time

namespace memory {  // memory_tests.cc
void exhaustion();
void threads_at_exhaustion();
void frames_on_all_cpus();
void heap_on_all_cpus();
void stale_translations();
void stacks_on_all_cpus();
}  // namespace memory

namespace panics {  // panic_tests.cc
void stack_guard();
void double_fault_stack();
void null_pointer();
void write_to_text();
void execute_data();
void recursive_mutex();
void foreign_unlock();
void in_another_thread();
void rank_violation();
void sleep_under_spin_lock();
void double_free();
}  // namespace panics

}  // namespace weft::selftest
