"""The rules of the house against small made-up trees in which each must complain."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/checks"))

import house_rooms  # noqa: E402 (needs the path above)
import house_text  # noqa: E402


class Tree(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weft-house-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def compile(self, name):
        """Makes the object that the debug build would."""
        target = self.root / f"build/debug/obj/{name}.o"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang++-19", "-std=c++23", "-I", self.root / "kernel", "-c", self.root / name,
                        "-o", target], check=True)


class Rooms(Tree):
    def expect_include(self, user, used, allowed):
        self.write(f"kernel/{used}")
        self.write(f"kernel/{user}", f'#include "{used}"\n')
        complaints = house_rooms.includes_respect_rooms(self.root)
        self.assertEqual(complaints == [], allowed, complaints)

    def test_rooms_of_the_core_point_down(self):
        self.expect_include("core/sched/run_queue.cc", "core/base/list.hh", True)

    def test_the_core_does_not_point_up(self):
        self.expect_include("core/sched/run_queue.cc", "core/mm/heap.hh", False)

    def test_sync_and_sched_are_neighbours(self):
        self.expect_include("core/sched/run_queue.cc", "core/sync/mutex.hh", True)
        self.expect_include("core/sync/mutex.cc", "core/sched/run_queue.hh", True)

    def test_everybody_may_use_the_seam(self):
        self.expect_include("core/base/panic.cc", "core/hal.hh", True)

    def test_the_seam_uses_the_base_only(self):
        self.expect_include("core/hal.hh", "core/sched/thread.hh", False)

    def test_the_core_knows_no_hardware(self):
        for used in ("x86_64/apic.hh", "dev/serial.hh", "syscall/table.hh", "monitor/monitor.hh"):
            with self.subTest(used=used):
                self.expect_include("core/proc/process.cc", used, False)

    def test_the_hardware_stays_out_of_the_core(self):
        self.expect_include("x86_64/apic.cc", "core/sched/thread.hh", False)

    def test_the_hardware_may_use_the_base(self):
        self.expect_include("x86_64/apic.cc", "core/base/log.hh", True)

    def test_an_unknown_room(self):
        self.write("kernel/core/attic/box.hh")
        self.assertIn("core has no room attic", house_rooms.includes_respect_rooms(self.root)[0])

    def test_a_path_that_is_relative_to_something_else(self):
        self.write("kernel/core/base/list.hh")
        self.write("kernel/core/base/ring.hh", '#include "list.hh"\n')
        self.assertIn("no file below kernel/", house_rooms.includes_respect_rooms(self.root)[0])


class Symbols(Tree):
    def complaints_about(self, **sources):
        for name, text in sources.items():
            path = f"kernel/{name.replace('__', '/')}.cc"
            self.write(path, text)
            self.compile(path)
        return house_rooms.symbols_respect_rooms(self.root)

    def test_a_declaration_instead_of_an_include(self):
        found = self.complaints_about(core__sched__a="void eat(); void f() { eat(); }",
                                      core__mm__b="void eat() {}")
        self.assertEqual(found, ["core/sched/a.cc.o: core/sched must not use _Z3eatv of core/mm"])

    def test_the_other_way_round(self):
        found = self.complaints_about(core__mm__a="void eat(); void f() { eat(); }",
                                      core__sched__b="void eat() {}")
        self.assertEqual(found, [])

    def test_the_core_reaches_hardware_through_the_seam_only(self):
        used = "namespace weft::hal { void relax(); } void beep(); void f() { weft::hal::relax(); beep(); }"
        found = self.complaints_about(core__sched__a=used,
                                      x86_64__b="namespace weft::hal { void relax() {} } void beep() {}")
        self.assertEqual(found, ["core/sched/a.cc.o: core/sched must not use _Z4beepv of x86_64"])

    def test_the_hardware_reaches_the_core_through_the_seam_only(self):
        used = "namespace weft::upcall { void tick(); } void wake(); void f() { weft::upcall::tick(); wake(); }"
        found = self.complaints_about(
            x86_64__a=used, core__sched__b="namespace weft::upcall { void tick() {} } void wake() {}")
        self.assertEqual(found, ["x86_64/a.cc.o: x86_64 must not use _Z4wakev of core/sched"])

    def test_no_objects_are_no_good_news(self):
        self.assertEqual(len(house_rooms.symbols_respect_rooms(self.root)), 1)

    def test_objects_of_files_that_are_gone_do_not_count(self):
        self.complaints_about(core__sched__a="void eat(); void f() { eat(); }", core__mm__b="void eat() {}")
        (self.root / "kernel/core/sched/a.cc").unlink()
        self.assertEqual(house_rooms.symbols_respect_rooms(self.root), [])


class Text(Tree):
    def test_a_stranger_at_the_top(self):
        self.write("README.md")
        self.write(".gitignore")
        self.write("build/weft.elf")
        self.assertEqual(house_text.top_level_is_fixed(self.root), [])
        self.write("docs/index.md")
        self.assertEqual(house_text.top_level_is_fixed(self.root), ["docs does not belong there"])

    def test_what_a_tool_left_behind(self):
        self.write("kernel/core/base/list.hh")
        self.write("tests/backup.py")
        self.assertEqual(house_text.nothing_is_left_behind(self.root), [])
        left = ["Makefile.rej", "kernel/core/base/list.hh.orig", "tests/.main.cc.swp", "tools/gdb/weft.py~",
                "userlib/coro/worker.cc.bak"]
        for name in left:
            self.write(name)
        self.write("build/debug/list.hh.orig")  # the build may leave what it wants
        self.assertEqual(house_text.nothing_is_left_behind(self.root),
                         [f"{name} was left behind by a tool" for name in left])

    def test_a_folder_without_a_readme(self):
        self.write("kernel/README.md")
        self.write("kernel/core/README.md")
        self.write("kernel/core/mm/heap.cc")
        self.assertEqual(house_text.folders_explain_themselves(self.root),
                         ["kernel/core/mm has no README.md"])

    def test_an_unguarded_header(self):
        self.write("kernel/dev/a.hh", "// A header.\n#pragma once\n")
        self.write("kernel/dev/b.hh", "// Says #pragma once in passing.\n")
        self.assertEqual(house_text.headers_are_guarded(self.root),
                         ["kernel/dev/b.hh has no #pragma once"])

    def test_assembly_in_the_wrong_place(self):
        self.write("kernel/x86_64/a.cc", 'void f() { asm volatile("hlt"); }\n')
        self.write("kernel/core/b.cc", '// no asm ("here")\n')
        self.assertEqual(house_text.assembly_has_its_place(self.root), [])
        self.write("kernel/core/c.cc", 'void f() { asm volatile("hlt"); }\n')
        self.write("kernel/dev/d.S", "hlt\n")
        self.assertEqual(len(house_text.assembly_has_its_place(self.root)), 2)

    def test_lines_of_code(self):
        self.write("kernel/a.cc", "// one\n\n/* two\n three */\nint x;  // four\n  int y;\n")
        self.assertEqual(house_text.count_code_lines(self.root / "kernel/a.cc"), 2)
        self.write("boot/b.S", "# one\n#define TWO 2\n\n  hlt  # three\n  // four\n")
        self.assertEqual(house_text.count_code_lines(self.root / "boot/b.S"), 2)

    def test_too_much_code(self):
        self.write("kernel/a.cc", "int x;\n" * house_text.KERNEL_BUDGET)
        self.assertEqual(house_text.kernel_fits_its_budget(self.root), [])
        self.write("boot/b.S", "  hlt\n  hlt\n")
        self.assertIn("2 too many", house_text.kernel_fits_its_budget(self.root)[0])

    def test_banned_words(self):
        self.write("kernel/a.cc", "// TODO: the second table, when discs have more than one\n")
        self.assertEqual(house_text.no_banned_words(self.root), [])
        self.write("kernel/a.cc", "// TODO\n// TODO: later\n// FIXME: this one is never all right\n")
        self.assertEqual(len(house_text.no_banned_words(self.root)), 3)

    def test_a_long_file(self):
        self.write("kernel/a.cc", "\n" * 400)
        self.assertEqual(house_text.files_are_small(self.root), [])
        self.write("kernel/a.cc", "\n" * 401)
        self.assertEqual(len(house_text.files_are_small(self.root)), 1)

    def test_floating_point(self):
        for text, floats in (("int f(int x) { return x + 1; }", False),
                             ("double f(double x) { return x + 1; }", True),
                             ('void f() { asm("fninit; fxsave (%rax)"); }', False),
                             ('void f() { asm("fldz"); }', True)):
            with self.subTest(text=text):
                self.write("a.cc", text)
                (self.root / "build/debug").mkdir(parents=True, exist_ok=True)
                subprocess.run(["clang++-19", "-c", self.root / "a.cc", "-o",
                                self.root / "build/debug/weft.elf"], check=True)
                self.assertEqual(house_text.no_floating_point(self.root) != [], floats)


if __name__ == "__main__":
    unittest.main()
