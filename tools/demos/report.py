"""The report as one page: the figures of the demos as pictures, and the concept table. It needs no network."""

import re
from html import escape
from pathlib import Path

import concept_table
import picture
from figures import Figures
from table import Demo

STYLE = Path(__file__).resolve().parent / "style.css"
ROOT_FROM_PAGE = "../../"  # the page is build/report/index.html


def page(demos: list[Demo], found: dict[str, dict[str, Figures]], readme: str) -> str:
    """`found`: by the demo's name, its figures by what to call the machine."""
    sections = [demo_section(demo, found[demo.name]) for demo in demos]
    contents = "".join(f'<li><a href="#{demo.name}">{escape(demo.plot or "")}</a></li>' for demo in demos)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Weft: what the demos measure</title>
<style>
{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<header>
<h1>Weft: what the demos measure</h1>
<p>Each picture is one demo, run on Weft under emulation. Where the legend says so, each instruction took a nanosecond, and
the figures are the same in every run. The others, which are about several CPUs, are what the clock showed, the middle one of
three runs, on a machine that may have had other things to do: look at their shapes, not at the digits.</p>
<nav><ol>{contents}<li><a href="#concepts">The concept table</a></li></ol></nav>
</header>
<main>
{"".join(sections)}
{concepts(readme)}
</main>
</body>
</html>
"""


def demo_section(demo: Demo, machines: dict[str, Figures]) -> str:
    title = demo.plot or demo.name
    draw = picture.lines if demo.csv == "counts" else picture.bars
    return f"""<section id="{demo.name}">
<h2>{escape(title)}</h2>
<dl><dt>Run</dt><dd><code>{escape(demo.command)}</code></dd>
<dt>Look for</dt><dd>{escape(demo.look_for)}</dd>
<dt>Why</dt><dd>{escape(demo.why)}</dd></dl>
{picture.legend(list(machines))}
{draw(list(machines.values()), title)}
<details><summary>The figures</summary>{"".join(figure_table(name, each) for name, each in machines.items())}</details>
</section>
"""


def figure_table(machine: str, figures: Figures) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in figures.columns)
    rows = "".join(f"<tr><td>{escape(name)}</td>" + "".join(f"<td>{picture.number(value)}</td>" for value in values) + "</tr>"
                   for name, values in zip(figures.names, figures.values))
    return f"<table><caption>{escape(machine)}</caption><tr>{head}</tr>{rows}</table>"


def concepts(readme: str) -> str:
    parts, section = ['<section id="concepts"><h2>The concept table</h2>'], None
    for row in concept_table.rows(readme):
        if row.section != section:
            parts.append("</table>" if section is not None else "")
            section = row.section
            parts.append(f'<h3>{escape(section)}</h3><table class="concepts">'
                         "<tr><th>idea</th><th>code</th><th>demo</th><th>test</th></tr>")
        cells = (f"**{row.name}**{row.idea}", row.code, row.demo, row.test)
        parts.append("<tr>" + "".join(f"<td>{html_of(cell)}</td>" for cell in cells) + "</tr>")
    return "".join(parts) + "</table></section>"


def html_of(markdown: str) -> str:
    """Links, code and bold text; that is all that the table has."""
    text = escape(markdown.replace("\\|", "|"), quote=False)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", rf'<a href="{ROOT_FROM_PAGE}\2">\1</a>', text)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
