"""The demo from end to end: a provider, two runs, a score, one notice, and the check of it and of a changed copy."""

from __future__ import annotations

import email
import email.message
import email.policy
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from tocsin.book import notices as book_notices
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import zone_resolver
from tocsin.pipeline.demo import generate
from tocsin.pipeline.demo.answers import answers
from tocsin.pipeline.demo.bots import Bot, Marked, mark_bots, read_bots, was_in
from tocsin.pipeline.demo.score import Table, score
from tocsin.pipeline.demo.truth import read_truth
from tocsin.pipeline.detected_lake import keep_verdicts
from tocsin.pipeline.detecting import Asked, detected
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import Report, run
from tocsin.proof.canonical import read_facts
from tocsin.proof.facts import Facts
from tocsin.proof.known import load_known
from tocsin.traffic.judge import Host

DAYS = 3
STEP = timedelta(hours=1)  # between two runs, by the demo's own clock


class Played(msgspec.Struct, frozen=True):
    """What stands in `demo.json`: the demo's clock, and how far it has been played."""

    now: datetime
    seed: int
    runs: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One notice as it was sent, and what the checker says of it and of a copy with another address."""

    notice: str  # its reference
    raw: bytes
    text: str
    path: Path
    genuine: Answer
    changed: Answer
    change: str


def build(folder: Path, *, seed: int, subscribers: int, today: datetime) -> Played:
    """Make the provider's files and keys, unless they are there already."""
    note = folder / "demo.json"
    if note.exists():
        return msgspec.json.decode(note.read_bytes(), type=Played)
    folder.mkdir(parents=True, exist_ok=True)
    first_day = (today - timedelta(days=DAYS)).date()
    demo = generate(folder, seed=seed, subscribers=subscribers, first_day=first_day, days=DAYS)
    with open_demo(folder, demo.now) as house:
        make_keys(house.data / "keys", house.issuer, demo.now - timedelta(days=DAYS))
    return _keep(folder, Played(demo.now, seed, 0))


def open_demo(folder: Path, now: datetime) -> House:
    return House.open(config_file=folder / "tocsin.toml", data=None, now=now)


def play(folder: Path, played: Played, progress: Progress) -> tuple[Played, Report]:
    """One run, an hour later by the demo's clock than the one before."""
    with open_demo(folder, played.now + played.runs * STEP) as house:
        report = run(house, progress)
    return _keep(folder, msgspec.structs.replace(played, runs=played.runs + 1)), report


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider's own sensor has shown: how much was read, who is infected, what of it is new in the lake."""

    flows: int
    hosts: int
    infected: tuple[Host, ...]
    kept: int


def detect(folder: Path, played: Played) -> Watched:
    """Judge the provider's own flows and keep the verdicts, as `tocsin detect FLOWS --lake` does."""
    with open_demo(folder, now_of(played)) as house:
        house.config.traffic.demand_basis()
        with detected(Asked(paths=(folder / "flows",)), house.config) as found:
            counts = keep_verdicts(house, found.judgement)
            hosts = found.judgement.hosts
            return Watched(
                flows=int(str(found.traffic.engine.rows("SELECT count(*) FROM flows")[0][0])),
                hosts=len(hosts),
                infected=tuple(each for each in hosts if each.verdict == "infected"),
                kept=0 if counts is None else counts.sightings,
            )


def mark_own(folder: Path, played: Played) -> Marked:
    """What became of the bots that are there, by the truth."""
    with open_demo(folder, played.now) as house:
        return mark_bots(read_bots(folder / "bots.jsonl"), answers(house.book, house.lake))


def notices_about(folder: Path, played: Played, bots: Iterable[Bot]) -> dict[str, str]:
    """The notice that each bot's household was sent, by the bot's address."""
    with open_demo(folder, played.now) as house, house.book.read() as tx:
        sent = [(each.notice, read_facts(each.facts.encode())) for each in book_notices.in_state(tx, "sent")]
    return {
        bot.address: notice
        for bot in bots
        for notice, facts in sent
        if any(was_in(bot, trouble.address, trouble.seen_at) for trouble in facts.troubles)
    }


def now_of(played: Played) -> datetime:
    """The moment by the demo's clock, after so many runs."""
    return played.now + played.runs * STEP


def mark(folder: Path, played: Played) -> Table:
    """The attributions against the truth."""
    with open_demo(folder, played.now) as house:
        return score(read_truth(folder / "truth.jsonl"), answers(house.book, house.lake))


def show(folder: Path, played: Played) -> Shown | None:
    """A sent notice in English about an infection; None when none was sent."""
    with open_demo(folder, played.now + played.runs * STEP) as house:
        with house.book.read() as tx:
            sent = book_notices.in_state(tx, "sent")
            chosen = next(
                (n for n in sent if _is_telling(read_facts(n.facts.encode()), book_notices.raw_of(tx, n.notice))), None
            )
            if chosen is None:
                return None
            raw, facts = book_notices.raw_of(tx, chosen.notice), read_facts(chosen.facts.encode())
        keys, now = house.data / "keys", house.now
    address = facts.troubles[0].address
    other = address[:-1] + ("8" if address[-1] != "8" else "9")
    known, resolve = load_known(keys / "known.toml"), zone_resolver(keys / "zone.txt")
    path = folder / "notice.eml"
    path.write_bytes(raw)
    changed = raw.replace(address.encode(), other.encode())
    (folder / "changed.eml").write_bytes(changed)
    return Shown(
        notice=chosen.notice,
        raw=raw,
        text=_text(raw),
        path=path,
        genuine=check_mail(raw, known=known, resolve=resolve, at=now),
        changed=check_mail(changed, known=known, resolve=resolve, at=now),
        change=f"{address} changed to {other}",
    )


def _is_telling(facts: Facts, raw: bytes) -> bool:
    """One trouble of one port, in a letter whose address can be changed as it lies there."""
    trouble = facts.troubles[0]
    return (
        len(facts.troubles) == 1
        and facts.language == "en"
        and trouble.role == "infected"
        and trouble.port is not None
        and "." in trouble.address
        and trouble.count > 1
        and raw.isascii()
        and trouble.address.encode() in raw
    )


def _text(raw: bytes) -> str:
    """The headers a person sees and the text twin, without the proof block."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, email.message.EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    head = "\n".join(f"{name}: {mail[name]}" for name in ("From", "To", "Subject", "Date"))
    return f"{head}\n\n{body.get_content().partition('-----BEGIN TOCSIN PROOF-----')[0].rstrip()}"


def _keep(folder: Path, played: Played) -> Played:
    half = folder / "demo.json.half"
    half.write_bytes(msgspec.json.encode(played))
    half.rename(folder / "demo.json")
    return played
