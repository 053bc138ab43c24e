"""A letter from facts: the same facts give the same bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tocsin.notices import letters
from tocsin.notices.issuer import Issuer
from tocsin.notices.letters.catalogue import catalogue
from tocsin.notices.outline import outline, subject
from tocsin.notices.sentences import ROLES
from tocsin.notices.wrapping import wrapped
from tocsin.proof.code import code_digest
from tocsin.proof.facts import Facts
from tocsin.terms.errors import Refused

_FOLDER = Path(letters.__file__).parent


class Letter(msgspec.Struct, frozen=True):
    """A letter without its proof: the plain twin and the HTML twin say the same words."""

    subject: str
    text: str  # at most 70 columns, lines end in \n
    html: str


def compose(facts: Facts, code: str, issuer: Issuer) -> Letter:
    """The letter in the language of the facts.

    Refused when a trouble's role has no letter, when there is no trouble, or when code, issuer and facts do not belong
    together. BadRequest when the language or the zone is not known.
    """
    hold_together(facts, code, issuer)
    words = catalogue(facts.language)
    # As tuples: each look at an attribute would cost a check of the sandbox.
    blocks = [msgspec.structs.astuple(block) for block in outline(facts, code, issuer, words)]
    title = subject(facts, words)
    text = _template("letter.txt.j2").render(blocks=blocks)
    html = _template("letter.html.j2").render(blocks=blocks, title=title, language=words.language)
    return Letter(title, text.lstrip("\n"), html)


def hold_together(facts: Facts, code: str, issuer: Issuer) -> None:
    """Refused when a notice cannot be made of these, in whatever form."""
    where = facts.notice
    if not facts.troubles:
        raise Refused("a notice without a trouble", where=where)
    for trouble in facts.troubles:
        if trouble.role not in ROLES:
            raise Refused(f"the role {trouble.role!r} has no letter", where=where)
    if facts.issuer != issuer.domain or facts.issuer_name != issuer.name:
        raise Refused(f"the facts name the issuer {facts.issuer!r}, not {issuer.domain!r}", where=where)
    if code_digest(code) != facts.code_sha256:
        raise Refused("the code is not the one that the facts were made with", where=where)


@cache
def _template(name: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = wrapped
    return environment.get_template(name)
