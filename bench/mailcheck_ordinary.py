"""Honest everyday mails of today, written for this bench: what no check may flag.

The public corpora of honest mail are old and hold no newsletters, receipts, sign-in notices or parcel messages. These
are made up, by the forms that such mails have; each is judged as offline, without anything that shows its sender.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from tocsin.proof.organisations import Organisation, OrganisationKind

_DAY = date(2026, 11, 24)
_SOURCE = "https://www.example/"


def _organisation(name: str, kind: OrganisationKind, domain: str, *names: str) -> Organisation:
    return Organisation(name=name, kind=kind, names=names, domains=(domain,), source=_SOURCE, checked=_DAY)


ORGANISATIONS = (
    _organisation("Beispielbank", "bank", "beispielbank.example", "Example Bank"),
    _organisation("Wolkig", "service", "wolkig.example", "Wolkig Cloud"),
    _organisation("Paketix", "parcel", "paketix.example"),
    _organisation("Netzgut", "provider", "netzgut.example", "Netzgut Broadband"),
)


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`links` are (text, URL), `pictures` (source, words in its place, where a click leads); the mail is HTML with them
    below its words, `is_plain` without HTML."""

    sender: str
    subject: str
    words: str
    links: tuple[tuple[str, str], ...] = ()
    pictures: tuple[tuple[str, str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    is_plain: bool = False
    attached: str = ""

    def raw(self) -> bytes:
        head = (
            f"From: {self.sender}\r\nTo: Robin Reader <robin.reader@home.example>\r\nSubject: {self.subject}\r\n"
            "Date: Mon, 16 Nov 2026 09:12:00 +0100\r\nMessage-ID: <20261116.1@mail.example>\r\nMIME-Version: 1.0\r\n"
        ) + "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        body = _text(self) if self.is_plain else _html(self)
        kind = "plain" if self.is_plain else "html"
        part = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
        if not self.attached:
            return (head + part).encode()
        return (
            f'{head}Content-Type: multipart/mixed; boundary="=x"\r\n\r\n--=x\r\n{part}--=x\r\n'
            "Content-Type: application/pdf\r\n"
            f'Content-Disposition: attachment; filename="{self.attached}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            "JVBERi0xLjQK\r\n--=x--\r\n"
        ).encode()


def _text(mail: Ordinary) -> str:
    return "\r\n".join([mail.words, *(f"{text}: {url}" for text, url in mail.links)])


def _html(mail: Ordinary) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in mail.words.split("\n"))
    links = "".join(f'<p><a href="{url}">{text}</a></p>' for text, url in mail.links)
    pictures = "".join(f'<a href="{url}"><img src="{src}" alt="{alt}"></a>' for src, alt, url in mail.pictures)
    logo = "" if pictures else '<img src="https://static.example/logo.png" alt="logo">'
    return f"<html><body>{logo}{pictures}{paragraphs}{links}</body></html>"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mails: tuple[Ordinary, ...] = msgspec.field(name="mail")


def mails() -> tuple[Ordinary, ...]:
    here = Path(__file__)
    files = (here.with_suffix(".toml"), *sorted((here.parent / "ordinary").glob("*.toml")))
    return tuple(mail for file in files for mail in msgspec.toml.decode(file.read_bytes(), type=_File).mails)
