"""`tocsin home`: a household's files, and a notice if there is one, to its devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import msgspec

from tocsin.home.household import Household, look
from tocsin.home.match import Question
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.proofs import fenced
from tocsin.mailcheck.stated import stated_moments
from tocsin.pipeline.detecting import Asked, Detected, detected
from tocsin.proof.proof import Proof, read_proof
from tocsin.terms.errors import BadRequest

NOTICE_BYTES_MAX = 10 << 20
_TEXT_CHARS_MAX = 200_000
_PORT = re.compile(r"(?i)\b(?:source |src )?port:?\s{1,4}(\d{1,5})\b")
_PROOF_HEADER = "x-tocsin-proof"


class AtHome(msgspec.Struct, frozen=True):
    """The devices, what was asked, and the reading that it rests on."""

    household: Household
    question: Question | None
    found: Detected


@contextmanager
def at_home(
    paths: tuple[Path, ...], question: Question | None, *, format_: str | None = None, zone: str | None = None
) -> Iterator[AtHome]:
    """Read, judge and match. Nothing is sent, and nothing is kept."""
    with detected(Asked(paths=paths, format=format_, zone=zone), None) as found:
        yield AtHome(look(found.traffic.engine, found.judgement, question), question, found)


def question_of(notice: Path | None, at: datetime | None, peer: str | None, port: int | None) -> Question | None:
    """What is to be matched: the notice's facts, and what was given beside it, which stands before them.

    Raises BadRequest where a notice names no moment and none was given.
    """
    told = _of_notice(notice) if notice is not None else None
    if told is None and at is None:
        if peer is not None or port is not None:
            raise BadRequest("an address or a port without its moment", remedy="add --at 2026-11-24T03:16:38Z")
        return None
    address, peer_port = _peer(peer)
    moment = at or (told.at if told else None)
    assert moment is not None
    return Question(
        at=moment,
        peer=address or (told.peer if told else None),
        peer_port=peer_port or (told.peer_port if told and not address else None),
        port=port or (told.port if told else None),
        malware=told.malware if told else "",
    )


def _peer(text: str | None) -> tuple[str | None, int | None]:
    """`203.0.113.7`, `203.0.113.7:23`, `[2001:db8::7]:23`."""
    if not text:
        return None, None
    found = re.fullmatch(r"\[([^\[\]]+)\](?::(\d{1,5}))?|([^:]+):(\d{1,5})|(.+)", text.strip())
    address, port = (found[1] or found[3] or found[5], found[2] or found[4]) if found else (text, None)
    try:
        return str(ip_address(address)), int(port) if port else None
    except ValueError as error:
        raise BadRequest(
            f"{text!r} is no address", where="--peer", remedy="write 203.0.113.7 or 203.0.113.7:23"
        ) from error


def _of_notice(path: Path) -> Question | None:
    try:
        raw = path.read_bytes()[: NOTICE_BYTES_MAX + 1]
    except OSError as error:
        raise BadRequest(
            f"cannot be read: {error.strerror}", where=str(path), remedy="give a file that exists"
        ) from error
    if len(raw) > NOTICE_BYTES_MAX:
        raise BadRequest(f"longer than {NOTICE_BYTES_MAX} bytes", where=str(path), remedy="give the notice alone")
    mail = read_mail(raw)
    text = (mail.text or mail.html or raw.decode(errors="replace"))[:_TEXT_CHARS_MAX]
    proof = _proof(mail.first(_PROOF_HEADER), text)
    if proof is not None and proof.facts.troubles:
        trouble = max(proof.facts.troubles, key=lambda each: each.seen_at)
        return Question(
            at=trouble.seen_at,
            peer=trouble.peer_address,
            peer_port=trouble.peer_port,
            port=trouble.port,
            malware=trouble.malware or "",
        )
    moment = next((each for each in stated_moments(text) if each.has_zone), None)
    if moment is None:
        raise BadRequest(
            "the notice names no moment with its zone, so nobody can say which device it was",
            where=str(path),
            remedy="ask its sender for the time, the address and the port; then use --at, --peer and --port",
        )
    port = _PORT.search(text)
    return Question(at=moment.at, port=int(port[1]) if port and int(port[1]) < 65536 else None)


def _proof(header: str | None, text: str) -> Proof | None:
    """Whose key it is does not matter here: the household asks which device, not whether the mail is genuine."""
    try:
        return read_proof(header if header is not None else fenced(text)[0])
    except (ValueError, IndexError):
        return None
