"""The report as one HTML file that needs nothing else: drawings, numbers, and how to read them. No script."""

from __future__ import annotations

from html import escape

from tocsin.measure.draw import STYLE, curves_svg
from tocsin.measure.report import Chart, Report
from tocsin.measure.simulation.compare import Comparison, result_table
from tocsin.measure.words import Table, again_words, baseline_words, card_tables, curve_table, remarks
from tocsin.terms.moments import format_moment

_LOOK = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;"
    "color:var(--ink);background:var(--sheet)}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.875em}"
    "th,td{text-align:right;padding:.2rem .5rem;border-bottom:1px solid var(--line);"
    "font-variant-numeric:tabular-nums}tbody th,th:first-child{text-align:left;font-weight:400}"
    "thead th{color:var(--soft)}svg{width:100%;height:auto}.soft{color:var(--soft)}:root{color-scheme:light dark}"
)


def html_page(found: Report, title: str) -> str:
    """The text of the file; everything that came from outside is escaped."""
    known = (
        f"{found.cases:,} cases opened since {format_moment(found.since)}, measured at {format_moment(found.at)}. "
        f"Ends are known up to {format_moment(found.horizon)}: a line that was seen later may only pause."
    )
    control = [f"Control group: {found.control}"] if found.control else []
    parts = [_paragraph(each) for each in (known, baseline_words(found), again_words(found), *control)]
    parts += [_chart(chart, curve_table(chart)) for chart in found.charts]
    parts += [f"<h2>{escape(table.title)}</h2>{table_html(table)}" for table in card_tables(found) if table.rows]
    return _page(title, parts)


def simulation_page(found: Comparison) -> str:
    """The same for a simulated town."""
    title = "What these policies would do"
    return _page(title, [_chart(found.chart, result_table(found))])


def _page(title: str, parts: list[str]) -> str:
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{_LOOK}</style></head><body><h1>{escape(title)}</h1>"
    )
    return f"{head}{''.join(parts)}</body></html>\n"


def table_html(table: Table) -> str:
    """The table alone, without its title."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in table.rows
    )
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _chart(chart: Chart, table: Table) -> str:
    drawn = ""
    if chart.curves:
        drawn = curves_svg(chart.curves, title=chart.title, name=chart.name, marks=chart.marks) + table_html(table)
    return f"<h2>{escape(chart.title)}</h2>{drawn}{''.join(_paragraph(each) for each in remarks(chart))}"


def _paragraph(words: str) -> str:
    return f'<p class="soft">{escape(words)}</p>'
