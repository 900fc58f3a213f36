"""The timeline's page in a browser: it draws what happened, quickly, and can be used without a mouse."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/trace"))
sys.path.insert(0, str(ROOT / "tests/web"))

import made_up  # noqa: E402 (needs the paths above)
from browser import Browser  # noqa: E402

import model  # noqa: E402
import page  # noqa: E402
import totals  # noqa: E402

MILLION = 1_000_000
NEXT_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


def write_page(path: str, *traces) -> list:
    models = [model.build(trace) for trace in traces]
    with open(path, "w", encoding="utf-8") as file:
        file.write(page.make(models, [totals.of(each) for each in models]))
    return models


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="weft-page-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.browser = cls.enterClassContext(Browser())

    def tearDown(self):
        self.assertEqual(self.browser.failures, [])

    def show(self, *traces) -> list:
        path = self.folder.name + "/page.html"
        models = write_page(path, *traces)
        self.browser.open(path)
        return models

    def run_script(self, script: str):
        return self.browser.run(script)

    def row(self, title: str) -> str:
        return f"weft.rows.find((row) => row.title.trim() === {title!r})"

    def colour(self, title: str, time: float, below: float = 0.4) -> list:
        """Of the pixel at that time on the row."""
        return self.run_script(f"""(() => {{
            const row = {self.row(title)}, y = row.top - weft.view.top + RULER + row.height * {below};
            const x = painter.x({time}, weft.view);
            return [...painter.context.getImageData(Math.round(x), Math.round(y), 1, 1).data].slice(0, 3);
        }})()""")

    def state_colour(self, state: str) -> list:
        return self.run_script(f"""(() => {{
            const context = document.createElement('canvas').getContext('2d');
            context.fillStyle = painter.colours[{state!r}];
            context.fillRect(0, 0, 1, 1);
            return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }})()""")


class SmallRun(PageTest):
    """Two threads, of which everything is known."""

    def setUp(self):
        self.show(made_up.ping_pong())
        self.run_script(NEXT_FRAME)

    def test_every_row_is_there(self):
        titles = self.run_script("weft.rows.map((row) => row.title.trim())")
        self.assertEqual(titles, ["made up", "CPU 0", "waiting threads", "the kernel's own threads", "ping", "pong"])

    def test_pixels_have_the_colours_of_what_happened(self):
        running, waiting, runnable = (self.state_colour(each) for each in ("Running", "Waiting", "Runnable"))
        for title, time, expected in (("ping", 23, running), ("ping", 43, waiting), ("ping", 55, runnable),
                                      ("ping", 83, running), ("pong", 23, runnable), ("pong", 45, running),
                                      ("pong", 83, runnable), ("pong", 123, running)):
            with self.subTest(title=title, time=time):
                self.assertEqual(self.colour(title, time), expected)
        self.assertEqual(self.colour("CPU 0", 23, 0.15), self.colour("CPU 0", 83, 0.15))
        self.assertNotEqual(self.colour("CPU 0", 23, 0.15), self.colour("CPU 0", 45, 0.15))
        paper = self.state_colour("paper")
        self.assertEqual(self.colour("ping", 123), paper)  # it has ended
        self.assertEqual(self.colour("CPU 0", 5), paper)  # idle

    def test_the_mouse_finds_what_is_under_it_and_its_arrow(self):
        x, y = self.run_script(f"""(() => {{
            const row = {self.row('ping')}, box = painter.canvas.getBoundingClientRect();
            return [box.left + painter.x(62, weft.view), box.top + row.top + RULER + 8];
        }})()""")
        self.browser.mouse("mouseMoved", x, y)
        self.run_script(NEXT_FRAME)
        self.assertEqual(self.run_script("document.getElementById('tip').textContent.split('\\n')"),
                         ["ping: Running", "60 ns + 40 ns"])
        self.assertEqual(self.run_script("arrowsOf(hovered).map((i) => [hovered.row.run.wakes.when[i], "
                                         "hovered.row.run.wakes.by[i]])"), [[50, 2]])
        drawn = self.run_script("[...overlay.getImageData(0, 0, overlay.canvas.width, overlay.canvas.height).data]"
                                ".some((value) => value !== 0)")
        self.assertTrue(drawn)

    def test_keys_zoom_pan_and_go_back(self):
        whole = self.run_script("[weft.view.from, weft.view.to]")
        for key, check in (("w", "weft.view.to - weft.view.from < 100"), ("d", "weft.view.from > 0"),
                           ("a", "true"), ("s", "true"), ("0", f"weft.view.to === {whole[1]}")):
            self.browser.key(key)
            self.run_script(NEXT_FRAME)
            self.assertTrue(self.run_script(check), key)
        self.browser.key("?")
        self.assertFalse(self.run_script("document.getElementById('help').hidden"))

    def test_search_finds_threads_and_calls(self):
        self.browser.key("/")
        self.assertEqual(self.run_script("document.activeElement.id"), "search")
        for letter in "getpid":
            self.browser.key(letter)
        self.assertEqual(self.run_script("document.getElementById('found').textContent"), "1 found")
        self.browser.key("Enter")
        self.run_script(NEXT_FRAME)
        middle = self.run_script("(weft.view.from + weft.view.to) / 2")
        self.assertTrue(20 < middle < 130)
        self.run_script("search('pong')")
        self.assertTrue(self.run_script(f"{self.row('pong')}.found"))
        self.assertFalse(self.run_script(f"{self.row('ping')}.found"))

    def test_the_tables_say_the_same(self):
        text = self.run_script("document.getElementById('totals').innerText")
        for words in ("Switches\t5", "ping", "60 ns", "0x10", "getpid"):
            self.assertIn(words, text)

    def test_dark_and_light(self):
        light = self.state_colour("paper")
        self.browser.key("t")
        self.run_script(NEXT_FRAME)
        dark = self.colour("ping", 123)
        self.assertTrue(sum(dark) < 120 < 600 < sum(light))
        self.browser.key("t")
        self.run_script(NEXT_FRAME)
        self.assertEqual(self.colour("ping", 123), light)

    def test_it_prints(self):
        self.assertTrue(self.browser.pdf().startswith(b"%PDF"))

    def test_no_network(self):
        with open(self.folder.name + "/page.html", encoding="utf-8") as file:
            text = file.read()
        for word in ("http://", "https://", "src=", "@import", "url("):
            self.assertNotIn(word, text)


class CoroutineRows(PageTest):
    """Three coroutines on two workers, of which everything is known."""

    def setUp(self):
        self.show(made_up.coroutines())
        self.run_script(NEXT_FRAME)

    def test_they_stand_above_the_threads_of_their_process(self):
        titles = self.run_script("weft.rows.map((row) => row.title.trim())")
        self.assertEqual(titles[titles.index("process 9: left"):],
                         ["process 9: left", "A", "B", "coroutine 0xc", "left 9", "right 10"])

    def test_pixels_have_the_colours_of_what_happened(self):
        running, parked, runnable = (self.state_colour(each) for each in ("Running", "Parked", "Runnable"))
        for title, time, expected in (("A", 15, runnable), ("A", 30, running), ("A", 50, parked), ("A", 65, runnable),
                                      ("A", 85, running), ("B", 50, running), ("coroutine 0xc", 103, running)):
            with self.subTest(title=title, time=time):
                self.assertEqual(self.colour(title, time), expected)

    def test_it_says_where_each_runs_and_what_it_waits_for(self):
        texts = [self.run_script(f"weft.at({self.row('A')}, {time}).text") for time in (30, 50, 85)]
        self.assertEqual(texts, ["A: Running on left 9", "A: Parked for 0x77", "A: Running on right 10"])

    def test_arrows_lead_from_who_wakes_to_where_the_woken_runs(self):
        for title, time, ends in (("A", 85, ["B", "A"]), ("B", 50, ["B", "A"]),
                                  ("coroutine 0xc", 95, ["left 9", "coroutine 0xc"])):
            with self.subTest(title):
                self.assertEqual(self.run_script(f"""(() => {{
                    const span = weft.at({self.row(title)}, {time}), {{run}} = span.row;
                    return arrowsOf(span).map((i) => [rowOf(run, run.wakes.by[i]).title.trim(),
                                                      rowOf(run, run.wakes.thread[i]).title.trim()]);
                }})()"""), [ends])


class TwoRuns(PageTest):
    def test_both_are_on_one_page_with_their_totals(self):
        self.show(made_up.ping_pong(), made_up.trace([(0, 0, 0, "switches to", 1, 9), (70, 0, 9, "timer")],
                                                     command="another"))
        self.run_script(NEXT_FRAME)
        titles = self.run_script("weft.rows.filter((row) => row.kind === 'head').map((row) => row.title)")
        self.assertEqual(titles[0], "made up")
        self.assertIn("another", titles)
        heads = self.run_script("[...document.querySelectorAll('#totals .runs > div > h2:first-child')]"
                                ".map((head) => head.textContent)")
        self.assertEqual(heads, ["made up", "another"])


class LargeRun(PageTest):
    """A million events. What is counted is how much a picture looks at, which is the same on every machine;
    how many milliseconds that takes is printed, since a busy machine would fail a limit."""

    def test_a_million_events_zoom_and_pan_at_once(self):
        (built,) = self.show(made_up.large(MILLION))
        self.assertGreaterEqual(built.event_count, MILLION)
        self.run_script("""(async () => {
            weft.frames.length = 0;
            for (const action of [() => zoom(0.5), () => zoom(0.1), () => pan(0.5), () => scroll(400), () => zoom(4),
                                  () => pan(-2), showAll, () => scroll(-400), () => zoom(0.001), showAll]) {
              action();
              await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            }
        })()""")
        frames = self.run_script("weft.frames")
        self.assertGreaterEqual(len(frames), 10)
        rows, width = self.run_script("[Math.ceil(painter.height / 18), painter.width]")
        for frame in frames:
            self.assertLess(frame["steps"], 3 * rows * width)
        times = sorted(frame["milliseconds"] for frame in frames)
        print(f"a million events: frames of {times[len(times) // 2]:.1f} ms (median), {times[-1]:.1f} ms (most)")

    def test_what_it_draws_is_what_happened(self):
        (built,) = self.show(made_up.large(20_000, seed=7))
        for thread in (1, 17, 60):
            title = built.threads[thread].title()
            for span in built.threads[thread].states[:: max(1, len(built.threads[thread].states) // 20)]:
                middle = (span.start + span.end) / 2 - built.start
                said = self.run_script(f"weft.at({self.row(title)}, {middle})")
                self.assertEqual((said["state"], said["start"], said["end"]),
                                 (span.what, span.start - built.start, span.end - built.start))
