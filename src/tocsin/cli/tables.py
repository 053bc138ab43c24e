"""A table of words on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.measure.words import Table


def print_table(table: Table) -> None:
    """The title in bold; the first column to the left, the others to the right."""
    click.secho(f"\n{table.title}", bold=True)
    wide = [max(len(row[place]) for row in (table.heads, *table.rows)) for place in range(len(table.heads))]
    for row in (table.heads, *table.rows):
        cells = [row[0].ljust(wide[0]), *(cell.rjust(width) for cell, width in zip(row[1:], wide[1:], strict=True))]
        click.echo("  " + "  ".join(cells).rstrip())
