"""The answer as one HTML page: no script, nothing from elsewhere, everything escaped, links as text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import page_words

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATE = Path(__file__).parent / "page.html.j2"


def page(answers: Sequence[tuple[str, Answer]]) -> str:
    """The page of these mails, each (file name, answer); its language is the first answer's."""
    language = answers[0][1].language if answers else "en"
    return _template().render(answers=answers, language=language, words=page_words(language))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - 60 ms that an answer on the screen does not need

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
