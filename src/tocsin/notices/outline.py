"""What a letter says and in which order: one list of blocks, from which both twins are set.

Every sentence comes from the catalogue; every text from outside goes through `quoted`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from tocsin.notices.issuer import Issuer
from tocsin.notices.letters.catalogue import Catalogue
from tocsin.notices.local import clock_words, day_words, moment_words, utc_words
from tocsin.notices.quoted import (
    ADDRESS_MAX,
    NAME_MAX,
    PROTOCOL_MAX,
    SOURCE_MAX,
    SOURCE_REF_MAX,
    bare,
    quoted,
    quoted_name,
)
from tocsin.notices.sentences import ROLES, TOLD_BY_ROLE_AND_KIND, WHY_BY_ROLE
from tocsin.proof.facts import TROUBLES_TOLD_MAX, Facts, Trouble
from tocsin.remedies.catalogue import find, find_open
from tocsin.remedies.steps import brief_steps, shared_useless
from tocsin.remedies.threat import Threat
from tocsin.remedies.words import say

LINE_MAX = 24


class Block(msgspec.Struct, frozen=True):
    """A paragraph, a heading, the code, numbered steps, or rows of a label and its value."""

    form: Literal["paragraph", "heading", "code", "steps", "rows"]
    text: str = ""
    steps: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


def outline(facts: Facts, code: str, issuer: Issuer, words: Catalogue) -> tuple[Block, ...]:
    """The whole letter. Every trouble's role must be one that has a letter."""
    return (
        *_opening(facts, words),
        *_seen(facts, words),
        *_genuine(facts, code, phone_words(issuer, words), words),
        *_said(words, "heading_sight", "sight_how", "sight_what"),
        *_steps(facts, phone_words(issuer, words), words),
        *_said(words, "heading_ask", "ask"),
        *_said(words, "heading_wrong", "wrong"),
        *_closing(facts, words),
    )


def subject(facts: Facts, words: Catalogue) -> str:
    """Who writes, what about, which day; one line."""
    last = max(trouble.seen_at for trouble in facts.troubles)
    roles = {trouble.role for trouble in facts.troubles}
    name = f"subject_{roles.pop()}" if len(facts.troubles) == 1 else "subject_several"
    values = {} if name != "subject_several" else {"count": len(facts.troubles)}
    return words.say(name, issuer=_issuer(facts), day=day_words(last, facts.zone, words), **values)


def _opening(facts: Facts, words: Catalogue) -> Iterator[Block]:
    name, line = quoted(facts.name, NAME_MAX), _line(facts)
    first = min((trouble.role for trouble in facts.troubles), key=ROLES.index)
    yield _paragraph(words.say("greeting", name=name) if name else words.say("greeting_nameless", line=line))
    yield _paragraph(words.say("opening", issuer=_issuer(facts), line=line))
    yield _paragraph(words.say(f"calm_{first}"))
    yield _paragraph(words.say("make_sure"))


def _seen(facts: Facts, words: Catalogue) -> Iterator[Block]:
    yield _heading(words.say("heading_seen"))
    shown, total, explained = facts.troubles[:TROUBLES_TOLD_MAX], len(facts.troubles), set[str]()
    for number, trouble in enumerate(shown, start=1):
        told = words.say(TOLD_BY_ROLE_AND_KIND.get((trouble.role, trouble.kind), trouble.role))
        yield _paragraph(told if total == 1 else f"{words.say('matter', number=number, total=total)} {told}")
        if trouble.role not in explained:
            yield from (_paragraph(words.say(name)) for name in WHY_BY_ROLE[trouble.role])
        explained.add(trouble.role)
        yield Block("rows", rows=tuple(_rows(trouble, facts.zone, words)))
    if total > len(shown):
        yield _paragraph(_left_out(total - len(shown), words))


def _left_out(count: int, words: Catalogue) -> str:
    """No language that there are letters in has more than two forms of a whole number."""
    return words.say("matters_left_out_one") if count == 1 else words.say("matters_left_out_many", count=count)


