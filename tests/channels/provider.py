"""A provider whose notices go by other ways than mail; each with a case that is notified."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from tests.delivery import post_office
from tests.notices.notice_world import FACTS, SEEN_AT
from tocsin.book import cases as book_cases
from tocsin.book import notices
from tocsin.book.cases import Move
from tocsin.book.notices import Notice
from tocsin.book.tables import cases, subscribers
from tocsin.pipeline.house import House
from tocsin.proof.canonical import canonical
from tocsin.proof.code import code_digest, make_code

RECIPIENT = {
    "mail": "robin@post.example",
    "sms": "+4915112345678",
    "call": "+4915112345678",
    "letter": "Musterweg 12\n12345 Musterstadt",
    "webhook": "robin@post.example",
}


def sms_section(url: str, more: str = "") -> str:
    return f'[sms]\nvia = "http"\nurl = "{url}"\nsender = "ExampleNet"\ntimeout_s = 1\nper_minute = 100000\n{more}\n'


def provider(folder: Path, section: str) -> House:
    post_office.found(folder, section)
    return post_office.open_house(folder)


def decide(house: House, channel: str, number: int = 1, *, to: str | None = None, language: str = "en") -> str:
    """A decided notice by that channel; its reference."""
    name = post_office.name_of(number)
    facts = replace(
        FACTS,
        notice=name,
        recipient=RECIPIENT[channel] if to is None else to,
        language=language,
        code_sha256=code_digest(make_code(house.keys.secret, name)),
    )
    case, moments = f"C-{number:012}", dict.fromkeys(("opened_at", "changed_at", "first_at", "last_at"), SEEN_AT)
    kind = {"kind": "infected-system", "malware": "mirai", "role": "infected", "sightings": 1}
    notice = Notice(
        notice=name,
        subscriber=number,
        decided_at=post_office.NOW - timedelta(minutes=30),
        expires_at=facts.expires_at,
        facts=canonical(facts).decode(),
        code_sha256=facts.code_sha256,
        state="decided",
        channel=channel,
    )
    with house.book.write() as tx:
        tx.execute(subscribers.insert().values(number=number, ref=f"K-{number}"))
        tx.execute(cases.insert().values(case=case, subscriber=number, state="notified", **kind, **moments))
        notices.add(tx, [notice], {name: [case]})
        for state in ("open", "notified"):
            book_cases.remark(tx, [Move(case=case, at=SEEN_AT, state=state, actor="tocsin", reason="so it began")])
    return name


def code_of(house: House, notice: str) -> str:
    return make_code(house.keys.secret, notice)
