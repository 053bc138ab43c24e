"""A provider with notices in its outbox, ready to leave: no engine, no lake, only what delivery needs."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from tests.notices.notice_world import FACTS, ISSUER, SEEN_AT
from tocsin.book import Book, notices
from tocsin.book import cases as book_cases
from tocsin.book.cases import Move
from tocsin.book.notices import Notice
from tocsin.book.tables import cases, notice_cases, subscribers
from tocsin.notices.compose import compose
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.seal import seal
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.proof.alphabet import encode_base32
from tocsin.proof.canonical import canonical
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_CONFIG = f"""data = "data"
[issuer]
name = "{ISSUER.name}"
domain = "{ISSUER.domain}"
mail_from = "{ISSUER.mail_from}"
[provider]
prefixes = ["203.0.113.0/24"]
[notices]
send = true
"""


def found(folder: Path, more: str = "", *, book_url: str = "") -> None:
    """A configuration with these sections besides, and keys."""
    folder.mkdir(parents=True, exist_ok=True)
    book = f'[book]\nurl = "{book_url}"\n' if book_url else ""
    (folder / "tocsin.toml").write_text(f"{_CONFIG}{more}\n{book}", "utf-8")
    with open_house(folder) as house:
        shutil.copytree(_keys(house.issuer), house.data / "keys")


@cache
def _keys(issuer: Issuer) -> Path:
    """Made once: an RSA key takes its time."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-keys-"))
    make_keys(folder / "keys", issuer, SEEN_AT - timedelta(days=30))
    return folder / "keys"


def open_house(folder: Path, now: datetime = NOW) -> House:
    return House.open(config_file=folder / "tocsin.toml", data=None, now=now)


def name_of(number: int) -> str:
    return "N-" + encode_base32(number.to_bytes(10, "big"), 16).upper()


def recipient_of(number: int) -> str:
    return f"robin{number}@post.example"


def facts_of(number: int, keys: Keys, to: str = "", name: str = FACTS.name) -> Facts:
    return msgspec.structs.replace(
        FACTS,
        notice=name_of(number),
        name=name,
        recipient=to or recipient_of(number),
        code_sha256=code_digest(make_code(keys.secret, name_of(number))),
    )


def queue(house: House, *numbers: int, to: str = "", name: str = FACTS.name) -> list[str]:
    """Notices 1, 2, … of as many subscribers, each with a case that is notified; their references."""
    with house.book.write() as tx:
        for number in numbers:
            _add(house, tx, number, to, name)
    return [name_of(number) for number in numbers]


def _add(house: House, tx: object, number: int, to: str, name: str) -> None:
    facts = facts_of(number, house.keys, to, name)
    case = f"C-{number:012}"
    moments = dict.fromkeys(("opened_at", "changed_at", "first_at", "last_at"), SEEN_AT)
    kind = {"kind": "infected-system", "malware": "mirai", "role": "infected", "sightings": 1}
    tx.execute(subscribers.insert().values(number=number, ref=f"K-{number}"))  # type: ignore[attr-defined]
    tx.execute(cases.insert().values(case=case, subscriber=number, state="notified", **kind, **moments))  # type: ignore[attr-defined]
    notice = Notice(
        notice=facts.notice,
        subscriber=number,
        decided_at=NOW - timedelta(minutes=60 - number % 60),
        expires_at=facts.expires_at,
        facts=canonical(facts).decode(),
        code_sha256=facts.code_sha256,
        state="decided",
    )
    notices.add(tx, [notice], {notice.notice: [case]})  # type: ignore[arg-type]
    for state in ("open", "notified"):
        book_cases.remark(tx, [Move(case=case, at=SEEN_AT, state=state, actor="tocsin", reason="so it began")])  # type: ignore[arg-type]
    mail = seal(
        compose(facts, make_code(house.keys.secret, facts.notice), house.issuer), facts, house.issuer, house.keys
    )
    sender = mail.envelope_from if house.config.delivery.verp else house.issuer.mail_from
    notices.queue(tx, mail.notice, message_id=mail.message_id, envelope_from=sender, raw=mail.raw)  # type: ignore[arg-type]


def state_of(book: Book, notice: str) -> tuple[str, str]:
    """(state, reason)."""
    with book.read() as tx:
        found = notices.find(tx, notice)
    assert found is not None
    return found.state, found.reason or ""


def states(book: Book) -> dict[str, str]:
    with book.read() as tx:
        every = notices.in_state(tx, "decided", "queued", "sent", "uncertain", "refused", "bounced")
        return {notice.notice: notice.state for notice in every}


def case_story(book: Book, notice: str) -> list[tuple[str, str]]:
    """(state, reason) of each line in the time line of the notice's case."""
    with book.read() as tx:
        found = list(tx.execute(notice_cases.select().where(notice_cases.c.notice == notice)))
        return [(move.state, move.reason) for move in book_cases.moves_of(tx, [row.case for row in found])]