def _rows(trouble: Trouble, zone: str, words: Catalogue) -> Iterator[tuple[str, str]]:
    once = trouble.count <= 1 and trouble.first_at == trouble.seen_at
    yield words.say("label_seen_once" if once else "label_seen_last"), moment_words(trouble.seen_at, zone, words)
    yield words.say("label_utc"), utc_words(trouble.seen_at)
    yield words.say("label_address"), quoted(trouble.address, ADDRESS_MAX)
    yield words.say("label_port"), str(trouble.port) if trouble.port else words.say("port_absent")
    if trouble.protocol:
        yield words.say("label_protocol"), quoted(trouble.protocol, PROTOCOL_MAX)
    if trouble.malware:
        yield words.say(f"label_malware_{trouble.role}"), quoted_name(trouble.malware)
    if trouble.peer_address or trouble.peer_port:
        yield words.say(f"label_peer_{trouble.role}"), _peer(trouble, words)
    yield words.say("label_source"), quoted(trouble.source, SOURCE_MAX)
    if trouble.source_ref:
        yield words.say("label_source_ref"), quoted(trouble.source_ref, SOURCE_REF_MAX)
    first = {"first": clock_words(trouble.first_at, zone, words), "first_utc": utc_words(trouble.first_at)}
    many = words.say("count_many", count=trouble.count, **first)
    yield words.say("label_count"), words.say("count_once") if once else many


def _peer(trouble: Trouble, words: Catalogue) -> str:
    address = quoted(trouble.peer_address or "", ADDRESS_MAX)
    if not trouble.peer_port:
        return address
    if not address:
        return words.say("peer_only_port", port=trouble.peer_port)
    return words.say("peer_port", address=address, port=trouble.peer_port)


def _steps(facts: Facts, phone: str, words: Catalogue) -> Iterator[Block]:
    """The steps of every role that occurs, none twice, help last; then what people try in vain."""
    language = words.language
    known = _threats(facts)
    sentences = dict.fromkeys(step for role, threat in known.items() for step in brief_steps(role, threat, language))
    yield from _said(words, "heading_do", "do_soon")
    yield Block("steps", steps=(*sentences, say("step.help", language, phone=phone)))
    for role, threat in known.items():
        if threat is not None:
            yield _paragraph(f"{say('useless.heading', language)}: {shared_useless(role, threat, language)[0]}")
            break


def _threats(facts: Facts) -> dict[str, Threat | None]:
    """What is known of the troubles, by role. What attacks others, unnamed, is taken to be the infected one."""
    known = {role: _threat(facts, role) for role in ROLES if any(each.role == role for each in facts.troubles)}
    if "attacker" in known and "infected" in known:
        known["attacker"] = known["attacker"] or known["infected"]
    return known


def _threat(facts: Facts, role: str) -> Threat | None:
    """The one threat that the troubles of this role name; None where it is unknown or there are several."""
    found = [named(each) for each in facts.troubles if each.role == role]
    return found[0] if len({threat.key if threat else "" for threat in found}) == 1 else None


def named(trouble: Trouble) -> Threat | None:
    """The threat of the catalogue that a trouble is: by its name, an open service by its port."""
    by_name = find(trouble.malware or "")
    if by_name is not None or trouble.role != "exposed":
        return by_name
    return find_open(trouble.kind, trouble.port, trouble.protocol)


def _genuine(facts: Facts, code: str, phone: str, words: Catalogue) -> Iterator[Block]:
    yield _heading(words.say("heading_genuine"))
    yield _paragraph(words.say("code_is"))
    yield Block("code", text=code)
    yield _paragraph(words.say("code_hint"))
    by_source = any(trouble.source_ref for trouble in facts.troubles[:TROUBLES_TOLD_MAX])
    ways = (words.say("check_phone", phone=phone), words.say("check_website"))
    yield Block("steps", steps=(*ways, words.say("check_source")) if by_source else ways)
    yield _paragraph(words.say("check_answer", line=_line(facts)))


def _closing(facts: Facts, words: Catalogue) -> Iterator[Block]:
    issued, expires = (day_words(moment, facts.zone, words) for moment in (facts.issued_at, facts.expires_at))
    yield _paragraph(words.say("closing", issuer=_issuer(facts)))
    yield _paragraph(words.say("about", notice=facts.notice, issued=issued, expires=expires))
    yield _paragraph(words.say("proof"))


def _said(words: Catalogue, heading: str, *names: str) -> Iterator[Block]:
    yield _heading(words.say(heading))
    yield from (_paragraph(words.say(name)) for name in names)


def phone_words(issuer: Issuer, words: Catalogue) -> str:
    """The provider's own words stand in its own language only."""
    own = issuer.phone_hint if words.language == issuer.language else ""
    return own or words.say("phone")


def _issuer(facts: Facts) -> str:
    return bare(facts.issuer_name, NAME_MAX)


def _line(facts: Facts) -> str:
    return quoted(facts.line, LINE_MAX)


def _heading(text: str) -> Block:
    return Block("heading", text)


def _paragraph(text: str) -> Block:
    return Block("paragraph", text)
