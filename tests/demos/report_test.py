"""The figures and the page of `make plots`, made of made-up runs."""

import re
import sys
import unittest
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/demos"))

import concept_table  # noqa: E402
import figures  # noqa: E402
import picture  # noqa: E402
import report  # noqa: E402
import table  # noqa: E402

DEMOS = [demo for demo in table.demos(ROOT) if demo.csv is not None]
BARS = figures.Figures(["means", "a, ms", "b, ms"], ["pipe", "<shared>"], [[10, 0], [2.5, 20000]])
LINES = figures.Figures(["tasks", "turns/ms"], ["1", "4", "16"], [[100], [80], [20]])
VOID = {"meta", "br", "rect", "line", "polyline", "circle"}


class Reader(HTMLParser):
    """Notes what is opened and never closed, the links, the names of places, and what would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.places, self.fetched = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in named:
            self.places.add(named["id"])
        if tag == "a":
            self.links.append(named["href"])
        self.fetched += [named[key] for key in ("src", "srcset") if key in named]
        self.fetched += [named["href"]] if tag == "link" else []

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> closes something else"


class FiguresTest(unittest.TestCase):
    def test_a_run_is_cut_at_the_marks(self):
        output = "Weft, 1 CPUs\r\n" + "".join(f"---- {demo.name}\r\nwhat,ms\r\n\"a, b\",1.5\r\n" for demo in DEMOS)
        found = figures.parts_of(output, DEMOS)
        self.assertEqual({demo.name for demo in DEMOS}, set(found))
        self.assertEqual(figures.Figures(["what", "ms"], ["a, b"], [[1.5]]), found[DEMOS[0].name])

    def test_what_did_not_run_is_named(self):
        with self.assertRaisesRegex(figures.RunError, DEMOS[0].name):
            figures.parts_of("Weft\n", DEMOS)

    def test_rows_of_different_lengths_are_no_figures(self):
        for text in ("", "what,ms\n", "what,ms\na,1,2\n"):
            with self.assertRaises(figures.RunError):
                figures.read(text)

    def test_the_middle_one_of_three_runs_counts_value_by_value(self):
        runs = [figures.Figures(["x", "y", "z"], ["a"], [values]) for values in ([1, 30], [2, 10], [900, 20])]
        self.assertEqual([[2, 20]], figures.median(runs).values)


class PictureTest(unittest.TestCase):
    def widths(self, drawn):
        return [float(width) for width in re.findall(r'class="series\d" x="\d+" y="[\d.]+" width="([\d.]+)"', drawn)]

    def test_bars_of_one_unit_have_one_scale(self):
        widths = self.widths(picture.bars([BARS], "t"))
        self.assertEqual(4, len(widths))
        self.assertEqual(max(widths), widths[3])
        self.assertEqual(1, widths[0])  # too small to be seen, but seen

    def test_names_are_escaped(self):
        self.assertIn("&lt;shared&gt;", picture.bars([BARS], "t"))

    def test_lines_have_a_point_for_each_count_and_machine(self):
        drawn = picture.lines([LINES, LINES], "t")
        self.assertEqual((2, 6), (drawn.count("<polyline"), drawn.count("<circle")))
        heights = [float(y) for y in re.findall(r'class="series0" cx="[\d.]+" cy="([\d.]+)"', drawn)]
        self.assertEqual(sorted(heights), heights)  # what falls is drawn lower and lower

    def test_numbers(self):
        self.assertEqual(["0", "2.5", "12\u2009345"], [picture.number(value) for value in (0.0, 2.5, 12345.4)])


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.readme = (ROOT / "README.md").read_text(encoding="utf-8")
        found = {demo.name: {"a machine": LINES if demo.csv == "counts" else BARS} for demo in DEMOS}
        cls.page = report.page(DEMOS, found, cls.readme)
        cls.reader = Reader(cls.page)

    def test_everything_that_is_opened_is_closed(self):
        self.assertEqual([], self.reader.open)

    def test_it_needs_no_network(self):
        self.assertEqual([], self.reader.fetched)
        self.assertNotIn("http", re.sub(r"httpd|httpload|httpget|/http|http_connection|>http<", "", self.page))

    def test_links_lead_to_places_and_files(self):
        for link in self.reader.links:
            if link.startswith("#"):
                self.assertIn(link[1:], self.reader.places)
            else:
                self.assertTrue((ROOT / "build/report" / link).resolve().exists(), link)

    def test_the_concept_table_is_in_it(self):
        rows = concept_table.rows(self.readme)
        self.assertGreater(len(rows), 60)
        for row in rows:
            self.assertIn(f"<strong>{row.name}</strong>", self.page)


if __name__ == "__main__":
    unittest.main()
