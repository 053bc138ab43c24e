"""The mails on which the check is measured and its points are fitted, with what would give their origin away masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bench.mailcheck_ordinary import ORGANISATIONS, mails
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.mail import Mail, read_mail
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.setup import Setup
from tocsin.proof.known import Known

SHARED = Path(__file__).parents[2] / "shared" / "data"
READER = "robin.reader@home.example"
# What the providers of the corpora wrote; their results are no property of the mails.
_PROVIDER = re.compile(
    rb"(?im)^(?:received|authentication-results|arc-[a-z-]+|received-spf|x-[a-z0-9-]+|delivered-to|return-path"
    rb"|dkim-signature):[^\n]*\n(?:[ \t][^\n]*\n)*"
)
_MARK = re.compile(r"\[[^\]\n]{0,200}\]")


class Sample(msgspec.Struct, frozen=True):
    """A mail that is known to be fraud or not. `source` and `month` name the folds of a cross-validation."""

    name: str
    kind: str
    is_fraud: bool
    source: str
    month: str
    mail: Mail


def masked(raw: bytes) -> bytes:
    head, blank, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw[:200_000] else b"\n\n")
    kept = _PROVIDER.sub(b"", head + b"\n").rstrip(b"\n") + blank + body
    return kept.replace(b"phishing@pot", READER.encode())


def samples(shared: Path = SHARED) -> list[Sample]:
    return [*_mails(shared), *_notices(shared), *_ordinary()]


def unmasked(shared: Path = SHARED) -> list[Sample]:
    """The real mails as their files are, with what the providers of the corpora wrote."""
    return list(_mails(shared, lambda raw: raw))


def answer(sample: Sample) -> Answer:
    return check(sample.mail, SETUP)


SETUP = Setup(known=Known(organisations=ORGANISATIONS))


def _mails(shared: Path, prepared: Callable[[bytes], bytes] = masked) -> Iterator[Sample]:
    for folder, kind, is_fraud in (
        ("phishing", "phishing", True),
        ("genuine", "report", False),
        ("ham_2002", "ham", False),
    ):
        for path in sorted((shared / "mail" / folder).iterdir()):
            mail = read_mail(prepared(path.read_bytes()))
            yield Sample(path.name, kind, is_fraud, _source(folder, path.name), _month(mail), mail)


def _source(folder: str, name: str) -> str:
    letters = re.match(r"[A-Za-z_]+", name)
    return f"{folder}-{letters[0].split('_')[0] if letters else ''}" if folder == "genuine" else folder


def _month(mail: Mail) -> str:
    found = re.search(r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* (\d{4})", mail.first("date") or "")
    return f"{found[2]}-{found[1]}" if found else "none"


def _notices(shared: Path) -> Iterator[Sample]:
    for label in ("genuine", "disputed", "fake"):
        for path in sorted((shared / "notices" / label).glob("*.md")):
            front, _, text = path.read_text(encoding="utf-8")[4:].partition("\n---\n")
            head = dict(re.findall(r'^(\w+): "?(.*?)"?$', front, re.MULTILINE))
            mail = read_pasted(pasted(head, _MARK.sub("", text)).encode())
            yield Sample(
                path.stem, f"notice-{label}", label == "fake", f"notices-{head.get('language', '')}", "none", mail
            )


def pasted(head: dict[str, str], text: str) -> str:
    """As a reader would paste it: the sender and the subject, where they are known, above the words."""
    sender = head.get("from", "").replace('\\"', '"').replace(" (forged)", "")
    lines = [f"From: {sender}"] if "@" in sender else []
    subject = head.get("subject", "")
    lines += [f"Subject: {subject}"] if subject and not subject.startswith("one of") else []
    return "\n".join([*lines, "", text.strip()]) if lines else text.strip()


def _ordinary() -> Iterator[Sample]:
    for number, mail in enumerate(mails()):
        yield Sample(f"ordinary-{number}", "ordinary", False, f"ordinary-{number % 4}", "none", read_mail(mail.raw()))
