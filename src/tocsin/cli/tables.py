"""A table of words on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.measure.words import Table


def print_table(table: Table, *, left: bool = False) -> None:
    """The title in bold; the first column to the left, the others to the right, unless they are words: `left` too."""
    click.secho(f"\n{table.title}", bold=True)
    wide = [max(len(row[place]) for row in (table.heads, *table.rows)) for place in range(len(table.heads))]
    for row in (table.heads, *table.rows):
        others = zip(row[1:], wide[1:], strict=True)
        cells = [row[0].ljust(wide[0]), *(cell.ljust(n) if left else cell.rjust(n) for cell, n in others)]
        click.echo("  " + "  ".join(cells).rstrip())
