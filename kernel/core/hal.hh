// The seam between the core and a machine. The core calls what is declared in namespace hal; the
// machine calls what is declared in namespace upcall. Three machines stand behind it, chosen by the
// linker: kernel/x86_64 (the real one), tests/unit/hal_threads (CPUs are host threads) and
// tests/unit/hal_sim (CPUs are fibers on one host thread, with a virtual clock).
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/base/atomic.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft {

class Thread;
struct Registers;

namespace hal {

inline constexpr unsigned k_max_cpus = 16;

// ---- CPUs ------------------------------------------------------------------------------------

// The CPU this code runs on. It means something only while it cannot change: interrupts off, or
// inside an interrupt.
unsigned cpu_id();
// How many CPUs there are; their ids are 0 to cpu_count()-1.
unsigned cpu_count();
// Makes upcall::on_kick run on that CPU soon, with interrupts off; ends its wait_for_interrupt().
// A kick of a CPU that has one coming may be merged with it. Any context; never blocks.
void kick_cpu(unsigned cpu);
// Tells the CPU that this is a busy wait. The simulator runs other CPUs here.
void relax();

// ---- The running thread ----------------------------------------------------------------------

// The thread that runs this code; the same from its first to its last instruction, whatever CPU.
Thread* current();
// Says who current() is from now on, on this CPU. Interrupts are off.
void set_current(Thread* thread);

// Whether a flag is set: a relaxed load of one that hardly ever changes, in two instructions with the branch on
// it. (The compiler needs three: it never compares an atomic where it stands.)
bool is_set(const Atomic<bool>& flag);

// ---- Interrupts ------------------------------------------------------------------------------

// Interrupts off on this CPU; true if they were on before.
bool irq_save();
// The same for who knows that they are on.
void irq_disable();
// Interrupts on again if they were on.
void irq_restore(bool were_on);
bool irq_enabled();
// Called with interrupts off: lets them in and halts until one has been handled, with no gap in
// which one could be missed. Interrupts are off again when it returns.
void wait_for_interrupt();

// ---- Time ------------------------------------------------------------------------------------

// Nanoseconds since boot; never goes back, the same on all CPUs.
Instant now();
// Makes upcall::on_timer run once on this CPU, at that instant or a little later, with interrupts
// off. One deadline for each CPU: a new one takes the old one's place; k_never takes it away.
// Interrupts are off when it is called.
void arm_timer(Instant deadline);

// Numbers that nobody outside can foresee, as far as the machine has a source of such; at the least
// they differ from call to call.
std::array<uint64_t, 4> entropy();

// ---- Contexts --------------------------------------------------------------------------------

// What a thread that doesn't run has left behind: where its stack pointer was. All its registers
// are on its stack. `host` is the host machines' own (a sanitizer's fiber), unused in the kernel.
struct Context {
  void* stack_pointer = nullptr;
  void* host = nullptr;
};

// Prepares a context that will call entry(argument) on that stack when first switched to, with
// interrupts off. The entry never returns.
void init_context(Context& context, void* stack_base, size_t stack_size, void (*entry)(void*),
                  void* argument);
// Saves this CPU's callee-saved registers into `from` and goes on as `to`. Returns when somebody
// switches to `from`. Interrupts are off.
void switch_context(Context& from, Context& to);
// Nobody will switch to this context any more: frees what the machine keeps for it. Not called from
// the context itself.
void drop_context(Context& context);

// ---- Memory ----------------------------------------------------------------------------------

// All memory of the machine stands at one fixed distance in the direct map.
void* phys_to_virt(PhysAddr address);
PhysAddr virt_to_phys(const void* pointer);
// Fills one page, through the direct map, with zeros.
void zero_page(void* page);

// An area of kernel addresses, empty at boot, in which map_kernel() may place pages.
struct Area {
  VirtAddr base;
  size_t size;
};
Area kernel_area();
// Lets the page at `address` (readable, writable, not executable) lead to the frame. Errno::nomem
// when there is no frame for a page table. The caller sees to it that no two calls race for one page.
Result<> map_kernel(VirtAddr address, PhysAddr frame);
// Takes the mapping away; a CPU may still use a stale copy until flush_kernel().
void unmap_kernel(VirtAddr address);
// No CPU uses a stale copy of these pages when it returns. Interrupts are on, no spin lock is held:
// it waits for the other CPUs.
void flush_kernel(VirtAddr address, size_t pages);

// ---- User memory -----------------------------------------------------------------------------

// The CPU can keep a page from being executed.
bool has_no_execute();
// Fills in the kernel's half of a new top page table.
void share_kernel_half(PhysAddr root);
// From now on this CPU sees the user half of that table. Cheap if it does so already. Interrupts are
// off. The kernel's own threads run with whatever is loaded.
void load_root(PhysAddr root);
// No CPU that has this table loaded uses a stale copy of these pages when it returns. Interrupts are
// on, no spin lock is held.
void flush_user(PhysAddr root, VirtAddr address, size_t pages);
// No CPU has this table loaded when it returns: its memory may be freed. Interrupts are on.
void unload_root(PhysAddr root);

// Copies from or to user addresses as the loaded table has them, faults included; how many bytes at
// the end could not be copied. The caller has checked that the range is below mm::k_user_end. With
// interrupts off nothing can be brought: then a page that is not there at once counts as a bad address.
size_t copy_from_user(void* to, VirtAddr from, size_t size);
size_t copy_to_user(VirtAddr to, const void* from, size_t size);
size_t clear_user(VirtAddr to, size_t size);
// One aligned word, in one step. Errno::fault.
Result<uint32_t> load_user_word(VirtAddr address);
// Stores `desired` if the word is `expected`; the value that was there.
Result<uint32_t> compare_exchange_user_word(VirtAddr address, uint32_t expected, uint32_t desired);

// ---- User mode -------------------------------------------------------------------------------

// Why a thread that is on its way to user mode calls upcall::before_user_mode() first.
inline constexpr uint32_t k_work_signals = 1;  // there may be signals to deliver

// What a thread of a process has in the CPU beside its registers. The running thread's own, but for
// `work`. The CPU keeps the floating-point state and the bases until switch_user() saves them.
struct UserState {
  Atomic<uint32_t> work{0};
  PhysAddr root{};            // of its page table
  void* stack_top = nullptr;  // where the entries from user mode begin to push
  uint64_t fs_base = 0;
  uint64_t gs_base = 0;
  alignas(64) std::byte floating_point[1024];
};

// Floating point as a new program finds it.
void reset_user_state(UserState& state);
// The running thread's state as it is now, for a child: floating point and bases.
void copy_user_state(UserState& child);
// The CPU turns from one thread's state to another's; nullptr stands for a kernel thread. Called
// where they differ. Interrupts are off.
void switch_user(UserState* from, UserState* to);
// The running thread's FS or GS base, which programs find their thread-local storage with.
void set_fs_base(uint64_t base);
void set_gs_base(uint64_t base);
uint64_t fs_base();
uint64_t gs_base();
// Registers that have nothing in them but a place to start at, in user mode with interrupts on.
void init_registers(Registers& registers, VirtAddr entry, VirtAddr stack);
// Whatever a program wrote there: it stays in user mode, with interrupts on and no rights of its own.
void make_user_registers(Registers& registers);

// The floating-point state in a signal frame, as programs know it: with room for all that the CPU has,
// and with marks by which they find what is there.
struct SignalState {
  size_t size;
  bool is_extended;  // more than the first 512 bytes
};
SignalState signal_state();
// Loads the running thread's from there; 0 for that of a new program. Errno::fault, also for a state that the CPU refuses.
Result<> load_signal_state(VirtAddr place);

// What lies in a signal frame around the interrupted registers, in the order of the frame
// (proc/signal_frame.hh): its return address, then abi::UserContext.
struct SignalFrame {
  // Where these lie in user memory, from the return address on.
  static constexpr size_t k_stack_place = 24, k_registers_place = 48, k_segments_place = 192,
                          k_floating_point_place = 232, k_mask_place = 304;

  uint64_t restorer;
  uint64_t flags;
  uint64_t link;
  uint64_t stack[3];
  uint64_t segments;
  uint64_t error, trap;
  uint64_t old_mask;
  uint64_t fault_address;
  uint64_t floating_point;
  uint64_t mask;
};
// Both go straight between user memory and the registers, since a signal is costly enough. All of the
// frame lies in user memory. Errno::fault.
// With the floating-point state, at its place in the frame, which is aligned to 64; the running thread
// goes on with that of a new program.
Result<> save_signal_frame(VirtAddr place, const SignalFrame& frame, const Registers& registers);
// Of the frame only the stack, the floating point's place and the mask are told.
Result<> load_signal_frame(SignalFrame& frame, Registers& registers, VirtAddr place);

// A system call finds in its `registers` only what a call can do with: arguments, number, place and stack of the
// program. One that copies or changes them all is run by this instead: upcall::run_whole_call().
extern "C" uint64_t whole_frame_call(Registers& registers);
// Leaves the kernel; the thread's kernel stack is empty from then on.
[[noreturn]] void enter_user(Registers& registers);

// ---- The console and the end -----------------------------------------------------------------

// Writes to the log's place at once; a call's text stays together. A panic uses it too.
void write_log(std::string_view text);
// The return addresses of the calls that led here, the innermost first; how many there were.
size_t backtrace(std::span<uintptr_t> addresses);
// Writes a return address to the log as the machine can name it ("run_queue.cc pick_next+0x12").
void write_address(uintptr_t address);
// Stops all other CPUs, prints the reason, the CPU, what upcall::describe_current() says, registers and
// backtrace, and ends the machine with a status of its own.
[[noreturn]] void stop(std::string_view reason);

}  // namespace hal

// What a machine calls in the core. All run with interrupts off, on the CPU they concern.
namespace upcall {

// A zeroed frame for a page table of the kernel, kept for ever; Errno::nomem when there is none.
Result<PhysAddr> table_frame();
// Gives back a frame of table_frame() that was not used after all.
void return_table_frame(PhysAddr frame);
// A CPU other than the first is ready, on the stack that start-up gave it: becomes its idle thread.
[[noreturn]] void on_cpu_start();

// The deadline of arm_timer() has passed. What was interrupted may have been a program.
void on_timer(bool from_user_mode);
// Somebody kicked this CPU.
void on_kick();
// The last thing before an interrupt returns to code that had interrupts on: the place where a
// thread loses its CPU. May switch to other threads and come back much later, on another CPU.
void on_interrupt_exit();

// A program asks for something by number. The machine runs what stands in its place, with interrupts
// on, and hands the result to the program as its answer. The last place is for all other numbers.
using SystemCall = uint64_t (*)(Registers& registers);
inline constexpr size_t k_system_calls = 512;
extern "C" const std::array<SystemCall, k_system_calls + 1> system_calls;
// The call whose number is in `registers`, all of which are there, and are what the program goes on with.
uint64_t run_whole_call(Registers& registers);
// The last thing before a return to user mode, if there is work. Interrupts are off when it is called
// and when it returns. `registers` are the program's; it may change them.
void before_user_mode(Registers& registers);
// A program's instruction can't be carried out (but for page faults). Interrupts are on. The error code
// of a floating-point error is the set of x87 exceptions that happened.
void on_user_exception(Registers& registers);

// Code touched a user address in a way the page table does not allow. True if it may try again;
// a program itself always may: if the touch is wrong, it finds a signal. `wanted` is an mm::Access.
// Interrupts are as they were at the fault.
bool on_user_fault(VirtAddr address, unsigned wanted, bool from_user_mode);

// For a panic: the name of the thread whose stack's guard page this address is in; empty if there
// is no such thread. Takes no lock.
std::string_view stack_guard_owner(VirtAddr address);
// For a panic: writes who runs here (thread, held locks, last trace events) to the log.
void describe_current();

}  // namespace upcall
}  // namespace weft
