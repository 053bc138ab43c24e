"""The answer of `tocsin check` on a terminal: the verdict, three answers, what was found, what to read out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import click

from tocsin.cli.wrapping import columns_of, head_of, wrapped
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import page_words

_COLOURS = {"genuine": "green", "likely-genuine": "green", "unclear": "yellow", "likely-fake": "red", "fake": "red"}
_MARKS = {"supports": ("+", "green"), "contradicts": ("!", "red"), "neutral": ("·", None), "unchecked": ("?", "yellow")}
_WIDTH_MAX = 88
_FOUND_MAX = 12  # findings shown; the page and --json have all


def show(name: str, answer: Answer) -> None:
    words, width = page_words(answer.language), min(shutil.get_terminal_size((80, 24)).columns, _WIDTH_MAX)
    click.secho("─" * width, dim=True)
    for label, said in _about(name, answer, words):
        click.echo(click.style(f"{label}: ", dim=True) + _fit(said, width - columns_of(label) - 2))
    click.echo()
    _verdict(answer, words, width)
    for question, said in (("who", answer.answers.who), ("know", answer.answers.know), ("do", answer.answers.do)):
        _paragraph(words[question], said, width)
    _found(answer, words, width)
    _paragraph(words["aloud"], answer.aloud, width)
    click.echo()


def _about(name: str, answer: Answer, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield words["file"], name
    for label in ("sender", "subject", "date"):
        said = getattr(answer.about, label)
        if said:
            yield words[label], said


def _verdict(answer: Answer, words: dict[str, str], width: int) -> None:
    """The verdict and, beside it or below, what follows from it: as loud for "your own bookmark" as for "do not"."""
    colour = _COLOURS[answer.verdict]
    label, line = f" {words[f'verdict_{answer.verdict}'].upper()} ", words[f"line_{answer.verdict}"]
    badge = click.style(label, fg="black", bg=colour, bold=True)
    if columns_of(label) + 2 + columns_of(line) <= width:
        click.echo(f"{badge}  {click.style(line, fg=colour, bold=True)}")
        return
    click.echo(badge)
    for piece in wrapped(line, width - 1):
        click.secho(f" {piece}", fg=colour, bold=True)


def _paragraph(heading: str, said: str, width: int) -> None:
    click.echo()
    click.secho(heading, bold=True)
    for line in wrapped(said, width - 2):
        click.echo(f"  {line}")


def _found(answer: Answer, words: dict[str, str], width: int) -> None:
    click.echo()
    click.secho(words["found"], bold=True)
    for finding in answer.findings[:_FOUND_MAX]:
        mark, colour = _MARKS[finding.effect]
        for number, line in enumerate(wrapped(finding.text, width - 4)):
            click.echo((click.style(f"  {mark} ", fg=colour, bold=True) if number == 0 else "    ") + line)
    if len(answer.findings) > _FOUND_MAX:
        click.secho(f"    … +{len(answer.findings) - _FOUND_MAX}", dim=True)
    legend = "   ".join(f"{mark} {words[effect]}" for effect, (mark, _) in _MARKS.items())
    for line in wrapped(legend, width - 4):
        click.secho(f"    {line}", dim=True)


def _fit(text: str, width: int) -> str:
    return text if columns_of(text) <= width else head_of(text, max(1, width - 1)) + "…"
